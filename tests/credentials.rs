//! Credentials that end in the middle of a run, from a program and from a container's agent
//! that hand out new ones, and a clock that AWS refuses at first. What came of it is judged by
//! what the range received.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::faults::{CONTAIN, held, key, received};
use crate::support::letterbox::{Answer, Letterbox, closed_port};
use crate::support::{Account, Drill};

/// When the answer says that the credentials end.
fn after(seconds: i64) -> String {
    let end = chrono::Utc::now() + chrono::TimeDelta::seconds(seconds);
    end.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// A drill whose credentials come from where the variables say, and nowhere else. No step of its
/// document is tried again: what AWS refuses because of the credentials must not fail.
fn without_keys(account: &Account) -> Drill {
    let variables = account.environment();
    let drill = Drill::new();
    drill.document("contain", &CONTAIN.replace("        retry: { attempts: 3, backoff: 1s }\n", ""));
    let taken = variables.iter().filter(|(name, _)| !name.contains("KEY"));
    taken.fold(drill, |drill, (name, value)| drill.with_env(name, value))
}

/// A program that hands out what lies in a file, and counts how often it was asked (AWS SDKs
/// reference guide, "Process credential provider").
struct Program;

impl Program {
    fn beside(account: &Account) -> Drill {
        let drill = without_keys(account);
        let here = drill.path().display().to_string();
        let script =
            drill.file("hand-out", &format!("#!/bin/sh\necho x >> {here}/asked\ncat {here}/handed.json\n"));
        drill.file("config", &format!("[default]\ncredential_process = sh {}\n", script.display()));
        drill.with_env("AWS_CONFIG_FILE", &format!("{here}/config"))
    }

    fn hands_out(drill: &Drill, account: &Account, lasts: u32, said_to_end: &str) {
        let [id, secret, token] = account.temporary(lasts);
        let told = json!({ "Version": 1, "AccessKeyId": id, "SecretAccessKey": secret,
            "SessionToken": token, "Expiration": said_to_end });
        drill.file("handed.json", &told.to_string());
    }

    fn asked(drill: &Drill) -> usize {
        std::fs::read_to_string(drill.path().join("asked")).map_or(0, |text| text.lines().count())
    }
}

/// A container's agent on loopback (AWS SDKs reference guide, "Container credential provider").
struct Agent {
    url: String,
    handed: Arc<Mutex<(String, usize)>>,
}

impl Agent {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/credentials", listener.local_addr().expect("an address"));
        let handed = Arc::<Mutex<(String, usize)>>::default();
        let kept = Arc::clone(&handed);
        // It ends with the process of the tests.
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
                let mut line = String::from("-");
                while !line.trim().is_empty() {
                    line.clear();
                    if reader.read_line(&mut line).is_err() {
                        break;
                    }
                }
                let mut handed = kept.lock().expect("what is handed out");
                handed.1 += 1;
                let (body, length) = (&handed.0, handed.0.len());
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
                );
            }
        });
        Self { url, handed }
    }

    fn hands_out(&self, account: &Account, lasts: u32, said_to_end: &str) {
        let [id, secret, token] = account.temporary(lasts);
        let told = json!({ "AccessKeyId": id, "SecretAccessKey": secret, "Token": token,
            "Expiration": said_to_end });
        self.handed.lock().expect("what is handed out").0 = told.to_string();
    }

    fn asked(&self) -> usize {
        self.handed.lock().expect("what is handed out").1
    }
}

/// Every write took place once, and the key was disabled by other credentials than those that
/// the run began with.
fn renewed(account: &Account, drill: &Drill) {
    let calls = account.calls();
    let keys_of = |operation: &str| -> Vec<&Value> {
        let of = calls.iter().filter(|call| call["operation"] == operation && call["status"] == 200);
        of.map(|call| &call["access_key_id"]).collect()
    };
    let disabled = keys_of("DisableKey");
    assert_eq!(disabled.len(), 1, "{calls:#?}");
    assert_ne!(disabled[0], keys_of("ListGrants")[0], "the credentials were renewed");
    let grants = drill.events("listed").remove(0)["items"].as_array().expect("grants").len();
    assert_eq!(keys_of("RevokeGrant").len(), grants);
    // Whose the new ones are was asked before anything was signed with them otherwise.
    let first = calls.iter().find(|call| call["access_key_id"] == *disabled[0]).expect("a call");
    assert_eq!(first["operation"], "GetCallerIdentity");
    let recorded = drill
        .journal()
        .iter()
        .map(|entry| entry.to_string().matches("\"GetCallerIdentity\"").count())
        .sum::<usize>();
    assert_eq!(recorded, received(account, "GetCallerIdentity").len(), "each is in the record");
}

/// What was refused is in the record, was sent once more and no more, and no step failed for it.
fn refused_and_sent_again(account: &Account, drill: &Drill) {
    let calls = account.calls();
    let of = |call: &Value| (call["operation"].clone(), call["params"].clone());
    let (refused, taken): (Vec<_>, Vec<_>) = calls.iter().partition(|call| call["status"] != 200);
    assert!(!refused.is_empty());
    for call in &refused {
        assert_eq!(call["error_code"], "ExpiredTokenException", "{call:#}");
        assert_eq!(refused.iter().filter(|other| of(other) == of(call)).count(), 1, "{call:#}");
        assert!(
            taken.iter().any(|other| of(other) == of(call) && other["seq"].as_u64() > call["seq"].as_u64())
        );
    }
    let journal = drill.journal().iter().map(Value::to_string).collect::<String>();
    assert_eq!(journal.matches(r#""error":"ExpiredTokenException""#).count(), refused.len());
    assert!(drill.events("failed").is_empty(), "{:#?}", drill.events("failed"));
}

#[test]
fn a_program_is_asked_for_new_credentials_before_the_old_ones_end_and_no_request_is_lost() {
    let account = Account::fresh();
    let drill = Program::beside(&account);
    Program::hands_out(&drill, &account, 900, &after(4));
    held(&drill, &account, || {
        account.shift_clock(2_000);
        Program::hands_out(&drill, &account, 40_000, &after(3_600));
        std::thread::sleep(Duration::from_secs(4));
    })
    .exits(0);
    renewed(&account, &drill);
    assert!(drill.events("failed").is_empty(), "nothing was refused: {:#?}", drill.events("failed"));
    assert!(Program::asked(&drill) >= 2);
}

#[test]
fn a_program_is_asked_again_where_aws_ends_credentials_before_their_time() {
    let account = Account::fresh();
    let drill = Program::beside(&account);
    Program::hands_out(&drill, &account, 900, &after(3_600));
    held(&drill, &account, || {
        account.shift_clock(2_000);
        Program::hands_out(&drill, &account, 40_000, &after(3_600));
    })
    .exits(0);
    renewed(&account, &drill);
    refused_and_sent_again(&account, &drill);
    assert_eq!(
        received(&account, "DisableKey").len(),
        1,
        "the reading before it was refused, and the write never sent by the old ones"
    );
    assert_eq!(Program::asked(&drill), 2);
}

#[test]
fn an_agent_of_a_container_is_asked_in_both_cases_too() {
    for (said_to_end, waits) in [(4, 4), (3_600, 0)] {
        let account = Account::fresh();
        let agent = Agent::open();
        let drill = without_keys(&account).with_env("AWS_CONTAINER_CREDENTIALS_FULL_URI", &agent.url);
        agent.hands_out(&account, 900, &after(said_to_end));
        held(&drill, &account, || {
            account.shift_clock(2_000);
            agent.hands_out(&account, 40_000, &after(3_600));
            std::thread::sleep(Duration::from_secs(waits));
        })
        .exits(0);
        renewed(&account, &drill);
        if waits == 0 {
            refused_and_sent_again(&account, &drill);
        }
        assert!(drill.events("failed").is_empty(), "{:#?}", drill.events("failed"));
        assert!(agent.asked() >= 2);
    }
}

#[test]
fn a_topic_that_refuses_the_credentials_is_told_with_others() {
    const TAKEN: Answer = Answer::Status(200, "x-amzn-RequestId: abc\r\n", "<PublishResponse/>");
    // Amazon SNS API reference, "Common Error Types".
    let ended = "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code></Error></ErrorResponse>";
    let sns = Letterbox::answering(vec![Answer::Status(403, "", ended), TAKEN]);
    let drill = Drill::new();
    let here = drill.path().display().to_string();
    let script = drill.file(
        "hand-out",
        &format!(
            "#!/bin/sh\necho x >> {here}/asked\nprintf '{{\"Version\":1,\"AccessKeyId\":\"AKID%s\",\"SecretAccessKey\":\"x\"}}' $(wc -l < {here}/asked)\n"
        ),
    );
    drill.file("config", &format!("[default]\ncredential_process = sh {}\n", script.display()));
    drill.document(
        "tell",
        "channels:\n  chat: { sns: { topic: arn:aws:sns:eu-west-1:111122223333:alarms } }\nphases:\n  - id: only\n    title: Only\n    steps:\n      - id: tell\n        do: { notify: { to: [chat], message: The key is out } }\n",
    );
    let drill = drill
        .with_env("AWS_CONFIG_FILE", &format!("{here}/config"))
        .with_env("AWS_ENDPOINT_URL", sns.url("").trim_end_matches('/'))
        .with_env("AWS_ENDPOINT_URL_STS", &format!("http://127.0.0.1:{}", closed_port()))
        .with_env("AWS_REGION", "us-east-1");
    drill.playbook(["run", "tell", "--non-interactive"]).exits(0);
    let signed: Vec<_> =
        sns.posted().iter().map(|post| post.header("authorization").unwrap().to_owned()).collect();
    assert_eq!(signed.len(), 2, "{signed:#?}");
    let key = |authorization: &str| authorization.split(['=', '/']).nth(1).unwrap().to_owned();
    assert_ne!(key(&signed[0]), key(&signed[1]), "{signed:#?}");
    let told = drill.events("succeeded").remove(0);
    assert_eq!(told["outputs"]["delivered"], json!(["chat"]), "{told:#}");
}

#[test]
fn new_credentials_of_somebody_else_are_refused_before_anything_is_sent_with_them() {
    let (account, other) = (Account::fresh(), Account::fresh());
    let drill = Program::beside(&account);
    Program::hands_out(&drill, &account, 900, &after(3_600));
    let said = held(&drill, &account, || {
        account.shift_clock(2_000);
        Program::hands_out(&drill, &other, 40_000, &after(3_600));
    });
    said.exits(6).says(&other.id()).says("nothing was sent with them").says("playbook resume");
    assert!(received(&account, "DisableKey").iter().all(|call| call["status"] != 200));
    assert_eq!(other.operations(), ["sts:GetSessionToken", "sts:GetCallerIdentity"]);
    // Whoever takes the run up with them is refused too, before anything else.
    let id = drill.run_id();
    drill.playbook(["resume", &id, "--non-interactive"]).exits(6).says("in another account");
    assert!(!other.operations().contains(&"kms:DisableKey".to_owned()));
    Program::hands_out(&drill, &account, 40_000, &after(3_600));
    drill.playbook(["resume", &id, "--non-interactive"]).exits(0);
    let done = received(&account, "DisableKey").iter().filter(|call| call["status"] == 200).count();
    assert_eq!(done, 1);
}

#[test]
fn a_clock_that_aws_refuses_at_first_is_made_up_for_told_and_every_write_is_done_once() {
    for (shift, side) in [(3_000, "3000 s behind"), (-3_000, "3000 s ahead of")] {
        let account = Account::with(json!({ "strict_clock": true, "clock_offset_seconds": shift }));
        let drill = Drill::on(&account);
        drill.document("contain", CONTAIN);
        let said = drill.playbook(["run", "contain", "-p", &key(&account), "--non-interactive"]);
        said.exits(0).says(side);
        let disabled = received(&account, "DisableKey");
        assert_eq!(disabled.len(), 1, "the reading before it was refused, and the clock made up for");
        assert_eq!(disabled[0]["status"], 200);
        let refused = account.calls();
        let refused: Vec<_> = refused.iter().filter(|call| call["status"] != 200).collect();
        assert!(!refused.is_empty());
        for call in refused {
            let code = call["error_code"].as_str().expect("a code");
            assert!(["InvalidSignatureException", "SignatureDoesNotMatch"].contains(&code), "{call:#}");
        }
        let grants = drill.events("listed").remove(0)["items"].as_array().expect("grants").len();
        let revoked = received(&account, "RevokeGrant");
        assert_eq!(revoked.iter().filter(|call| call["status"] == 200).count(), grants);
        let survey = drill.events("surveyed").remove(0);
        let offset = survey["clock_offset_seconds"].as_i64().expect("an offset");
        assert!((offset - shift).abs() <= 2, "{offset}");
    }
}

#[test]
fn a_profile_without_credentials_is_named() {
    let drill = Drill::new();
    drill.runbook("who", "- id: who\n  do: { sts.get_caller_identity: {} }");
    let config = drill.path().join("config");
    let drill = drill.with_env("AWS_CONFIG_FILE", &config.display().to_string());
    for known in ["", "[profile ops]\nregion = us-east-1\n"] {
        drill.file("config", known);
        let run = ["run", "who", "--non-interactive", "--region", "us-east-1", "--profile", "opps"];
        drill.playbook(run).exits(4).says("opps");
    }
}

//! What the network and AWS do to a run: every fault strikes a reading, a write that AWS can
//! tell about, and a write of a `for_each`, all in one run. What came of it is judged by what
//! the range received, never by what the run says of itself.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Account, Drill, Said};

pub const CONTAIN: &str = r#"params:
  key: { type: kms_key }
phases:
  - id: only
    title: Only
    steps:
      - id: pin
        do: { kms.describe_key: { key: "{{ params.key }}" } }
        retry: { attempts: 3, backoff: 1s }
        timeout: 3s
      - id: grants
        do: { kms.list_grants: { key: "{{ steps.pin.arn }}" } }
        retry: { attempts: 3, backoff: 1s }
      - id: revoke
        for_each: steps.grants.grants | map(attribute="id") | list
        at_once: 2
        do: { kms.revoke_grant: { key: "{{ steps.pin.arn }}", grant: "{{ item }}" } }
        retry: { attempts: 3, backoff: 1s }
        timeout: 3s
      - id: hold
        do: { shell: { argv: [sh, -c, "touch reached; while [ -e hold ]; do sleep 0.05; done"], class: read } }
      - id: disable
        do: { kms.disable_key: { key: "{{ steps.pin.arn }}" } }
        retry: { attempts: 3, backoff: 1s }
        timeout: 3s
        verify: { do: { kms.describe_key: { key: "{{ steps.pin.arn }}" } }, holds: result.state == "Disabled", every: 1s, at_most: 20s }
"#;

const STRUCK: [&str; 3] = ["DescribeKey", "RevokeGrant", "DisableKey"];

/// Runs the document while each of the operations meets the fault.
fn struck(fault: &Value) -> (Account, Drill) {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    drill.document("contain", CONTAIN);
    for operation in STRUCK {
        let mut fault = fault.clone();
        (fault["service"], fault["operation"]) = (json!("kms"), json!(operation));
        account.inject(fault);
    }
    drill.playbook(["run", "contain", "-p", &key(&account), "--non-interactive"]).exits(0);
    (account, drill)
}

pub fn key(account: &Account) -> String {
    format!("key={}", account.fact("/key/arn"))
}

/// The calls of an operation that reached the range, in order.
pub fn received(account: &Account, operation: &str) -> Vec<Value> {
    account.calls().into_iter().filter(|call| call["operation"] == operation).collect()
}

/// Everything was done once, and every request that went out is in the record.
fn all_is_done_and_told(account: &Account, drill: &Drill) {
    assert_eq!(received(account, "DescribeKey").last().unwrap()["status"], 200);
    let revoked = received(account, "RevokeGrant");
    for grant in grants(drill) {
        let of_it: Vec<_> = revoked.iter().filter(|call| call["params"]["GrantId"] == grant).collect();
        let done = of_it.iter().filter(|call| call["status"] == 200 && call["fault"].is_null()).count();
        assert!(done <= 1, "{grant} is revoked {done} times: {of_it:#?}");
        assert!(!of_it.is_empty(), "{grant} is left");
    }
    for operation in ["RevokeGrant", "DisableKey", "DescribeKey"] {
        let (sent, told) = (received(account, operation).len(), recorded(drill, operation));
        assert_eq!(told, sent, "{operation}: requests in the record and at the range");
    }
}

fn grants(drill: &Drill) -> Vec<String> {
    let listed = drill.events("listed").remove(0);
    listed["items"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

/// How many requests of an operation the record holds.
fn recorded(drill: &Drill, operation: &str) -> usize {
    let journal = drill.journal();
    let evidence = journal.iter().filter_map(|entry| entry["event"].as_object()?.values().next());
    let calls = evidence.filter_map(|event| event["evidence"]["calls"].as_array());
    calls.flatten().filter(|call| call["operation"] == operation).count()
}

/// After an answer that was lost nothing was sent again before AWS was asked.
pub fn nothing_was_sent_again_unasked(account: &Account, write: &str, asking: &str) {
    let mut lost: Vec<Value> = Vec::new();
    for call in account.calls() {
        if call["operation"] == asking {
            lost.clear();
        }
        if call["operation"] == write {
            assert!(
                !lost.contains(&call["params"]),
                "{write} was sent again unasked: {:#?}",
                account.calls()
            );
            if matches!(call["fault"].as_str(), Some("timeout" | "reset")) {
                lost.push(call["params"].clone());
            }
        }
    }
}

#[test]
fn a_burst_of_throttling_is_waited_out_and_every_try_is_in_the_record() {
    // More often than the SDK tries on its own, so that the document's retry takes over.
    let (account, drill) = struck(&json!({ "kind": "throttle", "times": 4 }));
    all_is_done_and_told(&account, &drill);
    let throttled = drill.events("failed");
    assert!(throttled.iter().any(|failed| failed["fault"]["kind"] == "throttled"), "{throttled:#?}");
    let attempts = drill.events("attempted");
    for step in ["pin", "disable"] {
        let tries = attempts.iter().filter(|attempt| attempt["place"]["step"] == step).count();
        assert_eq!(tries, 2, "{step}: the second try is an entry as well");
    }
}

#[test]
fn a_server_that_breaks_down_before_it_acts_is_asked_again() {
    let (account, drill) = struck(&json!({ "kind": "server_error", "status": 503, "times": 1 }));
    all_is_done_and_told(&account, &drill);
    let (account, drill) = struck(&json!({ "kind": "server_error", "times": 1 }));
    all_is_done_and_told(&account, &drill);
}

#[test]
fn a_server_that_breaks_down_after_it_acted_leaves_everything_done_once() {
    let (account, drill) = struck(&json!({ "kind": "server_error", "times": 1, "after_effect": true }));
    all_is_done_and_told(&account, &drill);
    assert_eq!(received(&account, "DisableKey").len(), 1, "it was asked what became of it");
    assert_eq!(drill.events("verified").len(), 1, "the key is seen disabled");
}

#[test]
fn an_answer_that_is_lost_after_the_effect_is_looked_for_and_the_write_not_sent_again() {
    let (account, drill) =
        struck(&json!({ "kind": "timeout", "seconds": 8, "times": 1, "after_effect": true }));
    all_is_done_and_told(&account, &drill);
    nothing_was_sent_again_unasked(&account, "DisableKey", "DescribeKey");
    nothing_was_sent_again_unasked(&account, "RevokeGrant", "ListGrants");
    assert_eq!(received(&account, "DisableKey").len(), 1);
    let settled = drill.events("settled");
    assert!(settled.iter().all(|settled| settled["verdict"] == "took_place"), "{settled:#?}");
    assert_eq!(settled.len(), 2, "the key and one grant: {settled:#?}");
}

#[test]
fn a_connection_that_ends_in_the_middle_of_the_answer_leaves_a_doubt_that_aws_settles() {
    let (account, drill) = struck(&json!({ "kind": "reset", "times": 1, "after_effect": true }));
    all_is_done_and_told(&account, &drill);
    nothing_was_sent_again_unasked(&account, "DisableKey", "DescribeKey");
    nothing_was_sent_again_unasked(&account, "RevokeGrant", "ListGrants");
    assert_eq!(received(&account, "DisableKey").len(), 1);
}

#[test]
fn a_connection_that_ends_before_the_effect_leaves_a_doubt_and_the_write_is_sent_again_once_that_is_known() {
    let (account, drill) = struck(&json!({ "kind": "reset", "times": 1 }));
    all_is_done_and_told(&account, &drill);
    nothing_was_sent_again_unasked(&account, "DisableKey", "DescribeKey");
    nothing_was_sent_again_unasked(&account, "RevokeGrant", "ListGrants");
    assert_eq!(
        received(&account, "DisableKey").len(),
        2,
        "the one that was cut off, and the one that did it"
    );
}

/// A drill whose credentials are those in a file that can be changed.
fn with_file_of_credentials(account: &Account) -> Drill {
    let drill = Drill::new();
    drill.file("credentials", &account.session(900));
    drill.document("contain", &CONTAIN.replace("        retry: { attempts: 3, backoff: 1s }\n", ""));
    let file = drill.path().join("credentials").display().to_string();
    let variables = account.environment();
    let taken = variables.iter().filter(|(name, _)| !name.contains("KEY"));
    taken
        .fold(drill, |drill, (name, value)| drill.with_env(name, value))
        .with_env("AWS_SHARED_CREDENTIALS_FILE", &file)
}

fn until(what: &Path) {
    let patience = Instant::now() + Duration::from_mins(1);
    while !what.exists() {
        assert!(Instant::now() < patience, "{} does not appear", what.display());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Runs the document and does something while it is held between the grants and the key.
pub fn held(drill: &Drill, account: &Account, meanwhile: impl FnOnce()) -> Said {
    drill.file("hold", "");
    let child = drill
        .command(["run", "contain", "-p", &key(account), "--non-interactive"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    until(&drill.path().join("reached"));
    meanwhile();
    std::fs::remove_file(drill.path().join("hold")).unwrap();
    Said::new(child.wait_with_output().unwrap(), "run contain".to_owned())
}

#[test]
fn credentials_that_end_in_the_middle_are_fetched_anew_and_the_run_goes_on() {
    let account = Account::fresh();
    let drill = with_file_of_credentials(&account);
    let said = held(&drill, &account, || {
        drill.file("credentials", &account.session(40_000));
        account.shift_clock(2_000);
    });
    said.exits(0);
    assert!(drill.events("failed").is_empty(), "{:#?}", drill.events("failed"));
    let disabled = received(&account, "DisableKey");
    assert_eq!(disabled.last().unwrap()["status"], 200);
    assert_eq!(disabled.iter().filter(|call| call["status"] == 200).count(), 1);
}

#[test]
fn credentials_that_end_and_are_not_renewed_stop_the_run_with_a_hint_and_it_is_resumed_with_others() {
    let account = Account::fresh();
    let drill = with_file_of_credentials(&account);
    let said = held(&drill, &account, || account.shift_clock(2_000));
    said.exits(4).says("sign in again").says("playbook resume");
    let revoked = received(&account, "RevokeGrant").len();
    drill.file("credentials", &account.session(40_000));
    drill.playbook(["resume", &drill.run_id(), "--non-interactive"]).exits(0);
    assert_eq!(received(&account, "RevokeGrant").len(), revoked, "what was done is not done again");
    assert_eq!(received(&account, "DisableKey").iter().filter(|call| call["status"] == 200).count(), 1);
}

#[test]
fn a_clock_that_aws_refuses_is_named_with_its_distance_and_the_run_is_resumed_when_it_is_set() {
    for (shift, side) in [(3_000, "behind"), (-3_000, "ahead of")] {
        let account = Account::fresh();
        let drill = Drill::on(&account);
        drill.document("contain", CONTAIN);
        let said = held(&drill, &account, || {
            account.shift_clock(shift);
            account.inject(json!({
                "service": "kms", "operation": "DisableKey", "kind": "server_error",
                "code": "InvalidSignatureException", "status": 400, "times": -1
            }));
        });
        said.exits(4).says(side).says("clock").says("playbook resume");
        account.forget_faults();
        account.shift_clock(0);
        drill.playbook(["resume", &drill.run_id(), "--non-interactive"]).exits(0);
        let disabled = received(&account, "DisableKey");
        assert_eq!(disabled.iter().filter(|call| call["status"] == 200).count(), 1);
    }
}

#[test]
fn a_network_that_is_not_there_at_the_start_is_named_and_the_run_is_resumed_when_it_is() {
    let account = Account::fresh();
    let live = Drill::on(&account);
    // Refused by this machine, and a name that nobody resolves (RFC 6761, section 6.4).
    for endpoint in ["http://127.0.0.1:9", "http://kms.invalid"] {
        let drill = Drill::on(&account).with_env("AWS_ENDPOINT_URL", endpoint);
        drill.document("contain", CONTAIN);
        let said = drill.playbook(["run", "contain", "-p", &key(&account), "--non-interactive"]);
        said.exits(4)
            .says("was not reached")
            .says(endpoint.trim_start_matches("http://"))
            .says("playbook resume");
        let faults = drill.events("failed");
        assert!(faults.iter().all(|failed| failed["fault"]["kind"] == "unreachable"), "{faults:#?}");
        let evidence = drill.path().join("evidence").display().to_string();
        let id = drill.run_id();
        live.playbook(["resume", &id, "--evidence", &evidence, "--non-interactive"]).exits(0);
    }
}

#[test]
fn a_network_that_is_pulled_in_the_middle_stops_the_run_and_what_was_done_stays_done() {
    let account = Account::fresh();
    let cable = Cable::plug(&account.environment()[0].1);
    let drill = Drill::on(&account).with_env("AWS_ENDPOINT_URL", &cable.url);
    drill.document("contain", CONTAIN);
    let said = held(&drill, &account, || cable.pull());
    said.exits(4).says("playbook resume");
    let revoked = received(&account, "RevokeGrant").len();
    assert_eq!(revoked, grants(&drill).len());
    assert!(received(&account, "DisableKey").is_empty(), "nothing of it arrived");
    let drill = drill.with_env("AWS_ENDPOINT_URL", &account.environment()[0].1);
    drill.playbook(["resume", &drill.run_id(), "--non-interactive"]).exits(0);
    assert_eq!(received(&account, "RevokeGrant").len(), revoked);
    assert_eq!(received(&account, "DisableKey").len(), 1);
}

/// A way to the range that can be pulled out: from then on every connection through it ends,
/// and no new one is taken.
struct Cable {
    url: String,
    pulled: std::sync::Arc<std::sync::Mutex<Plug>>,
}

#[derive(Default)]
struct Plug {
    out: bool,
    lines: Vec<std::net::TcpStream>,
}

impl Cable {
    fn plug(range: &str) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let far = range.trim_start_matches("http://").to_owned();
        let pulled = std::sync::Arc::<std::sync::Mutex<Plug>>::default();
        let plug = pulled.clone();
        // It ends with the process of the tests.
        std::thread::spawn(move || {
            for near in listener.incoming().flatten() {
                let Ok(line) = std::net::TcpStream::connect(&far) else { continue };
                let mut plug = plug.lock().unwrap();
                if plug.out {
                    continue;
                }
                plug.lines.extend([near.try_clone().unwrap(), line.try_clone().unwrap()]);
                for (mut from, mut to) in
                    [(near.try_clone().unwrap(), line.try_clone().unwrap()), (line, near)]
                {
                    std::thread::spawn(move || std::io::copy(&mut from, &mut to));
                }
            }
        });
        Self { url, pulled }
    }

    fn pull(&self) {
        let mut plug = self.pulled.lock().unwrap();
        plug.out = true;
        for line in plug.lines.drain(..) {
            let _ = line.shutdown(std::net::Shutdown::Both);
        }
    }
}

//! When each principal last used a key: by every source, online and from a folder.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::access::{KEY, collected};
use crate::support::{Account, Drill, Said, Terminal};

const REVIEW: &str = r#"
params:
  key: { type: kms_key }
phases:
  - id: only
    title: Only
    steps:
      - id: pin
        do: { kms.describe_key: { key: "{{ params.key }}" } }
      - id: used
        on_failure: continue
        do: { cloudtrail.lookup_events: { resources: ["{{ steps.pin.arn }}"], lookback: 90d } }
      - id: can
        do:
          access.who_can:
            key: "{{ steps.pin.arn }}"
            trail: "{{ steps.used if steps.used is defined else none }}"
"#;

fn reviewed(account: &Account) -> (Drill, Value) {
    let drill = Drill::on(account);
    drill.document("uses", REVIEW);
    let key = format!("key={}", account.fact("/key/arn"));
    drill.playbook(["run", "uses", "-p", &key, "--non-interactive"]);
    let found = drill.events("succeeded").into_iter().find(|event| event["place"]["step"] == "can");
    let can = found.expect("who_can succeeds")["outputs"].clone();
    (drill, can)
}

fn card<'a>(can: &'a Value, ending: &str) -> &'a Value {
    let items = can["items"].as_array().unwrap();
    let found = items.iter().find(|item| item["id"].as_str().unwrap().ends_with(ending));
    found.unwrap_or_else(|| panic!("{ending} is not in {can:#}"))
}

fn words(card: &Value) -> String {
    let told: Vec<_> =
        card["last_used_by"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    told.join("\n")
}

fn days_ago(text: &Value) -> i64 {
    let at: DateTime<Utc> = text.as_str().unwrap().parse().unwrap_or_else(|_| panic!("{text} is no time"));
    (Utc::now() - at).num_days()
}

fn missing(can: &Value) -> String {
    can["missing"].to_string()
}

/// Who did what is in the account's history: the nightly job yesterday, the contractor's access key
/// 190 days ago, the administrators' roles never.
#[test]
fn yesterday_long_ago_and_never_since_tracking_began() {
    let account = Account::fresh();
    let (drill, can) = reviewed(&account);
    let nightly = card(&can, ":role/etl-nightly");
    assert_eq!(days_ago(&nightly["last_used"]), 0);
    assert_eq!(nightly["last_used"], nightly["no_use_after"]);
    assert!(words(nightly).starts_with("Decrypt with this key"), "{}", words(nightly));
    for source in ["through AWS Internal (CloudTrail, searched since", "KMS last tried", "role last used"] {
        assert!(words(nightly).contains(source), "{source}: {}", words(nightly));
    }
    let contractor = card(&can, ":user/former-contractor");
    assert_eq!((days_ago(&contractor["last_used"]), days_ago(&contractor["no_use_after"])), (190, 190));
    assert!(words(contractor).contains("access key 1 last used") && words(contractor).contains("with kms"));
    let admin = card(&can, ":role/security-admin");
    assert_eq!((&admin["last_used"], days_ago(&admin["no_use_after"])), (&json!(""), 400));
    for source in [
        "no Decrypt with this key since",
        "no use of KMS recorded since",
        "no use of the role recorded since",
    ] {
        assert!(words(admin).contains(source), "{source}: {}", words(admin));
    }
    assert_eq!(words(admin).matches("not never").count(), 3);
    let partner = card(&can, "999988887777:role/data-sync");
    assert_eq!((&partner["last_used"], days_ago(&partner["no_use_after"])), (&json!(""), 90));
    assert!(nightly["key_last_used"].as_str().unwrap().contains("nobody used it after that"));
    assert_eq!(can["missing"], json!([]));
    offline_says_the_same(&account, &drill, &can);
}

/// The files that the step kept, as a folder.
fn offline_says_the_same(account: &Account, drill: &Drill, can: &Value) {
    let data = drill.record().join("bag/data");
    for file in can["files"].as_array().unwrap() {
        let text = std::fs::read_to_string(data.join(file["path"].as_str().unwrap())).unwrap();
        drill.file(&format!("data/{}", file["name"].as_str().unwrap()), &text);
    }
    let told = drill
        .playbook([
            "access",
            "who-can",
            "kms:Decrypt",
            "--key",
            &account.fact("/key/arn"),
            "--data",
            "data",
            "--json",
        ])
        .json();
    let findings = std::fs::read_to_string(data.join(can["findings"].as_str().unwrap())).unwrap();
    let findings: Value = serde_json::from_str(&findings).unwrap();
    assert_eq!(told["principals"], findings["principals"]);
    let nightly = told["principals"].as_array().unwrap().iter();
    let nightly =
        nightly.clone().find(|one| one["principal"].as_str().unwrap().ends_with("etl-nightly")).unwrap();
    let first = &nightly["last_uses"][0];
    assert_eq!((&first["source"], &first["at"]), (&json!("CloudTrail"), &nightly["last_used"]));
    assert_eq!(first["confidence"], "the exact action on the exact key");
}

const PRESERVED: &str = r#"
params:
  key: { type: kms_key }
phases:
  - id: only
    title: Only
    steps:
      - id: pin
        do: { kms.describe_key: { key: "{{ params.key }}" } }
      - id: kept
        do: { cloudtrail.preserve: { key: "{{ steps.pin.arn }}", lookback: 90d } }
      - id: can
        do: { access.who_can: { key: "{{ steps.pin.arn }}", trail: ["{{ steps.kept }}"] } }
"#;

/// Files that are preserved for an incident serve a review as well. Where something of them is
/// missing, what they show counts, and what they do not show says nothing.
#[test]
fn what_was_preserved_of_cloudtrail_tells_the_same_uses() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    drill.document("uses", PRESERVED);
    let key = format!("key={}", account.fact("/key/arn"));
    drill.playbook(["run", "uses", "-p", &key, "--non-interactive"]).exits(0);
    let of = |step: &str| {
        let found = drill.events("succeeded").into_iter().find(|event| event["place"]["step"] == step);
        found.unwrap()["outputs"].clone()
    };
    let can = of("can");
    let nightly = card(&can, ":role/etl-nightly");
    assert!(words(nightly).starts_with("Decrypt with this key"), "{}", words(nightly));
    assert!(!of("kept")["gaps"].as_array().unwrap().is_empty(), "the trail began a day ago");
    assert!(missing(&can).contains("gaps; that it tells of no use says nothing"), "{}", missing(&can));
    assert!(words(card(&can, ":role/security-admin")).contains("which may not be all"));
}

/// An input names an artifact of the record, and nothing else on the disk.
#[test]
fn only_artifacts_of_the_record_are_read_as_events() {
    let account = Account::fresh();
    for trail in [
        r#"{ "events": 7 }"#,
        r#"{ "events": "artifacts/../journal.jsonl" }"#,
        r#"{ "lookup": "/etc/passwd" }"#,
    ] {
        let drill = Drill::on(&account);
        let step =
            format!(r#"{{ access.who_can: {{ key: "{}", trail: {trail} }} }}"#, account.fact("/key/arn"));
        drill.document(
            "uses",
            &format!(
                "phases:\n  - id: only\n    title: Only\n    steps:\n      - id: can\n        do: {step}\n"
            ),
        );
        drill.playbook(["run", "uses", "--non-interactive"]).says("trail: names no artifact with events");
    }
}

/// "Never unused": nobody counts as unused of whom no source says when it was last there.
#[test]
fn what_iam_and_cloudtrail_deny_is_told_and_makes_nobody_unused() {
    let account = Account::fresh();
    for (service, operation) in
        [("iam", "GenerateServiceLastAccessedDetails"), ("cloudtrail", "LookupEvents")]
    {
        account.inject(
            json!({ "service": service, "operation": operation, "kind": "access_denied", "times": -1 }),
        );
    }
    let (_, can) = reviewed(&account);
    for told in
        ["GenerateServiceLastAccessedDetails", "when they last used KMS", "CloudTrail was not searched"]
    {
        assert!(missing(&can).contains(told), "{told}: {}", missing(&can));
    }
    let asked = |name: &str| account.operations().iter().filter(|sent| *sent == name).count();
    assert_eq!(asked("iam:GenerateServiceLastAccessedDetails"), 1, "it would be denied for everybody");
    let admin = card(&can, ":role/security-admin");
    let key = days_ago(&admin["no_use_after"]);
    assert_eq!((&admin["last_used"], key), (&json!(""), 0), "no more is known than of the key");
    let known: Vec<_> =
        can["items"].as_array().unwrap().iter().filter(|item| item["no_use_after"] != "").collect();
    assert!(known.len() > 1);
    for item in known {
        let credentials = item["kind"] == "user" && words(item).contains("credential report");
        let role = item["kind"] == "role" && words(item).contains("role last used");
        let key = days_ago(&item["no_use_after"]) == 0;
        assert!(credentials || role || key, "{item:#}");
    }
    assert_eq!(days_ago(&card(&can, ":user/former-contractor")["last_used"]), 190);
}

/// The review itself goes on without CloudTrail, and its cards say so.
#[test]
fn the_quarterly_review_reaches_its_cards_where_cloudtrail_may_not_be_read() {
    let account = Account::fresh();
    account.inject(
        json!({ "service": "cloudtrail", "operation": "LookupEvents", "kind": "access_denied", "times": -1 }),
    );
    let drill = Drill::on(&account);
    let key = format!("key={}", account.fact("/key/alias"));
    let review = ["run", "quarterly-access-review", "-p", &key, "-p", "quarter=2026-Q4", "--non-interactive"];
    drill.playbook(review).exits(5).says("review");
    let failed: Vec<_> = drill.events("failed").iter().map(|event| event["place"]["step"].clone()).collect();
    assert_eq!(failed, [json!("used")]);
    let found = drill.events("succeeded").into_iter().find(|event| event["place"]["step"] == "can");
    let can = found.expect("who_can succeeds")["outputs"].clone();
    assert!(missing(&can).contains("CloudTrail was not searched"), "{}", missing(&can));
    let nightly = card(&can, ":role/etl-nightly");
    assert!(words(nightly).starts_with("KMS last tried"), "{}", words(nightly));
    assert_eq!(days_ago(&nightly["last_used"]), 0);
}

const MANY: &str = r#"
iam = boto3.client("iam")
allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]}
for number in range(30):
    iam.create_user(UserName=f"many-{number}")
    iam.put_user_policy(UserName=f"many-{number}", PolicyName="own", PolicyDocument=json.dumps(allow))
print("null")
"#;

/// More than IAM is given to work on at once, and more than the record keeps every call of.
#[test]
fn everybody_of_many_gets_a_report() {
    let account = Account::fresh();
    account.boto(MANY, &[]);
    let (drill, can) = reviewed(&account);
    assert_eq!(can["missing"], json!([]));
    let many = can["items"].as_array().unwrap().iter();
    let many = many.filter(|item| item["id"].as_str().unwrap().contains(":user/many-"));
    let told: Vec<_> = many.map(|item| words(item).contains("no use of KMS recorded since")).collect();
    assert_eq!(told, vec![true; 30]);
    let reports = can["files"].as_array().unwrap().iter();
    let reports = reports.filter(|file| file["name"].as_str().unwrap().starts_with("last-used/")).count();
    let jobs =
        account.operations().iter().filter(|sent| *sent == "iam:GenerateServiceLastAccessedDetails").count();
    assert_eq!((reports - 3, jobs), (37, 37), "beside the key, the credentials and the search");
    let can = drill.events("succeeded").into_iter().find(|event| event["place"]["step"] == "can").unwrap();
    let calls = can["evidence"]["calls"].as_array().unwrap();
    assert!(calls.len() < 40, "{} calls are kept", calls.len());
}

/// IAM asks to slow down, works for a while, and puts the report on pages.
#[test]
fn throttled_and_unfinished_reports_are_waited_for() {
    let account = Account::fresh();
    for operation in ["GenerateServiceLastAccessedDetails", "GetServiceLastAccessedDetails"] {
        account.inject(json!({ "service": "iam", "operation": operation, "kind": "throttle", "times": 5 }));
    }
    let drill = Drill::on(&account);
    let key = account.fact("/key/arn");
    let told = drill.playbook(["access", "who-can", "kms:Decrypt", "--key", &key, "--json"]).json();
    assert_eq!(told["missing"], json!([]));
    let admin = told["principals"].as_array().unwrap().iter();
    let mut admin = admin.filter(|one| one["principal"].as_str().unwrap().ends_with("role/security-admin"));
    assert_eq!(days_ago(&admin.next().unwrap()["no_use_after"]), 400);
}

/// What the reviewer sees at a terminal of 80 columns, and that letting the unused be wants a reason.
#[test]
fn a_card_says_when_and_by_whom_and_the_unused_stay_for_a_reason() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    let key = format!("key={}", account.fact("/key/alias"));
    let review = ["run", "quarterly-access-review", "-p", &key, "-p", "quarter=2026-Q4", "-p", "last="];
    let mut terminal = Terminal::start(&drill, &review);
    terminal.sees("to decide").sees("›").types("/former-contractor").sees("only what holds");
    terminal
        .sees("last used")
        .sees("no use after")
        .sees("last used by")
        .sees("no Decrypt with this key since");
    terminal.sees("key last used").sees("nobody used it after that").sees("›").types("k").sees("Why keep?");
    terminal
        .types("left last spring, and has to hand over")
        .sees("Everything that the filter shows is decided");
    terminal.sees("›").types("q");
    terminal.exits(5);
}

fn who_can(drill: &Drill) -> Said {
    drill.playbook(["access", "who-can", "kms:Decrypt", "--key", KEY, "--data", "data", "--json"])
}

fn details(kms: &Value) -> String {
    let mut service = json!({ "ServiceName": "AWS Key Management Service", "ServiceNamespace": "kms" });
    service.as_object_mut().unwrap().extend(kms.as_object().unwrap().clone());
    json!({ "JobStatus": "COMPLETED", "JobCreationDate": "2026-11-24T10:00:00Z",
        "JobCompletionDate": "2026-11-24T10:00:05Z", "ServicesLastAccessed": [service], "IsTruncated": false })
    .to_string()
}

#[test]
fn a_folder_holds_the_answers_by_unique_id_and_broken_ones_are_named() {
    let drill = collected();
    drill.file(
        "data/last-used/AIDAana.json",
        &details(&json!({ "LastAuthenticated": "2026-05-01T00:00:00+00:00" })),
    );
    let said = who_can(&drill);
    said.exits(0).says("service last accessed of 2 of 3 users and roles is not there");
    let told = said.json();
    let of = |name: &str| {
        let all = told["principals"].as_array().unwrap().iter();
        all.clone().find(|one| one["principal"].as_str().unwrap().ends_with(name)).unwrap().clone()
    };
    assert_eq!(of("user/ana")["last_used"], "2026-05-01T00:00:00Z");
    assert_eq!(of("user/bob")["last_used"], "");
    assert_eq!(
        (&of("user/kim")["verdict"], &of("user/kim")["last_uses"]),
        (&json!("ImplicitDeny"), &json!([]))
    );
    assert!(of("user/bob")["last_uses"][0]["words"].as_str().unwrap().contains("not collected"));
    assert_eq!(
        of("role/app")["last_uses"][1]["words"],
        "role last used 2026-06-01T00:00:00Z in eu-west-1 (RoleLastUsed, any service)"
    );
    for (file, text, place) in [
        ("AIDAana.json", "{\"JobStatus\": ", "last-used/AIDAana.json:1:"),
        ("AIDAana.json", "{\"JobStatus\": \"COMPLETED\", \"IsTruncated\": true}", "--max-items"),
        ("credential-report.csv", "user,arn\nana\n", "last-used/credential-report.csv:2:1"),
        ("lookup-events.json", "[]", "last-used/lookup-events.json:1:"),
        ("key.json", "{", "last-used/key.json:1:"),
    ] {
        drill.file(&format!("data/last-used/{file}"), text);
        who_can(&drill).exits(1).says(place);
        std::fs::remove_file(drill.path().join("data/last-used").join(file)).unwrap();
    }
    who_can(&drill).exits(0);
}

/// The form of `aws cloudtrail lookup-events`, with the time that it was asked for written into it.
#[test]
fn events_of_cloudtrail_lie_in_the_folder_as_the_command_prints_them() {
    let drill = collected();
    let at = Utc::now() - TimeDelta::days(3);
    let record = json!({
        "eventVersion": "1.11", "eventTime": at.to_rfc3339(), "eventSource": "kms.amazonaws.com", "eventName": "Decrypt",
        "awsRegion": "eu-west-1", "resources": [{ "ARN": KEY, "accountId": "111122223333", "type": "AWS::KMS::Key" }],
        "userIdentity": { "type": "AssumedRole", "accountId": "111122223333",
            "arn": "arn:aws:sts::111122223333:assumed-role/app/i-1",
            "sessionContext": { "sessionIssuer": { "type": "Role", "arn": "arn:aws:iam::111122223333:role/app" } } } });
    let mut events = json!({ "Events": [{ "EventId": "e", "EventName": "Decrypt", "CloudTrailEvent": record.to_string() }] });
    let last = |told: &Value, name: &str| {
        let all = told["principals"].as_array().unwrap().iter();
        let one = all.clone().find(|one| one["principal"].as_str().unwrap().ends_with(name)).unwrap();
        (one["last_used"].as_str().unwrap().to_owned(), one["no_use_after"].as_str().unwrap().to_owned())
    };
    drill.file("data/last-used/lookup-events.json", &events.to_string());
    let told = who_can(&drill).json();
    assert_eq!(days_ago(&last(&told, "role/app").0.into()), 3);
    assert_eq!(last(&told, "user/ana"), (String::new(), String::new()), "nobody says that these are all");
    events["StartTime"] = json!("2026-08-01T00:00:00Z");
    drill.file("data/last-used/lookup-events.json", &events.to_string());
    let told = who_can(&drill).json();
    assert_eq!(last(&told, "user/ana"), (String::new(), "2026-08-01T00:00:00Z".to_owned()));
}

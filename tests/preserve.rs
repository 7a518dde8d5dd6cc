//! `cloudtrail.preserve` against the range: what lies in the record afterwards, compared
//! with what the bucket holds as the AWS SDK for Python sees it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Account, Drill};

mod faults;
mod sources;

fn account(options: Value) -> Account {
    let mut all = json!({ "lookup_rate": 0 });
    all.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
    Account::with(all)
}

fn drill(account: &Account, lookback: &str) -> Drill {
    let drill = Drill::on(account);
    let step = |id: &str| {
        format!(
            "- id: {id}\n  do: {{ cloudtrail.preserve: {{ forms: [\"{}\", \"{}\"], lookback: {lookback} }} }}\n",
            account.fact("/key/arn"),
            account.fact("/key/id"),
        )
    };
    drill.runbook("collect", &step("first"));
    drill.runbook("twice", &(step("first") + &step("second")));
    drill
}

fn bucket(account: &Account) -> String {
    account.fact("/trail/bucket")
}

/// What boto3 prints of a few lines of Python, as JSON. `s3`, `put` and `bucket` are there.
fn python(drill: &Drill, account: &Account, code: &str) -> Value {
    let program = format!(
        "import boto3, gzip, hashlib, json, os\ns3 = boto3.client('s3')\nbucket = {:?}\naccount = {:?}\n{code}",
        bucket(account),
        account.id()
    );
    let range = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/range/range");
    let environment =
        Command::new(range).arg("setup").output().expect("the range says where its Python lies");
    let environment = String::from_utf8_lossy(&environment.stdout);
    let interpreter = Path::new(environment.trim()).join("bin/python");
    let output = Command::new(interpreter)
        .args(["-c", &program])
        .env_clear()
        .envs(drill.variables())
        .output()
        .expect("the range's Python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
}

const HELD: &str = r"
told = {}
for page in s3.get_paginator('list_objects_v2').paginate(Bucket=bucket):
    for one in page.get('Contents', []):
        stored = s3.get_object(Bucket=bucket, Key=one['Key'])
        told[one['Key']] = [hashlib.sha256(stored['Body'].read()).hexdigest(), stored['ETag'], stored['Metadata']]
print(json.dumps(told))
";

/// What a bucket holds by boto3: SHA-256, ETag and metadata of each key.
fn held_in(drill: &Drill, account: &Account, bucket: &str) -> BTreeMap<String, Value> {
    let held = python(drill, account, &format!("bucket = {bucket:?}\n{HELD}"));
    serde_json::from_value(held).unwrap()
}

fn objects(drill: &Drill, account: &Account) -> BTreeMap<String, PathBuf> {
    objects_of(drill, &bucket(account))
}

fn objects_of(drill: &Drill, bucket: &str) -> BTreeMap<String, PathBuf> {
    let root = drill.record().join("bag/data/cloudtrail/s3").join(bucket);
    let files = drill.files().into_iter().filter(|file| file.starts_with(&root));
    let named = files.map(|file| (file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned(), file));
    named.filter(|(key, _)| !key.ends_with(".meta.json")).collect()
}

fn sha256(path: &Path) -> String {
    playbook::text::Digest::of(&std::fs::read(path).unwrap()).to_string()
}

fn coverage(drill: &Drill) -> Value {
    let text = std::fs::read_to_string(drill.record().join("bag/data/cloudtrail/coverage.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn what_the_bucket_holds_lies_in_the_record_byte_for_byte_with_its_metadata() {
    let account = account(json!({}));
    let drill = drill(&account, "48h");
    drill.playbook(["run", "collect", "--non-interactive"]).exits(0);
    let held = python(&drill, &account, HELD);
    let held = held.as_object().unwrap();
    let kept = objects(&drill, &account);
    assert!(held.len() > 20, "{}", held.len());
    assert_eq!(kept.keys().collect::<Vec<_>>(), held.keys().collect::<Vec<_>>());
    for (key, path) in &kept {
        let meta = std::fs::read(format!("{}.meta.json", path.display())).unwrap();
        let meta: Value = serde_json::from_slice(&meta).unwrap();
        assert_eq!(json!([sha256(path), meta["etag"], meta["metadata"]]), held[key], "{key}");
        assert_eq!((&meta["bucket"], &meta["key"]), (&json!(bucket(&account)), &json!(key)));
    }
    let succeeded = &drill.events("succeeded")[0];
    let outputs = &succeeded["outputs"];
    let digests = held.keys().filter(|key| key.contains("/CloudTrail-Digest/")).count();
    assert_eq!(outputs["digests"], digests);
    assert_eq!(outputs["objects"], held.len() - digests);
    assert_eq!(outputs["complete"], true, "{:#}", outputs["gaps"]);
    assert!(outputs["events"].as_u64().unwrap() > 50);

    // The entry names the index by its digest, and the index every object by its own.
    let artifacts = succeeded["evidence"]["artifacts"].as_array().unwrap();
    let index = artifacts.iter().find(|artifact| artifact["path"] == outputs["index"]).unwrap();
    let index_path = drill.record().join("bag/data").join(index["path"].as_str().unwrap());
    assert_eq!(index["digest"], sha256(&index_path));
    let lines = std::fs::read_to_string(index_path).unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), held.len());
    for line in lines {
        let path = drill.record().join("bag/data").join(line["path"].as_str().unwrap());
        assert_eq!(line["sha256"], sha256(&path));
    }
    let keys = std::fs::read(drill.record().join("bag/data/cloudtrail/public-keys.json")).unwrap();
    let keys: Value = serde_json::from_slice(&keys).unwrap();
    assert!(keys["PublicKeyList"][0]["Value"].as_str().unwrap().starts_with("MII"));
}

#[test]
fn a_second_collection_takes_only_what_is_new_and_its_index_names_both() {
    let account = account(json!({}));
    let drill = drill(&account, "48h");
    drill.playbook(["run", "twice", "--non-interactive"]).exits(0);
    let succeeded = drill.events("succeeded");
    let (first, second) = (&succeeded[0]["outputs"], &succeeded[1]["outputs"]);
    assert_eq!(second["fetched"], 0);
    assert_eq!((&first["objects"], &first["digests"]), (&second["objects"], &second["digests"]));
    let gets = account.operations().into_iter().filter(|it| it == "s3:GetObject").count();
    assert_eq!(gets as u64, first["fetched"].as_u64().unwrap());
}

/// A collection under way whose next object after this many does not come for a long time.
fn hanging_at(skip: usize, drill: &Drill, account: &Account) -> Child {
    account.inject(json!({ "service": "s3", "operation": "GetObject", "kind": "timeout", "seconds": 60, "skip": skip, "times": 1 }));
    let run = ["run", "collect", "--non-interactive"];
    drill.command(run).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn a_collection_that_is_killed_goes_on_where_it_was_and_takes_no_object_twice() {
    let account = account(json!({}));
    let drill = drill(&account, "48h");
    let mut child = hanging_at(20, &drill, &account);
    let patience = Instant::now() + Duration::from_mins(1);
    let gets =
        || account.calls().into_iter().filter(|call| call["operation"] == "GetObject").collect::<Vec<_>>();
    // Up to seven more are under way beside it, and then nothing goes on before it is there.
    let mut asked = 0;
    while asked < 21 || gets().len() > asked {
        assert!(Instant::now() < patience, "{asked} objects were asked for");
        asked = gets().len();
        std::thread::sleep(Duration::from_millis(1500));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let there = objects(&drill, &account);
    let there: Vec<_> =
        there.keys().filter(|key| Path::new(key).extension().is_some_and(|end| end == "gz")).collect();
    assert!(there.len() >= 10, "{there:?}");
    let before = gets().len();
    drill.playbook(["resume", &drill.run_id(), "--non-interactive"]).exits(0);
    let again: Vec<_> = gets().iter().skip(before).map(|call| call["params"]["key"].clone()).collect();
    assert!(!again.is_empty());
    for key in &there {
        assert!(!again.contains(&json!(key)), "{key} was there, and was fetched again");
    }
    let held = python(&drill, &account, HELD);
    let kept = objects(&drill, &account);
    assert_eq!(kept.keys().collect::<Vec<_>>(), held.as_object().unwrap().keys().collect::<Vec<_>>());
    assert!(kept.iter().all(|(key, path)| held[key][0] == sha256(path)));
}

#[test]
fn what_is_denied_is_told_and_the_rest_is_collected() {
    let account = account(json!({}));
    let drill = drill(&account, "48h");
    account.inject(
        json!({ "service": "s3", "operation": "GetObject", "kind": "access_denied", "skip": 3, "times": 1 }),
    );
    drill.playbook(["run", "collect", "--non-interactive"]).exits(0);
    let outputs = &drill.events("succeeded")[0]["outputs"];
    assert_eq!(outputs["complete"], false);
    let told = coverage(&drill);
    assert_eq!(told["unread"]["count"], 1);
    assert!(told["gaps"][0].as_str().unwrap().contains("AccessDenied"), "{:#}", told["gaps"]);
    let held = python(&drill, &account, HELD);
    assert_eq!(objects(&drill, &account).len() + 1, held.as_object().unwrap().len());
}

#[test]
fn where_nothing_can_be_had_the_step_fails() {
    let account = account(json!({}));
    let drill = drill(&account, "48h");
    for (service, operation) in [("s3", "*"), ("cloudtrail", "LookupEvents")] {
        account.inject(
            json!({ "service": service, "operation": operation, "kind": "access_denied", "times": -1 }),
        );
    }
    drill
        .playbook(["run", "collect", "--non-interactive"])
        .exits(4)
        .says("nothing at all could be collected");
}

#[test]
fn keys_that_lead_out_of_the_record_are_withheld_and_told() {
    let account = account(json!({}));
    let drill = drill(&account, "48h");
    python(
        &drill,
        &account,
        r#"
from datetime import datetime, timezone
day = f"AWSLogs/{account}/CloudTrail/us-east-1/{datetime.now(timezone.utc):%Y/%m/%d}/"
for name in ("a//b.json.gz", "x.meta.json", "n" * 250, "t\\..\\..\\evil"):
    s3.put_object(Bucket=bucket, Key=day + name, Body=b"x")
"#,
    );
    drill.playbook(["run", "collect", "--non-interactive"]).exits(0);
    let told = coverage(&drill);
    assert_eq!(told["withheld"]["count"], 4, "{:#}", told["withheld"]);
    assert_eq!(told["complete"], false);
    assert!(!drill.files().iter().any(|file| file.to_string_lossy().contains("evil")));
}

#[test]
fn an_object_that_holds_a_secret_of_the_run_is_withheld_with_its_digest() {
    let account = account(json!({}));
    let drill = drill(&account, "48h");
    let canary = "kanarienvogel-4711-xyzzy";
    let digest = python(
        &drill,
        &account,
        &format!(
            r#"
from datetime import datetime, timezone
body = gzip.compress(b'{{"Records":[{{"note":"{canary}"}}]}}')
s3.put_object(Bucket=bucket, Key=f"AWSLogs/{{account}}/CloudTrail/us-east-1/{{datetime.now(timezone.utc):%Y/%m/%d}}/canary.json.gz", Body=body)
print(json.dumps(hashlib.sha256(body).hexdigest()))
"#
        ),
    );
    drill.document(
        "secretive",
        "params:\n  token: { type: secret }\nphases:\n  - id: only\n    title: Only\n    steps:\n      - { id: collect, do: { cloudtrail.preserve: { lookback: 48h } } }\n",
    );
    drill.file("token", canary);
    let said = drill.playbook(["run", "secretive", "-p", "token=@token", "--non-interactive"]);
    said.exits(0);
    let told = coverage(&drill);
    assert_eq!(told["withheld"]["count"], 1);
    assert_eq!(told["withheld"]["objects"][0]["sha256"], digest);
    assert!(!objects(&drill, &account).keys().any(|key| key.contains("canary")));
}

#[test]
fn older_versions_lie_beside_and_deletions_are_told() {
    let account = account(json!({}));
    let drill = drill(&account, "48h");
    let keys = python(
        &drill,
        &account,
        r"
s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={'Status': 'Enabled'})
names = [one['Key'] for one in s3.list_objects_v2(Bucket=bucket)['Contents'] if '/CloudTrail/' in one['Key']]
s3.put_object(Bucket=bucket, Key=names[0], Body=b'forged')
first = s3.put_object(Bucket=bucket, Key=names[1], Body=b'forged too')
s3.put_object(Bucket=bucket, Key=names[1], Body=b'and again')
s3.delete_object(Bucket=bucket, Key=names[2])
print(json.dumps([names, first['VersionId']]))
",
    );
    drill.playbook(["run", "collect", "--non-interactive"]).exits(0);
    let told = coverage(&drill);
    assert_eq!(told["deleted"]["count"], 1, "{told:#}");
    assert_eq!(told["deleted"]["objects"][0]["key"], keys[0][2]);
    assert!(told["older_versions"]["count"].as_u64().unwrap() >= 3, "{:#}", told["older_versions"]);
    let path = format!(
        "bag/data/cloudtrail/s3-versions/{}/{}/{}",
        bucket(&account),
        keys[0][1].as_str().unwrap(),
        keys[1].as_str().unwrap()
    );
    assert_eq!(std::fs::read(drill.record().join(path)).unwrap(), b"forged too");
    let now = objects(&drill, &account);
    assert_eq!(std::fs::read(&now[keys[0][0].as_str().unwrap()]).unwrap(), b"forged");
    assert!(!now.contains_key(keys[0][2].as_str().unwrap()));
}

#[test]
fn a_part_of_the_chain_is_collected_so_that_it_verifies_by_itself() {
    let account = account(json!({}));
    let drill = drill(&account, "5h");
    drill.playbook(["run", "collect", "--non-interactive"]).exits(0);
    let outputs = drill.events("succeeded")[0]["outputs"].clone();
    let held = python(&drill, &account, HELD);
    let all = held.as_object().unwrap().len() as u64;
    let taken = outputs["objects"].as_u64().unwrap() + outputs["digests"].as_u64().unwrap();
    assert!(outputs["digests"].as_u64().unwrap() >= 5 && taken < all / 2, "{outputs:#}");
    drill.playbook(["seal", &drill.run_id()]).exits(0);
    let record = drill.record();
    drill
        .playbook(["verify".as_ref(), record.as_os_str()])
        .exits(0)
        .never_says("collected without")
        .never_says("does not tell its window");
}

#[test]
fn what_the_trails_hold_about_the_key_is_in_the_timeline_and_told_as_ocsf() {
    let account = account(json!({}));
    let drill = drill(&account, "5h");
    drill.playbook(["run", "collect", "--non-interactive"]).exits(0);
    drill.playbook(["seal", &drill.run_id()]).exits(0);
    let arn = account.fact("/key/arn");
    let expected = python(
        &drill,
        &account,
        &format!(
            "told = set()
for page in s3.get_paginator('list_objects_v2').paginate(Bucket=bucket):
    for one in page.get('Contents', []):
        if '/CloudTrail/' not in one['Key']: continue
        if not os.path.exists({:?} + '/' + bucket + '/' + one['Key']): continue
        body = s3.get_object(Bucket=bucket, Key=one['Key'])['Body'].read()
        for event in json.loads(gzip.decompress(body))['Records']:
            if {arn:?} in json.dumps(event): told.add(event['eventID'])
print(json.dumps(sorted(told)))
",
            drill.record().join("bag/data/cloudtrail/s3").display().to_string(),
        ),
    );
    let expected = expected.as_array().unwrap();
    assert!(expected.len() >= 3, "{expected:?}");
    let ocsf = std::fs::read_to_string(drill.record().join("bag/data/events.ocsf.jsonl")).unwrap();
    for id in expected {
        let mine = ocsf.lines().find(|line| line.contains(id.as_str().unwrap()));
        assert!(mine.is_some_and(|line| line.contains("cloudtrail/s3/")), "{id}");
    }
    let record = drill.record();
    drill.playbook(["verify".as_ref(), record.as_os_str()]).exits(0);
}

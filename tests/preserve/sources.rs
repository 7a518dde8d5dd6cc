//! Several trails, several Regions, windows in the past, organizations, and a bucket that lies
//! under the key itself.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::*;

fn spread() -> Value {
    json!({
        "elsewhere": ["eu-west-1", "ap-south-1"],
        "trails": [
            { "name": "security-audit", "region": "eu-west-1", "prefix": "audit" },
            { "name": "everything", "region": "ap-south-1", "multi_region": true },
        ],
    })
}

fn runbook(drill: &Drill, inputs: &str) {
    drill.runbook("collect", &format!("- id: first\n  do: {{ cloudtrail.preserve: {{ {inputs} }} }}\n"));
}

/// The record holds all of a bucket, and nothing else of it.
#[track_caller]
fn holds_all_of(drill: &Drill, account: &Account, bucket: &str) -> BTreeMap<String, Value> {
    let (held, kept) = (held_in(drill, account, bucket), objects_of(drill, bucket));
    assert_eq!(kept.keys().collect::<Vec<_>>(), held.keys().collect::<Vec<_>>(), "{bucket}");
    assert!(kept.iter().all(|(key, path)| held[key][0] == sha256(path)), "{bucket}");
    held
}

#[test]
fn every_trail_is_collected_in_each_of_its_regions_also_one_that_is_not_seen_from_here() {
    let account = account(spread());
    let drill = Drill::on(&account);
    runbook(&drill, "lookback: 48h");
    drill.playbook(["run", "collect", "--non-interactive"]).exits(0);
    let mut all = 0;
    for pointer in ["/trail/bucket", "/trails/0/bucket", "/trails/1/bucket"] {
        all += holds_all_of(&drill, &account, &account.fact(pointer)).len() as u64;
    }
    let outputs = &drill.events("succeeded")[0]["outputs"];
    assert_eq!(outputs["objects"].as_u64().unwrap() + outputs["digests"].as_u64().unwrap(), all);
    assert_eq!(outputs["complete"], true, "{:#}", outputs["gaps"]);
    let told = coverage(&drill);
    let folders: Vec<_> =
        told["prefixes"].as_array().unwrap().iter().map(|it| it["prefix"].clone()).collect();
    let audit = format!("audit/AWSLogs/{}/CloudTrail/eu-west-1/", account.id());
    assert_eq!(folders.iter().filter(|it| **it == audit).count(), 1, "{folders:#?}");
    assert_eq!(folders.len(), 2 * (3 + 3 + 1));
    // Digests of each Region are signed with its own key; the chains hold with those collected.
    drill.playbook(["seal", &drill.run_id()]).exits(0);
    let record = drill.record();
    drill
        .playbook(["trail".as_ref(), "verify".as_ref(), record.as_os_str()])
        .exits(0)
        .says("the chain holds");
}

#[test]
fn only_the_trails_and_regions_that_are_named_are_collected() {
    let account = account(spread());
    let drill = Drill::on(&account);
    runbook(&drill, "lookback: 48h, trails: [everything], regions: [eu-west-1]");
    drill.playbook(["run", "collect", "--non-interactive"]).exits(0);
    let bucket = account.fact("/trails/1/bucket");
    let kept = objects_of(&drill, &bucket);
    let held = held_in(&drill, &account, &bucket);
    let there = held.keys().filter(|key| key.contains("/eu-west-1/"));
    assert_eq!(kept.keys().collect::<Vec<_>>(), there.collect::<Vec<_>>());
    assert!(objects(&drill, &account).is_empty());
}

fn told(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The time as the range has it, by which the history is laid out.
fn now() -> DateTime<Utc> {
    DateTime::from(std::time::SystemTime::now())
}

#[test]
fn a_window_in_the_past_is_collected_so_that_its_chain_verifies_between_its_ends() {
    let account = account(spread());
    let drill = Drill::on(&account);
    let (from, to) = (told(now() - TimeDelta::hours(14)), told(now() - TimeDelta::hours(9)));
    runbook(&drill, &format!("from: \"{from}\", to: \"{to}\""));
    drill.playbook(["run", "collect", "--non-interactive"]).exits(0);
    let outputs = &drill.events("succeeded")[0]["outputs"];
    assert_eq!((&outputs["from"], &outputs["complete"]), (&json!(from), &json!(true)), "{outputs:#}");
    let held = held_in(&drill, &account, &bucket(&account));
    let kept = objects(&drill, &account);
    assert!(kept.len() > 20 && kept.len() < held.len() / 2, "{} of {}", kept.len(), held.len());
    let record = drill.record();
    let verify = ["trail".as_ref(), "verify".as_ref(), record.as_os_str(), "--from".as_ref()];
    let window = [from.as_ref(), "--until".as_ref(), to.as_ref()];
    drill.playbook(verify.into_iter().chain(window)).exits(0).says("the chain holds");
}

#[test]
fn hours_without_a_digest_are_gaps_that_tell_their_time() {
    let account = account(json!({}));
    let drill = Drill::on(&account);
    let gone = python(
        &drill,
        &account,
        r"
keys = sorted(one['Key'] for one in s3.list_objects_v2(Bucket=bucket)['Contents'] if '/CloudTrail-Digest/' in one['Key'])
for key in keys[10:12]:
    s3.delete_object(Bucket=bucket, Key=key)
read = lambda key: json.loads(gzip.decompress(s3.get_object(Bucket=bucket, Key=key)['Body'].read()))
print(json.dumps([read(keys[9])['digestEndTime'], read(keys[12])['digestStartTime']]))
",
    );
    runbook(&drill, "lookback: 20h");
    drill.playbook(["run", "collect", "--non-interactive"]).exits(0);
    let told = coverage(&drill);
    let missing = &told["missing_digests"];
    assert_eq!(missing["count"], 1, "{missing:#}");
    assert_eq!(json!([missing["objects"][0]["from"], missing["objects"][0]["to"]]), gone);
    let gap = told["gaps"][0].as_str().unwrap();
    assert!(gap.contains("no digest from") && gap.contains(gone[0].as_str().unwrap()), "{gap}");
}

#[test]
fn an_organization_trail_and_its_insights_are_collected_for_the_account() {
    let account = account(json!({ "trail": { "organization": "o-exampleorgid", "insights": true } }));
    let drill = Drill::on(&account);
    runbook(&drill, "lookback: 48h");
    drill.playbook(["run", "collect", "--non-interactive"]).exits(0);
    let held = holds_all_of(&drill, &account, &bucket(&account));
    let base = format!("AWSLogs/o-exampleorgid/{}/", account.id());
    assert!(held.len() > 20 && held.keys().all(|key| key.starts_with(&base)));
    let outputs = &drill.events("succeeded")[0]["outputs"];
    assert_eq!(
        (&outputs["insights"], &outputs["complete"]),
        (&json!(1), &json!(true)),
        "{:#}",
        outputs["gaps"]
    );
    let record = drill.record();
    drill.playbook(["trail".as_ref(), "verify".as_ref(), record.as_os_str()]).exits(0);
}

#[test]
fn a_bucket_of_a_trail_that_lies_under_the_key_is_told_before_and_after() {
    let account = account(json!({}));
    let drill = Drill::on(&account);
    let alias = account.fact("/key/alias");
    python(
        &drill,
        &account,
        &format!(
            r#"
from datetime import datetime, timezone
default = {{"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {alias:?}}}
s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={{"Rules": [{{"ApplyServerSideEncryptionByDefault": default}}]}})
s3.put_object(Bucket=bucket, Key=f"AWSLogs/{{account}}/CloudTrail/us-east-1/{{datetime.now(timezone.utc):%Y/%m/%d}}/late.json.gz", Body=gzip.compress(b'{{"Records":[]}}'))
"#
        ),
    );
    drill.runbook(
        "collect",
        &format!(
            "- id: trails\n  do: {{ cloudtrail.describe_trails: {{}} }}\n- id: first\n  do: {{ cloudtrail.preserve: {{ key: \"{}\", lookback: 5h }} }}\n",
            account.fact("/key/id")
        ),
    );
    drill.playbook(["run", "collect", "--non-interactive"]).exits(0);
    let succeeded = drill.events("succeeded");
    assert_eq!(succeeded[0]["outputs"]["trails"][0]["bucket_kms_key"], alias);
    let at_risk = succeeded[1]["outputs"]["at_risk"].as_array().unwrap().clone();
    assert_eq!(at_risk.len(), 2, "{at_risk:#?}");
    assert!(at_risk[0].as_str().unwrap().contains("encrypts by default with the key under incident"));
    assert!(at_risk[1].as_str().unwrap().contains("late.json.gz"));
    let told = coverage(&drill);
    assert_eq!(told["under_the_key"]["count"], 1);
    assert_eq!(told["at_risk"], json!(at_risk));
}

#[test]
fn the_key_is_looked_up_by_every_name_that_kms_tells_and_in_every_region_at_its_pace() {
    let account =
        account(json!({ "lookup_rate": 2, "elsewhere": ["eu-west-1"], "key": { "multi_region": true } }));
    let drill = Drill::on(&account);
    runbook(&drill, &format!("key: {}, lookback: 5h", account.fact("/key/alias")));
    drill.playbook(["run", "collect", "--non-interactive"]).exits(0);
    let forms = python(
        &drill,
        &account,
        &format!(
            r"
kms = boto3.client('kms', region_name='us-east-1')
key = kms.describe_key(KeyId={:?})['KeyMetadata']
family = key['MultiRegionConfiguration']
forms = {{key['KeyId'], key['Arn'], family['PrimaryKey']['Arn'], *(one['Arn'] for one in family['ReplicaKeys'])}}
for one in kms.list_aliases(KeyId=key['KeyId'])['Aliases']:
    forms |= {{one['AliasName'], one['AliasArn']}}
print(json.dumps(sorted(forms)))
",
            account.fact("/key/alias")
        ),
    );
    assert!(forms.as_array().unwrap().len() >= 5, "{forms}");
    assert_eq!(coverage(&drill)["lookup_events"]["forms"], forms);
    let lookups: Vec<_> =
        account.calls().into_iter().filter(|call| call["operation"] == "LookupEvents").collect();
    for region in ["us-east-1", "eu-west-1"] {
        let mut asked: Vec<_> = lookups
            .iter()
            .filter(|call| call["region"] == region)
            .map(|call| call["params"]["LookupAttributes"][0]["AttributeValue"].as_str().unwrap())
            .collect();
        asked.dedup();
        assert_eq!(json!(asked), forms, "{region}");
    }
    // A faster pace would be refused, and while one Region waits the others are asked.
    assert!(lookups.iter().all(|call| call["status"] == 200));
    assert_ne!(lookups[0]["region"], lookups[1]["region"]);
}

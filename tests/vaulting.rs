//! A sealed record in a bucket with Object Lock, on the range.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::many_hands::until;
use crate::support::{Account, Drill};

fn sealed(account: &Account, key: bool) -> Drill {
    let drill = Drill::on(account);
    drill.runbook("greet", "- id: hello\n  do: { shell: { argv: [echo, hello], class: read } }");
    drill.playbook(["run", "greet", "--non-interactive"]).exits(0);
    if key {
        let path = drill.path().join("signer");
        let made =
            Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(path).status();
        assert!(made.unwrap().success());
    }
    drill
}

fn vault() -> Account {
    Account::with(json!({"vault": true, "attack": false, "trail": false}))
}

/// Every file of a record, by the key that it has to have, with its digest by `sha256sum`.
fn expected(drill: &Drill, prefix: &str) -> BTreeMap<String, String> {
    let output = Command::new("sh")
        .args(["-c", "find . -type f | sed 's|^./||' | xargs sha256sum"])
        .current_dir(drill.record())
        .output()
        .unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    let line = |line: &str| {
        let (digest, path) = line.split_once("  ").unwrap();
        (format!("{prefix}/{}/{path}", drill.run_id()), digest.to_owned())
    };
    listed.lines().map(line).collect()
}

fn custody(record: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(record.join("sig/custody.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_file_lies_under_a_lock_and_a_second_upload_sends_nothing() {
    let account = vault();
    let drill = sealed(&account, true);
    let (id, bucket) = (drill.run_id(), account.fact("/vault"));
    let to = format!("s3://{bucket}/2026");
    let seal = ["seal", &id, "--key", "signer", "--to", &to, "--retain", "30", "--retention", "compliance"];
    drill.playbook(seal).exits(0).says("compliance lock");
    let objects = account.objects(&bucket);
    let until = chrono::Utc::now().date_naive() + chrono::Days::new(30);
    for object in &objects {
        assert_eq!(object["lock_mode"], "COMPLIANCE", "{object}");
        assert!(object["lock_until"].as_str().unwrap() >= until.to_string().as_str(), "{object}");
    }
    let there: BTreeMap<String, String> = objects
        .iter()
        .map(|object| {
            (object["key"].as_str().unwrap().to_owned(), object["sha256"].as_str().unwrap().to_owned())
        })
        .collect();
    assert_eq!((there, objects.len()), (expected(&drill, "2026"), expected(&drill, "2026").len()));
    let log = custody(&drill.record());
    let uploaded = &log.last().unwrap()["what"]["uploaded"];
    for object in &objects {
        let path = object["key"].as_str().unwrap().split_once(&format!("{id}/")).unwrap().1;
        if path != "sig/custody.jsonl" {
            assert_eq!(uploaded["versions"][path], object["version_id"], "{path}");
        }
    }
    drill.playbook(["verify".as_ref(), drill.record().as_os_str()]).exits(0).says("custody:");
    let script = Command::new("sh").arg(drill.record().join("verify.sh")).output().unwrap();
    assert!(script.status.success(), "{}", String::from_utf8_lossy(&script.stdout));

    let again = ["seal", &id, "--to", &to, "--retain", "30", "--retention", "compliance"];
    drill.playbook(again).exits(0).says("nothing had to be sent");
    assert_eq!((account.objects(&bucket).len(), custody(&drill.record()).len()), (objects.len(), log.len()));
    // Longer: the same versions, under a longer lock, and one of the log that says so.
    drill.playbook(["seal", &id, "--to", &to, "--retain", "60"]).exits(0);
    let longer = account.objects(&bucket);
    assert_eq!(longer.len(), objects.len() + 1);
    let until = (chrono::Utc::now().date_naive() + chrono::Days::new(60)).to_string();
    assert!(
        longer.iter().filter(|object| object["lock_until"].as_str().unwrap() >= until.as_str()).count()
            >= objects.len()
    );
}

#[test]
fn an_interrupted_upload_goes_on_where_it_was() {
    let account = vault();
    let drill = sealed(&account, true);
    let (id, bucket) = (drill.run_id(), account.fact("/vault"));
    drill.playbook(["seal", &id, "--key", "signer"]).exits(0);
    let to = format!("s3://{bucket}");
    let seal = ["seal", &id, "--to", &to, "--retain", "1"];
    account.inject(
        json!({"kind": "access_denied", "service": "s3", "operation": "PutObject", "skip": 3, "times": 1}),
    );
    drill.playbook(seal).exits(1).says(" files are in").says("goes on from there");
    let before = account.objects(&bucket).len();
    let files = expected(&drill, "").len();
    // The one that was refused is missing, and the log, which comes last.
    assert!((3..=files - 2).contains(&before), "{before} of {files}");
    assert_eq!(custody(&drill.record()).len(), 1, "the log tells of what is done, and this is not");
    let puts = || account.operations().iter().filter(|name| *name == "s3:PutObject").count();
    let sent = puts();
    drill.playbook(seal).exits(0);
    assert_eq!((account.objects(&bucket).len(), custody(&drill.record()).len()), (files, 2));
    assert_eq!(puts() - sent, files - before, "what was there was not sent again");
    drill.playbook(["verify".as_ref(), drill.record().as_os_str()]).exits(0);
}

#[test]
fn a_bucket_without_object_lock_gets_nothing() {
    let account = vault();
    let drill = sealed(&account, false);
    let id = drill.run_id();
    let to = format!("s3://public-assets-{}/x", account.id());
    drill.playbook(["seal", &id, "--to", &to, "--retain", "1"]).exits(6).says("no Object Lock");
    assert!(!account.operations().iter().any(|name| name == "s3:PutObject"));
    let vault = format!("s3://{}/x", account.fact("/vault"));
    drill.playbook(["seal", &id, "--to", &vault]).exits(2).says("--retain DAYS");
    drill.playbook(["seal", &id, "--to", "s3:/vault", "--retain", "1"]).exits(2);
    // Nobody signed this record, and it can be kept all the same.
    drill.playbook(["seal", &id, "--to", &vault, "--retain", "1"]).exits(0).says("governance lock");
    drill.playbook(["verify".as_ref(), drill.record().as_os_str()]).exits(0).says("unsigned");
    let script = Command::new("sh").arg(drill.record().join("verify.sh")).output().unwrap();
    assert!(script.status.success(), "{}", String::from_utf8_lossy(&script.stdout));
}

/// A record that holds a file which does not go up in one piece.
fn with_a_large_file(account: &Account) -> Drill {
    let drill = sealed(account, true);
    let large = drill.record().join("bag/data/artifacts/large");
    std::fs::create_dir_all(large.parent().unwrap()).unwrap();
    std::fs::File::create(&large).unwrap().set_len((64 << 20) + 5).unwrap();
    drill
}

#[test]
fn a_large_file_goes_in_parts_and_a_broken_record_not_at_all() {
    let account = vault();
    let drill = with_a_large_file(&account);
    let (id, bucket) = (drill.run_id(), account.fact("/vault"));
    drill.playbook(["seal", &id, "--key", "signer"]).exits(0);
    let to = format!("s3://{bucket}/x");
    let seal = ["seal", &id, "--to", &to, "--retain", "1"];
    let document = drill.record().join("bag/data/document.yaml");
    let text = std::fs::read_to_string(&document).unwrap();
    std::fs::write(&document, "another").unwrap();
    drill.playbook(seal).exits(7).says("nothing was uploaded");
    assert_eq!(account.objects(&bucket), [Value::Null; 0]);
    std::fs::write(&document, text).unwrap();
    drill.playbook(seal).exits(0);
    let objects = account.objects(&bucket);
    let there = objects.iter().find(|object| object["key"].as_str().unwrap().ends_with("/large")).unwrap();
    assert_eq!(
        (there["bytes"].as_u64(), there["lock_mode"].as_str()),
        (Some((64 << 20) + 5), Some("GOVERNANCE"))
    );
    assert_eq!(account.operations().iter().filter(|name| *name == "s3:UploadPart").count(), 2);
    drill.playbook(seal).exits(0).says("nothing had to be sent");
}

#[test]
fn a_session_that_ends_during_an_upload_is_renewed_and_every_file_is_there_once() {
    let account = vault();
    let drill = sealed(&account, true);
    let (id, bucket) = (drill.run_id(), account.fact("/vault"));
    for (operation, skip) in [("PutObject", 3), ("HeadObject", 5)] {
        account.inject(
            json!({"kind": "expired_token", "service": "s3", "operation": operation, "skip": skip, "times": 1}),
        );
    }
    drill
        .playbook(["seal", &id, "--key", "signer", "--to", &format!("s3://{bucket}/2026"), "--retain", "1"])
        .exits(0);
    let refused = account.calls().iter().filter(|call| call["fault"] == "expired_token").count();
    assert_eq!(refused, 2);
    assert_eq!(account.objects(&bucket).len(), expected(&drill, "2026").len());
}

/// An answer that does not come: before the file was taken, and after. What lies there tells
/// which, and only what does not lie there is sent again.
#[test]
fn an_upload_whose_answer_is_lost_is_looked_for_and_no_file_lies_there_twice() {
    for (kind, status) in [("reset", Value::Null), ("server_error", json!(503)), ("short", Value::Null)] {
        let account = vault();
        let drill = sealed(&account, true);
        let (id, bucket) = (drill.run_id(), account.fact("/vault"));
        for (skip, after_effect) in [(1, true), (3, false), (5, true)] {
            account.inject(json!({
                "kind": kind, "status": status, "service": "s3", "operation": "PutObject",
                "skip": skip, "times": 1, "after_effect": after_effect
            }));
        }
        let to = format!("s3://{bucket}/2026");
        let seal = ["seal", &id, "--key", "signer", "--to", &to, "--retain", "30"];
        drill.playbook(seal).exits(0).says("as checked there");
        let struck = account.calls().iter().filter(|call| call["fault"] == kind).count();
        assert_eq!(struck, 3, "{kind}");
        let there: Vec<_> = account.objects(&bucket);
        assert_eq!(there.len(), expected(&drill, "2026").len(), "{kind}: each lies there once");
        let log = custody(&drill.record());
        let versions = &log.last().unwrap()["what"]["uploaded"]["versions"];
        for object in
            there.iter().filter(|object| !object["key"].as_str().unwrap().ends_with("custody.jsonl"))
        {
            let path = object["key"].as_str().unwrap().split_once(&format!("{id}/")).unwrap().1;
            assert_eq!(versions[path], object["version_id"], "{kind}: {path}");
        }
        drill.playbook(["seal", &id, "--to", &to, "--retain", "30"]).exits(0).says("nothing had to be sent");
    }
}

#[test]
fn a_lock_whose_answer_is_lost_is_set_and_read_back() {
    let account = vault();
    let drill = sealed(&account, true);
    let (id, bucket) = (drill.run_id(), account.fact("/vault"));
    let to = format!("s3://{bucket}/2026");
    drill.playbook(["seal", &id, "--key", "signer", "--to", &to, "--retain", "30"]).exits(0);
    let versions = account.objects(&bucket).len();
    for (skip, after_effect) in [(0, true), (2, false)] {
        account.inject(json!({
            "kind": "reset", "service": "s3", "operation": "PutObjectRetention", "skip": skip, "times": 1,
            "after_effect": after_effect
        }));
    }
    drill.playbook(["seal", &id, "--to", &to, "--retain", "60"]).exits(0);
    let longer = account.objects(&bucket);
    assert_eq!(longer.len(), versions + 1, "but for the log, which tells of it, nothing was sent again");
    let until = (chrono::Utc::now().date_naive() + chrono::Days::new(60)).to_string();
    let locked = longer.iter().filter(|object| object["lock_until"].as_str().unwrap() >= until.as_str());
    assert!(locked.count() >= versions);
}

#[test]
fn a_large_file_whose_last_answer_is_lost_lies_there_once_and_leaves_no_parts() {
    let account = vault();
    let drill = with_a_large_file(&account);
    let (id, bucket) = (drill.run_id(), account.fact("/vault"));
    for (operation, after_effect) in [
        ("CreateMultipartUpload", true),
        ("UploadPart", true),
        ("CompleteMultipartUpload", false),
        ("CompleteMultipartUpload", true),
    ] {
        account.inject(json!({
            "kind": "reset", "service": "s3", "operation": operation, "times": 1, "after_effect": after_effect
        }));
    }
    let to = format!("s3://{bucket}/x");
    drill.playbook(["seal", &id, "--key", "signer", "--to", &to, "--retain", "1"]).exits(0);
    let objects = account.objects(&bucket);
    let there = objects.iter().filter(|object| object["key"].as_str().unwrap().ends_with("/large")).count();
    assert_eq!(there, 1, "{objects:#?}");
    let left = account.boto(
        "s3 = boto3.client('s3')\nleft = s3.list_multipart_uploads(Bucket=os.environ['BUCKET']).get('Uploads', [])\nprint(json.dumps([one['Key'] for one in left]))",
        &[("BUCKET", &bucket)],
    );
    assert_eq!(left, json!([]), "parts that nobody finishes are stored, and paid for, unseen");
}

/// Killed while S3 has taken a file and nobody has heard so; then the same command again.
#[test]
fn an_upload_that_is_killed_at_any_file_goes_on_and_no_file_lies_there_twice() {
    for (operation, skip) in [("PutObject", 0), ("PutObject", 7), ("HeadObject", 9), ("PutObject", 1_000)] {
        let account = vault();
        let drill = sealed(&account, true);
        let (id, bucket) = (drill.run_id(), account.fact("/vault"));
        drill.playbook(["seal", &id, "--key", "signer"]).exits(0);
        let files = expected(&drill, "").len();
        // The last file is the log, which tells of the others.
        let skip = if skip > files { files - 1 } else { skip };
        account.inject(json!({
            "kind": "timeout", "seconds": 20, "service": "s3", "operation": operation, "skip": skip,
            "times": 1, "after_effect": true
        }));
        let to = format!("s3://{bucket}/2026");
        let seal = ["seal", &id, "--to", &to, "--retain", "30"];
        let before = account.operations().len();
        let mut child = drill.command(seal).stderr(Stdio::null()).spawn().unwrap();
        let called = || {
            account.operations()[before..].iter().filter(|name| **name == format!("s3:{operation}")).count()
        };
        until(&format!("{operation} {skip}"), || called() > skip);
        // Those beside it come to their end.
        std::thread::sleep(std::time::Duration::from_millis(300));
        child.kill().expect("it waits for the answer");
        assert!(!child.wait().unwrap().success());
        drill.playbook(seal).exits(0);
        let files = expected(&drill, "").len();
        assert_eq!(account.objects(&bucket).len(), files, "{operation} {skip}");
        assert_eq!(custody(&drill.record()).len(), 2, "{operation} {skip}: the log tells of it once");
        drill.playbook(["verify".as_ref(), drill.record().as_os_str()]).exits(0);
        drill.playbook(seal).exits(0).says("nothing had to be sent");
    }
}

//! A collection while S3 denies, throttles, fails and breaks off.

use super::*;

fn two_regions() -> Account {
    account(json!({ "elsewhere": ["eu-west-1"] }))
}

/// Objects in the record under their keys, each whole: as boto3 saw it before.
#[track_caller]
fn kept_whole(drill: &Drill, account: &Account, held: &BTreeMap<String, Value>) -> BTreeMap<String, PathBuf> {
    let kept = objects(drill, account);
    assert!(kept.iter().all(|(key, path)| held[key][0] == sha256(path)));
    let parts = drill.files().into_iter().filter(|path| path.extension().is_some_and(|end| end == "part"));
    assert_eq!(parts.count(), 0);
    kept
}

#[track_caller]
fn run(drill: &Drill) -> Value {
    drill.playbook(["run", "collect", "--non-interactive"]).exits(0);
    drill.events("succeeded")[0]["outputs"].clone()
}

#[test]
fn a_prefix_that_must_not_be_listed_is_a_gap_and_everything_else_is_collected() {
    let account = two_regions();
    let drill = drill(&account, "48h");
    let held = held_in(&drill, &account, &bucket(&account));
    account.inject(json!({ "service": "s3", "operation": "ListObjectsV2", "naming": "CloudTrail/eu-west-1/", "kind": "access_denied", "times": -1 }));
    let outputs = run(&drill);
    assert_eq!(outputs["complete"], false);
    let kept = kept_whole(&drill, &account, &held);
    let there: Vec<_> = held.keys().filter(|key| !key.contains("/CloudTrail/eu-west-1/")).collect();
    assert!(there.len() < held.len());
    assert_eq!(kept.keys().collect::<Vec<_>>(), there);
    let told = coverage(&drill);
    let (gap, folder) =
        (told["gaps"][0].as_str().unwrap(), format!("AWSLogs/{}/CloudTrail/eu-west-1/", account.id()));
    assert!(gap.contains(&folder) && gap.contains("AccessDenied"), "{gap}");
    assert_eq!(told["gaps"].as_array().unwrap().len(), 1, "{:#}", told["gaps"]);
    let prefixes = told["prefixes"].as_array().unwrap();
    let denied: Vec<_> = prefixes.iter().filter(|it| it["listed_whole"] == false).collect();
    assert_eq!(denied.len(), 1, "{prefixes:#?}");
    assert_eq!(denied[0]["prefix"], folder);
}

#[test]
fn a_prefix_whose_objects_must_not_be_read_is_counted_and_everything_else_is_collected() {
    let account = two_regions();
    let drill = drill(&account, "48h");
    let held = held_in(&drill, &account, &bucket(&account));
    account.inject(json!({ "service": "s3", "operation": "GetObject", "naming": "CloudTrail/eu-west-1/", "kind": "access_denied", "times": -1 }));
    run(&drill);
    let kept = kept_whole(&drill, &account, &held);
    let denied = held.keys().filter(|key| key.contains("/CloudTrail/eu-west-1/")).count();
    assert_eq!(kept.len() + denied, held.len());
    let told = coverage(&drill);
    assert_eq!(told["unread"]["count"], denied);
    assert!(denied > 20 && told["unread"]["objects"].as_array().unwrap().len() == denied);
    let gaps = told["gaps"].as_array().unwrap();
    let last = gaps.last().unwrap().as_str().unwrap();
    assert_eq!(last, format!("{} more objects could not be read; the coverage names them", denied - 20));
    // What is denied once is not asked for again.
    let asked =
        account.calls().into_iter().filter(|call| call["operation"] == "GetObject" && call["status"] == 403);
    assert_eq!(asked.count(), denied);
}

#[test]
fn bursts_of_throttling_failures_and_broken_answers_pass_and_every_object_is_whole() {
    let account = two_regions();
    let drill = drill(&account, "48h");
    let held = held_in(&drill, &account, &bucket(&account));
    let before = account.calls().iter().filter(|call| call["operation"] == "GetObject").count();
    for (kind, skip) in [("throttle", 2), ("server_error", 6)] {
        account.inject(
            json!({ "service": "s3", "operation": "ListObjectsV2", "kind": kind, "skip": skip, "times": 4 }),
        );
    }
    // Each object is given up after five tries, so that no fault may strike one more than four
    // times, whichever order they come in.
    let kinds = ["throttle", "server_error", "reset", "short", "clipped", "throttle"];
    for (victim, kind) in held.keys().step_by(9).zip(kinds) {
        let after = kind == "reset";
        account.inject(json!({ "service": "s3", "operation": "GetObject", "naming": victim, "kind": kind, "times": 4, "after_effect": after }));
    }
    let outputs = run(&drill);
    assert_eq!(outputs["complete"], true, "{:#}", outputs["gaps"]);
    let kept = kept_whole(&drill, &account, &held);
    assert_eq!(kept.keys().collect::<Vec<_>>(), held.keys().collect::<Vec<_>>());
    let gets = account.calls().iter().filter(|call| call["operation"] == "GetObject").count() - before;
    // Each fault costs one more request; all of them were met.
    assert_eq!(gets, held.len() + 24);
}

#[test]
fn an_object_that_never_comes_whole_is_given_up_after_a_few_tries_and_not_kept() {
    let account = account(json!({}));
    let drill = drill(&account, "48h");
    let held = held_in(&drill, &account, &bucket(&account));
    let victim = held.keys().find(|key| key.contains("/CloudTrail/")).unwrap();
    let before = account.calls().len();
    account.inject(json!({ "service": "s3", "operation": "GetObject", "naming": victim, "kind": "clipped", "times": -1 }));
    run(&drill);
    let kept = kept_whole(&drill, &account, &held);
    assert_eq!(kept.len() + 1, held.len());
    assert!(!kept.contains_key(victim));
    let told = coverage(&drill);
    assert_eq!(told["unread"]["objects"][0]["key"], *victim);
    assert!(
        told["unread"]["objects"][0]["why"].as_str().unwrap().contains("are listed"),
        "{:#}",
        told["unread"]
    );
    let asked = account.calls().into_iter().skip(before).filter(|call| call["params"]["key"] == *victim);
    assert_eq!(asked.count(), 5);
}

#[test]
fn what_a_killed_collection_left_half_written_is_no_evidence() {
    let account = account(json!({}));
    let drill = drill(&account, "48h");
    let mut child = hanging_at(5, &drill, &account);
    let patience = Instant::now() + Duration::from_mins(1);
    let parts =
        || drill.files().into_iter().filter(|path| path.extension().is_some_and(|end| end == "part")).count();
    while account.operations().iter().filter(|it| *it == "s3:GetObject").count() < 6 || parts() == 0 {
        assert!(Instant::now() < patience);
        std::thread::sleep(Duration::from_millis(100));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(parts() > 0);
    drill.playbook(["seal", &drill.run_id(), "--unfinished", "the machine is gone"]).exits(0);
    assert_eq!(parts(), 0);
    let manifest = std::fs::read_to_string(drill.record().join("bag/manifest-sha256.txt")).unwrap();
    assert!(!manifest.contains(".part"), "{manifest}");
}

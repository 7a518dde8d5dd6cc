//! `playbook trail verify`: chains that `tests/trail/chain.py` made, which signs with openssl's
//! keys and shares no code with the program, whole and tampered with.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{Drill, Said};

/// A chain on disk, in the layout of a collection.
struct Trail {
    drill: Drill,
}

const HOURS: usize = 10;

impl Trail {
    fn new(options: &[&str]) -> Self {
        let drill = Drill::new();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trail/chain.py");
        let hours = HOURS.to_string();
        let made = Command::new("python3")
            .arg(script)
            .arg(drill.path())
            .args(["--hours", &hours])
            .args(options)
            .output()
            .expect("python3 starts");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Self { drill }
    }

    fn bucket(&self) -> PathBuf {
        self.drill.path().join("cloudtrail/s3/trail-bucket")
    }

    /// The objects whose paths hold `what`, in their order, without what lies beside them.
    fn objects(&self, what: &str) -> Vec<PathBuf> {
        let mut found: Vec<_> = self.drill.files();
        found.retain(|path| {
            let path = path.to_string_lossy();
            path.contains(what) && path.ends_with(".json.gz")
        });
        found.sort();
        found
    }

    fn digests(&self) -> Vec<PathBuf> {
        self.objects("/CloudTrail-Digest/")
    }

    fn logs(&self) -> Vec<PathBuf> {
        self.objects("/CloudTrail/")
    }

    fn verify(&self, more: &[&str]) -> Said {
        self.drill.playbook(["trail", "verify", "cloudtrail"].iter().chain(more))
    }

    #[track_caller]
    fn holds(&self, more: &[&str]) -> Said {
        let said = self.verify(more);
        said.exits(0).says("the chain holds");
        said
    }

    /// The faults as JSON tells them; there must be some.
    #[track_caller]
    fn faults(&self, more: &[&str]) -> Vec<Value> {
        let said = self.verify(&[more, &["--json"]].concat());
        let json = said.exits(7).json();
        assert_eq!(json["holds"], false);
        json["faults"].as_array().expect("faults").clone()
    }

    #[track_caller]
    fn codes(&self) -> Vec<String> {
        codes(&self.faults(&[]))
    }
}

fn codes(faults: &[Value]) -> Vec<String> {
    let mut codes: Vec<_> =
        faults.iter().map(|fault| fault["code"].as_str().expect("a code").to_owned()).collect();
    codes.sort();
    codes
}

fn beside(path: &Path) -> PathBuf {
    PathBuf::from(format!("{}.meta.json", path.display()))
}

fn remove(path: &Path) {
    fs::remove_file(path).expect("an object");
    fs::remove_file(beside(path)).expect("its metadata");
}

/// Puts an object, with its metadata, in the place of another.
fn copy(from: &Path, to: &Path) {
    fs::copy(from, to).expect("an object");
    fs::copy(beside(from), beside(to)).expect("its metadata");
}

fn swap(a: &Path, b: &Path) {
    let between = a.with_extension("between");
    fs::rename(a, &between).unwrap();
    fs::rename(b, a).unwrap();
    fs::rename(&between, b).unwrap();
}

/// Inflates, edits and deflates with gzip's own tool.
fn edit(path: &Path, from: &str, to: &str) {
    let inflated = Command::new("gzip").arg("-dc").arg(path).output().unwrap().stdout;
    let text = String::from_utf8(inflated).unwrap();
    assert!(text.contains(from), "{from} is not in {}", path.display());
    let plain = path.with_extension("");
    fs::write(&plain, text.replacen(from, to, 1)).unwrap();
    assert!(Command::new("gzip").args(["-nf"]).arg(&plain).status().unwrap().success());
}

fn append(path: &Path, bytes: &[u8]) {
    let all = [fs::read(path).unwrap(), bytes.to_vec()].concat();
    fs::write(path, all).unwrap();
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// `from` and `until` of a fault, without date and second.
fn hours(fault: &Value) -> (String, String) {
    let at = |end: &str| fault["span"][end].as_str().expect("a time")[11..16].to_owned();
    (at("from"), at("until"))
}

#[test]
fn an_untouched_chain_holds() {
    let trail = Trail::new(&[]);
    trail.holds(&[]).says("10 of 10 digests and 20 of 20 log files are valid");
    let json = trail.verify(&["--json"]).json();
    assert_eq!(json["holds"], true);
    assert_eq!(json["counts"]["digests"]["valid"], 10);
    assert_eq!(json["logs"].as_array().unwrap().len(), 20);
    assert!(json["logs"].as_array().unwrap().iter().all(|log| log["state"] == "valid"));
    assert_eq!(json["chains"][0]["trail"], "security_trail");
}

#[test]
fn it_is_found_from_every_folder_that_holds_it() {
    for options in [vec![], vec!["--prefix", "logs/prod"]] {
        let trail = Trail::new(&options);
        let keys = trail.drill.path().join("cloudtrail/public-keys.json");
        for folder in [".", "cloudtrail", "cloudtrail/s3", "cloudtrail/s3/trail-bucket"] {
            trail
                .drill
                .playbook(["trail", "verify", folder, "--public-keys", keys.to_str().unwrap()])
                .exits(0)
                .says("10 of 10 digests and 20 of 20 log files are valid");
        }
        for folder in [".", "cloudtrail", "cloudtrail/s3"] {
            trail.drill.playbook(["trail", "verify", folder]).exits(0);
        }
        fs::rename(trail.bucket(), trail.drill.path().join("trail-bucket")).unwrap();
        trail.drill.playbook(["trail", "verify", "trail-bucket"]).exits(2).says("--public-keys");
        trail
            .drill
            .playbook(["trail", "verify", "trail-bucket", "--public-keys", keys.to_str().unwrap()])
            .exits(0)
            .says("10 of 10 digests");
    }
}

#[test]
fn other_kinds_of_trails_hold_too() {
    for options in [
        vec!["--spki"],
        vec!["--organization", "o-exampleorgid"],
        vec!["--regions", "us-east-1,eu-west-1"],
        vec!["--backfill", "4"],
        vec!["--logs", "0"],
    ] {
        Trail::new(&options).holds(&[]);
    }
}

#[test]
fn logging_that_was_stopped_and_started_is_a_note_and_no_fault() {
    let trail = Trail::new(&["--stop", "5:3"]);
    trail.holds(&[]).says("stopped from 2026-11-20T05:01:31Z to 2026-11-20T08:01:31Z (3 hours)");
    let json = trail.verify(&["--json"]).json();
    assert_eq!(json["chains"][0]["stopped"].as_array().unwrap().len(), 1);
    // A digest that is deleted on either side of the stop is still told.
    remove(&trail.digests()[3]);
    assert_eq!(trail.codes(), ["digest-missing", "log-unlisted", "log-unlisted"]);
}

#[test]
fn a_deleted_digest_is_told_with_its_name_and_its_hour() {
    let trail = Trail::new(&[]);
    let gone = trail.digests()[4].clone();
    remove(&gone);
    let faults = trail.faults(&[]);
    assert_eq!(codes(&faults), ["digest-missing", "log-unlisted", "log-unlisted"]);
    assert!(faults[0]["place"]["key"].as_str().unwrap().ends_with(&name(&gone)));
    assert_eq!(hours(&faults[0]), ("04:01".into(), "05:01".into()));
    let json = trail.verify(&["--json"]).json();
    assert_eq!(json["counts"]["digests"]["missing"], 1);
    assert_eq!(json["chains"][0]["stopped"].as_array().unwrap().len(), 0);
}

#[test]
fn four_deleted_digests_in_a_row_are_one_hole_of_four_hours() {
    let trail = Trail::new(&[]);
    trail.digests()[3..7].iter().for_each(|path| remove(path));
    let missing: Vec<_> =
        trail.faults(&[]).into_iter().filter(|fault| fault["code"] == "digest-missing").collect();
    assert_eq!(missing.len(), 1);
    assert_eq!(hours(&missing[0]), ("03:01".into(), "07:01".into()));
    trail.verify(&[]).says("nor are 3 more before it");
}

#[test]
fn holes_are_told_even_where_their_log_files_are_gone_too() {
    let trail = Trail::new(&[]);
    trail.digests()[3..7].iter().for_each(|path| remove(path));
    trail.logs()[6..14].iter().for_each(|path| remove(path));
    assert_eq!(trail.codes(), ["digest-missing"]);
}

#[test]
fn the_first_digest_is_missed_by_its_log_files_or_by_the_window() {
    let trail = Trail::new(&[]);
    let gone = trail.digests()[0].clone();
    remove(&gone);
    let faults = trail.faults(&[]);
    assert_eq!(codes(&faults), ["digest-missing"]);
    assert!(faults[0]["place"]["key"].as_str().unwrap().ends_with(&name(&gone)));
    trail.logs()[..2].iter().for_each(|path| remove(path));
    trail.holds(&[]);
    let faults = trail.faults(&["--from", "2026-11-20T00:01:31Z"]);
    assert_eq!(codes(&faults), ["digest-missing"]);
    assert_eq!(hours(&faults[0]), ("00:01".into(), "01:01".into()));
}

#[test]
fn the_newest_digests_are_missed_by_the_log_files_that_go_on() {
    let trail = Trail::new(&[]);
    trail.digests()[HOURS - 3..].iter().for_each(|path| remove(path));
    let faults = trail.faults(&[]);
    let hole = faults.iter().find(|fault| fault["code"] == "hours-missing").expect("missing hours");
    assert_eq!(hours(hole).0, "07:01");
    // Where the log files are gone too, nothing is left that could tell, but the window.
    trail.logs()[(HOURS - 3) * 2..].iter().for_each(|path| remove(path));
    trail.holds(&[]);
    let faults = trail.faults(&["--until", "2026-11-20T10:01:31Z"]);
    assert_eq!(codes(&faults), ["hours-missing"]);
    assert_eq!(hours(&faults[0]), ("07:01".into(), "10:01".into()));
}

#[test]
fn the_newest_digests_are_missed_by_the_other_regions_of_the_trail() {
    let trail = Trail::new(&["--regions", "us-east-1,eu-west-1", "--logs", "0"]);
    let digests = trail.objects("/CloudTrail-Digest/eu-west-1/");
    digests[HOURS - 3..].iter().for_each(|path| remove(path));
    let faults = trail.faults(&[]);
    assert_eq!(codes(&faults), ["hours-missing"]);
    assert!(faults[0]["message"].as_str().unwrap().contains("eu-west-1"));
    assert_eq!(hours(&faults[0]), ("07:01".into(), "10:01".into()));
}

#[test]
fn a_window_that_is_covered_holds() {
    let trail = Trail::new(&[]);
    trail.holds(&["--from", "2026-11-20T02:00:00Z", "--until", "2026-11-20T09:00:00Z"]);
    // A log file of the first hour is outside of it, one of the fifth is not.
    remove(&trail.logs()[0]);
    trail.holds(&["--from", "2026-11-20T02:00:00Z", "--until", "2026-11-20T09:00:00Z"]);
    remove(&trail.logs()[9]);
    let faults = trail.faults(&["--from", "2026-11-20T02:00:00Z", "--until", "2026-11-20T09:00:00Z"]);
    assert_eq!(codes(&faults), ["log-missing"]);
    trail.verify(&["--from", "2026-11-20T09:00:00Z", "--until", "2026-11-20T02:00:00Z"]).exits(2);
}

#[test]
fn an_altered_digest_fails_by_signature_and_by_its_successor() {
    let trail = Trail::new(&[]);
    edit(&trail.digests()[4], "\"newestEventTime\":\"2026", "\"newestEventTime\":\"2025");
    assert_eq!(trail.codes(), ["digest-previous-hash", "digest-signature"]);
    let json = trail.verify(&["--json"]).json();
    assert_eq!(json["counts"]["logs"]["unproven"], 2, "what an altered digest lists is worth nothing");
}

#[test]
fn a_digest_that_was_altered_to_hide_a_log_file_does_not_hide_it() {
    let trail = Trail::new(&[]);
    let log = trail.logs()[9].clone();
    edit(&trail.digests()[4], &name(&log), "nothing.json.gz");
    let codes = trail.codes();
    for code in ["digest-signature", "digest-previous-hash", "log-unlisted", "log-missing"] {
        assert!(codes.contains(&code.to_owned()), "{code} in {codes:?}");
    }
}

#[test]
fn swapped_and_replayed_digests_are_told_as_moved() {
    let trail = Trail::new(&[]);
    let digests = trail.digests();
    swap(&digests[3], &digests[5]);
    swap(&beside(&digests[3]), &beside(&digests[5]));
    let faults = trail.faults(&[]);
    assert_eq!(faults.iter().filter(|fault| fault["code"] == "digest-moved").count(), 2, "{faults:?}");

    let trail = Trail::new(&[]);
    let digests = trail.digests();
    copy(&digests[2], &digests[6]);
    let faults = trail.faults(&[]);
    let moved: Vec<_> = faults.iter().filter(|fault| fault["code"] == "digest-moved").collect();
    assert_eq!(moved.len(), 1, "{faults:?}");
    assert!(moved[0]["place"]["key"].as_str().unwrap().ends_with(&name(&digests[6])));
    assert!(moved[0]["message"].as_str().unwrap().contains(&name(&digests[2])));
}

#[test]
fn a_renamed_digest_is_told_as_moved_and_missed_where_it_lay() {
    let trail = Trail::new(&[]);
    let digest = trail.digests()[4].clone();
    let other = digest.with_file_name(name(&digest).replace("20261120T05", "20261120T15"));
    fs::rename(&digest, &other).unwrap();
    fs::rename(beside(&digest), beside(&other)).unwrap();
    assert_eq!(trail.codes(), ["digest-missing", "digest-moved", "log-unlisted", "log-unlisted"]);
}

#[test]
fn a_copy_beside_the_digest_is_told_and_the_digest_holds() {
    let trail = Trail::new(&[]);
    let digest = trail.digests()[4].clone();
    copy(&digest, &digest.with_file_name(name(&digest).replace("0131Z", "0132Z")));
    assert_eq!(trail.codes(), ["digest-moved"]);
}

#[test]
fn log_files_are_told_as_changed_missing_injected_and_with_a_tail() {
    let trail = Trail::new(&[]);
    let logs = trail.logs();
    edit(&logs[3], "Decrypt", "Encrypt");
    assert_eq!(trail.codes(), ["log-changed"]);
    remove(&logs[5]);
    append(&logs[7], b"{}");
    append(&logs[8], &fs::read(&logs[9]).unwrap());
    fs::write(&logs[11], &fs::read(&logs[11]).unwrap()[..60]).unwrap();
    let planted = logs[12].with_file_name(name(&logs[12]).replace("_2026", "_x_2026"));
    copy(&logs[13], &planted);
    let faults = trail.faults(&[]);
    let told = |code: &str, path: &Path| {
        let name = name(path);
        faults.iter().any(|fault| {
            fault["code"] == code && fault["place"]["key"].as_str().is_some_and(|key| key.ends_with(&name))
        })
    };
    assert!(told("log-changed", &logs[3]), "{faults:?}");
    assert!(told("log-missing", &logs[5]), "{faults:?}");
    assert!(told("log-trailing-data", &logs[7]), "{faults:?}");
    assert!(told("log-trailing-data", &logs[8]), "{faults:?}");
    assert!(told("log-damaged", &logs[11]), "{faults:?}");
    assert!(told("log-unlisted", &planted), "{faults:?}");
    assert_eq!(faults.len(), 6, "{faults:?}");
}

#[test]
fn a_log_file_under_the_name_of_another_is_changed() {
    let trail = Trail::new(&[]);
    swap(&trail.logs()[3], &trail.logs()[4]);
    assert_eq!(trail.codes(), ["log-changed", "log-changed"]);
}

#[test]
fn digests_that_are_broken_are_told_by_how() {
    let trail = Trail::new(&[]);
    let digests = trail.digests();
    append(&digests[1], b"\0");
    fs::write(&digests[4], &fs::read(&digests[4]).unwrap()[..100]).unwrap();
    edit(&digests[7], "awsAccountId", "awsAccount");
    let codes = trail.codes();
    for code in ["digest-trailing-data", "digest-damaged", "digest-malformed"] {
        assert!(codes.contains(&code.to_owned()), "{code} in {codes:?}");
    }
    assert!(!codes.iter().any(|code| code == "digest-missing" || code == "hours-missing"), "{codes:?}");
}

#[test]
fn keys_that_did_not_sign_prove_nothing() {
    let trail = Trail::new(&[]);
    let other = Trail::new(&[]);
    let keys = |trail: &Trail| trail.drill.path().join("cloudtrail/public-keys.json");
    let theirs = fs::read_to_string(keys(&other)).unwrap();
    let ours = fs::read_to_string(keys(&trail)).unwrap();
    fs::write(keys(&trail), &theirs).unwrap();
    assert_eq!(trail.codes(), ["digest-key-unknown"; HOURS]);

    // A key that takes the fingerprint of another is refused.
    let print =
        |json: &str| serde_json::from_str::<Value>(json).unwrap()["PublicKeyList"][0]["Fingerprint"].clone();
    let (our_print, their_print) = (print(&ours), print(&theirs));
    let forged = theirs.replace(their_print.as_str().unwrap(), our_print.as_str().unwrap());
    fs::write(keys(&trail), forged).unwrap();
    assert_eq!(trail.codes(), ["digest-key-unknown"; HOURS]);
    trail.verify(&[]).says("is not the MD5 of its value");

    // A digest that names a key that exists, and was not signed with it.
    let both = format!("[{ours},{theirs}]");
    fs::write(keys(&trail), both).unwrap();
    trail.holds(&[]);
    edit(&trail.digests()[4], our_print.as_str().unwrap(), their_print.as_str().unwrap());
    assert_eq!(trail.codes(), ["digest-previous-hash", "digest-signature"]);
}

#[test]
fn a_key_that_was_not_in_use_proves_nothing() {
    let trail = Trail::new(&[]);
    let keys = trail.drill.path().join("cloudtrail/public-keys.json");
    let mut json: Value = serde_json::from_str(&fs::read_to_string(&keys).unwrap()).unwrap();
    json["PublicKeyList"][0]["ValidityStartTime"] = "2020-01-01T00:00:00+00:00".into();
    json["PublicKeyList"][0]["ValidityEndTime"] = "2020-02-01T00:00:00+00:00".into();
    fs::write(&keys, json.to_string()).unwrap();
    assert_eq!(trail.codes(), ["digest-key-expired"; HOURS]);
}

#[test]
fn a_signature_of_another_digest_is_told() {
    let trail = Trail::new(&[]);
    let digests = trail.digests();
    let json =
        |path: &Path| serde_json::from_str::<Value>(&fs::read_to_string(beside(path)).unwrap()).unwrap();
    let mut metadata = json(&digests[4]);
    metadata["metadata"]["signature"] = json(&digests[5])["metadata"]["signature"].clone();
    fs::write(beside(&digests[4]), metadata.to_string()).unwrap();
    assert_eq!(trail.codes(), ["digest-previous-signature", "digest-signature"]);
    // The digest itself is proven by the copy in its successor, and so are its log files.
    assert_eq!(trail.verify(&["--json"]).json()["counts"]["logs"]["valid"], 20);
}

#[test]
fn without_metadata_all_but_the_newest_are_proven_by_their_successors() {
    let trail = Trail::new(&[]);
    trail.digests().iter().for_each(|path| fs::remove_file(beside(path)).unwrap());
    let faults = trail.faults(&[]);
    assert_eq!(codes(&faults), ["digest-unsigned"]);
    assert!(faults[0]["place"]["key"].as_str().unwrap().ends_with(&name(&trail.digests()[HOURS - 1])));
}

#[test]
fn a_deleted_backfill_digest_leaves_its_log_file_unlisted() {
    let trail = Trail::new(&["--backfill", "4"]);
    let backfill = trail.objects("_backfill");
    assert_eq!(backfill.len(), 1);
    remove(&backfill[0]);
    assert_eq!(trail.codes(), ["log-unlisted"]);
}

#[test]
fn log_files_without_any_digest_are_one_fault() {
    let trail = Trail::new(&[]);
    trail.digests().iter().for_each(|path| remove(path));
    assert_eq!(trail.codes(), ["no-digests"]);
    trail.logs().iter().for_each(|path| remove(path));
    trail.verify(&[]).exits(1).says("there are no CloudTrail files");
}

#[test]
fn log_files_of_a_region_without_a_digest_are_unlisted() {
    let trail = Trail::new(&["--regions", "us-east-1,eu-west-1", "--logs", "1"]);
    trail.objects("/CloudTrail-Digest/eu-west-1/").iter().for_each(|path| remove(path));
    assert_eq!(trail.codes(), ["log-unlisted"; HOURS]);
}

#[test]
fn a_log_file_after_the_newest_digest_waits_for_the_next_one() {
    let trail = Trail::new(&[]);
    remove(&trail.digests()[HOURS - 1]);
    trail.holds(&[]).says("2 log files lie where no digest at hand reaches");
    assert_eq!(trail.verify(&["--json"]).json()["counts"]["logs"]["uncovered"], 2);
}

/// A sealed record that holds a chain, and the chain.
fn sealed(tamper: impl Fn(&Trail)) -> (Trail, PathBuf) {
    let trail = Trail::new(&[]);
    tamper(&trail);
    let drill = &trail.drill;
    drill.runbook("greet", "- id: hello\n  do: { shell: { argv: [echo, hello], class: read } }");
    drill.playbook(["run", "greet", "--non-interactive"]).exits(0);
    let record = drill.record();
    fs::rename(drill.path().join("cloudtrail"), record.join("bag/data/cloudtrail")).unwrap();
    drill.playbook(["seal", &drill.run_id()]).exits(0);
    (trail, record)
}

#[test]
fn a_record_is_verified_with_the_chain_that_was_collected() {
    let (trail, record) = sealed(|_| {});
    trail.drill.playbook(["verify".as_ref(), record.as_os_str()]).exits(0).says("holds");
    for folder in
        [record.clone(), record.join("bag"), record.join("bag/data"), record.join("bag/data/cloudtrail")]
    {
        trail
            .drill
            .playbook(["trail".as_ref(), "verify".as_ref(), folder.as_os_str()])
            .exits(0)
            .says("20 of 20 log files are valid");
    }
}

#[test]
fn what_was_done_to_the_bucket_before_it_was_collected_is_a_flaw_of_the_record() {
    let (trail, record) = sealed(|trail| {
        edit(&trail.logs()[3], "Decrypt", "Encrypt");
        remove(&trail.digests()[6]);
    });
    let said = trail.drill.playbook(["verify".as_ref(), record.as_os_str(), "--json".as_ref()]);
    let faults = said.exits(7).json()["faults"].as_array().unwrap().clone();
    assert_eq!(codes(&faults), ["digest-missing", "log-changed", "log-unlisted", "log-unlisted"]);
    for fault in &faults {
        assert!(fault["path"].as_str().unwrap().starts_with("bag/data/cloudtrail/s3/trail-bucket/AWSLogs/"));
    }
}

#[test]
fn log_files_without_digests_or_keys_are_a_note_of_the_record() {
    let (trail, record) = sealed(|trail| trail.digests().iter().for_each(|path| remove(path)));
    trail.drill.playbook(["verify".as_ref(), record.as_os_str()]).exits(0).says("collected without a digest");
    let (trail, record) =
        sealed(|trail| fs::remove_file(trail.drill.path().join("cloudtrail/public-keys.json")).unwrap());
    trail.drill.playbook(["verify".as_ref(), record.as_os_str()]).exits(0).says("without the public keys");
}

#[test]
fn public_keys_without_an_end_are_not_read_to_it() {
    let trail = Trail::new(&[]);
    trail.verify(&["--public-keys", "/dev/zero"]).exits(2).says("which is the most");
    trail.verify(&["--public-keys", "cloudtrail"]).exits(1).says("not a folder");
}

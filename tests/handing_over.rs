//! After the seal: counter-signatures, an authority's time, the reader's own list of signers.

use std::path::Path;
use std::process::Command;

use crate::support::authority::openssl;
use crate::support::{Drill, Mood, Served};

fn key(drill: &Drill, name: &str, kind: &str) -> String {
    let path = drill.path().join(name);
    let made =
        Command::new("ssh-keygen").args(["-q", "-t", kind, "-N", "", "-f"]).arg(&path).status().unwrap();
    assert!(made.success());
    std::fs::read_to_string(path.with_extension("pub")).unwrap().trim().to_owned()
}

fn over() -> Drill {
    let drill = Drill::new();
    drill.runbook("greet", "- id: hello\n  do: { shell: { argv: [echo, hello], class: read } }");
    drill.playbook(["run", "greet", "--non-interactive"]).exits(0);
    drill
}

fn script(record: &Path, arguments: &[&Path]) -> i32 {
    let output = Command::new("sh").arg(record.join("verify.sh")).args(arguments).output().unwrap();
    output.status.code().unwrap()
}

#[test]
fn a_record_changes_hands_and_every_hand_signs() {
    let drill = over();
    let (id, record) = (drill.run_id(), drill.record());
    let sealer = key(&drill, "sealer", "ed25519");
    let taker = key(&drill, "taker", "rsa");
    drill.playbook(["seal", &id, "--countersign", "--key", "taker"]).exits(2).says("not sealed");
    drill.playbook(["seal", &id, "--key", "sealer"]).exits(0).says("signed by robin");
    drill.playbook(["seal", &id, "--key", "sealer"]).exits(6).says("is sealed");
    drill
        .playbook(["seal", &id, "--key", "taker", "--tsa", "http://127.0.0.1:9/"])
        .exits(2)
        .says("--countersign");
    let mut handed = drill.command(["seal", &id, "--countersign", "--key", "taker"]);
    let handed = handed.env("PLAYBOOK_OPERATOR", "sam").output().unwrap();
    assert!(handed.status.success(), "{}", String::from_utf8_lossy(&handed.stderr));
    assert!(record.join("sig/countersign-1-sam.sig").exists());
    let told = drill.playbook(["verify".as_ref(), record.as_os_str(), "--json".as_ref()]);
    let told = told.exits(0).json();
    assert_eq!(told["countersignatures"][0]["principal"], "sam");
    assert_eq!(told["custody"].as_array().unwrap().len(), 2);

    let list = drill.file("allowed", &format!("robin {sealer}\nsam {taker}\n"));
    let other = drill.file("other", &format!("robin {sealer}\n"));
    let verify = |list: &Path| {
        drill.playbook([
            "verify".as_ref(),
            record.as_os_str(),
            "--allowed-signers".as_ref(),
            list.as_os_str(),
        ])
    };
    verify(&list).exits(0).says("took it over and countersigned");
    assert_eq!(script(&record, &[&list]), 0);
    verify(&other).exits(7).says("sam with SHA256:").says("not among the allowed signers");
    assert_eq!(script(&record, &[&other]), 7);
    verify(&drill.file("none", "robin nonsense\n")).exits(2).says("line 1");
}

#[test]
fn an_authority_puts_its_time_under_the_signature() {
    let drill = over();
    let (id, record) = (drill.run_id(), drill.record());
    key(&drill, "sealer", "ed25519");
    let authority = Served::open(Mood::Honest);
    drill
        .playbook(["seal", &id, "--key", "sealer", "--tsa", &authority.url])
        .exits(0)
        .says("signed before")
        .says("CN=Clock");
    drill.playbook(["verify".as_ref(), record.as_os_str()]).exits(0).says("the authority's own word");
    let root = authority.root();
    let trusting = ["verify".as_ref(), record.as_os_str(), "--tsa-ca".as_ref(), root.as_os_str()];
    drill.playbook(trusting).exits(0).says("vouched for");
    assert_eq!(script(&record, &[Path::new(""), &root]), 0);
    let name = "tagmanifest-sha256.txt.sig";
    let token = format!("{name}.tsr");
    openssl(
        &record.join("sig"),
        &["ts", "-verify", "-data", name, "-in", &token, "-CAfile", root.to_str().unwrap()],
    );
    drill.playbook(["seal", &id, "--tsa", &authority.url]).exits(0).says("already");
}

#[test]
fn an_authority_that_is_down_leaves_the_record_sealed_and_can_be_asked_later() {
    let drill = over();
    let (id, record) = (drill.run_id(), drill.record());
    key(&drill, "sealer", "ed25519");
    let down = drill.playbook(["seal", &id, "--key", "sealer", "--tsa", "http://127.0.0.1:9/tsr"]);
    down.exits(1).says("signed by robin").says("gave no answer").says("adds the time later");
    drill.playbook(["verify".as_ref(), record.as_os_str()]).exits(0);
    let before = std::fs::read(record.join("bag/tagmanifest-sha256.txt")).unwrap();
    let broken = Served::open(Mood::Broken);
    drill.playbook(["seal", &id, "--tsa", &broken.url]).exits(1).says("503");
    // An answer to a question of somebody else's.
    let stale = Served::open(Mood::Stale);
    let other = over();
    key(&other, "sealer", "ed25519");
    other.playbook(["seal", &other.run_id(), "--key", "sealer", "--tsa", &stale.url]).exits(0);
    drill.playbook(["seal", &id, "--tsa", &stale.url]).exits(1).says("was not kept");
    drill.playbook(["seal", &id, "--tsa", "ftp://clock/"]).exits(2).says("no URL");
    assert_eq!(std::fs::read_dir(record.join("sig")).unwrap().count(), 3, "nothing of that was kept");
    drill.playbook(["seal", &id, "--tsa", &Served::open(Mood::Honest).url]).exits(0).says("signed before");
    assert_eq!(std::fs::read(record.join("bag/tagmanifest-sha256.txt")).unwrap(), before);
    drill.playbook(["verify".as_ref(), record.as_os_str()]).exits(0).says("signed before");
    assert_eq!(script(&record, &[]), 0);
}

/// Whoever takes the script away does not get the seal put on anew.
#[test]
fn a_record_that_lost_its_script_stays_sealed_and_gets_it_back() {
    let drill = over();
    let (id, record) = (drill.run_id(), drill.record());
    key(&drill, "sealer", "ed25519");
    drill.playbook(["seal", &id, "--key", "sealer"]).exits(0);
    let signature = std::fs::read(record.join("sig/tagmanifest-sha256.txt.sig")).unwrap();
    std::fs::remove_file(record.join("verify.sh")).unwrap();
    drill.playbook(["verify".as_ref(), record.as_os_str()]).exits(7).says("Verify-Script");
    drill.playbook(["seal", &id, "--key", "sealer"]).exits(6).says("is sealed").says("verify.sh again");
    drill.playbook(["verify".as_ref(), record.as_os_str()]).exits(0);
    assert_eq!(script(&record, &[]), 0);
    assert_eq!(std::fs::read(record.join("sig/tagmanifest-sha256.txt.sig")).unwrap(), signature);
}

/// The tag manifest is written before anybody is asked to sign: such a record is not sealed.
#[test]
fn a_key_that_does_not_sign_leaves_a_record_that_can_be_sealed_again() {
    let drill = over();
    let id = drill.run_id();
    key(&drill, "sealer", "ed25519");
    std::fs::rename(drill.path().join("sealer.pub"), drill.path().join("only.pub")).unwrap();
    drill.playbook(["seal", &id, "--key", "only.pub"]).exits(1).says("did not sign");
    drill.playbook(["seal", &id, "--key", "sealer"]).exits(0).says("signed by robin");
    drill.playbook(["verify".as_ref(), drill.record().as_os_str()]).exits(0);
}

#[test]
fn a_key_that_is_none_and_a_time_without_a_signature_are_refused_before_anything_is_sealed() {
    let drill = Drill::new();
    drill.runbook("asks", "- id: cause\n  do: { ask: { question: Which?, choices: [leak, theft] } }");
    drill.playbook(["run", "asks", "--non-interactive"]).exits(5);
    let id = drill.run_id();
    let before = drill.journal();
    let seal =
        |args: &[&str]| drill.playbook([&["seal", &id, "--unfinished", "replaced"][..], args].concat());
    seal(&["--key", "nowhere"]).exits(1).says("could not read the key nowhere");
    drill.file("note.txt", "no key");
    seal(&["--key", "note.txt"]).exits(1).says("note.txt holds no SSH key");
    seal(&["--tsa", "http://127.0.0.1:9/"]).exits(2).says("--key FILE");
    assert_eq!(drill.journal(), before, "the run is as it was");
    drill.playbook(["resume", &id, "--non-interactive"]).exits(5);
    key(&drill, "sealer", "ed25519");
    seal(&["--key", "sealer"]).exits(0).says("signed by robin");
}

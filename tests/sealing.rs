//! A sealed record stands alone: standard tools and `playbook verify` agree.

use std::path::Path;
use std::process::Command;

use crate::support::Drill;

fn sealed(key: bool) -> Drill {
    let drill = Drill::new();
    drill.runbook("greet", "- id: hello\n  do: { shell: { argv: [echo, hello], class: read } }");
    drill.playbook(["run", "greet", "--non-interactive"]).exits(0);
    let id = drill.run_id();
    if key {
        let made = Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-f"])
            .arg(drill.path().join("signer"))
            .status()
            .unwrap();
        assert!(made.success());
        drill.playbook(["seal", &id, "--key", "signer"]).exits(0);
    } else {
        drill.playbook(["seal", &id]).exits(0).says("unsigned");
    }
    drill
}

#[test]
fn a_sealed_record_verifies_with_the_program_and_with_standard_tools() {
    let drill = sealed(true);
    let record = drill.record();
    drill.playbook(["verify".as_ref(), record.as_os_str()]).exits(0);
    let script = Command::new("sh").arg("verify.sh").current_dir(&record).output().unwrap();
    assert!(script.status.success(), "{}", String::from_utf8_lossy(&script.stdout));
    let sums = Command::new("sha256sum")
        .args(["--check", "--quiet", "manifest-sha256.txt"])
        .current_dir(record.join("bag"))
        .status()
        .unwrap();
    assert!(sums.success());
    let signature = Command::new("ssh-keygen")
        .args([
            "-Y",
            "check-novalidate",
            "-n",
            "playbook-evidence",
            "-s",
            "../sig/tagmanifest-sha256.txt.sig",
        ])
        .current_dir(record.join("bag"))
        .stdin(std::fs::File::open(record.join("bag/tagmanifest-sha256.txt")).unwrap())
        .status()
        .unwrap();
    assert!(signature.success());
}

#[test]
fn whoever_names_a_run_to_verify_is_told_where_its_record_lies() {
    let drill = sealed(false);
    let id = drill.run_id();
    drill.playbook(["verify", &id]).says(&format!("the record of that run is evidence/{id}"));
    drill.playbook(["verify", &format!("evidence/{id}")]).exits(0);
}

#[test]
fn lists_without_an_end_are_not_read_to_it() {
    let drill = sealed(true);
    let record = drill.record();
    for list in ["--allowed-signers", "--tsa-ca"] {
        let verify = ["verify".as_ref(), record.as_os_str(), list.as_ref(), "/dev/zero".as_ref()];
        drill.playbook(verify).exits(2).says("which is the most");
    }
    drill.playbook(["access", "record", "/dev/zero"]).exits(2).says("which is the most");
}

#[test]
fn a_flipped_byte_a_removed_and_an_added_file_are_all_told() {
    let drill = sealed(true);
    let data = drill.record().join("bag/data");
    let document = data.join("document.yaml");
    let text = std::fs::read_to_string(&document).unwrap().replacen("hello", "hallo", 1);
    std::fs::write(&document, text).unwrap();
    std::fs::remove_file(data.join("report.md")).unwrap();
    std::fs::write(data.join("planted.txt"), "x").unwrap();
    let record = drill.record();
    drill
        .playbook(["verify".as_ref(), record.as_os_str()])
        .exits(7)
        .says("document.yaml")
        .says("report.md")
        .says("planted.txt");
    let script = Command::new("sh").arg("verify.sh").current_dir(&record).output().unwrap();
    assert_eq!(script.status.code(), Some(7));
    let told =
        String::from_utf8_lossy(&script.stdout).into_owned() + &String::from_utf8_lossy(&script.stderr);
    for name in ["document.yaml", "report.md", "planted.txt"] {
        assert!(told.contains(name), "{name} in {told}");
    }
}

/// One change to a file of the record; `other` is the file after it.
fn change(kind: usize, file: &Path, other: &Path) {
    let bytes = std::fs::read(file).unwrap();
    match kind {
        0 => {
            let mut flipped = bytes.clone();
            flipped[bytes.len() / 2] ^= 1;
            std::fs::write(file, flipped).unwrap();
        }
        1 => std::fs::remove_file(file).unwrap(),
        2 => std::fs::write(file, &bytes[..bytes.len() - 1]).unwrap(),
        3 => std::fs::rename(file, file.with_extension("renamed")).unwrap(),
        4 => std::fs::write(file.with_extension("added"), bytes).unwrap(),
        5 => {
            std::fs::write(file, std::fs::read(other).unwrap()).unwrap();
            std::fs::write(other, bytes).unwrap();
        }
        _ => {
            let text = String::from_utf8(bytes).unwrap();
            let lines: Vec<&str> = text.split_inclusive('\n').rev().collect();
            assert!(lines.len() > 2);
            std::fs::write(file, lines.concat()).unwrap();
        }
    }
}

/// Every byte and line is changed where `verify` is tested in process; here every kind of
/// change to a real record, through the program and through the script, with the exit code.
#[test]
fn every_kind_of_change_to_a_real_record_is_told_by_the_program_and_by_the_script() {
    for signed in [true, false] {
        let drill = sealed(signed);
        let record = drill.record();
        let mut files = drill.files();
        files.retain(|file| file.starts_with(&record));
        files.sort();
        let whole: Vec<Vec<u8>> = files.iter().map(|file| std::fs::read(file).unwrap()).collect();
        assert!(files.len() >= if signed { 14 } else { 11 }, "{files:?}");
        let journal = files.iter().position(|file| file.ends_with("journal.jsonl")).unwrap();
        // The script cannot be asked to judge what is no longer itself.
        let scripted = |at: usize| {
            !files[at].ends_with("verify.sh") && !files[(at + 1) % files.len()].ends_with("verify.sh")
        };
        let every_file = (0..files.len()).map(|at| (at % 6, at));
        let once_more = (0..6).map(|kind| (kind, (kind * 2 + 1) % files.len()));
        for (kind, at) in every_file.chain(once_more).chain([(6, journal)]) {
            change(kind, &files[at], &files[(at + 1) % files.len()]);
            let what = format!("change {kind} of {}, signed: {signed}", files[at].display());
            let said = drill.playbook(["verify".as_ref(), record.as_os_str()]);
            said.exits(7).says("does NOT hold");
            if scripted(at) {
                let script = Command::new("sh").arg("verify.sh").current_dir(&record).output().unwrap();
                assert_eq!(script.status.code(), Some(7), "{what}");
            }
            for added in ["renamed", "added"] {
                let _ = std::fs::remove_file(files[at].with_extension(added));
            }
            for (file, bytes) in files.iter().zip(&whole) {
                std::fs::write(file, bytes).unwrap();
            }
        }
        drill.playbook(["verify".as_ref(), record.as_os_str()]).exits(0);
    }
}

#[test]
fn an_unsigned_seal_is_loud_and_a_sealed_run_cannot_go_on() {
    let drill = sealed(false);
    let id = drill.run_id();
    drill.playbook(["resume", &id, "--non-interactive"]).exits(6).says("sealed");
    drill.playbook(["note", &id, "too late"]).exits(6).says("sealed");
    let record = drill.record();
    drill.playbook(["verify".as_ref(), record.as_os_str()]).says("unsigned");
}

#[test]
fn late_facts_are_marked_with_when_they_were_seen() {
    let drill = Drill::new();
    drill.runbook("greet", "- id: hello\n  do: { shell: { argv: [echo, hello], class: read } }");
    drill.playbook(["run", "greet", "--non-interactive"]).exits(0);
    let id = drill.run_id();
    drill.playbook(["note", &id, "The call came at three", "--observed-at", "2026-11-22T03:00:00Z"]).exits(0);
    let noted = &drill.events("noted")[0];
    assert_eq!(noted["text"], "The call came at three");
    assert!(noted["observed_at"].as_str().unwrap().starts_with("2026-11-22T03:00:00"));
    drill.file("photo.txt", "whiteboard");
    drill.playbook(["attach", &id, "photo.txt"]).exits(0);
    let artifact = drill.events("attached")[0]["artifact"]["path"].as_str().unwrap().to_owned();
    let stored = std::fs::read_to_string(drill.record().join("bag/data").join(artifact)).unwrap();
    assert_eq!(stored, "whiteboard");
    drill.playbook(["report", &id, "--format", "markdown"]).exits(0).says("The call came at three");
}

/// A folder of somebody's, made with coreutils alone.
#[test]
fn a_bag_without_a_journal_is_checked_as_a_bag_and_said_to_be_no_record() {
    let drill = Drill::new();
    drill.file("bag/bagit.txt", "BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n");
    drill.file("bag/data/letter.txt", "Dear Ana\n");
    let made = Command::new("sh")
        .args(["-c", "md5sum data/letter.txt >manifest-md5.txt && sha1sum *.txt >tagmanifest-sha1.txt"])
        .current_dir(drill.path().join("bag"))
        .status()
        .unwrap();
    assert!(made.success());
    drill.playbook(["verify", "bag"]).exits(0).says("no record of a run").says("the bag holds");
    assert_eq!(drill.playbook(["verify", "bag", "--json"]).exits(0).json()["kind"], "bag");
    drill.file("bag/data/letter.txt", "Dear Eve\n");
    drill.playbook(["verify", "bag"]).exits(7).says("changed: data/letter.txt").says("does NOT hold");
    drill.playbook(["verify", "runbooks"]).exits(1).says("no record of a run, and no bag");
}

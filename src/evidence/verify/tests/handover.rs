//! Counter-signatures, the custody log, and lists of signers: `verify` and the script reach
//! the same verdict, and `ssh-keygen` accepts what is there.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;
use crate::evidence::tests::now;
use crate::evidence::{AllowedSigners, Takeover, countersign};

/// A record that ana sealed, and bo and then cy took over.
fn handed_over() -> (TempDir, Folder) {
    let (place, folder) = sealed(true);
    for (who, kind) in [("bo", &["ecdsa", "-b", "256"][..]), ("cy", &["rsa", "-b", "2048"])] {
        let made = take_over(&folder, who, key(place.path(), kind)).unwrap();
        assert_eq!(made.principal, who);
    }
    (place, folder)
}

fn take_over(folder: &Folder, who: &str, key: PathBuf) -> Result<crate::evidence::Countersigned> {
    let takeover = Takeover { at: now(), principal: who.to_owned(), signer: Signer::Key(key) };
    countersign(folder, &takeover)
}

/// The verdict of `verify` with a list of signers, and that of the script.
fn judged(folder: &Folder, list: &str) -> (bool, bool) {
    let place = TempDir::new().unwrap();
    let path = place.path().join("allowed");
    fs::write(&path, list).unwrap();
    let trust = Trust { signers: Some((AllowedSigners::read(&path).unwrap(), now())), authorities: None };
    let found = verify_against(folder.root(), &trust).unwrap();
    let output = Command::new("sh").arg(folder.verify_script()).arg(&path).output().unwrap();
    (found.holds(), output.status.success())
}

fn public(place: &Path, name: &str) -> String {
    fs::read_to_string(place.join(name).with_extension("pub")).unwrap().trim().to_owned()
}

#[test]
fn whoever_takes_over_signs_for_all_that_came_before() {
    let (_place, folder) = handed_over();
    let found = verify(folder.root()).unwrap();
    assert_eq!(found.flaws, []);
    let who: Vec<&str> = found.countersigned.iter().map(|(_, signer)| signer.principal.as_str()).collect();
    assert_eq!((who, found.custody.len()), (vec!["bo", "cy"], 3));
    let (code, said) = script(&folder);
    assert_eq!(code, 0, "{said}");
    for good in ["for bo", "for cy", "custody log: 3 lines"] {
        assert!(said.contains(good), "{said}");
    }
    // What was signed, put together by hand: the manifest, the signature, two lines.
    let recipe = "cat bag/tagmanifest-sha256.txt sig/tagmanifest-sha256.txt.sig > m && head -n 2 sig/custody.jsonl >> m \
        && ssh-keygen -Y check-novalidate -n playbook-evidence -s sig/countersign-2-cy.sig < m; status=$?; rm m; exit $status";
    assert!(Command::new("sh").args(["-c", recipe]).current_dir(folder.root()).status().unwrap().success());
}

#[test]
fn every_flipped_byte_in_sig_is_found() {
    let (_place, folder) = handed_over();
    flip_every_byte_of(&folder, |path| path.starts_with("sig/") && !path.ends_with("allowed_signers"));
}

#[test]
fn the_script_finds_what_was_done_to_a_handed_over_record() {
    let (_place, folder) = handed_over();
    let both_object = |what: &str| {
        assert!(!codes(&folder).is_empty(), "{what}");
        assert_eq!(script(&folder).0, 7, "{what}");
    };
    for (path, bytes) in contents(&folder).into_iter().filter(|(path, _)| path.starts_with("sig/")) {
        let at = folder.root().join(&path);
        for byte in [0, bytes.len() / 3, bytes.len() / 2, bytes.len() - 1] {
            let mut flipped = bytes.clone();
            flipped[byte] ^= 1;
            fs::write(&at, flipped).unwrap();
            both_object(&format!("{path} byte {byte}"));
        }
        fs::remove_file(&at).unwrap();
        both_object(&format!("{path} removed"));
        fs::write(at.with_file_name("other"), &bytes).unwrap();
        both_object(&format!("{path} renamed"));
        fs::remove_file(at.with_file_name("other")).unwrap();
        fs::write(&at, &bytes).unwrap();
    }
    assert_eq!((codes(&folder), script(&folder).0), (vec![], 0));
}

/// The log is chained again by the forger, who has the digests but not the keys.
#[test]
fn a_log_that_was_written_anew_breaks_the_counter_signatures() {
    let (_place, folder) = handed_over();
    let text = fs::read_to_string(folder.sig().join("custody.jsonl")).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let written = |lines: &[serde_json::Value]| {
        let mut prev = "0".repeat(64);
        let mut text = String::new();
        for (index, line) in lines.iter().enumerate() {
            let mut line = line.clone();
            line["seq"] = (index + 1).into();
            line["prev"] = prev.into();
            line.as_object_mut().unwrap().remove("digest");
            let body = line.to_string();
            let body = body.strip_suffix('}').unwrap();
            let line = format!("{body},\"digest\":\"{}\"}}", crate::text::Digest::of(body.as_bytes()));
            prev = crate::text::Digest::of(line.as_bytes()).to_string();
            text += &(line + "\n");
        }
        fs::write(folder.sig().join("custody.jsonl"), text).unwrap();
    };
    written(&lines);
    assert_eq!((codes(&folder), script(&folder).0), (vec![], 0), "as it was");
    let mut earlier = lines.clone();
    earlier[0]["at"] = "2026-11-21T00:00:00Z".into();
    written(&earlier);
    assert_eq!(codes(&folder), ["countersignature", "countersignature"]);
    assert_eq!(script(&folder).0, 7);
    let mut without_bo = lines.clone();
    without_bo.remove(1);
    written(&without_bo);
    assert_eq!(codes(&folder), ["countersignature", "unlisted"]);
    assert_eq!(script(&folder).0, 7);
}

#[test]
fn a_signer_who_is_not_in_the_readers_own_list_is_a_fault() {
    let (place, folder) = handed_over();
    let ana = public(place.path(), "id_ed25519");
    let (bo, cy) = (public(place.path(), "id_ecdsa_-b_256"), public(place.path(), "id_rsa_-b_2048"));
    let all = format!("ana@* namespaces=\"playbook-*\" {ana}\nbo {bo}\ncy valid-after=\"20200101Z\" {cy}\n");
    assert_eq!(judged(&folder, &all), (true, true));
    for (list, what) in [
        (format!("bo {bo}\ncy {cy}\n"), "the sealer is missing"),
        (format!("ana@desk {ana}\nbo {bo}\n"), "who countersigned is missing"),
        (format!("ana@desk {bo}\nbo {bo}\ncy {cy}\n"), "another key under the name"),
        (format!("ana@desk valid-before=\"20200101Z\" {ana}\nbo {bo}\ncy {cy}\n"), "the time is over"),
        (format!("ana@desk namespaces=\"file\" {ana}\nbo {bo}\ncy {cy}\n"), "for another purpose"),
        (format!("* cert-authority {ana}\nbo {bo}\ncy {cy}\n"), "an authority"),
    ] {
        assert_eq!(judged(&folder, &list), (false, false), "{what}");
    }
    let (_place, unsigned) = sealed(false);
    assert_eq!(judged(&unsigned, &all), (false, false), "nobody signed");
}

#[test]
fn nobody_takes_over_what_is_broken_or_unsigned() {
    let (place, folder) = sealed(true);
    let key = place.path().join("id_ed25519");
    fs::write(folder.data().join("extra"), "x").unwrap();
    let error = take_over(&folder, "bo", key.clone()).unwrap_err();
    assert_eq!(error.kind, crate::error::Kind::Unverified);
    let (_place, unsigned) = sealed(false);
    assert_eq!(take_over(&unsigned, "bo", key).unwrap_err().kind, crate::error::Kind::Refused);
    assert!(!unsigned.sig().exists());
}

//! What single changes, and what a forger who mends the manifests, can do to a record, and
//! what each of the two checks sees of it.

use std::fmt::Write as _;

use super::*;

/// A record with a report beside what its journal names.
fn with_report(signed: bool) -> (TempDir, Folder) {
    let place = TempDir::new().unwrap();
    let folder = record(&place.path().join("evidence"));
    fs::write(folder.data().join("report.md"), "# The doors were closed\n").unwrap();
    let signer = if signed { Signer::Key(key(place.path(), &["ed25519"])) } else { Signer::None };
    seal(&folder, &sealing(&folder, signer)).unwrap();
    (place, folder)
}

fn put(folder: &Folder, files: &BTreeMap<String, Vec<u8>>) {
    for (path, bytes) in files {
        fs::write(folder.root().join(path), bytes).unwrap();
    }
}

/// Every file in the place of every other one, with signature and without.
#[test]
fn any_two_files_that_change_places_are_found() {
    for signed in [true, false] {
        let (_place, folder) = with_report(signed);
        let whole = contents(&folder);
        let files: Vec<(&String, &Vec<u8>)> = whole.iter().collect();
        let mut tried = 0;
        for (at, (one, of_one)) in files.iter().enumerate() {
            for (other, of_other) in &files[at + 1..] {
                fs::write(folder.root().join(one), of_other).unwrap();
                fs::write(folder.root().join(other), of_one).unwrap();
                assert!(!codes(&folder).is_empty(), "{one} and {other}, signed: {signed}");
                put(&folder, &whole);
                tried += 1;
            }
        }
        assert!(tried >= if signed { 78 } else { 45 }, "{tried}");
        assert_eq!(codes(&folder), [""; 0]);
    }
}

/// Every file emptied, and cut at every thirteenth byte; that by the last one is found is
/// tested beside the script.
#[test]
fn every_file_that_is_cut_anywhere_is_found() {
    for signed in [true, false] {
        let (_place, folder) = with_report(signed);
        for (path, bytes) in contents(&folder) {
            // The script is covered by one digest, and is long.
            for length in (0..bytes.len()).step_by(if path == "verify.sh" { 997 } else { 13 }) {
                fs::write(folder.root().join(&path), &bytes[..length]).unwrap();
                assert!(!codes(&folder).is_empty(), "{path} cut to {length}, signed: {signed}");
            }
            fs::write(folder.root().join(&path), &bytes).unwrap();
        }
        assert_eq!(codes(&folder), [""; 0]);
    }
}

/// Every line of every text dropped, doubled, and moved to every other place.
#[test]
fn lines_that_are_dropped_doubled_or_moved_are_found_in_every_file() {
    for signed in [true, false] {
        let (_place, folder) = with_report(signed);
        for (path, bytes) in contents(&folder).into_iter().filter(|(path, _)| path != "verify.sh") {
            for changed in lines_changed(&bytes).into_iter().filter(|changed| *changed != bytes) {
                fs::write(folder.root().join(&path), changed).unwrap();
                assert!(!codes(&folder).is_empty(), "{path}, signed: {signed}");
            }
            fs::write(folder.root().join(&path), &bytes).unwrap();
        }
        assert_eq!(codes(&folder), [""; 0]);
    }
}

fn lines_changed(bytes: &[u8]) -> Vec<Vec<u8>> {
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let mut all = Vec::new();
    for at in 0..lines.len() {
        let mut dropped = lines.clone();
        dropped.remove(at);
        for to in 0..lines.len() {
            let mut moved = dropped.clone();
            moved.insert(to, lines[at]);
            all.push(moved.concat());
        }
        all.push(dropped.concat());
        all.push([&lines[..=at], &lines[at..]].concat().concat());
    }
    all
}

/// The manifests made to fit again with standard tools, as a forger of an unsigned record
/// does. The journal still tells what it covers: itself, the document, what entries name.
#[test]
fn mended_manifests_do_not_hide_what_the_journal_covers() {
    let (_place, folder) = with_report(false);
    let whole = contents(&folder);
    let journal = whole["bag/data/journal.jsonl"].clone();
    for changed in lines_changed(&journal).into_iter().filter(|changed| *changed != journal) {
        fs::write(folder.journal(), changed).unwrap();
        mend(&folder);
        let codes = codes(&folder);
        assert!(!codes.is_empty() && codes.iter().all(|code| *code == "journal"), "{codes:?}");
        assert_eq!(script(&folder).0, 7);
    }
    put(&folder, &whole);
    let named = |path: &&String| {
        path.contains("/artifacts/") || path.contains("/api/") || path.contains("/document.")
    };
    for path in whole.keys().filter(named) {
        let changed = [&whole[path][..], b"x"].concat();
        fs::write(folder.root().join(path), changed).unwrap();
        mend(&folder);
        assert!(!codes(&folder).is_empty(), "{path}");
        assert_eq!(script(&folder).0, 7, "{path}");
        put(&folder, &whole);
    }
}

/// What no check of an unsigned record can see, and so has to be said: a report that was
/// written anew, and a journal of which every line was, with manifests that fit.
#[test]
fn a_forger_of_an_unsigned_record_who_mends_all_of_it_is_not_seen_and_of_a_signed_one_is() {
    for signed in [false, true] {
        let (_place, folder) = with_report(signed);
        fs::write(folder.data().join("report.md"), "# The doors were open\n").unwrap();
        let journal = fs::read_to_string(folder.journal()).unwrap();
        let (mut forged, mut prev) = (String::new(), "0".repeat(64));
        for line in journal.replace("door.jpg", "gate.jpg").lines() {
            let at = line.find("\"prev\":\"").unwrap() + 8;
            let line = format!("{}{prev}{}", &line[..at], &line[at + 64..]);
            prev = crate::text::Digest::of(line.as_bytes()).to_string();
            writeln!(forged, "{line}").unwrap();
        }
        fs::write(folder.journal(), forged).unwrap();
        mend(&folder);
        let (code, said) = script(&folder);
        assert_eq!(
            (verify(folder.root()).unwrap().holds(), code),
            (!signed, if signed { 7 } else { 0 }),
            "{said}"
        );
        assert!(signed || said.contains("NOBODY SIGNED"), "{said}");
    }
}

/// `sha256sum` in place of the manifests' lines, and the sum of bytes and files.
fn mend(folder: &Folder) {
    let recipe =
        "find data -type f | LC_ALL=C sort | tr '\\n' '\\0' | xargs -0 sha256sum >manifest-sha256.txt
        oxum=$(find data -type f -exec cat {} + | wc -c).$(find data -type f | wc -l)
        sed -i \"s/^Payload-Oxum: .*/Payload-Oxum: $oxum/\" bag-info.txt
        sha256sum bag-info.txt bagit.txt manifest-sha256.txt >tagmanifest-sha256.txt";
    let mended = std::process::Command::new("sh").args(["-ec", recipe]).current_dir(folder.bag()).status();
    assert!(mended.unwrap().success());
}

/// What `verify.sh` says that only `verify` sees: three of the four here, the digest chain
/// where the trail is tested.
#[test]
fn what_only_verify_sees_is_what_the_script_says_it_is() {
    let (_place, folder) = with_report(false);
    let whole = contents(&folder);
    let only_verify = |what: &str, code: &'static str| {
        assert!(codes(&folder).contains(&code), "{what}: {:?}", codes(&folder));
        let (left, said) = script(&folder);
        assert_eq!(left, 0, "{what}: {said}");
        assert!(said.contains(what), "{what}: {said}");
        put(&folder, &whole);
    };
    let info = String::from_utf8(whole["bag/bag-info.txt"].clone()).unwrap();
    fs::write(folder.bag().join("bag-info.txt"), info.replace("Redacted: 1", "Redacted: 0")).unwrap();
    mend(&folder);
    only_verify("the count of redacted secrets", "bag-info");
    // A line that is chained, and says what no version of the program would.
    let journal = String::from_utf8(whole["bag/data/journal.jsonl"].clone()).unwrap();
    let sealed = journal.lines().last().unwrap();
    let lines: Vec<&str> = journal.lines().collect();
    let before = lines[..lines.len() - 1].join("\n");
    let at = sealed.find("\"event\":").unwrap();
    let odd = format!("{}\"event\":{{\"sang\":{{\"what\":\"a song\"}}}}}}", &sealed[..at]);
    let digest = crate::text::Digest::of(odd.as_bytes()).to_string();
    let sealed =
        sealed.replacen(&format!("\"seq\":{}", lines.len()), &format!("\"seq\":{}", lines.len() + 1), 1);
    let at = sealed.find("\"prev\":\"").unwrap() + 8;
    let sealed = format!("{}{digest}{}", &sealed[..at], &sealed[at + 64..]);
    fs::write(folder.journal(), format!("{before}\n{odd}\n{sealed}\n")).unwrap();
    mend(&folder);
    only_verify("entries that are chained but are no entries of a run", "journal");
}

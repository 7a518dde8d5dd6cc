//! Paths, links, and bags that are not whole.

use std::fs;
use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;

/// Sections 2.1.3 and 5.1.
#[test]
fn paths_that_lead_out_of_the_bag_are_refused_wherever_they_are_listed() {
    let outside = TempDir::new().unwrap();
    fs::write(outside.path().join("secret"), "hello\n").unwrap();
    let absolute = outside.path().join("secret").display().to_string();
    let paths = [
        "../secret",
        "data/../../secret",
        "/etc/passwd",
        "~/foo",
        "~root/foo",
        "C:\\Windows\\setx.exe",
        "\\\\?\\UNC\\server\\setx.exe",
        "%HomeDrive%\\setx.exe",
        "data//a.txt",
        "data/./a.txt",
        "data/..",
        "data/sub/..\\..\\x",
        &absolute,
    ];
    for path in paths {
        let bag = whole("0.97");
        let line = bag.line("sha256", "data/a.txt").replace("data/a.txt", path);
        bag.append("manifest-sha256.txt", &line).is_refused("path", "manifest-sha256.txt line 3");
        let bag = whole("0.97");
        bag.append("tagmanifest-sha256.txt", &line).is_refused("path", "tagmanifest-sha256.txt line 3");
        let bag = whole("0.97");
        bag.put("fetch.txt", &format!("https://example.com/a - {path}\n")).is_refused("fetch", "line 1");
    }
    let bag = whole("1.0");
    bag.append("manifest-sha256.txt", &bag.line("sha256", BAGIT)).is_refused("path", "is not in data/");
    let bag = whole("1.0");
    bag.append("tagmanifest-sha256.txt", &bag.line("sha256", "data/a.txt"))
        .is_refused("path", "is about tag files");
}

#[test]
fn links_are_followed_to_files_of_the_bag_and_nowhere_else() {
    let outside = TempDir::new().unwrap();
    fs::write(outside.path().join("a"), "hello\n").unwrap();
    let bag = Bag::new("1.0");
    symlink("a.txt", bag.root().join("data/inside")).unwrap();
    bag.put(
        "manifest-sha256.txt",
        &["data/a.txt", "data/inside", "data/sub/b c.txt"].map(|path| bag.line("sha256", path)).concat(),
    );
    assert!(bag.is_valid("a link within").iter().any(|said| said.contains("symbolic link")));
    for target in [
        outside.path().join("a"),
        outside.path().to_owned(),
        "nowhere".into(),
        "../data".into(),
        "self".into(),
    ] {
        let bag = Bag::new("1.0");
        symlink(target, bag.root().join("data/self")).unwrap();
        bag.listed("sha256").is_refused("link", "data/self");
    }
    let bag = whole("1.0");
    fs::rename(bag.root().join("data"), outside.path().join("data")).unwrap();
    symlink(outside.path().join("data"), bag.root().join("data")).unwrap();
    bag.is_refused("missing", "no payload directory");
}

/// Section 3: in 1.0 every manifest lists everything; before, one of them did.
#[test]
fn manifests_that_disagree_about_the_payload_are_refused_since_1_0() {
    for (version, valid) in [("0.97", true), ("1.0", false)] {
        let bag = Bag::new(version);
        bag.put("manifest-md5.txt", &bag.line("md5", "data/a.txt"));
        bag.put("manifest-sha512.txt", &bag.line("sha512", "data/sub/b c.txt"));
        if valid {
            bag.is_valid("section 3");
        } else {
            bag.is_refused("unlisted", "data/a.txt it is there, and manifest-sha512.txt");
        }
        bag.put("data/c", "in none").is_refused("unlisted", "data/c");
    }
}

#[test]
fn a_bag_that_is_not_complete_is_refused() {
    whole("0.93").remove("data/a.txt").is_refused("missing", "data/a.txt");
    whole("1.0").remove("manifest-sha256.txt").is_refused("missing", "no payload manifest");
    whole("1.0").append(BAGIT, " ").is_refused("declaration", "");
    let bag = whole("1.0");
    fs::remove_dir_all(bag.root().join("data")).unwrap();
    bag.is_refused("missing", "no payload directory");
    let bag = whole("1.0");
    let line = bag.line("sha256", "data/a.txt").replace("data/a.txt", "data/sub");
    bag.append("manifest-sha256.txt", &line).is_refused("missing", "it is a folder");
    let bag = Bag::new("1.0");
    bag.put("notes.txt", "x")
        .listed("sha256")
        .tagged("sha256")
        .remove("notes.txt")
        .is_refused("missing", "notes.txt");
    let bag = Bag::new("1.0");
    bag.put("manifest-blake2b.txt", "").is_refused("algorithm", "cannot be checked");
}

#[test]
fn what_coreutils_and_careless_hands_write_is_put_up_with_before_1_0() {
    type Alter = fn(&str) -> String;
    let alterations: [(&str, Alter); 4] = [
        ("asterisk", |lines| lines.replace("  data", " *data")),
        ("empty or a comment", |lines| format!("# by hand\n\n{lines}")),
        ("listed twice", |lines| lines.split_inclusive('\n').map(|line| line.repeat(2)).collect()),
        ("`./`", |lines| lines.replace("data/", "./data/")),
    ];
    for (said, alter) in alterations {
        for (version, valid) in [("0.97", true), ("1.0", said == "`./`")] {
            let bag = Bag::new(version);
            bag.listed("sha256");
            let lines = fs::read_to_string(bag.root().join("manifest-sha256.txt")).unwrap();
            bag.put("manifest-sha256.txt", &alter(&lines)).tagged("sha256");
            if valid {
                assert!(bag.is_valid(said).iter().any(|warning| warning.contains(said)));
            } else {
                bag.is_refused("manifest", said);
            }
        }
    }
    for version in ["0.97", "1.0"] {
        let bag = whole(version);
        bag.append("manifest-sha256.txt", &format!("{}  data/a.txt\n", "0".repeat(64)))
            .is_refused("manifest", "with two checksums");
        whole(version)
            .append("manifest-sha256.txt", "abc  data/a.txt\n")
            .is_refused("manifest", "`abc` is no sha256");
        whole(version).append("manifest-sha256.txt", "data/a.txt\n").is_refused("manifest", "and not both");
    }
}

/// Section 2.2.1.
#[test]
fn a_tag_manifest_lists_payload_manifests_and_no_tag_manifest() {
    let bag = Bag::new("1.0");
    bag.listed("sha256").tagged("sha256").listed("md5").is_refused("unlisted", "manifest-md5.txt");
    let bag = whole("1.0");
    bag.tagged("md5").append("tagmanifest-sha256.txt", &bag.line("sha256", "tagmanifest-md5.txt"));
    bag.is_refused("manifest", "a tag manifest");
    let bag = whole("1.0");
    bag.put("notes/extra.txt", "x");
    assert!(bag.is_valid("it should list them, and need not")[0].contains("does not list it"));
    whole("1.0").append("manifest-sha256.txt", "\n").is_refused("changed", "manifest-sha256.txt");
}

/// Section 2.2.3.
#[test]
fn what_is_still_to_be_fetched_makes_a_bag_incomplete() {
    let bag = Bag::new("1.0");
    bag.put(
        "fetch.txt",
        "https://example.com/a%20b 6 data/a.txt\nhttp://example.com/b\t-\tdata/sub/b c.txt\n",
    );
    bag.listed("sha256").tagged("sha256");
    assert_eq!(bag.is_valid("all of it is there"), [""; 0]);
    bag.remove("data/a.txt").is_refused("missing", "still to be fetched");
    for (line, said) in [
        ("https://example.com/c - data/c\n", "data/c is not in every payload manifest"),
        ("https://example.com/c - bag-info.txt\n", "no file of the payload"),
        ("example.com/c - data/a.txt\n", "no absolute URL"),
        ("https://example.com/c six data/a.txt\n", "`six` is no length"),
        ("https://example.com/c data/a.txt\n", "not a URL, a length and a path"),
        ("\n", "it is empty"),
    ] {
        whole("1.0").put("fetch.txt", line).is_refused("fetch", said);
    }
    let bag = Bag::new("1.0");
    bag.put("fetch.txt", "https://example.com/a 7 data/a.txt\n").listed("sha256").tagged("sha256");
    assert!(bag.is_valid("section 5.3: lengths are no promise")[0].contains("fetch.txt says 7"));
}

/// Section 2.2.2.
#[test]
fn metadata_is_read_as_each_version_has_it() {
    let accepted = [
        ("0.95", "package-info.txt", "Payload-Oxum:11.2\nA  :  b\nNo-Value:\n"),
        ("0.96", "bag-info.txt", "payload-oxum: 11.2\r\nX: a\r\n  b\r\n\tc\r\n\r\nX: again"),
        ("1.0", "bag-info.txt", "Payload-Oxum: 11.2\nX:\ta\n  b:c\nX:  two blanks\nWith blanks: d\n"),
    ];
    for (version, name, text) in accepted {
        let bag = Bag::new(version);
        bag.put(name, text).listed("sha256").tagged("sha256");
        bag.is_valid(text);
    }
    for (text, said) in [
        ("Payload-Oxum: 11.3\n", "says 11.3, and it is 11.2"),
        ("Payload-Oxum: 12.2\n", "says 12.2"),
        ("Payload-Oxum: 11\n", "is not bytes, a dot and files"),
        ("Payload-Oxum: 11.2\nPAYLOAD-OXUM: 11.2\n", "more than once"),
        ("X:a\n", "no blank after the colon"),
        ("X : a\n", "a blank beside the label"),
        (": a\n", "no label"),
        ("no colon\n", "no colon"),
        ("  b\n", "continues nothing"),
        ("X: a\n\nY: b\n", "it is empty"),
    ] {
        let bag = Bag::new("1.0");
        bag.put("bag-info.txt", text).listed("sha256").tagged("sha256").is_refused("bag-info", said);
    }
    let mut findings = Findings::default();
    let info = Info::read("bag-info.txt", "X: a\n  b\n\tc\r\nY: d", version::Version::V1_0, &mut findings);
    assert_eq!((info.get("X"), info.get("Y"), findings.faults.len()), (Some("a b c"), Some("d"), 0));
}

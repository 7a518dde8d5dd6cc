//! Names, encodings and algorithms: what is accepted, and what is told.

use std::fs;

use super::*;

#[test]
fn bags_of_every_version_and_algorithm_are_accepted() {
    for version in ["0.93", "0.94", "0.95", "0.96", "0.97", "1.0"] {
        for algorithm in ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"] {
            let bag = Bag::new(version);
            bag.listed(algorithm).tagged(algorithm);
            assert_eq!(bag.is_valid(&format!("{version} {algorithm}")), [""; 0]);
            bag.put("data/a.txt", "hullo\n").is_refused("changed", "data/a.txt its ");
        }
    }
}

#[test]
fn several_algorithms_are_checked_and_one_that_differs_is_told() {
    let bag = Bag::new("1.0");
    bag.listed("md5").listed("sha1").listed("sha512").tagged("sha512").tagged("md5");
    assert_eq!(bag.is_valid("section 2.1.3: more than one"), [""; 0]);
    let lines = fs::read_to_string(bag.root().join("manifest-sha1.txt")).unwrap();
    bag.put("manifest-sha1.txt", &lines.replace(['0', '1'], "2"))
        .is_refused("changed", "manifest-sha1.txt lists");
}

#[test]
fn a_manifest_may_have_capitals_tabs_and_other_line_ends() {
    for ends in ["\n", "\r", "\r\n"] {
        let bag = Bag::new("1.0");
        bag.listed("sha256");
        let lines = fs::read_to_string(bag.root().join("manifest-sha256.txt")).unwrap();
        let lines = lines
            .to_uppercase()
            .replace("DATA/A.TXT", "data/a.txt")
            .replace("DATA/SUB/B C.TXT", "data/sub/b c.txt");
        let lines = lines.replace("  ", " \t ").trim_end().replace('\n', ends);
        bag.put("manifest-sha256.txt", &lines).tagged("sha256");
        bag.is_valid("sections 2.1.3 and 2.3");
    }
}

/// Section 2.1.3: LF, CR and `%` in paths, "and only those".
#[test]
fn names_with_line_ends_and_percent_signs_are_found() {
    let names = ["data/100%", "data/a\nb", "data/a\rb", "data/%0A", "data/a\r\nb"];
    let bag = Bag::new("1.0");
    for name in names {
        bag.put(name, name);
    }
    let digest = |path: &str| bag.line("sha256", path).trim_start_matches('\\')[..64].to_owned();
    let encoded = ["data/100%25", "data/a%0Ab", "data/a%0Db", "data/%250A", "data/a%0d%0ab"];
    let line = |(name, listed): (&&str, &str)| [&digest(name), "  ", listed, "\n"].concat();
    let lines: String = names.iter().zip(encoded).map(line).collect();
    bag.put(
        "manifest-sha256.txt",
        &(lines + &bag.line("sha256", "data/a.txt") + &bag.line("sha256", "data/sub/b c.txt")),
    );
    bag.is_valid("section 2.1.3");
    bag.append("manifest-sha256.txt", &format!("{}  data/100%\n", digest("data/100%")))
        .is_refused("manifest", "stands neither for CR, LF nor itself");
}

/// Before 1.0 a percent sign stood for itself; the last drafts encoded line ends.
#[test]
fn in_older_versions_a_percent_sign_is_a_percent_sign() {
    let bag = Bag::new("0.97");
    bag.put("data/%7Ea", "x").put("data/%25", "y").put("data/%0A", "z").listed("md5").tagged("md5");
    assert_eq!(bag.is_valid("conformance suite: bag-with-encoded-names"), [""; 0]);
    let bag = Bag::new("0.97");
    bag.listed("md5").put("data/a\nb", "x");
    let line = bag.line("md5", "data/a\nb");
    bag.append("manifest-md5.txt", &format!("{} data/a%0ab\n", &line[1..33]));
    bag.is_valid("line ends were encoded in the last drafts");
}

/// Section 6.1, "Recommendations": compared after the same normalization.
#[test]
fn a_name_in_another_normal_form_is_the_same_name() {
    for (listed, there) in [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED)] {
        let bag = Bag::new("1.0");
        bag.put(there, "x").listed("sha256");
        let lines = fs::read_to_string(bag.root().join("manifest-sha256.txt")).unwrap();
        bag.put("manifest-sha256.txt", &lines.replace(there, listed)).tagged("sha256");
        let warnings = bag.is_valid("section 6.1");
        assert!(warnings[0].contains("another Unicode normal form"), "{warnings:?}");
        bag.put(there, "y").is_refused("changed", there);
    }
}

#[test]
fn one_file_listed_in_two_normal_forms_is_listed_twice() {
    for (version, valid) in [("0.96", true), ("1.0", false)] {
        let bag = Bag::new(version);
        bag.put(COMPOSED, "x").listed("sha512");
        let line = bag.line("sha512", COMPOSED).replace(COMPOSED, DECOMPOSED);
        bag.append("manifest-sha512.txt", &line).tagged("sha512");
        if valid {
            assert!(bag.is_valid("conformance suite").iter().any(|said| said.contains("listed twice")));
        } else {
            bag.is_refused("manifest", "listed twice");
        }
    }
}

#[test]
fn files_whose_names_fold_to_one_are_valid_and_warned_of() {
    let bag = Bag::new("1.0");
    bag.put("data/A.txt", "x").put(COMPOSED, "y").put(DECOMPOSED, "z").listed("sha256").tagged("sha256");
    let warnings = bag.is_valid("section 6.1");
    assert_eq!(warnings.iter().filter(|said| said.contains("on a system that folds names")).count(), 2);
}

/// Section 2.1.1.
#[test]
fn a_declaration_that_does_not_hold_is_refused() {
    let utf8 = "Tag-File-Character-Encoding: UTF-8";
    for (declaration, said) in [
        (format!("\u{feff}BagIt-Version: 1.0\n{utf8}\n"), "byte order mark"),
        ("BagIt-Version: 1.0\n".to_owned(), "one of two"),
        (String::new(), "no lines"),
        (format!("BagIt-Version: 1.0\n{utf8}\n\n"), "more than two"),
        (format!("BagIt-Version : 1.0\n{utf8}\n"), "must read"),
        (format!("BagIt-Version:  1.0\n{utf8}\n"), "more than one space"),
        (format!("BagIt-Version: 1.0 \n{utf8}\n"), "more than one space"),
        (format!("{utf8}\nBagIt-Version: 1.0\n"), "must read"),
        (format!("BagIt-Version: .97\n{utf8}\n"), "`.97`"),
        (format!("BagIt-Version: 2.0\n{utf8}\n"), "`2.0`"),
        ("BagIt-Version: 1.0\nTag-File-Character-Encoding: KOI8-R\n".to_owned(), "KOI8-R"),
    ] {
        let bag = whole("1.0");
        bag.put(BAGIT, &declaration).is_refused("declaration", said);
    }
    let bag = Bag::new("1.0");
    bag.put(BAGIT, &format!("BagIt-version: 1.0\r\n{utf8}")).listed("sha256").tagged("sha256");
    bag.is_valid("no last line end, labels in either case");
    bag.remove(BAGIT).is_refused("missing", "no bag declaration");
    let bag = whole("1.0");
    bag.put_bytes(BAGIT, b"BagIt-Version: 1.0\n\xff\n").is_refused("declaration", "not UTF-8");
}

#[test]
fn tag_files_are_in_the_encoding_that_is_declared() {
    for (encoding, bom) in [("UTF-16", &b"\xff\xfe"[..]), ("UTF-16LE", b""), ("UTF-16", b"\xfe\xff")] {
        let bag = Bag::new("0.97");
        bag.put(BAGIT, &format!("BagIt-Version: 0.97\nTag-File-Character-Encoding: {encoding}\n"));
        bag.put(COMPOSED, "x").listed("md5");
        let text = fs::read_to_string(bag.root().join("manifest-md5.txt")).unwrap();
        let little = bom != b"\xfe\xff";
        let bytes =
            text.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() });
        bag.put_bytes("manifest-md5.txt", &[bom, &bytes.collect::<Vec<_>>()].concat());
        bag.is_valid(encoding);
    }
    let bag = Bag::new("1.0");
    bag.put_bytes("manifest-md5.txt", b"\xff\n").is_refused("encoding", "not in the encoding");
    for (version, valid) in [("0.97", true), ("1.0", false)] {
        let bag = Bag::new(version);
        bag.listed("sha256");
        let text = fs::read_to_string(bag.root().join("manifest-sha256.txt")).unwrap();
        bag.put("manifest-sha256.txt", &format!("\u{feff}{text}")).tagged("sha256");
        if valid {
            bag.is_valid("older bags begin so");
        } else {
            bag.is_refused("encoding", "byte order mark");
        }
    }
}

//! What is written, how it is read on all cores, and bytes of any kind.

use std::fs;
use std::process::Command;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

/// What is written holds for our own reader, and for coreutils.
#[test]
fn a_bag_that_is_written_by_two_algorithms_is_valid() {
    let bag = Bag::new("1.0");
    bag.remove(BAGIT).put("data/100%", "x").put("data/a b\\c", "y").put(COMPOSED, "z");
    let paths = walk(bag.root()).unwrap().files;
    let payload = [Algorithm::Sha256, Algorithm::Sha512].map(|algorithm| {
        let of = |path: &String| (path.clone(), algorithm.of(&fs::read(bag.root().join(path)).unwrap()));
        Manifest { algorithm, files: paths.iter().map(of).collect() }
    });
    let mut info = Info::default();
    info.add("Payload-Oxum", "14.5");
    assert_eq!(tag(bag.root(), &payload, &info).unwrap().len(), 2);
    assert_eq!(bag.is_valid("section 3"), [""; 0]);
    assert!(fs::read_to_string(bag.root().join("manifest-sha512.txt")).unwrap().contains("data/100%25\n"));
    for (program, file) in [("sha256sum", "tagmanifest-sha256.txt"), ("sha512sum", "tagmanifest-sha512.txt")]
    {
        let checked =
            Command::new(program).args(["-c", "--strict", "--quiet", file]).current_dir(bag.root()).status();
        assert!(checked.unwrap().success(), "{file}");
    }
}

#[test]
fn a_large_file_is_read_beside_small_ones_and_all_digests_fit() {
    let folder = TempDir::new().unwrap();
    let big: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let names: Vec<String> = (0..40).map(|number| format!("{number:02}")).collect();
    for (number, name) in names.iter().enumerate() {
        let length = if number == 20 { big.len() } else { number * 997 };
        fs::write(folder.path().join(name), &big[..length]).unwrap();
    }
    let paths: Vec<&str> = names.iter().map(String::as_str).collect();
    let measured = measure(folder.path(), &paths, Measuring::default, |_| Ok(())).unwrap();
    let summed = Command::new("sha256sum").args(&paths).current_dir(folder.path()).output().unwrap();
    let lines = String::from_utf8(summed.stdout).unwrap();
    let line = |(file, path): (&Measured, &&str)| [&file.digest.to_string(), "  ", path, "\n"].concat();
    let ours: String = measured.iter().zip(&paths).map(line).collect();
    assert_eq!(ours, lines);
    assert_eq!(measured[20].bytes, 12_000_000);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn no_bytes_make_the_reader_stumble(
        name in prop::sample::select(vec!["bagit.txt", "fetch.txt", "bag-info.txt", "package-info.txt",
            "manifest-md5.txt", "tagmanifest-sha256.txt", "manifest-x.txt"]),
        parts in prop::collection::vec(prop_oneof![
            "\\PC{0,8}".prop_map(String::into_bytes), prop::collection::vec(any::<u8>(), 0..8),
            Just(b"900150983cd24fb0d6963f7d28e17f72".to_vec()), Just(b"  data/".to_vec()), Just(b"%0A".to_vec()),
            Just(b"\r\n".to_vec()), Just(b"http://a - ".to_vec()), Just(b": ".to_vec()), Just(b"BagIt-Version: ".to_vec()),
        ], 0..24)
    ) {
        let _ = try_tag_file(name, &parts.concat());
    }
}

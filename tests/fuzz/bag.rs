//! The reader of bags takes any bytes for any of its tag files.
#![no_main]

use libfuzzer_sys::fuzz_target;
use playbook::evidence;

const TAG_FILES: [&str; 7] = [
    "bagit.txt",
    "bag-info.txt",
    "package-info.txt",
    "fetch.txt",
    "manifest-sha256.txt",
    "manifest-md5.txt",
    "tagmanifest-sha256.txt",
];

fuzz_target!(|bytes: &[u8]| {
    let Some((&which, bytes)) = bytes.split_first() else { return };
    let _ = evidence::try_tag_file(TAG_FILES[usize::from(which) % TAG_FILES.len()], bytes);
});

//! The scanner of CloudTrail files takes any bytes, whole or in pieces, packed or not, and
//! finds no event that does not name the key.
#![no_main]

use std::io::BufReader;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use playbook::cloudtrail::form::Forms;
use playbook::cloudtrail::gzip::Gunzip;
use playbook::cloudtrail::scan::{Finding, scan};

static FORMS: LazyLock<Forms> =
    LazyLock::new(|| Forms::new(["1234abcd-12ab-34cd-56ef-1234567890ab", "alias/pii"]).unwrap());

fuzz_target!(|bytes: &[u8]| {
    scan(bytes, &FORMS, &mut |finding| {
        if let Finding::Sighting(sighting) = finding {
            assert!(sighting.event.len() <= bytes.len().max(1) * 2);
        }
    });
    let mut inflated = vec![0; 64 << 10];
    let mut gunzip = Gunzip::new(BufReader::new(bytes), 8 << 20);
    let mut read = 0;
    while let Ok(more @ 1..) = gunzip.read(&mut inflated) {
        read += more;
        assert!(read <= 8 << 20);
    }
});

//! The reader of journals takes any bytes, and what it accepts is a chain.
#![no_main]

use libfuzzer_sys::fuzz_target;
use playbook::journal;

fuzz_target!(|bytes: &[u8]| {
    let reading = journal::gather(bytes).unwrap();
    assert!(reading.length <= bytes.len() as u64);
    for (at, entry) in reading.entries.iter().enumerate() {
        assert!(!reading.damage.is_empty() || entry.seq == at as u64 + 1);
    }
});

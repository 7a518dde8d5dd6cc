//! The reader of CloudTrail digests takes any bytes: the digest itself, packed or not, the
//! answer of ListPublicKeys, and the metadata of an object.
#![no_main]

use libfuzzer_sys::fuzz_target;
use playbook::cloudtrail::digest::{DigestFile, Metadata, Place, PublicKeys, Reading};

const KEY: &str = "AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/11/22/\
    111122223333_CloudTrail-Digest_us-east-1_trail_us-east-1_20261122T031000Z.json.gz";

fuzz_target!(|bytes: &[u8]| {
    let _ = DigestFile::parse(bytes);
    let keys = PublicKeys::parse(bytes).unwrap_or_default();
    let metadata = Metadata::parse(bytes).unwrap_or_default();
    let _ = Reading::of(Place::new("logs", KEY), bytes, metadata, &keys);
});

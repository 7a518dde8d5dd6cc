//! Readers of digests, keys and metadata under bytes that nobody thought of.

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn foreign_bytes_are_told_and_never_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let keys = PublicKeys::parse(&bytes).unwrap_or_default();
        let metadata = Metadata::parse(&bytes).unwrap_or_default();
        let reading = Reading::of(Place::new("b", "k"), bytes.as_slice(), metadata, &keys);
        prop_assert!(reading.content.is_err());
        let log = LogReading::of(Place::new("b", "l"), bytes.as_slice(), &mut [0; 64]);
        let verdict = judge(vec![reading], vec![log], &keys, Window::default(), &|_| None);
        prop_assert!(!verdict.holds());
    }

    #[test]
    fn foreign_names_are_none_and_never_a_panic(name in "(AWSLogs/)?([a-z0-9_+Z-]{0,12}/){0,8}.{0,60}") {
        let _ = (Kind::of(&name), DigestName::parse(&name), LogName::parse(&name));
    }
}

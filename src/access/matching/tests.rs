use proptest::prelude::*;

use super::*;

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// "IAM JSON policy elements: Resource", "Using wildcards in resource ARNs".
#[test]
fn wildcards_of_resources_stay_in_their_segment_but_at_its_end() {
    for (pattern, matches) in [
        ("*", true),
        (KEY, true),
        ("arn:aws:kms:*:111122223333:key/*", true),
        ("arn:aws:kms:eu-west-?:111122223333:key/*", true),
        ("arn:aws:kms:*:*:key/1234abcd-*", true),
        ("arn:aws:kms:*", true),
        ("arn:aws:kms:*:key/*", true),
        ("arn:aws:kms:*west*:111122223333:key/*", true),
        ("arn:aws:kms:e*key/*", false),
        ("arn:aws:kms:eu-west-1?111122223333:key/*", false),
        ("arn:aws:kms:*:444455556666:key/*", false),
        ("arn:aws:kms:*:111122223333:alias/*", false),
        ("arn:aws:kms:*:111122223333:KEY/*", false),
        ("arn:aws:kms:EU-WEST-1:111122223333:key/*", false),
    ] {
        assert_eq!(Glob::of(pattern, Reach::Segment).matches(KEY), matches, "{pattern}");
    }
}

#[test]
fn a_pattern_of_many_stars_takes_no_more_than_its_time() {
    let pattern = "a*".repeat(400) + "b";
    assert!(!Glob::of(&pattern, Reach::Everything).matches(&"a".repeat(4_000)));
}

#[test]
fn resources_are_arns_or_stars() {
    for text in ["*", KEY, "arn:aws:kms:*", "arn:*", "arn:aws:s3:::bucket/*"] {
        assert!(is_resource_pattern(text), "{text}");
    }
    for text in ["key/1234", "arn:aws:kms", "", "alias/x", "1234abcd-12ab-34cd-56ef-1234567890ab"] {
        assert!(!is_resource_pattern(text), "{text}");
    }
}

/// The definition itself, too slow to be used.
fn by_definition(pattern: &[char], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some(('*', rest)), None) => by_definition(rest, text),
        (Some(('*', rest)), Some((_, further))) => {
            by_definition(rest, text) || by_definition(pattern, further)
        }
        (Some(('?', rest)), Some((_, further))) => by_definition(rest, further),
        (Some((wanted, rest)), Some((letter, further))) => wanted == letter && by_definition(rest, further),
        _ => false,
    }
}

proptest! {
    #[test]
    fn patterns_match_as_their_definition_says(pattern in "[ab*?:é]{0,8}", text in "[ab:é]{0,10}") {
        let letters = |text: &str| text.chars().collect::<Vec<_>>();
        prop_assert_eq!(
            Glob::of(&pattern, Reach::Everything).matches(&text),
            by_definition(&letters(&pattern), &letters(&text))
        );
    }

    #[test]
    fn a_segment_never_matches_more_than_everything(pattern in "[ab*?:]{0,8}", text in "[ab:]{0,10}") {
        if Glob::of(&pattern, Reach::Segment).matches(&text) {
            prop_assert!(Glob::of(&pattern, Reach::Everything).matches(&text));
        }
    }
}

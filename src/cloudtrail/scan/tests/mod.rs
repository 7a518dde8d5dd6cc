//! What is found is compared with what a full JSON parser (serde_json) sees in the same
//! bytes, or with what RFC 8259 says that they mean.

mod properties;

use serde_json::{Value, json};

use super::*;

const KEY: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
const MRK: &str = "mrk-1234abcd12ab34cd56ef1234567890ab";
const ALIAS: &str = "alias/customer-pii";

fn forms() -> Forms {
    Forms::new([KEY, MRK, ALIAS]).unwrap()
}

/// Events found, as texts, the flaws, and how many events there were.
fn all(bytes: &[u8], forms: &Forms) -> (Vec<String>, Vec<Flaw>, u64) {
    let (mut found, mut flaws) = (Vec::new(), Vec::new());
    let count = scan(bytes, forms, &mut |finding| match finding {
        Finding::Sighting(sighting) => found.push(String::from_utf8(sighting.event.into_owned()).unwrap()),
        Finding::Flaw(flaw) => flaws.push(flaw),
    });
    (found, flaws, count)
}

/// As [`all`], with the bytes in pieces of a few.
fn in_pieces(bytes: &[u8], size: usize, forms: &Forms) -> (Vec<String>, Vec<Flaw>, u64) {
    let (mut found, mut flaws) = (Vec::new(), Vec::new());
    let mut scanner = Scanner::new(forms);
    let mut sink = |finding: Finding<'_>| match finding {
        Finding::Sighting(sighting) => found.push(String::from_utf8(sighting.event.into_owned()).unwrap()),
        Finding::Flaw(flaw) => flaws.push(flaw),
    };
    for piece in bytes.chunks(size) {
        scanner.room()[..piece.len()].copy_from_slice(piece);
        scanner.take(piece.len(), &mut sink);
    }
    let count = scanner.end(&mut sink);
    (found, flaws, count)
}

fn names(event: &str) -> bool {
    !all(event.as_bytes(), &forms()).0.is_empty()
}

#[test]
fn a_key_is_found_in_every_form_and_place() {
    for named in [
        format!(r#"{{"resources":[{{"ARN":"arn:aws:kms:us-east-1:111122223333:key/{KEY}"}}]}}"#),
        format!(r#"{{"requestParameters":{{"keyId":"{KEY}"}}}}"#),
        format!(r#"{{"requestParameters":{{"keyId":"{ALIAS}"}}}}"#),
        format!(r#"{{"requestParameters":{{"keyId":"arn:aws:kms:eu-west-1:444455556666:{ALIAS}"}}}}"#),
        format!(r#"{{"resources":[{{"ARN":"arn:aws-cn:kms:cn-north-1:1:key/{MRK}"}}]}}"#),
        format!(r#"{{"encryptionContext":{{"{KEY}":"wrapped"}}}}"#),
        format!(r#"{{"errorMessage":"first line\n{ALIAS} is not allowed"}}"#),
        format!(r#"{{"errorMessage":"key\t{KEY}\tis disabled"}}"#),
        format!(r#"{{"policyDocument":"{{\"Resource\":\"arn:aws:kms:*:*:key/{KEY}\"}}"}}"#),
        format!(r#"{{"kmsKeyId":"arn%3Aaws%3Akms%3Aus-east-1%3A1%3Akey%2F{KEY}"}}"#),
        r#"{"kmsKeyId":"arn%3Aaws%3Akms%3Aus-east-1%3A1%3Aalias%2Fcustomer-pii"}"#.to_owned(),
        format!(r#"{{"userAgent":"rotate-{KEY}-now"}}"#),
    ] {
        serde_json::from_str::<Value>(&named).expect("the example is JSON");
        assert!(names(&named), "{named}");
    }
}

#[test]
fn a_key_that_is_written_in_escapes_is_found() {
    for named in [
        r#"{"keyId":"alias\/customer-pii"}"#,
        r#"{"keyId":"\u0061lias/customer-pii"}"#,
        r#"{"keyId":"alias\u002Fcustomer-pii"}"#,
        r#"{"keyId":"alias/customer\u002dpii"}"#,
        r#"{"keyId":"\u000aalias/customer-pii"}"#,
        r#"{"keyId":"1234abcd-12ab-34cd-56ef-1234567890a\u0062"}"#,
        r#"{"policy":"{\"a\":\"alias\\/customer-pii\"}"}"#,
        r#"{"policy":"{\"a\":\"alias\\u002fcustomer-pii\"}"}"#,
        r#"{"policy":"{\"a\":\"{\\\"b\\\":\\\"\\\\u0061lias/customer-pii\\\"}\"}"}"#,
        r#"{"policy":"{\"a\":\"alias\u005c/customer-pii\"}"}"#,
        r#"{"\u0061lias\/customer-pii":1}"#,
    ] {
        serde_json::from_str::<Value>(named).expect("the example is JSON");
        assert!(names(named), "{named}");
    }
}

#[test]
fn another_key_is_not_taken_for_it() {
    for other in [
        r#"{"keyId":"alias/customer-pii-old"}"#,
        r#"{"keyId":"alias/customer-pii2"}"#,
        r#"{"keyId":"alias/customer-pii/v1"}"#,
        r#"{"keyId":"alias/customer-pii\/v1"}"#,
        r#"{"keyId":"alias/customer-pii\u002fv1"}"#,
        r#"{"keyId":"alias%2Fcustomer-pii%2Fv1"}"#,
        r#"{"policy":"{\"a\":\"alias/customer-pii\\/v1\"}"}"#,
        r#"{"keyId":"my-alias/customer-pii"}"#,
        r#"{"keyId":"alias/customer"}"#,
        r#"{"keyId":"customer-pii"}"#,
        r#"{"keyId":"f1234abcd-12ab-34cd-56ef-1234567890ab"}"#,
        r#"{"keyId":"\u00661234abcd-12ab-34cd-56ef-1234567890ab"}"#,
        r#"{"keyId":"1234abcd-12ab-34cd-56ef-1234567890abc"}"#,
        r#"{"keyId":"mrk-1234abcd12ab34cd56ef1234567890abf"}"#,
        r#"{"keyId":"1234abcd12ab34cd56ef1234567890ab"}"#,
        r#"{"a":"1234abcd-12ab-34cd","b":"-56ef-1234567890ab"}"#,
    ] {
        serde_json::from_str::<Value>(other).expect("the example is JSON");
        assert!(!names(other), "{other}");
    }
}

#[test]
fn an_alias_with_levels_and_a_short_one_are_found_by_all_of_their_name() {
    let levels = Forms::new(["alias/team/pii"]).unwrap();
    assert_eq!(all(br#"{"a":"alias/team/pii"}{"a":"alias%2Fteam%2fpii"}"#, &levels).0.len(), 2);
    assert!(all(br#"{"a":"alias/pii"}{"a":"team/pii"}{"a":"alias/team/pii/x"}"#, &levels).0.is_empty());
    let short = Forms::new(["alias/x"]).unwrap();
    assert_eq!(all(br#"{"a":"alias/alias/x"}{"a":"alias/xx"}{"a":"alias/alias"}"#, &short).0.len(), 1);
}

#[test]
fn what_is_no_form_of_a_key_is_refused() {
    for wrong in [
        "",
        "customer-pii",
        "alias/",
        "alias/a b",
        "arn:aws:s3:::bucket",
        "1234abcd",
        "key/",
        "arn:aws:kms:a:b:grant/x",
    ] {
        assert!(Forms::new([wrong]).is_err(), "{wrong}");
    }
    let arn = format!("arn:aws:kms:us-east-1:111122223333:key/{KEY}");
    let upper = KEY.to_ascii_uppercase();
    for right in [KEY, MRK, &arn, &upper, "alias/aws/s3", "arn:aws:kms:us-east-1:1:alias/a"] {
        assert!(Forms::new([right]).is_ok(), "{right}");
    }
}

#[test]
fn events_are_taken_out_of_every_kind_of_file_byte_for_byte() {
    let one = format!(r#"{{"eventID":"1", "keyId" :"{KEY}","x":[{{"a":"}}"}}]}}"#);
    let two = format!(r#"{{"eventID":"2","keyId":"{ALIAS}","y":"\"]}}"}}"#);
    let other = r#"{"eventID":"3","keyId":"alias/other","Records":"[","Events":1}"#;
    let expected = (vec![one.clone(), two.clone()], vec![], 3);
    let text = |event: &str| serde_json::to_string(event).unwrap();
    for file in [
        format!(r#"{{"Records":[{one},{two},{other}]}}"#),
        format!("{{ \"Records\" : [\n {one} ,\r\n{two},{other} ] }}\n"),
        format!("{one}\n{other}\n{two}"),
        format!("[{one},{other},{two}]"),
        format!("[[{one}],[{other},{two}]]"),
        format!(r#"{{"NextToken":"t","Records":[{one}],"more":{{"a":[1]}},"Events":[{two},{other}]}}"#),
        format!("[{},{},{}]", text(&one), text(other), text(&two)),
        format!("[[{}],[{}],[{}]]", text(&one), text(other), text(&two)),
        format!(
            r#"{{"Events":[{{"EventId":"1","CloudTrailEvent":{}}},{{"CloudTrailEvent":{}}},{{"CloudTrailEvent":{}}}]}}"#,
            text(&one),
            text(&two),
            text(other)
        ),
    ] {
        assert_eq!(all(file.as_bytes(), &forms()), expected, "{file}");
        for size in [1, 2, 3, 7] {
            assert_eq!(in_pieces(file.as_bytes(), size, &forms()), expected, "{file} in pieces of {size}");
        }
    }
}

#[test]
fn a_lookup_answer_whose_resources_alone_name_the_key_tells_the_event() {
    let file = json!({"Events": [{
        "EventId": "1", "Resources": [{"ResourceName": ALIAS}], "CloudTrailEvent": "{\"eventID\":\"1\"}",
    }]});
    assert_eq!(all(file.to_string().as_bytes(), &forms()).0, [r#"{"eventID":"1"}"#]);
}

#[test]
fn line_breaks_between_tokens_become_spaces_and_nothing_else_changes() {
    let pretty = format!("{{\n  \"eventID\": \"1\",\r\n  \"keyId\": \"{KEY}\\n\"\n}}");
    let (found, flaws, _) = all(format!("{{\"Records\": [\n{pretty}\n]}}").as_bytes(), &forms());
    assert_eq!(found, [pretty.replace(['\n', '\r'], " ")]);
    assert!(flaws.is_empty());
}

#[test]
fn order_is_by_time_and_then_id() {
    let mark = |event: &str| event::read(event.as_bytes()).unwrap().0;
    let early =
        mark(r#"{"eventTime":"2026-11-21T03:00:00Z","eventID":"ffffffff-0000-4000-8000-000000000000"}"#);
    let late =
        mark(r#"{"eventTime":"2026-11-21T03:00:01Z","eventID":"00000000-0000-4000-8000-000000000001"}"#);
    let later =
        mark(r#"{"eventTime":"2026-11-21T03:00:01Z","eventID":"00000000-0000-4000-8000-000000000002"}"#);
    let never = mark(r#"{"eventTime":5,"eventID":null}"#);
    assert!(early < late && late < later && later < never);
}

#[test]
fn a_file_that_ends_early_gives_all_events_before_its_end() {
    let one = format!(r#"{{"eventID":"1","keyId":"{KEY}"}}"#);
    let file = format!(r#"{{"Records":[{one},{one}]}}"#);
    let first_ends = 12 + one.len();
    for cut in 1..file.len() {
        let (found, flaws, _) = all(&file.as_bytes()[..cut], &forms());
        let whole = [first_ends, first_ends + 1 + one.len()].iter().filter(|end| **end <= cut).count();
        assert_eq!(found.len(), whole, "cut at {cut}");
        assert_eq!(flaws.len(), 1, "cut at {cut}");
        assert_eq!(flaws[0].kind, FlawKind::Unfinished);
    }
    let torn = all(&file.as_bytes()[..file.len() - 3], &forms()).1;
    assert!(torn[0].names_key && torn[0].at == first_ends as u64 + 1);
}

#[test]
fn a_line_that_was_torn_does_not_take_the_next_ones_along() {
    let one = format!(r#"{{"eventID":"1","keyId":"{KEY}"}}"#);
    let file = format!("{one}\n{}\n{one}\n", &one[..30]);
    let (found, flaws, _) = all(file.as_bytes(), &forms());
    assert_eq!(found.len(), 2);
    assert_eq!(flaws[0].kind, FlawKind::Broken);
    assert_eq!(flaws[0].at, one.len() as u64 + 1);
}

#[test]
fn what_only_looks_like_an_event_is_told_and_whether_it_names_the_key() {
    for (record, kind, names_key) in [
        (format!(r#"{{"a":[1}},"keyId":"{KEY}"}}"#), FlawKind::NotJson, true),
        (format!(r#"{{"a":tru,"keyId":"{KEY}"}}"#), FlawKind::NotJson, true),
        (format!(r#"{{"keyId":"{KEY}"]"#), FlawKind::Broken, true),
        (format!(r#"{{"a":1],"keyId":"{KEY}"}}"#), FlawKind::Broken, false),
    ] {
        let (found, flaws, _) = all(format!(r#"{{"Records":[{record}]}}"#).as_bytes(), &forms());
        assert!(found.is_empty());
        assert_eq!(flaws[0], Flaw { at: 12, kind, names_key }, "{record}");
    }
}

#[test]
fn an_event_beyond_all_bounds_is_told_and_the_next_one_is_found() {
    let big = format!(r#"{{"keyId":"{KEY}","pad":"{}"}}"#, "x".repeat(3 * LONGEST));
    let one = format!(r#"{{"eventID":"1","keyId":"{KEY}"}}"#);
    let file = format!(r#"{{"Records":[{big},{one}]}}"#);
    let (found, flaws, _) = all(file.as_bytes(), &forms());
    assert_eq!(found, [one]);
    assert_eq!(
        (flaws.len(), flaws[0].kind, flaws[0].at, flaws[0].names_key),
        (1, FlawKind::TooLong, 12, true)
    );
}

#[test]
fn an_event_beyond_all_bounds_is_searched_whole_wherever_it_names_the_key() {
    let escaped = KEY.replace('-', "\\u002d");
    let (seam, far) = (LONGEST - OVERLAP - 20, 2 * LONGEST - 60);
    for (name, at) in [(KEY, LONGEST - 40), (KEY, seam), (&escaped, LONGEST + 3), (KEY, far)] {
        let pad = |length: usize| [" ".repeat(length % 7), r#"\": y, "#.repeat(length / 7)].concat();
        let big = format!(r#"{{"pad":"{}{name} {}"}}"#, pad(at), pad(2 * LONGEST - at));
        let file = format!(r#"{{"Records":[{big},{{"eventID":"1"}}]}}"#);
        let (found, flaws, events) = all(file.as_bytes(), &forms());
        let told = Flaw { at: 12, kind: FlawKind::TooLong, names_key: true };
        assert_eq!((found.len(), flaws, events), (0, vec![told], 2), "{name} at {at}");
    }
}

#[test]
fn an_event_beyond_all_bounds_that_does_not_name_the_key_is_no_flaw() {
    let longer = format!("{ALIAS}-of-another");
    let big = format!(r#"{{"pad":"{}"}}"#, format!("{longer},").repeat(3 * LONGEST / longer.len()));
    let file = format!(r#"{{"Records":[{big},{{"eventID":"1"}}]}}"#);
    let (found, flaws, events) = all(file.as_bytes(), &forms());
    assert_eq!((found.len(), flaws, events), (0, Vec::new(), 2));
    let cut = file[..2 * LONGEST].rfind(',').unwrap();
    let (_, flaws, _) = all(&file.as_bytes()[..cut], &forms());
    assert_eq!(flaws, [Flaw { at: 12, kind: FlawKind::Unfinished, names_key: false }]);
}

#[test]
fn a_file_full_of_brackets_is_told_once() {
    let file = [b"}".repeat(1000), b"]".repeat(1000), br#"{"keyId":"alias/customer-pii"}"#.to_vec()].concat();
    let (found, flaws, _) = all(&file, &forms());
    assert_eq!((found.len(), flaws.len(), flaws[0].kind), (1, 1, FlawKind::Broken));
}

#[test]
fn one_scanner_reads_one_file_after_another() {
    let forms = forms();
    let mut scanner = Scanner::new(&forms);
    for round in 0..3 {
        let file = format!(r#"{{"Records":[{{"keyId":"{KEY}"}}"#);
        scanner.room()[..file.len()].copy_from_slice(file.as_bytes());
        let (mut found, mut flaws) = (0, 0);
        let mut sink = |finding: Finding<'_>| match finding {
            Finding::Sighting(_) => found += 1,
            Finding::Flaw(_) => flaws += 1,
        };
        scanner.take(file.len(), &mut sink);
        assert_eq!(scanner.end(&mut sink), 1);
        assert_eq!((found, flaws), (1, 1), "round {round}");
    }
}

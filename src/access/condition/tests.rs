//! "IAM JSON policy elements: Condition operators", "Single-valued vs. multivalued context
//! keys", "IAM policy elements: Variables and tags".

use super::*;
use crate::access::formula::Formula;

/// What a clause with one key `k` says to the values of the request.
#[track_caller]
fn says(operator: &str, wanted: &[&str], had: Option<&[&str]>, holds: bool) {
    let mut context = Context::default().with("aws:username", "ana");
    if let Some(had) = had {
        context.set("K", had.iter().map(|&value| value.to_owned()).collect());
    }
    let clause = Clause::new(operator, "k", wanted, Variables::Read);
    let expected = if holds { Formula::Yes } else { Formula::No };
    assert_eq!(clause.evaluate(&context), expected, "{operator} {wanted:?} with {had:?}");
}

#[test]
fn every_operator_compares_as_documented() {
    for (operator, wanted, had, holds) in [
        ("StringEquals", "a", "a", true),
        ("StringEquals", "a", "A", false),
        ("StringEquals", "a*", "ab", false),
        ("StringEquals", "a*", "a*", true),
        ("StringNotEquals", "a", "b", true),
        ("StringNotEquals", "a", "a", false),
        ("StringEqualsIgnoreCase", "ABC", "abc", true),
        ("StringEqualsIgnoreCase", "ABC", "abd", false),
        ("StringNotEqualsIgnoreCase", "ABC", "abc", false),
        ("StringLike", "a*:?z", "ab:c:yz", true),
        ("StringLike", "A*", "ab", false),
        ("StringNotLike", "a*", "ab", false),
        ("StringNotLike", "a*", "b", true),
        ("stringlike", "a*", "ab", true),
        ("NumericEquals", "10", "10.0", true),
        ("NumericNotEquals", "10", "11", true),
        ("NumericLessThan", "10", "9", true),
        ("NumericLessThan", "10", "10", false),
        ("NumericLessThanEquals", "10", "10", true),
        ("NumericGreaterThan", "10", "9", false),
        ("NumericGreaterThanEquals", "10", "10", true),
        ("NumericLessThan", "10", "x", false),
        ("DateEquals", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", true),
        ("DateEquals", "2026-01-01T00:00:00Z", "1767225600", true),
        ("DateEquals", "2026", "2026-01-01", true),
        ("DateNotEquals", "2026-01-01", "2026-01-02", true),
        ("DateLessThan", "2026-01-01T00:00:00Z", "2025-12-31T23:59:59.999Z", true),
        ("DateLessThan", "2026-01-01T00:00Z", "2026-01-01T00:00Z", false),
        ("DateLessThanEquals", "2026-01-01", "2026-01-01", true),
        ("DateGreaterThan", "2020-01-01T00:00:01Z", "2026-06-01T00:00:00Z", true),
        ("DateGreaterThanEquals", "2026-07", "2026-06-30", false),
        ("Bool", "true", "TRUE", true),
        ("Bool", "true", "false", false),
        ("BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", true),
        ("BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXJ5", false),
        ("IpAddress", "203.0.113.0/24", "203.0.113.77", true),
        ("IpAddress", "203.0.113.0/24", "203.0.114.1", false),
        ("IpAddress", "203.0.113.7", "203.0.113.7", true),
        ("IpAddress", "0.0.0.0/0", "198.51.100.1", true),
        ("IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5678::1", true),
        ("IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5679::1", false),
        ("IpAddress", "::/0", "203.0.113.7", false),
        ("IpAddress", "203.0.113.0/24", "s3.amazonaws.com", false),
        ("NotIpAddress", "203.0.113.0/24", "203.0.114.1", true),
        ("NotIpAddress", "203.0.113.0/24", "203.0.113.1", false),
        ("ArnEquals", "arn:aws:iam::111122223333:role/*", "arn:aws:iam::111122223333:role/a/b", true),
        ("ArnLike", "arn:aws:iam::111122223333:role/a", "arn:aws:iam::111122223333:role/A", false),
        ("ArnNotEquals", "arn:aws:iam::*:role/a", "arn:aws:iam::111122223333:role/a", false),
        ("ArnNotLike", "arn:aws:iam::*:role/a", "arn:aws:iam::111122223333:role/b", true),
        ("ArnLike", "arn:aws:iam::*:role/a", "no arn", false),
        ("ArnLike", "arn:aws:iam::11112222333?:role/*", "arn:aws:iam::111122223333:role/a", true),
        ("ArnEquals", "arn:aws:s3:::records*", "arn:aws:s3:::records-1", true),
        ("ArnLike", "arn:aws:*:*:*:x", "arn:aws:sqs:eu-west-1:111122223333:x", true),
        ("StringLike", "arn:aws:*:x", "arn:aws:sqs:eu-west-1:111122223333:x", true),
        ("StringLike", "?", "é", true),
        ("StringLike", "??", "é", false),
        ("StringLike", "", "", true),
        ("StringLike", "**", "anything", true),
        ("StringEquals", "", "", true),
        ("StringEquals", " a", "a", false),
        ("NumericEquals", "-1.50", "-1.5", true),
        ("NumericLessThan", "1e3", "999", true),
        ("NumericGreaterThan", "-2", "-1", true),
        ("NumericNotEquals", "10", "ten", true),
        ("DateEquals", "1767225600", "2026-01-01T00:00:00Z", true),
        ("DateLessThan", "1767225601", "1767225600", true),
        ("DateGreaterThan", "2026-01-01T00:00:00+02:00", "2025-12-31T22:00:01Z", true),
        ("DateEquals", "2026-01-01T00:00:00Z", "soon", false),
        ("DateNotEquals", "2026-01-01T00:00:00Z", "soon", true),
        ("Bool", "false", "false", true),
        ("Bool", "true", "1", false),
        ("IpAddress", "2001:db8::1", "2001:DB8:0:0:0:0:0:1", true),
        ("IpAddress", "2001:db8::/128", "2001:db8::1", false),
        ("IpAddress", "10.0.0.0/8", "2001:db8::1", false),
        ("IpAddress", "10.1.2.3/8", "10.200.0.1", true),
        ("NotIpAddress", "0.0.0.0/0", "2001:db8::1", true),
    ] {
        says(operator, &[wanted], Some(&[had]), holds);
    }
}

/// The page's own example, where strings match and ARNs do not.
#[test]
fn parts_of_arns_are_compared_one_by_one() {
    let wanted = "arn:aws:someservice:*:111122223333:finance/*";
    let had = "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt";
    says("StringLike", &[wanted], Some(&[had]), true);
    says("ArnLike", &[wanted], Some(&[had]), false);
}

#[test]
fn several_values_are_alternatives_and_negated_none_of_them() {
    says("StringEquals", &["a", "b"], Some(&["b"]), true);
    says("StringNotEquals", &["a", "b"], Some(&["b"]), false);
    says("StringNotEquals", &["a", "b"], Some(&["c"]), true);
    says("StringEquals", &[], Some(&["a"]), false);
    says("StringNotEquals", &[], Some(&["a"]), true);
    says("Bool", &["true", "false"], Some(&["false"]), true);
    says("Bool", &["true", "false"], None, false);
    says("Null", &["true", "false"], None, true);
    says("Null", &["true", "false"], Some(&["x"]), true);
    says("IpAddress", &["10.0.0.0/8", "2001:db8::/32"], Some(&["2001:db8::7"]), true);
    says("NotIpAddress", &["10.0.0.0/8", "2001:db8::/32"], Some(&["2001:db8::7"]), false);
    says("ArnNotLike", &["arn:aws:s3:::a", "arn:aws:s3:::b*"], Some(&["arn:aws:s3:::bc"]), false);
}

/// "If the key ... is not present in the request context, the values do not match and the
/// condition is false. If the policy condition requires that the key is not matched ... true."
#[test]
fn an_absent_key_fails_what_is_positive_and_meets_what_is_negated() {
    for (operator, value, negated) in [
        ("StringEquals", "a", false),
        ("StringLike", "*", false),
        ("NumericLessThan", "1", false),
        ("DateGreaterThan", "2026-01-01", false),
        ("Bool", "false", false),
        ("BinaryEquals", "AAAA", false),
        ("IpAddress", "0.0.0.0/0", false),
        ("ArnLike", "arn:aws:iam::*:*", false),
        ("StringNotEquals", "a", true),
        ("StringNotEqualsIgnoreCase", "a", true),
        ("StringNotLike", "*", true),
        ("NumericNotEquals", "1", true),
        ("DateNotEquals", "2026-01-01", true),
        ("NotIpAddress", "0.0.0.0/0", true),
        ("ArnNotLike", "arn:aws:iam::*:*", true),
    ] {
        says(operator, &[value], None, negated);
        says(&format!("{operator}IfExists"), &[value], None, true);
        says(operator, &[value], Some(&[]), negated);
    }
    says("StringEqualsIfExists", &["a"], Some(&["b"]), false);
    says("StringNotEqualsIfExists", &["a"], Some(&["a"]), false);
}

#[test]
fn null_asks_whether_a_key_is_there() {
    says("Null", &["true"], None, true);
    says("Null", &["true"], Some(&["x"]), false);
    says("Null", &["false"], None, false);
    says("Null", &["false"], Some(&["x"]), true);
    says("Null", &["True"], Some(&[]), true);
}

#[test]
fn set_operators_look_at_all_or_any_of_the_values() {
    for (operator, had, holds) in [
        ("ForAllValues:StringEquals", Some(&["a", "b"][..]), true),
        ("ForAllValues:StringEquals", Some(&["a", "x"]), false),
        ("ForAllValues:StringEquals", Some(&[]), true),
        ("ForAllValues:StringEquals", None, true),
        ("ForAnyValue:StringEquals", Some(&["x", "b"]), true),
        ("ForAnyValue:StringEquals", Some(&["x"]), false),
        ("ForAnyValue:StringEquals", Some(&[]), false),
        ("ForAnyValue:StringEquals", None, false),
        ("ForAllValues:StringNotEquals", Some(&["x", "y"]), true),
        ("ForAllValues:StringNotEquals", Some(&["x", "a"]), false),
        ("ForAllValues:StringNotEquals", None, true),
        ("ForAnyValue:StringNotEquals", Some(&["x", "a"]), true),
        ("ForAnyValue:StringNotEquals", Some(&["a", "b"]), false),
        ("ForAnyValue:StringNotEquals", None, false),
        ("ForAnyValue:StringEqualsIfExists", None, true),
        ("ForAllValues:StringLike", Some(&["a", "b"]), true),
    ] {
        says(operator, &["a", "b"], had, holds);
    }
}

#[test]
fn variables_are_replaced_and_their_values_are_no_patterns() {
    let like = |pattern: &str, value: &str, name: &str| {
        let context = Context::default().with("aws:username", name).with("k", value);
        Clause::new("StringLike", "k", &[pattern], Variables::Read).evaluate(&context)
    };
    assert_eq!(like("home/${aws:username}/*", "home/ana/x", "ana"), Formula::Yes);
    assert_eq!(like("home/${AWS:UserName}/*", "home/ana/x", "ana"), Formula::Yes);
    assert_eq!(like("home/${aws:username}", "home/bob", "*"), Formula::No);
    assert_eq!(like("home/${aws:username}", "home/*", "*"), Formula::Yes);
    assert_eq!(like("${*}${?}${$}", "*?$", "ana"), Formula::Yes);
    assert_eq!(like("${*}", "ana", "ana"), Formula::No);
    assert_eq!(like("${aws:PrincipalTag/team, 'none'}", "none", "ana"), Formula::Yes);
    assert_eq!(like("${aws:username, 'none'}", "ana", "ana"), Formula::Yes);
    // Without a value and without a default nothing matches.
    assert_eq!(like("${aws:PrincipalTag/team}", "", "ana"), Formula::No);
    assert_eq!(like("*${aws:PrincipalTag/team}", "x", "ana"), Formula::No);
    assert_eq!(like("${aws:username", "${aws:username", "ana"), Formula::Yes);
}

/// "Policy variables with no value": no value is equal to it or like it.
#[test]
fn a_variable_without_a_value_is_neither_equal_nor_like_anything() {
    for (operator, holds) in [
        ("StringEquals", false),
        ("StringLike", false),
        ("StringEqualsIfExists", false),
        ("StringNotEquals", true),
        ("StringNotLike", true),
    ] {
        says(operator, &["${aws:PrincipalTag/none}"], Some(&["x"]), holds);
        says(operator, &["${aws:PrincipalTag/none}"], Some(&[""]), holds);
        says(operator, &["${aws:PrincipalTag/none, 'x'}"], Some(&["x"]), !holds);
    }
    says("StringEqualsIfExists", &["${aws:PrincipalTag/none}"], None, true);
    says("StringEquals", &["${aws:PrincipalTag/none}", "x"], Some(&["x"]), true);
}

/// A key that is not known, but known not to have one value.
#[test]
fn a_value_that_is_ruled_out_decides_without_the_key() {
    let context = Context::new(Beyond::Unknown).but_not("kms:CallerAccount", "1");
    let said = |operator: &str, values: &[&str]| {
        Clause::new(operator, "kms:calleraccount", values, Variables::Read).evaluate(&context)
    };
    assert_eq!(said("StringEquals", &["1"]), Formula::No);
    assert_eq!(said("StringNotEquals", &["1"]), Formula::Yes);
    assert!(matches!(said("StringEquals", &["2"]), Formula::Leaf(_)));
    assert!(matches!(said("StringEquals", &["1", "2"]), Formula::Leaf(_)));
    assert!(matches!(said("StringLike", &["*"]), Formula::Leaf(_)));
    assert!(matches!(said("Null", &["true"]), Formula::Leaf(_)));
}

/// "If you don't include a Version element set to 2012-10-17, variables ... are treated as
/// literal strings in the policy."
#[test]
fn variables_mean_nothing_in_the_version_of_2008() {
    let context = Context::default().with("aws:username", "ana").with("k", "${aws:username}");
    let clause = Clause::new("StringEquals", "k", &["${aws:username}"], Variables::Literal);
    assert_eq!(clause.evaluate(&context), Formula::Yes);
}

#[test]
fn a_key_with_several_values_is_no_variable() {
    let mut context = Context::default().with("k", "a");
    context.set("aws:TagKeys", vec!["a".into(), "b".into()]);
    let clause = Clause::new("StringEquals", "k", &["${aws:TagKeys}"], Variables::Read);
    assert_eq!(clause.evaluate(&context), Formula::No);
}

#[test]
fn what_no_operator_is_and_what_no_value_is_leave_doubt() {
    for (operator, value) in [
        ("StringMatches", "a"),
        ("ForSomeValues:StringEquals", "a"),
        ("NullIfExists", "true"),
        ("Null", "maybe"),
        ("NumericEquals", "ten"),
        ("NumericEquals", "NaN"),
        ("DateEquals", "tomorrow"),
        ("DateEquals", "2026-13-01"),
        ("Bool", "yes"),
        ("BinaryEquals", "?"),
        ("IpAddress", "10.0.0.0/33"),
        ("IpAddress", "10.0.0"),
        ("ArnLike", "role/a"),
        ("", ""),
    ] {
        let clause = Clause::new(operator, "k", &[value], Variables::Read);
        let said = clause.evaluate(&Context::default());
        assert!(matches!(said, Formula::Doubt(_)), "{operator} {value}: {said:?}");
    }
}

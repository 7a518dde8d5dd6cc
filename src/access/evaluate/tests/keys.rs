//! Condition keys and variables through the layers: "AWS global condition context keys",
//! "Condition keys for AWS KMS", "IAM policy elements: Variables and tags", "IAM JSON policy
//! elements: Condition operators".

use super::*;

/// A key policy that allows everybody on a condition.
fn on_condition(condition: Value) -> Line {
    decrypt(ANA).key_policy(with_condition(allow_to(ANA), condition))
}

#[test]
fn keys_ignore_case_and_values_respect_it() {
    for (written, given, value, verdict) in [
        ("kms:ViaService", "kms:viaservice", "s3", "Allowed"),
        ("KMS:VIASERVICE", "kms:ViaService", "s3", "Allowed"),
        ("kms:ViaService", "kms:ViaService", "S3", "ImplicitDeny"),
        ("aws:PrincipalTag/Team", "aws:principaltag/team", "s3", "Allowed"),
    ] {
        on_condition(json!({"StringEquals": {written: "s3"}})).context(given, value.into()).is(verdict);
    }
}

#[test]
fn several_operators_and_several_keys_all_have_to_hold() {
    let both = json!({"StringEquals": {"kms:ViaService": "s3", "kms:CallerAccount": ACCOUNT},
                      "Bool": {"aws:SecureTransport": true}});
    let line = on_condition(both)
        .context("kms:ViaService", "s3".into())
        .context("kms:CallerAccount", ACCOUNT.into());
    line.clone().is("ImplicitDeny");
    line.clone().context("aws:SecureTransport", true.into()).is("Allowed");
    line.clone().context("aws:SecureTransport", "false".into()).is("ImplicitDeny");
    line.context("aws:SecureTransport", true.into())
        .context("kms:ViaService", "ec2".into())
        .is("ImplicitDeny");
}

#[test]
fn services_are_known_by_who_they_work_for() {
    let by = |condition: Value| {
        decrypt("s3.amazonaws.com")
            .key_policy(json!({"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "kms:Decrypt", "Resource": "*", "Condition": condition}))
    };
    let ours = json!({"StringEquals": {"aws:SourceAccount": ACCOUNT}});
    by(ours.clone()).is("ImplicitDeny");
    by(ours.clone()).context("aws:SourceAccount", ACCOUNT.into()).is("Allowed");
    by(ours.clone()).context("aws:SourceAccount", OTHER.into()).is("ImplicitDeny");
    let answer = by(ours).discover().is("AllowedIf");
    assert_eq!(answer["conditions"], json!(["aws:SourceAccount is `111122223333`"]));
    by(json!({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::records*"}}))
        .context("aws:SourceArn", "arn:aws:s3:::records-1".into())
        .is("Allowed");
}

/// "Default key policy", and "kms:CallerAccount": all identities of one account, through one service.
#[test]
fn the_policy_of_an_aws_managed_key_means_one_account_through_one_service() {
    let line = |who: &str, account: &str| {
        decrypt(who)
            .identity(allow("kms:*"))
            .key_policy(with_condition(
                json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*"}),
                json!({"StringEquals": {"kms:CallerAccount": ACCOUNT, "kms:ViaService": "s3.eu-west-1.amazonaws.com"}}),
            ))
            .context("kms:CallerAccount", account.into())
    };
    line(ANA, ACCOUNT).is("ImplicitDeny");
    line(ANA, ACCOUNT).context("kms:ViaService", "s3.eu-west-1.amazonaws.com".into()).is("Allowed");
    line(STRANGER, OTHER).context("kms:ViaService", "s3.eu-west-1.amazonaws.com".into()).is("ImplicitDeny");
}

/// "Policy variables with no value": "There is no equal or like value."
#[test]
fn variables_in_resources_need_a_value_a_default_and_the_version() {
    let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
    let to = |pattern: &str| {
        json!({"Effect": "Allow", "Action": "kms:Decrypt",
        "Resource": format!("arn:aws:kms:eu-west-1:111122223333:key/{pattern}")})
    };
    let by = |pattern: &str| decrypt(ANA).key_policy(delegated()).identity(to(pattern));
    by("${aws:PrincipalTag/key}").is("ImplicitDeny");
    by("${aws:PrincipalTag/key}").context("aws:PrincipalTag/key", id.into()).is("Allowed");
    by("${aws:PrincipalTag/key}*").is("ImplicitDeny");
    by(&format!("${{aws:PrincipalTag/key, '{id}'}}")).is("Allowed");
    by(&format!("${{aws:PrincipalTag/key, '{id}'}}"))
        .context("aws:PrincipalTag/key", "x".into())
        .is("ImplicitDeny");
    // A value is no pattern, and neither is a default.
    by("${aws:PrincipalTag/key}").context("aws:PrincipalTag/key", "*".into()).is("ImplicitDeny");
    by("${aws:PrincipalTag/key, '*'}").is("ImplicitDeny");
    // Without the version of 2012 it is a text that no key has.
    let mut old = policy(to("${aws:PrincipalTag/key}"));
    for version in [json!("2008-10-17"), Value::Null] {
        old["Version"] = version.clone();
        if version.is_null() {
            old.as_object_mut().unwrap().remove("Version");
        }
        decrypt(ANA)
            .key_policy(delegated())
            .with("identity_policies", json!([old]))
            .context("aws:PrincipalTag/key", id.into())
            .is("ImplicitDeny");
    }
    // What is not among the resources but for a value that is not there, is excepted from nothing.
    let but = json!([allow("kms:*"), {"Effect": "Deny", "Action": "kms:*",
        "NotResource": "arn:aws:kms:eu-west-1:111122223333:key/${aws:PrincipalTag/key}"}]);
    let line = decrypt(ANA).key_policy(delegated()).identity(but);
    line.clone().is("ExplicitDeny");
    line.clone().context("aws:PrincipalTag/key", id.into()).is("Allowed");
    line.discover().is("AllowedIf");
}

/// A variable that nobody knows is no condition where another value fits anyway.
#[test]
fn what_holds_whatever_a_variable_is_needs_no_condition() {
    let line = on_condition(json!({"StringEquals": {"kms:ViaService": ["s3", "${aws:PrincipalTag/via}"]}}));
    line.clone().discover().context("kms:ViaService", "s3".into()).is("Allowed");
    line.discover().context("kms:ViaService", "ec2".into()).is("AllowedIf");
}

/// "ForAllValues" is true without the key, which "Null" forbids beside it.
#[test]
fn for_all_values_without_the_key_is_true_unless_null_asks_for_it() {
    let all = json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}});
    on_condition(all).is("Allowed");
    let careful =
        json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}, "Null": {"aws:TagKeys": "false"}});
    on_condition(careful.clone()).is("ImplicitDeny");
    on_condition(careful.clone()).context("aws:TagKeys", json!(["team"])).is("Allowed");
    on_condition(careful).context("aws:TagKeys", json!(["team", "cost"])).is("ImplicitDeny");
}

/// "Single-valued vs. multivalued context keys": such a key has several values at once, so that
/// two layers which ask for different ones do not exclude each other.
#[test]
fn layers_that_ask_for_different_values_of_one_multivalued_key_can_both_hold() {
    let asks = |alias: &str| json!({"ForAnyValue:StringEquals": {"kms:ResourceAliases": alias}});
    let plain = |alias: &str| json!({"StringEquals": {"kms:ResourceAliases": alias}});
    for ask in [&asks as &dyn Fn(&str) -> Value, &plain] {
        let line = decrypt(ANA)
            .key_policy(with_condition(delegated(), ask("alias/a")))
            .identity(with_condition(allow("kms:*"), ask("alias/b")));
        line.clone().discover().is("AllowedIf");
        line.context("kms:ResourceAliases", json!(["alias/a", "alias/b"])).is("Allowed");
    }
}

/// "${*}, ${?}, ${$}" mean the letters, and a condition on them can be met.
#[test]
fn escaped_letters_are_compared_as_letters() {
    let line = decrypt(ANA)
        .key_policy(with_condition(delegated(), json!({"StringEquals": {"kms:ViaService": "${*}"}})))
        .identity(json!([
            allow("kms:*"),
            with_condition(deny("kms:*"), json!({"StringNotEquals": {"kms:ViaService": "*"}}))
        ]));
    line.clone().discover().is("AllowedIf");
    line.context("kms:ViaService", "*".into()).is("Allowed");
}

/// "NotAction", "NotResource" in allows and denies.
#[test]
fn all_but_a_list_is_everything_else() {
    let by = |statements: Value| decrypt(ANA).key_policy(delegated()).identity(statements);
    for (statements, verdict) in [
        (json!({"Effect": "Allow", "NotAction": "kms:decrypt", "Resource": "*"}), "ImplicitDeny"),
        (json!({"Effect": "Allow", "NotAction": ["iam:*", "kms:Dec"], "Resource": "*"}), "Allowed"),
        (json!([allow("*"), {"Effect": "Deny", "NotAction": ["kms:D*"], "Resource": "*"}]), "Allowed"),
        (json!([allow("*"), {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}]), "ExplicitDeny"),
        (json!([allow("*"), {"Effect": "Deny", "Action": "kms:*", "NotResource": KEY}]), "Allowed"),
        (
            json!([allow("*"), {"Effect": "Deny", "Action": "kms:*", "NotResource": "arn:aws:kms:us-*"}]),
            "ExplicitDeny",
        ),
        (
            json!([allow("*"), {"Effect": "Deny", "NotAction": "s3:*", "NotResource": "arn:aws:kms:*"}]),
            "Allowed",
        ),
        (json!({"Effect": "Allow", "NotAction": "s3:*", "NotResource": "arn:aws:s3:::*"}), "Allowed"),
    ] {
        by(statements).is(verdict);
    }
    for element in ["NotAction", "NotResource"] {
        let mut statement = deny("kms:*");
        statement.as_object_mut().unwrap().remove(&element[3..]);
        statement[element] = json!([]);
        let answer = by(json!([allow("*"), statement])).is("Unknown");
        assert!(answer["because"].to_string().contains("names nothing"), "{answer}");
    }
}

use super::*;

fn via(service: &str) -> Value {
    json!({"StringEquals": {"kms:ViaService": service}})
}

const S3: &str = "s3.eu-west-1.amazonaws.com";

#[test]
fn what_is_unknown_becomes_a_condition() {
    let line = decrypt(ANA).key_policy(delegated()).identity(with_condition(allow("kms:*"), via(S3)));
    line.clone().is("ImplicitDeny");
    let answer = line.clone().discover().is("AllowedIf");
    assert_eq!(answer["conditions"], json!([format!("kms:ViaService is `{S3}`")]));
    line.clone().discover().context("kms:ViaService", S3.into()).is("Allowed");
    line.clone()
        .discover()
        .context("kms:ViaService", "ec2.eu-west-1.amazonaws.com".into())
        .is("ImplicitDeny");
    line.discover().context("kms:ViaService", Value::Null).is("ImplicitDeny");
}

#[test]
fn conditions_of_all_layers_come_together() {
    let line = decrypt(ANA)
        .key_policy(with_condition(delegated(), json!({"StringEquals": {"kms:CallerAccount": ACCOUNT}})))
        .identity(json!([
            with_condition(allow("kms:*"), via(S3)),
            with_condition(deny("kms:*"), json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}})),
        ]));
    let answer = line.discover().is("AllowedIf");
    assert_eq!(
        answer["conditions"],
        json!([
            "kms:CallerAccount is `111122223333`",
            format!("kms:ViaService is `{S3}`"),
            "aws:MultiFactorAuthPresent is not `false`, or is absent",
        ])
    );
    assert_eq!(answer["because"].as_array().unwrap().len(), 3);
}

#[test]
fn a_condition_that_a_deny_takes_away_is_no_way_in() {
    let line = |allows: Value, denies: Value| {
        decrypt(ANA)
            .key_policy(delegated())
            .identity(json!([with_condition(allow("kms:*"), allows), with_condition(deny("kms:*"), denies)]))
            .discover()
    };
    line(via(S3), via(S3)).is("ExplicitDeny");
    line(via(S3), json!({"StringNotEquals": {"kms:ViaService": "ec2.eu-west-1.amazonaws.com"}}))
        .is("ExplicitDeny");
    line(via(S3), json!({"StringLike": {"kms:ViaService": "s3.*"}})).is("ExplicitDeny");
    line(via(S3), json!({"Null": {"kms:ViaService": "false"}})).is("ExplicitDeny");
    line(json!({"Null": {"kms:ViaService": "true"}}), json!({"StringNotEquals": {"kms:ViaService": S3}}))
        .is("ExplicitDeny");
    line(via(S3), json!({"StringLike": {"kms:ViaService": "ec2.*"}})).is("AllowedIf");
    line(json!({"StringEquals": {"kms:ViaService": [S3, "ec2.eu-west-1.amazonaws.com"]}}), via(S3))
        .is("AllowedIf");
    line(via(S3), json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}})).is("AllowedIf");
}

#[test]
fn layers_that_exclude_each_other_are_an_implicit_deny() {
    let line = decrypt(ANA)
        .key_policy(with_condition(delegated(), via("ec2.eu-west-1.amazonaws.com")))
        .identity(with_condition(allow("kms:*"), via(S3)))
        .discover();
    let answer = line.is("ImplicitDeny");
    assert!(answer["because"][0]["missing"].as_str().unwrap().contains("exclude each other"));
}

#[test]
fn if_exists_and_sets_are_put_in_words() {
    for (condition, words) in [
        (
            json!({"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}),
            "aws:SourceVpc is absent or aws:SourceVpc is `vpc-1`",
        ),
        (
            json!({"ForAnyValue:StringLike": {"kms:ResourceAliases": ["alias/a*", "alias/b*"]}}),
            "at least one value of kms:ResourceAliases matches one of `alias/a*`, `alias/b*`",
        ),
        (json!({"ForAllValues:StringNotEquals": {"aws:TagKeys": "x"}}), "no value of aws:TagKeys is `x`"),
        (
            json!({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
            "aws:SourceIp does not lie in `10.0.0.0/8`, or is absent",
        ),
        (json!({"Null": {"aws:TokenIssueTime": "false"}}), "aws:TokenIssueTime is present"),
        (
            json!({"StringEquals": {"aws:PrincipalTag/team": "${aws:ResourceTag/team}"}}),
            "aws:PrincipalTag/team is `${aws:ResourceTag/team}`",
        ),
    ] {
        let answer =
            decrypt(ANA).key_policy(with_condition(allow_to(ANA), condition)).discover().is("AllowedIf");
        assert_eq!(answer["conditions"], json!([words]));
    }
}

#[test]
fn two_ways_are_told_as_alternatives_and_a_sure_way_ends_the_question() {
    let two = json!([
        with_condition(allow_to(ANA), via(S3)),
        with_condition(allow_to(ANA), json!({"Bool": {"aws:ViaAWSService": true}}))
    ]);
    let answer = decrypt(ANA).key_policy(two.clone()).discover().is("AllowedIf");
    assert_eq!(
        answer["conditions"],
        json!([format!("kms:ViaService is `{S3}` or aws:ViaAWSService is `true`")])
    );
    decrypt(ANA).key_policy(json!([two[0], two[1], allow_to(ANA)])).discover().is("Allowed");
}

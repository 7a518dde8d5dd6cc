use super::*;
use crate::access::evaluate::{Caller, Grant, Held, Layers, Request, Verdict, decide};

const NOBODY: &[&str] = &[];

fn none() -> Value {
    json!([])
}

/// "Key policies in AWS KMS", "Default key policy".
#[test]
fn a_key_policy_has_to_allow_or_to_leave_it_to_iam() {
    let can = allow("kms:Decrypt");
    decrypt(ANA).identity(can.clone()).key_policy(delegated()).is("Allowed");
    decrypt(ANA).identity(can.clone()).key_policy(allow_to(ACCOUNT)).is("Allowed");
    decrypt(ANA).with("identity_policies", none()).key_policy(allow_to(ANA)).is("Allowed");
    decrypt(ANA).key_policy(allow_to(ANA)).is("Allowed");
    decrypt(ANA).key_policy(allow_to("*")).is("Allowed");
    for silent in [
        allow_to(APP),
        allow_to(OTHER),
        none(),
        allow("kms:Decrypt"),
        json!([{
        "Effect": "Allow", "Principal": {"AWS": NOBODY}, "Action": "kms:*", "Resource": "*"}]),
    ] {
        let answer = decrypt(ANA).identity(can.clone()).key_policy(silent).is("ImplicitDeny");
        assert_eq!(answer["because"][0]["layer"], "resource policy");
    }
    let answer = decrypt(ANA).identity(allow("kms:Encrypt")).key_policy(delegated()).is("ImplicitDeny");
    assert_eq!(answer["because"][0]["layer"], "identity policies");
    decrypt(ANA).key_policy(delegated()).is("ImplicitDeny");
    // A key always has a policy; without it nobody can say.
    decrypt(ANA).identity(can).is("Unknown");
}

#[test]
fn the_statements_that_decided_are_named_with_their_places() {
    let answer = decrypt(ANA).identity(allow("kms:Decrypt")).key_policy(delegated()).is("Allowed");
    let because = answer["because"].as_array().unwrap();
    assert_eq!(because[0]["layer"], "resource policy");
    assert_eq!(because[0]["statement"], "Enable IAM User Permissions");
    assert_eq!(because[1]["layer"], "identity policies");
    assert_eq!(because[1]["policy"], "identity policy 1");
    assert_eq!(because[1]["statement"], "statement 1");
    let line = decrypt(ANA).identity(allow("kms:Decrypt")).key_policy(delegated()).0.to_string();
    let column = usize::try_from(because[0]["column"].as_u64().unwrap()).unwrap();
    assert!(line[column - 1..].starts_with(r#"{"Sid":"Enable IAM"#), "{}", &line[column - 1..]);
}

/// "Key policies in AWS KMS": conditions of the statement that delegates hold for IAM too.
#[test]
fn conditions_of_the_delegating_statement_carry_over() {
    let narrow = with_condition(delegated(), json!({"StringEquals": {"kms:CallerAccount": ACCOUNT}}));
    let line = decrypt(ANA).identity(allow("kms:*")).key_policy(narrow);
    line.clone().is("ImplicitDeny");
    line.clone().context("kms:CallerAccount", ACCOUNT.into()).is("Allowed");
    line.context("kms:CallerAccount", OTHER.into()).is("ImplicitDeny");
}

/// "Policy evaluation logic": "an explicit deny in any of these policies overrides the allow".
#[test]
fn an_explicit_deny_wins_wherever_it_stands() {
    let open = decrypt(ANA).identity(allow("kms:*")).key_policy(json!([delegated(), allow_to(ANA)]));
    open.clone().is("Allowed");
    let both = json!([allow("*"), deny("kms:Decrypt")]);
    for (layer, line) in [
        ("identity policies", open.clone().identity(both.clone())),
        ("permissions boundary", open.clone().boundary(both.clone())),
        ("session policies", open.clone().session(both.clone())),
        ("resource policy", open.clone().key_policy(json!([allow_to(ANA), deny_to(ANA)]))),
        ("resource policy", open.clone().key_policy(json!([allow_to(ANA), deny_to("*")]))),
        ("resource policy", open.clone().key_policy(json!([allow_to(ANA), deny_to(ACCOUNT)]))),
        (
            "service control policies, level 2",
            open.clone().with("scps", json!([[policy(allow("*"))], [policy(both.clone())]])),
        ),
        (
            "resource control policies, level 1",
            open.clone().with(
                "rcps",
                json!([[policy(json!([
            {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}, deny_to("*")]))]]),
            ),
        ),
    ] {
        let answer = line.is("ExplicitDeny");
        assert_eq!(answer["because"][0]["layer"], layer);
        assert_eq!(answer["because"][0]["effect"], "Deny");
    }
}

/// "SCP evaluation": "an Allow statement at every level".
#[test]
fn guardrails_have_to_allow_at_every_level() {
    let line = decrypt(ANA).identity(allow("kms:*")).key_policy(delegated());
    let full = || policy(allow("*"));
    for name in ["scps", "rcps"] {
        line.clone().with(name, json!([[full()], [full()]])).is("Allowed");
        line.clone().with(name, json!([[full()], [policy(allow("s3:*")), full()]])).is("Allowed");
        line.clone().with(name, json!([[full()], [policy(allow("s3:*"))]])).is("ImplicitDeny");
        line.clone().with(name, json!([[], [full()]])).is("ImplicitDeny");
        line.clone().with(name, json!([])).is("Allowed");
    }
}

/// "Service control policies", "Tasks and entities not restricted by SCPs"; "Resource
/// control policies", "Resources and entities not restricted by RCPs".
#[test]
fn guardrails_spare_the_management_account_and_service_linked_roles() {
    let none_of_it = json!([[policy(deny("*"))]]);
    let scp = |line: Line| line.with("scps", none_of_it.clone());
    let rcp = |line: Line| line.with("rcps", json!([[policy(deny_to("*"))]]));
    let line = decrypt(ANA).identity(allow("kms:*")).key_policy(delegated());
    scp(line.clone()).is("ExplicitDeny");
    scp(line.clone()).request("management_account", ACCOUNT.into()).is("Allowed");
    scp(line.clone()).request("management_account", OTHER.into()).is("ExplicitDeny");
    rcp(line.clone()).is("ExplicitDeny");
    rcp(line).request("management_account", ACCOUNT.into()).is("Allowed");
    let linked = "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX";
    let line = decrypt(linked).key_policy(allow_to(linked));
    scp(line.clone()).is("Allowed");
    rcp(line).is("Allowed");
    let line = decrypt(APP).key_policy(allow_to(APP));
    scp(line.clone()).is("ExplicitDeny");
    scp(line).request("service_linked", true.into()).is("Allowed");
    // The root of a member account is bound as everybody else.
    scp(decrypt(ROOT).key_policy(delegated())).is("ExplicitDeny");
    // Services are no principals of an account: only resource control policies bind them.
    let service = decrypt("s3.amazonaws.com").key_policy(json!({
        "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "kms:*", "Resource": "*"}));
    service.clone().is("Allowed");
    scp(service.clone()).is("Allowed");
    rcp(service).is("ExplicitDeny");
}

/// "Permissions boundaries for IAM entities", "Resource-based policies"; "How AWS
/// enforcement code logic evaluates requests", "Resource-based policies".
#[test]
fn boundaries_limit_what_identities_and_role_arns_are_given() {
    let silent = allow("s3:*");
    let (through_iam, direct) = (delegated(), allow_to);
    for (principal, key_policy, verdict) in [
        (ANA, through_iam.clone(), "ImplicitDeny"),
        (APP, through_iam, "ImplicitDeny"),
        (ANA, direct(ANA), "Allowed"),
        (APP, direct(APP), "ImplicitDeny"),
        (APP_SESSION, direct(APP), "ImplicitDeny"),
        (APP_SESSION, direct(APP_SESSION), "Allowed"),
        (ANA, direct("*"), "Allowed"),
        (APP_SESSION, direct("*"), "Allowed"),
    ] {
        let line = decrypt(principal).identity(allow("kms:*")).key_policy(key_policy);
        line.clone().is("Allowed");
        line.clone().boundary(allow("kms:*")).is("Allowed");
        let answer = line.boundary(silent.clone()).is(verdict);
        if verdict == "ImplicitDeny" {
            assert_eq!(answer["because"][0]["layer"], "permissions boundary");
        }
    }
    // A boundary grants nothing.
    decrypt(ANA).identity(allow("s3:*")).key_policy(delegated()).boundary(allow("kms:*")).is("ImplicitDeny");
    // Absent is not empty.
    decrypt(ANA).identity(allow("kms:*")).key_policy(delegated()).boundary(json!([])).is("ImplicitDeny");
    decrypt(ROOT).key_policy(delegated()).boundary(silent).is("Allowed");
}

/// "How AWS enforcement code logic evaluates requests", "Session policies".
#[test]
fn session_policies_limit_what_roles_are_given_and_not_what_sessions_are() {
    for (key_policy, verdict) in
        [(delegated(), "ImplicitDeny"), (allow_to(APP), "ImplicitDeny"), (allow_to(APP_SESSION), "Allowed")]
    {
        let line = decrypt(APP_SESSION).identity(allow("kms:*")).key_policy(key_policy);
        line.clone().session(allow("kms:Decrypt")).is("Allowed");
        line.clone().session(allow("kms:Encrypt")).is(verdict);
        line.with("session_policies", json!([])).is(verdict);
    }
}

/// "Cross-account policy evaluation logic"; "Allowing users in other accounts to use a KMS key".
#[test]
fn across_accounts_both_sides_have_to_allow() {
    for names in [STRANGER, OTHER, "arn:aws:iam::444455556666:root", "*"] {
        let line = decrypt(STRANGER).key_policy(allow_to(names));
        line.clone().identity(allow("kms:*")).is("Allowed");
        let answer = line.clone().identity(allow("s3:*")).is("ImplicitDeny");
        assert_eq!(answer["because"][0]["layer"], "identity policies");
        line.clone().identity(allow("kms:*")).boundary(allow("s3:*")).is("ImplicitDeny");
        // Policies of the other account are not here: nobody can say.
        line.is("Unknown");
    }
    let answer = decrypt(STRANGER).identity(allow("kms:*")).key_policy(delegated()).is("ImplicitDeny");
    assert_eq!(answer["because"][0]["layer"], "resource policy");
    decrypt("arn:aws:iam::444455556666:root").key_policy(allow_to(OTHER)).is("Allowed");
    // Who owns a bucket is said beside it, for its ARN does not say it.
    let object = on(STRANGER, "s3:GetObject", "arn:aws:s3:::records/1").identity(allow("s3:*"));
    object.clone().request("resource_account", ACCOUNT.into()).is("ImplicitDeny");
    object.request("resource_account", OTHER.into()).is("Allowed");
}

/// "Policy evaluation for requests within a single account": either side suffices, but for
/// keys and for the trust policies of roles.
#[test]
fn within_an_account_most_resources_need_one_side_only() {
    let object = || on(ANA, "s3:GetObject", "arn:aws:s3:::records/1");
    object().identity(allow("s3:GetObject")).is("Allowed");
    object()
        .with("identity_policies", json!([]))
        .key_policy(json!({
        "Effect": "Allow", "Principal": {"AWS": ANA}, "Action": "s3:*", "Resource": "*"}))
        .is("Allowed");
    object().with("identity_policies", json!([])).is("ImplicitDeny");
    on(ANA, "kms:ListKeys", "*").identity(allow("kms:List*")).is("Allowed");
    let assume = || on(ANA, "sts:AssumeRole", APP).identity(allow("sts:AssumeRole"));
    let trusts =
        |who: &str| json!({"Effect": "Allow", "Principal": {"AWS": who}, "Action": "sts:AssumeRole"});
    assume().key_policy(trusts(ACCOUNT)).is("Allowed");
    assume().key_policy(trusts(OTHER)).is("ImplicitDeny");
    assume().with("identity_policies", json!([])).key_policy(trusts(ACCOUNT)).is("ImplicitDeny");
    assume().with("identity_policies", json!([])).key_policy(trusts(ANA)).is("Allowed");
}

/// "Grammar of the IAM JSON policy language"; "IAM JSON policy elements: Action, Resource,
/// NotAction, NotResource"; "IAM policies in AWS KMS": keys are named by their ARNs.
#[test]
fn actions_ignore_case_and_resources_respect_it() {
    let by = |statement: Value| decrypt(ANA).key_policy(delegated()).identity(statement);
    let act = |action: Value| by(json!({"Effect": "Allow", "Action": action, "Resource": "*"}));
    let res = |resource: Value| by(json!({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": resource}));
    for action in ["*", "kms:*", "KMS:decrypt", "kms:Decryp?", "kms:De*", "k*:*t", "kms:*Decrypt*"] {
        act(action.into()).is("Allowed");
        act(json!(["s3:GetObject", action])).is("Allowed");
    }
    for action in [" kms:Decrypt", "kms:Decrypt ", "kms:", "kms:Decrypt?", "kms:ReEncrypt*", "s3:*"] {
        act(action.into()).is("ImplicitDeny");
    }
    for resource in ["*", KEY, "arn:aws:kms:*:111122223333:key/*", "arn:aws:kms:*"] {
        res(resource.into()).is("Allowed");
        res(json!(["arn:aws:s3:::x", resource])).is("Allowed");
    }
    for resource in [
        "arn:aws:kms:eu-west-1:111122223333:alias/pii",
        "arn:aws:kms:*:111122223333:alias/*",
        "arn:aws:kms:us-east-1:111122223333:key/*",
        "arn:aws:kms:eu-west-1:444455556666:key/*",
        "arn:aws:kms:eu-west-1:111122223333:KEY/*",
    ] {
        res(resource.into()).is("ImplicitDeny");
    }
    by(json!({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"})).is("Allowed");
    by(json!({"Effect": "Allow", "NotAction": ["s3:*", "kms:*"], "Resource": "*"})).is("ImplicitDeny");
    by(json!({"Effect": "Allow", "Action": "kms:*", "NotResource": "arn:aws:s3:::*"})).is("Allowed");
    by(json!({"Effect": "Allow", "Action": "kms:*", "NotResource": KEY})).is("ImplicitDeny");
    by(json!([allow("kms:*"), {"Effect": "Deny", "NotAction": "kms:Decrypt", "Resource": "*"}]))
        .is("Allowed");
    by(json!([allow("kms:*"), {"Effect": "Deny", "NotAction": "kms:Encrypt", "Resource": "*"}]))
        .is("ExplicitDeny");
}

/// "kms:ResourceAliases", "kms:RequestAlias": how a policy gives keys by their aliases.
#[test]
fn aliases_work_through_their_condition_keys() {
    let by = |condition: Value| {
        decrypt(ANA).key_policy(delegated()).identity(with_condition(allow("kms:Decrypt"), condition))
    };
    by(json!({"StringEquals": {"kms:RequestAlias": "alias/pii"}}))
        .context("kms:RequestAlias", "alias/pii".into())
        .is("Allowed");
    by(json!({"StringEquals": {"kms:RequestAlias": "alias/pii"}})).is("ImplicitDeny");
    by(json!({"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/pii*"}}))
        .context("kms:ResourceAliases", json!(["alias/other", "alias/pii-1"]))
        .is("Allowed");
}

#[test]
fn what_cannot_be_read_is_unknown_with_the_reason_and_never_silent() {
    let open = decrypt(ANA).key_policy(json!([delegated(), allow_to(ANA)])).identity(allow("kms:*"));
    for (broken, reason) in [
        (
            json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*"}]}),
            "neither Resource nor NotResource",
        ),
        (json!({"Version": "2012-10-17"}), "no Statement"),
        (json!({"Version": "2013-01-01", "Statement": []}), "Version"),
        (json!({"Statement": [{"Effect": "allow", "Action": "*", "Resource": "*"}]}), "Effect"),
        (json!({"Statement": [{"Action": "*", "Resource": "*"}]}), "has no Effect"),
        (json!({"Statement": [{"Effect": "Deny", "Resource": "*"}]}), "neither Action nor NotAction"),
        (json!({"Statement": [{"Effect": "Deny", "Action": 1, "Resource": "*"}]}), "a number"),
        (
            json!({"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*", "Conditions": {}}]}),
            "`Conditions`",
        ),
        (json!({"Statement": "x"}), "an object"),
        (policy(json!({"Effect": "Deny", "Action": "*", "Resource": "key/1234"})), "neither `*` nor an ARN"),
        (policy(json!({"Effect": "Deny", "Action": "Decrypt", "Resource": "*"})), "names no service"),
        (policy(with_condition(deny("*"), json!({"StringMatches": {"aws:x": "y"}}))), "`StringMatches`"),
        (policy(with_condition(deny("*"), json!({"NumericEquals": {"aws:x": "y"}}))), "`y` is no number"),
        (
            policy(with_condition(deny("*"), json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/33"}}))),
            "IP address",
        ),
        (
            json!("{\"Version\": \"2012-10-17\", \"Version\": \"2012-10-17\", \"Statement\": []}"),
            "stands twice",
        ),
        (json!("{\"Statement\": ["), "cannot be read"),
    ] {
        let answer = open
            .clone()
            .with("identity_policies", json!([policy(allow("kms:*")), broken.clone()]))
            .is("Unknown");
        let told = answer["because"].to_string();
        assert!(told.contains(&reason.replace('"', "\\\"")), "{reason} is not in {told}");
        // A deny for sure needs nothing else.
        open.clone()
            .with("identity_policies", json!([policy(deny("kms:Decrypt")), broken]))
            .is("ExplicitDeny");
    }
    let answer = decrypt(ANA).identity(allow("kms:*")).key_policy(json!({"Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111122223333:role/*"}, "Action": "*", "Resource": "*"}));
    assert!(answer.is("Unknown")["because"].to_string().contains("no form that AWS documents"));
}

#[test]
fn a_line_that_is_no_request_says_where() {
    for (line, message) in [
        ("{", "expected"),
        ("[]", "has to be an object"),
        (r#"{"id": "1"}"#, "no `request`"),
        (r#"{"id": "1", "request": {}}"#, "no `principal`"),
        (r#"{"id": "1", "id": "2", "request": {}}"#, "stands twice"),
        (
            r#"{"id": "1", "request": {"principal": "ana", "action": "kms:Decrypt", "resource": "*"}}"#,
            "`ana`",
        ),
        (
            r#"{"id": "1", "request": {"principal": "arn:aws:iam::1:root", "action": "kms:Decrypt", "resource": "*"}}"#,
            "no ARN",
        ),
        (
            r#"{"id": "1", "request": {"principal": "111122223333", "action": "kms:*", "resource": "*"}}"#,
            "single one",
        ),
        (r#"{"id": "1", "scp": [], "request": {}}"#, "did you mean `scps`?"),
        (
            r#"{"id": "1", "request": {"principal": "111122223333", "action": "kms:A", "resource": "*"}, "scps": [{}]}"#,
            "a list",
        ),
        (r#"{"request": {"principal": "111122223333", "action": "kms:A", "resource": "*"}}"#, "no `id`"),
    ] {
        let flaw = answer(line).unwrap_err();
        assert!(flaw.message.contains(message), "{line}: {}", flaw.message);
    }
}

#[test]
fn a_key_that_sleeps_is_told_and_not_dropped() {
    let line = decrypt(ANA).key_policy(allow_to(ANA));
    let answer = line.clone().request("key_state", "PendingDeletion".into()).is("Allowed");
    assert_eq!(answer["because"][1]["dormant"], "PendingDeletion");
    assert_eq!(
        line.request("key_state", "Enabled".into()).is("Allowed")["because"].as_array().unwrap().len(),
        1
    );
}

/// "The result of evaluating ... an explicit deny" (Policy evaluation logic): it wins over
/// every allow, so that what nobody has read leaves no allow certain.
#[test]
fn what_nobody_has_read_may_deny() {
    let grant = Grant {
        id: "g1".into(),
        grantee: ANA.into(),
        operations: vec!["Decrypt".into()],
        ..Grant::default()
    };
    let grants = [grant];
    let granted = Layers { grants: Held::Given(&grants), ..Layers::default() };
    let request = || Request::new(Caller::parse(ANA).unwrap(), "kms:Decrypt", KEY);
    assert_eq!(decide(&request(), &granted).verdict, Verdict::Allowed);
    let it = || "it".to_owned();
    let hidden = [
        Layers { resource: Held::Unknown(it()), ..granted.clone() },
        Layers { identity: Held::Unknown(it()), ..granted.clone() },
        Layers { boundary: Held::Unknown(it()), ..granted.clone() },
        Layers { sessions: Held::Unknown(it()), ..granted.clone() },
    ];
    for layers in hidden {
        assert_eq!(decide(&request(), &layers).verdict, Verdict::Unknown, "{layers:?}");
    }
}

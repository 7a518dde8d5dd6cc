//! What limits a grant, and what does not: "Grants in AWS KMS", "Retiring and revoking
//! grants", "Permissions boundaries for IAM entities", "SCP evaluation", "Resource control
//! policies (RCPs)", "Resource control policies in AWS KMS".

use super::*;

fn grant(grantee: &str, operations: &[&str]) -> Value {
    json!({"GrantId": "g1", "KeyId": KEY, "GranteePrincipal": grantee, "Operations": operations})
}

fn granted(principal: &str, operation: &str, grant: Value) -> Line {
    on(principal, &format!("kms:{operation}"), KEY)
        .key_policy(json!([]))
        .with("identity_policies", json!([]))
        .with("grants", json!([grant]))
}

fn full() -> Value {
    json!([[policy(allow("*"))]])
}

/// AWS names no boundary and no session policy that limits a grant by its silence; an explicit
/// deny in either does.
#[test]
fn silence_of_a_boundary_or_a_session_policy_does_not_limit_a_grant() {
    for who in [ANA, APP, APP_SESSION] {
        let line = granted(who, "Decrypt", grant(who, &["Decrypt"]));
        line.clone().boundary(allow("s3:*")).is("Allowed");
        line.clone().boundary(json!([])).is("Allowed");
        line.clone().session(allow("s3:*")).is("Allowed");
        line.clone().boundary(json!([allow("*"), deny("kms:Decrypt")])).is("ExplicitDeny");
        line.session(json!([allow("*"), deny("kms:Decrypt")])).is("ExplicitDeny");
    }
}

/// A grant to an account leaves the choice to IAM, and IAM has its limits.
#[test]
fn a_grant_to_an_account_is_limited_as_iam_is() {
    for who in [ANA, APP, APP_SESSION] {
        let line = granted(who, "Decrypt", grant(ACCOUNT, &["Decrypt"])).identity(allow("kms:Decrypt"));
        line.clone().is("Allowed");
        line.clone().boundary(allow("s3:*")).is("ImplicitDeny");
        line.clone().boundary(allow("kms:*")).is("Allowed");
        line.clone().session(allow("s3:*")).is("ImplicitDeny");
        line.identity(allow("kms:Encrypt")).is("ImplicitDeny");
    }
    let foreign = granted(STRANGER, "Decrypt", grant(OTHER, &["Decrypt"]));
    foreign.clone().is("ImplicitDeny");
    foreign.clone().identity(allow("kms:Decrypt")).is("Allowed");
    foreign.identity(allow("kms:Decrypt")).boundary(allow("s3:*")).is("ImplicitDeny");
}

/// "SCP evaluation": no principal of a member account does what a level does not allow.
#[test]
fn guardrails_limit_grantees_as_everybody() {
    for who in [ANA, APP, APP_SESSION, ROOT] {
        let line = granted(who, "Decrypt", grant(who, &["Decrypt"]));
        line.clone().with("scps", full()).is("Allowed");
        line.clone().with("scps", json!([[policy(allow("*"))], [policy(allow("s3:*"))]])).is("ImplicitDeny");
        line.clone().with("scps", json!([[policy(json!([allow("*"), deny("kms:*")]))]])).is("ExplicitDeny");
        line.clone().with("rcps", json!([[policy(json!([allow_to("*"), deny_to("*")]))]])).is("ExplicitDeny");
        let spared = line.with("scps", json!([[policy(deny("*"))]]));
        spared.request("management_account", ACCOUNT.into()).is("Allowed");
    }
    // Services are bound by no SCP, and resource control policies name them as everybody.
    let service = granted("dynamodb.amazonaws.com", "Decrypt", grant("dynamodb.amazonaws.com", &["Decrypt"]));
    service.clone().with("scps", json!([[policy(deny("*"))]])).is("Allowed");
    service.clone().with("rcps", json!([[policy(json!([deny_to("*")]))]])).is("ExplicitDeny");
    let perimeter = with_condition(deny_to("*"), json!({"Bool": {"aws:PrincipalIsAWSService": "false"}}));
    let rcps = json!([[policy(json!([allow_to("*"), perimeter]))]]);
    service.with("rcps", rcps.clone()).context("aws:PrincipalIsAWSService", true.into()).is("Allowed");
    let ana = granted(ANA, "Decrypt", grant(ANA, &["Decrypt"])).with("rcps", rcps);
    ana.context("aws:PrincipalIsAWSService", false.into()).is("ExplicitDeny");
    let linked = "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX";
    let line = granted(linked, "Decrypt", grant(linked, &["Decrypt"]));
    line.clone().with("scps", json!([[policy(deny("*"))]])).is("Allowed");
    line.with("rcps", json!([[policy(json!([deny_to("*")]))]])).is("Allowed");
}

/// "RCPFullAWSAccess can't be detached", and a policy of one's own may only deny ("RCP syntax").
#[test]
fn resource_control_policies_that_only_deny_take_away_nothing_else() {
    let line = decrypt(ANA).key_policy(allow_to(ANA));
    let of = |effect: &str, action: &str| json!({"Effect": effect, "Principal": "*", "Action": action, "Resource": "*"});
    let denies = |action: &str| json!([policy(of("Deny", action))]);
    line.clone().with("rcps", json!([denies("s3:*"), denies("kms:Encrypt")])).is("Allowed");
    line.clone().with("rcps", json!([denies("s3:*"), denies("kms:*")])).is("ExplicitDeny");
    line.clone().with("rcps", json!([[policy(of("Allow", "s3:*"))]])).is("ImplicitDeny");
    line.clone().with("rcps", json!([[]])).is("ImplicitDeny");
    // Whom one policy names alone, AWS would refuse: "the Principal element must be `*`".
    for named in [json!({"AWS": APP}), json!({"AWS": ["*", APP]}), json!({"Service": "s3.amazonaws.com"})] {
        let mut statement = of("Deny", "kms:*");
        statement["Principal"] = named;
        let answer = line.clone().with("rcps", json!([[policy(statement)]])).is("Unknown");
        assert!(answer["because"].to_string().contains("everybody"), "{answer}");
    }
    line.with("scps", json!([[policy(deny("s3:*"))]])).is("ImplicitDeny");
}

/// "The kms:RetireGrant permission is not effective in a key policy or resource control
/// policy", and an IAM policy can deny it.
#[test]
fn key_policies_have_no_say_in_who_retires_a_grant() {
    let mut to_app = grant(APP, &["Decrypt"]);
    to_app["RetiringPrincipal"] = ANA.into();
    let deny_all = json!({"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"});
    let allow_all = json!({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"});
    let line = |who: &str| granted(who, "RetireGrant", to_app.clone());
    line(ANA).is("Allowed");
    line(ANA).key_policy(deny_all.clone()).is("Allowed");
    line(ANA).with("rcps", json!([[policy(deny_all)]])).is("Allowed");
    line(ANA).identity(deny("kms:RetireGrant")).is("ExplicitDeny");
    line(APP).key_policy(allow_all.clone()).is("ImplicitDeny");
    line(STRANGER).key_policy(allow_all).is("ImplicitDeny");
    // "The AWS account that owns the key can delegate" it to its users and roles.
    line(APP).identity(allow("kms:RetireGrant")).is("Allowed");
    line(ROOT).is("Allowed");
    line(STRANGER).identity(allow("kms:RetireGrant")).is("ImplicitDeny");
    // A retiring account of another organisation delegates in its own policies.
    to_app["RetiringPrincipal"] = "arn:aws:iam::444455556666:root".into();
    let line = granted(STRANGER, "RetireGrant", to_app);
    line.clone().is("ImplicitDeny");
    line.identity(allow("kms:RetireGrant")).is("Allowed");
}

/// "Allowing users in other accounts to use a KMS key": permission for other operations has no
/// effect across accounts.
#[test]
fn keys_of_other_accounts_are_used_and_not_managed() {
    let all = json!({"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "kms:*", "Resource": "*"});
    let act = |action: &str| on(STRANGER, action, KEY).key_policy(all.clone()).identity(allow("kms:*"));
    for action in [
        "kms:Decrypt",
        "kms:DeriveSharedSecret",
        "kms:GenerateDataKeyPairWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:VerifyMac",
        "kms:CreateGrant",
        "kms:ListGrants",
        "kms:RevokeGrant",
        "kms:DescribeKey",
        "kms:GetKeyRotationStatus",
        "kms:decrypt",
    ] {
        act(action).is("Allowed");
    }
    for action in ["kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:GetKeyPolicy"] {
        act(action).is("ImplicitDeny");
        on(ANA, action, KEY).key_policy(delegated()).identity(allow("kms:*")).is("Allowed");
    }
}

/// "Condition keys for AWS KMS": kms:GrantIsForAWSResource, kms:GrantOperations,
/// kms:GranteePrincipal, kms:GrantConstraintType, kms:RetiringPrincipal.
#[test]
fn who_may_create_grants_is_limited_by_conditions_on_the_grant() {
    let line = |condition: Value| {
        on(ANA, "kms:CreateGrant", KEY)
            .key_policy(delegated())
            .identity(with_condition(allow("kms:CreateGrant"), condition))
    };
    let aws = json!({"Bool": {"kms:GrantIsForAWSResource": "true"}});
    line(aws.clone()).is("ImplicitDeny");
    line(aws.clone()).context("kms:GrantIsForAWSResource", true.into()).is("Allowed");
    line(aws.clone()).context("kms:GrantIsForAWSResource", "false".into()).is("ImplicitDeny");
    let answer = line(aws).discover().is("AllowedIf");
    assert_eq!(answer["conditions"], json!(["kms:GrantIsForAWSResource is `true`"]));
    let few = json!({"ForAllValues:StringEquals": {"kms:GrantOperations": ["Encrypt", "Decrypt"]}});
    line(few.clone()).context("kms:GrantOperations", json!(["Decrypt"])).is("Allowed");
    line(few.clone()).context("kms:GrantOperations", json!(["Decrypt", "Sign"])).is("ImplicitDeny");
    // "ForAllValues returns true if there are no keys in the request."
    line(few).is("Allowed");
    let to = json!({"StringEquals": {"kms:GranteePrincipal": APP}});
    line(to.clone()).context("kms:GranteePrincipal", APP.into()).is("Allowed");
    line(to).context("kms:GranteePrincipal", STRANGER.into()).is("ImplicitDeny");
    let kind = json!({"StringEquals": {"kms:GrantConstraintType": "EncryptionContextSubset"}});
    line(kind.clone()).context("kms:GrantConstraintType", "EncryptionContextSubset".into()).is("Allowed");
    line(kind).is("ImplicitDeny");
    // A grant gives what it lists, whatever the conditions of policies on grants say.
    let deny_most =
        with_condition(deny("kms:CreateGrant"), json!({"Bool": {"kms:GrantIsForAWSResource": "false"}}));
    let by_grant = granted(ANA, "CreateGrant", grant(ANA, &["CreateGrant"])).identity(deny_most);
    by_grant.clone().context("kms:GrantIsForAWSResource", false.into()).is("ExplicitDeny");
    by_grant.context("kms:GrantIsForAWSResource", true.into()).is("Allowed");
}

/// A disabled key keeps its grants, and does nothing until it is enabled ("Key states of AWS
/// KMS keys"); a grant token says that a grant is there already, and gives no more ("Using a
/// grant token"): what ListGrants tells is all there is.
#[test]
fn grants_on_a_key_that_sleeps_are_told_as_dormant() {
    for state in ["Disabled", "PendingDeletion", "PendingImport", "Unavailable"] {
        let answer = granted(ANA, "Decrypt", grant(ANA, &["Decrypt"]))
            .request("key_state", state.into())
            .is("Allowed");
        assert_eq!(answer["because"][1]["dormant"], state);
    }
    granted(ANA, "Decrypt", grant(ANA, &["Decrypt"])).context("kms:GrantToken", "t".into()).is("Allowed");
}

/// A session of another role, and a role that only has the name in common, hold nothing.
#[test]
fn grants_to_roles_and_to_sessions_differ() {
    for (caller, grantee, verdict) in [
        (APP_SESSION, APP, "Allowed"),
        (APP_SESSION, "arn:aws:iam::111122223333:role/other", "ImplicitDeny"),
        (APP_SESSION, "arn:aws:iam::444455556666:role/service/app", "ImplicitDeny"),
        ("arn:aws:sts::444455556666:assumed-role/app/i-0abc", APP, "ImplicitDeny"),
        ("arn:aws:sts::111122223333:assumed-role/app/i-0abd", APP_SESSION, "ImplicitDeny"),
        (APP, "arn:aws:iam::111122223333:role/app", "ImplicitDeny"),
        (ROOT, ANA, "ImplicitDeny"),
        (ROOT, "arn:aws:iam::444455556666:root", "ImplicitDeny"),
        (
            "arn:aws:sts::111122223333:federated-user/f",
            "arn:aws:sts::111122223333:federated-user/f",
            "Allowed",
        ),
    ] {
        granted(caller, "Decrypt", grant(grantee, &["Decrypt"])).is(verdict);
    }
}

//! What nobody has seen, or can read, may allow and may deny: "Policy evaluation logic", by
//! which an explicit deny in any applicable policy decides.

use super::*;

fn granted(principal: &str) -> Line {
    decrypt(principal)
        .with("grants", json!([{"GrantId": "g1", "GranteePrincipal": principal, "Operations": ["Decrypt"]}]))
}

/// A layer that a line leaves out is absent: it neither allows nor denies.
#[test]
fn a_grant_stands_alone_where_layers_are_absent_and_falls_where_they_deny() {
    let line = granted(ANA);
    line.clone().is("Allowed");
    line.clone().key_policy(json!([])).is("Allowed");
    line.clone().key_policy(deny_to("*")).is("ExplicitDeny");
    line.identity(deny("kms:*")).is("ExplicitDeny");
    let line = granted(STRANGER);
    line.clone().is("Allowed");
    line.identity(deny("kms:Decrypt")).is("ExplicitDeny");
    // What names somebody of another account still needs the other side.
    decrypt(STRANGER).key_policy(allow_to(STRANGER)).is("Unknown");
}

/// "Policy evaluation for requests within a single account", IAM federated user sessions: the
/// session is given what names the user that opened it, limited by its session policies.
#[test]
fn who_opened_the_session_of_a_federated_user_its_arn_does_not_say() {
    let federated = "arn:aws:sts::111122223333:federated-user/guest";
    let line = decrypt(federated).with("identity_policies", json!([]));
    assert!(line.clone().key_policy(allow_to(ANA)).is("Unknown")["because"].to_string().contains("opened"));
    line.clone().key_policy(json!([allow_to(federated), deny_to(ANA)])).is("Unknown");
    line.clone().key_policy(json!([allow_to(federated), deny_to(federated)])).is("ExplicitDeny");
    line.key_policy(allow_to("arn:aws:iam::444455556666:user/ana")).is("ImplicitDeny");
}

/// A grantee that cannot be read is somebody, and nobody can say who.
#[test]
fn a_grantee_without_a_documented_form_leaves_doubt() {
    for (grantee, verdict) in [
        ("arn:aws:iam::1:role/app", "Unknown"),
        ("app", "Unknown"),
        ("ec2.amazonaws.com", "ImplicitDeny"),
        ("AROADBQP57FF2AEXAMPLE", "ImplicitDeny"),
    ] {
        decrypt(APP)
            .key_policy(json!([]))
            .with("identity_policies", json!([]))
            .with(
                "grants",
                json!([{"GrantId": "g1", "GranteePrincipal": grantee, "Operations": ["Decrypt"]}]),
            )
            .is(verdict);
    }
}

//! What nobody has seen may allow, and may deny: "Policy evaluation logic", by which an
//! explicit deny in any applicable policy decides.

use super::*;

fn granted(principal: &str) -> Line {
    decrypt(principal)
        .with("grants", json!([{"GrantId": "g1", "GranteePrincipal": principal, "Operations": ["Decrypt"]}]))
}

#[test]
fn a_grant_is_no_proof_while_the_key_policy_is_unseen() {
    let line = granted(ANA).with("identity_policies", json!([]));
    let answer = line.clone().is("Unknown");
    assert!(answer["because"].to_string().contains("the policy of the resource"), "{answer}");
    line.clone().key_policy(json!([])).is("Allowed");
    line.clone().key_policy(deny_to("*")).is("ExplicitDeny");
    line.identity(deny("kms:*")).is("ExplicitDeny");
}

#[test]
fn a_grant_to_another_account_is_no_proof_while_its_policies_are_unseen() {
    let line = granted(STRANGER).key_policy(json!([]));
    assert!(line.clone().is("Unknown")["because"].to_string().contains("from account 444455556666"));
    line.clone().with("identity_policies", json!([])).is("Allowed");
    line.clone().identity(deny("kms:Decrypt")).is("ExplicitDeny");
    // The root of an account has no policies that could be unseen.
    granted("arn:aws:iam::444455556666:root").key_policy(json!([])).is("Allowed");
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

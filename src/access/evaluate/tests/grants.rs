//! "Grants in AWS KMS", "Creating grants", "GrantConstraints", "ListGrants".

use super::*;

const SYMMETRIC: &[&str] = &[
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
];

const OTHERS: &[&str] = &[
    "CreateGrant",
    "DescribeKey",
    "GetPublicKey",
    "RetireGrant",
    "Sign",
    "Verify",
    "GenerateMac",
    "VerifyMac",
    "DeriveSharedSecret",
];

fn grant(grantee: &str, operations: &[&str]) -> Value {
    json!({"GrantId": "g1", "KeyId": KEY, "GranteePrincipal": grantee, "Operations": operations})
}

fn constrained(kind: &str) -> Value {
    let mut grant = grant(ANA, &[SYMMETRIC, OTHERS].concat());
    grant["Constraints"] = json!({kind: {"Department": "hr", "purpose": "payroll"}});
    grant
}

/// The key policy names nobody; only the grant can allow.
fn granted(principal: &str, operation: &str, grant: Value) -> Line {
    on(principal, &format!("kms:{operation}"), KEY)
        .key_policy(json!([]))
        .with("identity_policies", json!([]))
        .with("grants", json!([grant]))
}

#[test]
fn a_grant_allows_each_of_its_operations_without_key_policy_or_iam() {
    for operation in [SYMMETRIC, OTHERS].concat() {
        granted(ANA, operation, grant(ANA, &[operation])).is("Allowed");
        let others: Vec<_> =
            [SYMMETRIC, OTHERS].concat().into_iter().filter(|other| *other != operation).collect();
        granted(ANA, operation, grant(ANA, &others)).is("ImplicitDeny");
    }
}

#[test]
fn operations_that_only_sound_alike_are_not_granted() {
    for (action, operation) in [
        ("GenerateDataKeyWithoutPlaintext", "GenerateDataKey"),
        ("GenerateDataKey", "GenerateDataKeyPair"),
        ("ReEncryptTo", "ReEncryptFrom"),
        ("RevokeGrant", "RetireGrant"),
        ("PutKeyPolicy", "CreateGrant"),
    ] {
        granted(ANA, action, grant(ANA, &[operation])).is("ImplicitDeny");
    }
}

#[test]
fn grantees_are_known_in_every_form() {
    for (caller, grantee, verdict) in [
        (ANA, ANA, "Allowed"),
        (APP, APP, "Allowed"),
        (APP_SESSION, APP, "Allowed"),
        (APP_SESSION, APP_SESSION, "Allowed"),
        (APP, APP_SESSION, "AllowedIf"),
        (ROOT, ROOT, "Allowed"),
        (ROOT, ACCOUNT, "Allowed"),
        ("dynamodb.amazonaws.com", "dynamodb.amazonaws.com", "Allowed"),
        (STRANGER, STRANGER, "Allowed"),
        (ANA, APP, "ImplicitDeny"),
        (APP_SESSION, "arn:aws:sts::111122223333:assumed-role/app/other", "ImplicitDeny"),
        (ANA, "arn:aws:iam::444455556666:user/ana", "ImplicitDeny"),
        ("s3.amazonaws.com", "dynamodb.amazonaws.com", "ImplicitDeny"),
        (ANA, "AIDACKCEVSQ6C2EXAMPLE", "ImplicitDeny"),
    ] {
        granted(caller, "Decrypt", grant(grantee, &["Decrypt"])).is(verdict);
    }
}

#[test]
fn a_grant_to_an_account_leaves_the_choice_to_its_iam_policies() {
    for grantee in [ROOT, ACCOUNT] {
        let line = granted(ANA, "Decrypt", grant(grantee, &["Decrypt"]));
        line.clone().is("ImplicitDeny");
        let allowed = line.identity(allow("kms:Decrypt"));
        allowed.clone().is("Allowed");
        // They are limited there as they are everywhere ("Permissions boundaries for IAM entities").
        allowed.clone().boundary(allow("s3:*")).is("ImplicitDeny");
        allowed.boundary(allow("kms:*")).is("Allowed");
    }
}

#[test]
fn an_explicit_deny_beats_a_grant() {
    let line = granted(ANA, "Decrypt", grant(ANA, &["Decrypt"]));
    line.clone().identity(deny("kms:*")).is("ExplicitDeny");
    line.clone().key_policy(deny_to(ANA)).is("ExplicitDeny");
    line.clone().boundary(deny("kms:Decrypt")).is("ExplicitDeny");
    line.clone().with("scps", json!([[policy(json!([allow("*"), deny("kms:Decrypt")]))]])).is("ExplicitDeny");
    line.clone().with("scps", json!([[policy(allow("s3:*"))]])).is("ImplicitDeny");
    line.with("rcps", json!([[policy(json!([deny_to("*")]))]])).is("ExplicitDeny");
}

/// A grant can keep a deny away by its condition, as for `kms:GrantIsForAWSResource`.
#[test]
fn a_conditional_deny_is_a_condition_of_the_grant() {
    let deny = with_condition(
        deny_to("*"),
        json!({"StringNotEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}),
    );
    let answer =
        granted(ANA, "Decrypt", grant(ANA, &["Decrypt"])).key_policy(deny).discover().is("AllowedIf");
    assert_eq!(answer["conditions"], json!(["kms:ViaService is `s3.eu-west-1.amazonaws.com`"]));
}

#[test]
fn constraints_are_conditions_where_the_encryption_context_is_unknown() {
    for operation in SYMMETRIC {
        let subset = granted(ANA, operation, constrained("EncryptionContextSubset"));
        subset.clone().is("ImplicitDeny");
        let answer = subset.discover().is("AllowedIf");
        assert_eq!(
            answer["conditions"],
            json!(["kms:EncryptionContext:Department is `hr`", "kms:EncryptionContext:purpose is `payroll`"])
        );
        let answer =
            granted(ANA, operation, constrained("EncryptionContextEquals")).discover().is("AllowedIf");
        assert_eq!(answer["conditions"][2], "the encryption context has no other pairs");
    }
}

/// "In a grant constraint, the key in each key-value pair is not case sensitive, but the
/// value is case sensitive."
#[test]
fn constraints_are_checked_where_the_encryption_context_is_known() {
    for (pairs, subset, equals) in [
        (vec![("Department", "hr"), ("purpose", "payroll")], "Allowed", "Allowed"),
        (vec![("department", "hr"), ("PURPOSE", "payroll")], "Allowed", "Allowed"),
        (vec![("Department", "HR"), ("purpose", "payroll")], "ImplicitDeny", "ImplicitDeny"),
        (vec![("Department", "hr")], "ImplicitDeny", "ImplicitDeny"),
        (vec![("Department", "hr"), ("purpose", "payroll"), ("year", "2026")], "Allowed", "ImplicitDeny"),
        (vec![("year", "2026")], "ImplicitDeny", "ImplicitDeny"),
    ] {
        for (kind, verdict) in [("EncryptionContextSubset", subset), ("EncryptionContextEquals", equals)] {
            let mut line = granted(ANA, "Decrypt", constrained(kind));
            for (name, value) in &pairs {
                line = line.context(&format!("kms:EncryptionContext:{name}"), (*value).into());
            }
            line.is(verdict);
        }
    }
}

/// "Grant constraints are not applied to operations that do not support an encryption context."
#[test]
fn constraints_do_not_apply_to_operations_without_an_encryption_context() {
    for kind in ["EncryptionContextSubset", "EncryptionContextEquals"] {
        for operation in OTHERS.iter().filter(|operation| **operation != "CreateGrant") {
            granted(ANA, operation, constrained(kind)).is("Allowed");
        }
    }
}

/// "CreateGrant": grants made by a constrained grant are constrained at least as strictly.
#[test]
fn who_may_grant_on_passes_the_constraint_on() {
    let answer = granted(ANA, "CreateGrant", constrained("EncryptionContextEquals")).is("AllowedIf");
    assert!(answer["conditions"][0].as_str().unwrap().contains("at least as strictly"));
    granted(ANA, "CreateGrant", grant(ANA, &["CreateGrant", "Decrypt"])).is("Allowed");
}

/// "Retiring and revoking grants".
#[test]
fn the_retiring_principal_may_retire_and_nothing_else() {
    let mut grant = grant(APP, &["Decrypt"]);
    grant["RetiringPrincipal"] = ANA.into();
    granted(ANA, "RetireGrant", grant.clone()).is("Allowed");
    granted(ANA, "Decrypt", grant.clone()).is("ImplicitDeny");
    granted(ANA, "RevokeGrant", grant.clone()).is("ImplicitDeny");
    granted(APP, "RetireGrant", grant).is("ImplicitDeny");
}

#[test]
fn a_grant_is_for_its_own_key_only() {
    let mut other = grant(ANA, &["Decrypt"]);
    other["KeyId"] = "arn:aws:kms:eu-west-1:111122223333:key/0000abcd-12ab-34cd-56ef-1234567890ab".into();
    granted(ANA, "Decrypt", other).is("ImplicitDeny");
    let mut by_id = grant(ANA, &["Decrypt"]);
    by_id["KeyId"] = "1234abcd-12ab-34cd-56ef-1234567890ab".into();
    granted(ANA, "Decrypt", by_id).is("Allowed");
}

#[test]
fn what_a_grant_asks_beyond_our_knowledge_is_unknown() {
    let mut grant = grant(ANA, &["Decrypt"]);
    grant["Constraints"] = json!({"SourceArn": "arn:aws:s3:::x"});
    let answer = granted(ANA, "Decrypt", grant).is("Unknown");
    assert!(answer["because"].to_string().contains("SourceArn"));
}

#[test]
fn a_grant_is_named_in_the_reasons() {
    let mut grant = grant(ANA, &["Decrypt"]);
    grant["Name"] = "payroll".into();
    let answer = granted(ANA, "Decrypt", grant).is("Allowed");
    assert_eq!(answer["because"][0]["layer"], "grants");
    assert_eq!(answer["because"][0]["policy"], "payroll (g1)");
}

/// Neither boundaries nor session policies are listed among what limits a grant; both can
/// still deny.
#[test]
fn of_several_grants_any_is_enough() {
    let line = granted(ANA, "Decrypt", grant(ANA, &["Encrypt"]));
    line.clone().is("ImplicitDeny");
    line.with(
        "grants",
        json!([grant(ANA, &["Encrypt"]), constrained("EncryptionContextEquals"), grant(ANA, &["Decrypt"])]),
    )
    .is("Allowed");
}

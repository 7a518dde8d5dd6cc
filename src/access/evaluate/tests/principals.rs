use super::*;

fn named(principal: Value) -> Value {
    json!({"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"})
}

/// "AWS JSON policy elements: Principal".
#[test]
fn principals_are_known_in_every_form() {
    let federated = "arn:aws:sts::111122223333:federated-user/ana";
    let provider = "arn:aws:iam::111122223333:saml-provider/idp";
    for (caller, principal, verdict) in [
        (ANA, json!("*"), "Allowed"),
        (ANA, json!({"AWS": "*"}), "Allowed"),
        (ANA, json!({"AWS": [APP, ANA]}), "Allowed"),
        (ANA, json!({"AWS": "arn:aws:iam::111122223333:user/Ana"}), "ImplicitDeny"),
        (ANA, json!({"AWS": "arn:aws:iam::111122223333:user/team/ana"}), "ImplicitDeny"),
        (ANA, json!({"AWS": "arn:aws:iam::444455556666:user/ana"}), "ImplicitDeny"),
        (APP, json!({"AWS": APP}), "Allowed"),
        (APP, json!({"AWS": "arn:aws:iam::111122223333:role/app"}), "ImplicitDeny"),
        (APP_SESSION, json!({"AWS": APP}), "Allowed"),
        (APP_SESSION, json!({"AWS": APP_SESSION}), "Allowed"),
        (APP_SESSION, json!({"AWS": "arn:aws:sts::111122223333:assumed-role/app/other"}), "ImplicitDeny"),
        (APP_SESSION, json!({"AWS": "arn:aws:iam::111122223333:role/App"}), "ImplicitDeny"),
        (federated, json!({"AWS": federated}), "Allowed"),
        // Its ARN does not say which user opened it: see `unseen`.
        (federated, json!({"AWS": ANA}), "Unknown"),
        (federated, json!({"AWS": APP}), "ImplicitDeny"),
        (ROOT, json!({"AWS": ROOT}), "Allowed"),
        (ROOT, json!({"AWS": ACCOUNT}), "Allowed"),
        (ROOT, json!({"AWS": ANA}), "ImplicitDeny"),
        (ACCOUNT, json!({"AWS": ROOT}), "Allowed"),
        ("s3.amazonaws.com", json!({"Service": ["ec2.amazonaws.com", "s3.amazonaws.com"]}), "Allowed"),
        ("s3.amazonaws.com", json!({"Service": "ec2.amazonaws.com"}), "ImplicitDeny"),
        ("s3.amazonaws.com", json!({"AWS": ROOT}), "ImplicitDeny"),
        (provider, json!({"Federated": provider}), "Allowed"),
        (ANA, json!({"Federated": provider}), "ImplicitDeny"),
        (
            ANA,
            json!({"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}),
            "ImplicitDeny",
        ),
        (ANA, json!({"AWS": "ana"}), "Unknown"),
        (ANA, json!({"AWS": "arn:aws:iam::111122223333:group/admins"}), "Unknown"),
        (ANA, json!({"People": ANA}), "Unknown"),
    ] {
        decrypt(caller).with("identity_policies", json!([])).key_policy(named(principal)).is(verdict);
    }
}

/// "IAM identifiers": a unique id in a policy belongs to somebody who is gone, and whoever
/// has the name now is somebody else.
#[test]
fn a_unique_id_is_an_orphan_unless_it_is_the_callers() {
    let id = "AIDACKCEVSQ6C2EXAMPLE";
    let line = || decrypt(ANA).key_policy(named(json!({"AWS": id})));
    line().is("ImplicitDeny");
    line().request("principal_id", id.into()).is("Allowed");
    line().context("aws:userid", id.into()).is("Allowed");
    line().context("aws:userid", "AIDAJQABLZS4A3QDU576Q".into()).is("ImplicitDeny");
}

/// "AWS JSON policy elements: NotPrincipal".
#[test]
fn not_principal_means_everybody_else() {
    let deny_but = |named: Value| {
        json!([allow_to("*"),
        {"Effect": "Deny", "NotPrincipal": {"AWS": named}, "Action": "kms:*", "Resource": "*"}])
    };
    let bob = "arn:aws:iam::111122223333:user/bob";
    decrypt(ANA).key_policy(deny_but(json!([ANA, ROOT]))).is("Allowed");
    decrypt(bob).key_policy(deny_but(json!([ANA, ROOT]))).is("ExplicitDeny");
    decrypt(APP_SESSION).key_policy(deny_but(json!([APP_SESSION, APP, ROOT]))).is("Allowed");
    decrypt(APP_SESSION).key_policy(deny_but(json!([ANA, ROOT]))).is("ExplicitDeny");
    decrypt(STRANGER).identity(allow("*")).key_policy(deny_but(json!([ANA, ROOT]))).is("ExplicitDeny");
    // "Permissions boundaries for IAM entities": always denied, whoever is named.
    decrypt(ANA).boundary(allow("*")).key_policy(deny_but(json!([ANA, ROOT]))).is("ExplicitDeny");
    let allow_but = |named: &str| json!({"Effect": "Allow", "NotPrincipal": {"AWS": named}, "Action": "kms:*", "Resource": "*"});
    decrypt(ANA).key_policy(allow_but(bob)).is("Allowed");
    decrypt(bob).key_policy(allow_but(bob)).is("ImplicitDeny");
}

/// "When you use NotPrincipal, you must also specify the account ARN of the not-denied
/// principal. Otherwise, the policy might deny access to the entire account": nobody can say.
#[test]
fn who_is_spared_by_half_may_be_denied() {
    let deny_but = |named: Value| json!([allow_to("*"), {"Effect": "Deny", "NotPrincipal": {"AWS": named}, "Action": "kms:*", "Resource": "*"}]);
    for (caller, named, verdict) in [
        (ANA, json!([ANA]), "Unknown"),
        (ANA, json!([ANA, ACCOUNT]), "Allowed"),
        (ANA, json!([ROOT]), "Allowed"),
        (ANA, json!([APP]), "ExplicitDeny"),
        (APP, json!([APP]), "Unknown"),
        (APP, json!([APP, ROOT]), "Unknown"),
        (APP_SESSION, json!([APP, ROOT]), "Unknown"),
        (APP_SESSION, json!([APP_SESSION, ROOT]), "Unknown"),
        (APP_SESSION, json!([APP_SESSION, APP, ROOT]), "Allowed"),
        (APP_SESSION, json!(["arn:aws:sts::111122223333:assumed-role/app/other", ROOT]), "ExplicitDeny"),
        (ROOT, json!([ROOT]), "Allowed"),
        (ROOT, json!([ANA]), "ExplicitDeny"),
        (ANA, json!("*"), "Allowed"),
    ] {
        let line = decrypt(caller).key_policy(deny_but(named.clone()));
        assert_eq!(line.answer()["verdict"], verdict, "{caller} where {named} are spared");
    }
    // Whom it spares for sure needs no doubt, and services have neither account nor session.
    let service = json!([{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"},
        {"Effect": "Deny", "NotPrincipal": {"Service": "s3.amazonaws.com"}, "Action": "kms:*", "Resource": "*"}]);
    decrypt("s3.amazonaws.com").key_policy(service.clone()).is("Allowed");
    decrypt("ec2.amazonaws.com").key_policy(service.clone()).is("ExplicitDeny");
    decrypt(ANA).key_policy(service).is("ExplicitDeny");
    let nobody: &[&str] = &[];
    decrypt(ANA).key_policy(deny_but(json!(nobody))).is("Unknown");
}

#[test]
fn one_session_that_is_named_is_a_condition_of_its_role() {
    let answer = decrypt(APP).key_policy(allow_to(APP_SESSION)).is("AllowedIf");
    assert_eq!(answer["conditions"], json!(["the session of the role is named `i-0abc`"]));
    let answer = decrypt(APP).key_policy(json!([allow_to(APP), deny_to(APP_SESSION)])).is("AllowedIf");
    assert_eq!(answer["conditions"], json!(["the session of the role is not named `i-0abc`"]));
}

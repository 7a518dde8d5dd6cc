//! The fence: the policy of a key with one statement before all others, which denies every
//! cryptographic use to everyone but those named.
//!
//! An explicit deny in a key policy goes before every allow, in IAM and in grants alike (AWS
//! KMS developer guide, "Troubleshooting key access"). The other statements stay as they
//! are, so that whoever could change the policy still can, and `PutKeyPolicy` needs no
//! bypass of its lockout check.
//!
//! The conditions of a statement must all hold for it to apply. The fence denies a caller
//! who is none of the roles AND does not come through one of the services AND is none of
//! them; so being one of the roles, or coming through one of the services, is enough to
//! pass. A negated operator holds for a key that is absent from the request (IAM user
//! guide, "IAM JSON policy elements: Condition operators"): a direct call has no
//! `kms:ViaService`, a service principal no `aws:PrincipalArn`, and both are denied unless
//! another of the keys lets them pass.

use serde_json::{Value, json};

use crate::actions::aws::arn::Arn;
use crate::run::{Fault, FaultKind};

/// The id of the fence's statement: there is one of it at most.
pub(super) const SID: &str = "PlaybookFence";

/// What a key policy may be at most, in bytes (AWS KMS developer guide, "Resource quotas").
const LARGEST: usize = 32 * 1024;

/// What is denied. `ReplicateKey` is among them because a replica has a policy of its own,
/// and the same key material.
const DENIED: &[&str] = &[
    "kms:CreateGrant",
    "kms:Decapsulate",
    "kms:Decrypt",
    "kms:DeriveSharedSecret",
    "kms:Encapsulate",
    "kms:Encrypt",
    "kms:GenerateDataKey*",
    "kms:GenerateMac",
    "kms:ReEncrypt*",
    "kms:ReplicateKey",
    "kms:Sign",
    "kms:Verify",
    "kms:VerifyMac",
];

/// The fenced policy, as JSON text.
///
/// # Errors
/// A fault, where the policy is no policy, would grow too long, or nobody sensible is to
/// pass the fence.
pub(super) fn fence(policy: &str, allow: &[&str], services: &[&str]) -> Result<String, Fault> {
    let mut fenced = read(policy)?;
    let barrier = barrier(&principals(allow)?, &named(services)?);
    let statements = statements(&fenced).filter(|statement| statement["Sid"] != SID).cloned();
    let statements: Vec<_> = std::iter::once(barrier).chain(statements).collect();
    fenced["Statement"] = Value::Array(statements);
    written(&fenced)
}

/// The policy without its fence; as it is where there is none.
///
/// # Errors
/// A fault, where the policy is no policy.
pub(super) fn without_fence(policy: &str) -> Result<String, Fault> {
    let mut open = read(policy)?;
    let statements = statements(&open).filter(|statement| statement["Sid"] != SID).cloned().collect();
    open["Statement"] = Value::Array(statements);
    written(&open)
}

/// Whether two policies say the same: KMS may set the text otherwise, write a list of one
/// as its element, and an account as the ARN of its root.
pub(super) fn same(one: &str, other: &str) -> bool {
    match (read(one), read(other)) {
        (Ok(one), Ok(other)) => plain(&one) == plain(&other),
        _ => false,
    }
}

fn read(policy: &str) -> Result<Value, Fault> {
    let policy: Value = serde_json::from_str(policy)
        .map_err(|error| Fault::new(FaultKind::Rejected, format!("the key policy is no JSON: {error}")))?;
    let whole = policy.is_object() && (policy["Statement"].is_array() || policy["Statement"].is_object());
    whole.then_some(policy).ok_or_else(|| Fault::new(FaultKind::Rejected, "the key policy has no statements"))
}

/// One statement may stand without a list around it.
fn statements(policy: &Value) -> impl Iterator<Item = &Value> {
    let statement = &policy["Statement"];
    statement.as_array().map_or_else(|| std::slice::from_ref(statement), Vec::as_slice).iter()
}

fn barrier(principals: &[String], services: &[&str]) -> Value {
    let mut conditions = json!({ "ArnNotLike": { "aws:PrincipalArn": principals } });
    if !services.is_empty() {
        // On behalf of somebody, and by the service itself, as CloudTrail writes its logs.
        conditions["StringNotEquals"] =
            json!({ "kms:ViaService": services, "aws:PrincipalServiceName": services });
    }
    json!({
        "Sid": SID,
        "Effect": "Deny",
        "Principal": "*",
        "Action": DENIED,
        "Resource": "*",
        "Condition": conditions,
    })
}

/// The values of `aws:PrincipalArn` for those who may pass. For a session it is the ARN of
/// the role (IAM user guide, "AWS global condition context keys"), with a path that the
/// session's ARN does not show. Names of roles are unique in an account whatever their
/// path, so that `role/*/NAME` is that role and no other.
fn principals(allow: &[&str]) -> Result<Vec<String>, Fault> {
    let refused =
        |why: &str| Fault::new(FaultKind::Refused, format!("kms.fence_key: {why}")).hint("nothing was sent");
    if allow.is_empty() {
        return Err(refused("`allow` is empty: a fence without a gate shuts the recovery out too"));
    }
    let mut principals = Vec::new();
    for given in allow {
        let arn = Arn::parse(given).ok_or_else(|| refused(&format!("`{given}` in `allow` is no ARN")))?;
        if given.contains(['*', '?', '$']) {
            return Err(refused(&format!(
                "`{given}` in `allow` has a wildcard, which is a gap in the fence"
            )));
        }
        match (arn.service, arn.session_role()) {
            ("sts", Some(role)) => {
                let account = format!("arn:{}:iam::{}", arn.partition, arn.account);
                principals.extend([format!("{account}:role/{role}"), format!("{account}:role/*/{role}")]);
            }
            ("iam", None) if arn.name().is_some() => principals.push((*given).to_owned()),
            _ => return Err(refused(&format!("`{given}` in `allow` is no role, session or user"))),
        }
    }
    Ok(principals)
}

fn named<'a>(services: &[&'a str]) -> Result<Vec<&'a str>, Fault> {
    let name = |text: &str| {
        text.ends_with(".amazonaws.com")
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b))
    };
    match services.iter().find(|service| !name(service)) {
        None => Ok(services.to_vec()),
        Some(odd) => Err(Fault::new(FaultKind::Refused, format!("kms.fence_key: `{odd}` in `services` is no service"))
            .hint("write s3.us-east-1.amazonaws.com for use through S3, cloudtrail.amazonaws.com for CloudTrail itself")),
    }
}

fn written(policy: &Value) -> Result<String, Fault> {
    let fits = |text: &String| text.len() <= LARGEST;
    let airy = serde_json::to_string_pretty(policy).ok().filter(fits);
    airy.or_else(|| serde_json::to_string(policy).ok().filter(fits)).ok_or_else(|| {
        Fault::new(
            FaultKind::Refused,
            "with the fence the key policy would be longer than the 32 KiB that KMS takes",
        )
        .hint("shorten the policy first with kms.put_key_policy, or disable the key instead")
    })
}

/// The policy in one form: lists sorted, a list of one as its element, accounts as roots.
fn plain(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<_> = items.iter().map(plain).collect();
            // The order of statements tells nothing either: all of them are weighed.
            items.sort_by_key(ToString::to_string);
            if items.len() == 1 { items.remove(0) } else { Value::Array(items) }
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> =
                fields.iter().map(|(name, value)| (name.clone(), plain(value))).collect();
            fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            Value::Object(fields.into_iter().collect())
        }
        Value::String(text) if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) => {
            json!(format!("arn:aws:iam::{text}:root"))
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"{"Version":"2012-10-17","Id":"x","Statement":[
        {"Sid":"EnableIAM","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"},
        {"Sid":"Etl","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/etl"]},"Action":["kms:Decrypt"],"Resource":"*"}]}"#;
    const ROLE: &str = "arn:aws:iam::111122223333:role/recovery";

    fn fenced(policy: &str, allow: &[&str], services: &[&str]) -> Value {
        serde_json::from_str(&fence(policy, allow, services).expect("a fence")).expect("JSON")
    }

    #[test]
    fn the_fence_stands_first_and_the_policy_behind_it_is_as_it_was() {
        let policy = fenced(POLICY, &[ROLE], &[]);
        let before: Value = serde_json::from_str(POLICY).expect("JSON");
        assert_eq!(policy["Statement"][0]["Sid"], SID);
        assert_eq!(
            policy["Statement"].as_array().map(|it| &it[1..]),
            before["Statement"].as_array().map(Vec::as_slice)
        );
        assert_eq!((&policy["Version"], &policy["Id"]), (&before["Version"], &before["Id"]));
    }

    #[test]
    fn a_second_fence_replaces_the_first() {
        let once = fence(POLICY, &[ROLE], &[]).expect("a fence");
        let twice = fenced(&once, &["arn:aws:iam::111122223333:role/other"], &[]);
        assert_eq!(twice["Statement"].as_array().map(Vec::len), Some(3));
        let gate = &twice["Statement"][0]["Condition"]["ArnNotLike"]["aws:PrincipalArn"];
        assert_eq!(*gate, json!(["arn:aws:iam::111122223333:role/other"]));
        assert!(same(&without_fence(&once).expect("open"), POLICY));
    }

    #[test]
    fn a_session_passes_as_its_role_whatever_the_path() {
        let policy = fenced(POLICY, &["arn:aws:sts::111122223333:assumed-role/recovery/me"], &[]);
        let gate = &policy["Statement"][0]["Condition"]["ArnNotLike"]["aws:PrincipalArn"];
        assert_eq!(
            *gate,
            json!(["arn:aws:iam::111122223333:role/recovery", "arn:aws:iam::111122223333:role/*/recovery"])
        );
    }

    #[test]
    fn a_service_passes_in_its_own_name_and_on_behalf_of_others() {
        let condition =
            &fenced(POLICY, &[ROLE], &["s3.us-east-1.amazonaws.com"])["Statement"][0]["Condition"];
        assert_eq!(condition["StringNotEquals"]["kms:ViaService"], json!(["s3.us-east-1.amazonaws.com"]));
        assert_eq!(
            condition["StringNotEquals"]["aws:PrincipalServiceName"],
            json!(["s3.us-east-1.amazonaws.com"])
        );
        assert!(fenced(POLICY, &[ROLE], &[])["Statement"][0]["Condition"].get("StringNotEquals").is_none());
    }

    #[test]
    fn one_statement_without_a_list_is_fenced_too() {
        let policy = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}}"#;
        assert_eq!(fenced(policy, &[ROLE], &[])["Statement"].as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn a_fence_without_a_gate_or_with_a_gap_is_refused() {
        for allow in [
            &[][..],
            &["*"],
            &["recovery"],
            &["arn:aws:iam::111122223333:role/*"],
            &["arn:aws:iam::111122223333:root"],
        ] {
            let fault = fence(POLICY, allow, &[]).expect_err("refused");
            assert_eq!(fault.kind, FaultKind::Refused, "{allow:?}");
        }
        assert_eq!(fence(POLICY, &[ROLE], &["*"]).expect_err("refused").kind, FaultKind::Refused);
    }

    #[test]
    fn a_policy_that_would_not_fit_is_refused() {
        let filler = "x".repeat(LARGEST - 300);
        let policy = json!({"Statement": [{"Sid": filler, "Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]});
        let fault = fence(&policy.to_string(), &[ROLE], &[]).expect_err("refused");
        assert_eq!(fault.kind, FaultKind::Refused);
    }

    #[test]
    fn policies_are_the_same_however_kms_writes_them() {
        let other = r#"{ "Id": "x", "Version": "2012-10-17", "Statement": [
            {"Sid":"EnableIAM","Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"},
            {"Sid":"Etl","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/etl"},"Action":"kms:Decrypt","Resource":"*"}]}"#;
        assert!(same(POLICY, other));
        assert!(!same(POLICY, &fence(POLICY, &[ROLE], &[]).expect("a fence")));
        assert!(!same(POLICY, "no policy"));
    }
}

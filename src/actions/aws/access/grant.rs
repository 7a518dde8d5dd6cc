//! A grant that is made again: it has another id, another token, and gives the same.

use std::collections::HashMap;

use aws_sdk_kms::types::{GrantConstraints, GrantOperation};
use serde_json::Value;

use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::text::Digest;

const PARTIES: [&str; 4] =
    ["GranteePrincipal", "GranteeServicePrincipal", "RetiringPrincipal", "RetiringServicePrincipal"];
const TERMS: [&str; 2] = ["Operations", "Constraints"];

/// Whether `found` gives what `wanted` does, under its name or the one that it was made again
/// under.
pub(super) fn gives_the_same(found: &Value, wanted: &Value) -> bool {
    let named = found.get("Name") == wanted.get("Name")
        || found.get("Name").and_then(Value::as_str) == Some(&name(wanted));
    named && PARTIES.iter().chain(&TERMS).all(|field| found.get(*field) == wanted.get(*field))
}

/// The name of a grant that is made again. Under a name KMS makes it once however often it is
/// asked, and without one each time (AWS KMS API reference, `CreateGrant`): a grant that had
/// none gets one that follows from what it gives.
fn name(grant: &Value) -> String {
    if let Some(own) = grant.get("Name").and_then(Value::as_str).filter(|name| !name.is_empty()) {
        return own.to_owned();
    }
    let given: Vec<_> = PARTIES.iter().chain(&TERMS).map(|field| grant.get(*field)).collect();
    let digest = Digest::of(serde_json::json!(given).to_string().as_bytes()).to_string();
    format!("playbook-{}", digest.get(..16).unwrap_or(&digest))
}

/// A grant with what the revoked one gave; its id and its token are new. A service that holds
/// a grant is named by itself, and so is the resource for which it works (CreateGrant).
pub(super) async fn create_grant(order: &Order<'_>, key: &str, grant: &Value) -> Result<(), Stop> {
    let kms = order.kms_of(key).await?;
    let text = |field: &str| grant.get(field).and_then(Value::as_str).map(str::to_owned);
    let operations = grant.get("Operations").and_then(Value::as_array);
    let operations = operations.into_iter().flatten().filter_map(Value::as_str).map(GrantOperation::from);
    let sent = kms
        .create_grant()
        .key_id(key)
        .set_grantee_principal(text("GranteePrincipal"))
        .set_grantee_service_principal(text("GranteeServicePrincipal"))
        .set_retiring_principal(text("RetiringPrincipal"))
        .set_retiring_service_principal(text("RetiringServicePrincipal"))
        .name(name(grant))
        .set_operations(Some(operations.collect()))
        .set_constraints(grant.get("Constraints").and_then(constraints));
    order.heard(sent.send().await).map(drop)
}

fn constraints(of: &Value) -> Option<GrantConstraints> {
    let pairs = |field: &str| -> Option<HashMap<String, String>> {
        let pairs = of.get(field)?.as_object()?;
        let text = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
        pairs.iter().map(text).collect()
    };
    let (equals, subset) = (pairs("EncryptionContextEquals"), pairs("EncryptionContextSubset"));
    let source = of.get("SourceArn").and_then(Value::as_str).map(str::to_owned);
    (equals.is_some() || subset.is_some() || source.is_some()).then(|| {
        GrantConstraints::builder()
            .set_encryption_context_equals(equals)
            .set_encryption_context_subset(subset)
            .set_source_arn(source)
            .build()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_grant_without_a_name_is_known_again_under_the_one_that_it_is_given() {
        let lost = json!({ "GranteePrincipal": "arn:1", "Operations": ["Decrypt"], "GrantId": "a" });
        let again = json!({
            "GranteePrincipal": "arn:1", "Operations": ["Decrypt"], "GrantId": "b", "Name": name(&lost)
        });
        assert!(gives_the_same(&again, &lost) && gives_the_same(&lost, &lost));
        let more = json!({ "GranteePrincipal": "arn:1", "Operations": ["Decrypt", "Encrypt"] });
        assert_ne!(name(&more), name(&lost));
        assert!(!gives_the_same(&again, &more) && !gives_the_same(&more, &lost));
        let named = json!({ "GranteePrincipal": "arn:1", "Operations": ["Decrypt"], "Name": "nightly" });
        assert_eq!(name(&named), "nightly");
        assert!(!gives_the_same(&again, &named) && !gives_the_same(&named, &lost));
        // AWS KMS API reference, `CreateGrant`: ^[a-zA-Z0-9:/_-]+$, 256 at most.
        assert!(name(&lost).bytes().all(|sign| sign.is_ascii_alphanumeric() || sign == b'-'));
    }
}

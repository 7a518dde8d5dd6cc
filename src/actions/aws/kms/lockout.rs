//! Nobody saws at the branch that the run sits on: a key policy under which the caller could
//! not change the policy any more is not put. KMS has a check of its own (AWS KMS API
//! reference, `PutKeyPolicy`); this one speaks before anything is sent, and says whom it
//! would have shut out.

use serde_json::{Value, json};

use crate::access::simulate;
use crate::actions::aws::arn::Arn;
use crate::actions::aws::order::Order;
use crate::actions::aws::own::{Own, own};
use crate::actions::aws::stop::Stop;
use crate::run::{Fault, FaultKind};

/// Refuses a policy that shuts the caller out, whatever the caller's own policies allow.
pub(in crate::actions::aws) async fn spare_own(
    order: &Order<'_>,
    key: &str,
    policy: &str,
) -> Result<(), Stop> {
    let Own { arn: caller } = own(order).await?;
    if !shuts_out(&caller, &full(key, &caller, &order.region()), policy) {
        return Ok(());
    }
    let why = format!(
        "under this policy {caller}, whose credentials the run works with, could not change the policy of the key any more"
    );
    Err(Fault::new(FaultKind::Refused, why)
        .hint("nothing was sent; leave the caller, or the account's root, kms:PutKeyPolicy in the policy")
        .hint("or resume with the credentials of somebody whom the policy leaves in (--profile)")
        .into())
}

/// Keys that are named by their bare id lie in the caller's account and Region.
fn full(key: &str, caller: &str, region: &str) -> String {
    let account = Arn::parse(caller).map_or("", |arn| arn.account);
    if key.starts_with("arn:") { key.to_owned() } else { format!("arn:aws:kms:{region}:{account}:key/{key}") }
}

/// Whether the key policy leaves no way, though identity policies allowed everything. What
/// hangs on a condition is a way, and so is what nobody can read.
fn shuts_out(caller: &str, key: &str, policy: &str) -> bool {
    let Ok(policy) = serde_json::from_str::<Value>(policy) else { return false };
    let line = json!({
        "id": "lockout",
        "request": { "principal": caller, "action": "kms:PutKeyPolicy", "resource": key },
        "identity_policies": [{ "Version": "2012-10-17",
            "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } }],
        "resource_policy": policy,
        "discover": true,
    });
    let answer = simulate::answer(&line.to_string()).ok();
    let verdict = answer.as_ref().and_then(|answer| answer["verdict"].as_str());
    matches!(verdict, Some("ExplicitDeny" | "ImplicitDeny"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    const CALLER: &str = "arn:aws:sts::111122223333:assumed-role/responder/ana";

    fn policy(statements: &Value) -> String {
        json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
    }

    fn allow(principal: &str, action: &str) -> Value {
        json!({ "Effect": "Allow", "Principal": { "AWS": principal }, "Action": action, "Resource": "*" })
    }

    #[test]
    fn the_account_the_role_or_a_condition_is_a_way_back_in() {
        let root = allow("arn:aws:iam::111122223333:root", "kms:*");
        let role = allow("arn:aws:iam::111122223333:role/responder", "kms:Put*");
        let mut with_mfa = role.clone();
        with_mfa["Condition"] = json!({ "Bool": { "aws:MultiFactorAuthPresent": "true" } });
        for way in [root, role, with_mfa] {
            assert!(!shuts_out(CALLER, KEY, &policy(&json!([way]))), "{way}");
        }
        assert!(!shuts_out(CALLER, KEY, "no policy"), "what cannot be read is left to KMS");
    }

    #[test]
    fn a_policy_for_others_and_a_deny_shut_the_caller_out() {
        let other = allow("arn:aws:iam::111122223333:role/attacker", "kms:*");
        let root = allow("arn:aws:iam::111122223333:root", "kms:*");
        let uses = allow("arn:aws:iam::111122223333:root", "kms:Decrypt");
        let mut deny = allow("*", "kms:Put*");
        deny["Effect"] = json!("Deny");
        for shut in [json!([other]), json!([uses]), json!([root, deny])] {
            assert!(shuts_out(CALLER, KEY, &policy(&shut)), "{shut}");
        }
    }
}

//! What is known of taking an action back, where the document does not say: from what was
//! asked, and from what was recorded of the state before.
//!
//! Only what puts the world back as it was and destroys nothing is known here. A key that
//! was made is not scheduled for deletion on this program's own thought, and a grant that
//! was revoked is not made anew: `CreateGrant` gives it another id and another token (AWS
//! KMS API reference, `CreateGrant`), and nobody holds that one.

use serde_json::{Value, json};

use super::effect::Request;
use crate::document::action::operation;

/// The actions whose way back is known here.
const KNOWN: [&str; 8] = [
    "kms.disable_key",
    "kms.enable_key",
    "kms.fence_key",
    "kms.put_key_policy",
    "kms.update_alias",
    "kms.schedule_key_deletion",
    "iam.update_access_key",
    "iam.revoke_sessions",
];

/// Whether a rollback knows the way back from an action without an `undo` in the document.
#[must_use]
pub fn is_taken_back_from_the_record(action: &str) -> bool {
    KNOWN.contains(&action)
}

/// What is known.
pub(super) enum Own {
    By(Request),
    /// The world stood so before; there is nothing to take back.
    StoodSo,
    /// Whatever the document says: it would take away more than the step brought.
    Never(&'static str),
    Nothing,
}

/// The way back from `request`, which found `outputs`.
pub(super) fn own(request: &Request, outputs: &Value) -> Own {
    let input = &request.input;
    let told = |field: &str| outputs.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
    match request.action.as_str() {
        "kms.disable_key" => switch(told("state_before"), "Disabled", "Enabled", "kms.enable_key", input),
        "kms.enable_key" => switch(told("state_before"), "Enabled", "Disabled", "kms.disable_key", input),
        "kms.fence_key" | "kms.put_key_policy" => match told("policy_before") {
            Some(before) if told("policy") == Some(before) => Own::StoodSo,
            Some(before) => by(
                "kms.put_key_policy",
                given(json!({ "key": input.get("key"), "policy": before, "instead_of": told("policy") })),
            ),
            None => Own::Nothing,
        },
        "kms.update_alias" => match told("key_before") {
            Some(before) => by(
                "kms.update_alias",
                given(json!({ "alias": input.get("alias"), "key": before, "instead_of": input.get("key") })),
            ),
            None => Own::Nothing,
        },
        "kms.schedule_key_deletion" => by("kms.cancel_key_deletion", json!({ "key": input.get("key") })),
        "iam.update_access_key" => match told("status_before") {
            Some(before) if input.get("status").and_then(Value::as_str) == Some(before) => Own::StoodSo,
            Some(before) => by(
                "iam.update_access_key",
                json!({ "access_key": input.get("access_key"), "user": told("user"), "status": before }),
            ),
            None => Own::Nothing,
        },
        "iam.revoke_sessions" => match (told("policy_name"), told("revoked_before")) {
            (_, Some(before)) if told("issued_before") == Some(before) => Own::StoodSo,
            (_, Some(_)) => Own::Never(
                "an earlier revocation stood there, and without this one its sessions would work again",
            ),
            (Some(name), None) => {
                by("iam.delete_role_policy", json!({ "role": input.get("role"), "policy_name": name }))
            }
            (None, None) => Own::Nothing,
        },
        _ => Own::Nothing,
    }
}

/// Without what is not known: an attempt in doubt does not tell what it put.
fn given(mut input: Value) -> Value {
    if let Some(fields) = input.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    input
}

/// A key that is switched goes back to the state that it had, and to no other.
fn switch(before: Option<&str>, now: &str, back: &str, action: &str, input: &Value) -> Own {
    match before {
        Some(before) if before == now => Own::StoodSo,
        Some(before) if before == back => by(action, json!({ "key": input.get("key") })),
        _ => Own::Nothing,
    }
}

fn by(action: &str, input: Value) -> Own {
    match operation(action) {
        Some(spec) => Own::By(Request { action: action.to_owned(), class: spec.class, input }),
        None => Own::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::action::Class;

    fn way(action: &str, input: Value, outputs: Value) -> Own {
        let request = Request { action: action.to_owned(), class: Class::Write, input };
        own(&request, &outputs)
    }

    /// Each action with the state before that makes a way back.
    fn known() -> Vec<(&'static str, Value, Value)> {
        vec![
            ("kms.disable_key", json!({"key": "k"}), json!({"state_before": "Enabled"})),
            ("kms.enable_key", json!({"key": "k"}), json!({"state_before": "Disabled"})),
            ("kms.fence_key", json!({"key": "k"}), json!({"policy_before": "{}", "policy": "{1}"})),
            ("kms.put_key_policy", json!({"key": "k"}), json!({"policy_before": "{}", "policy": "{1}"})),
            ("kms.update_alias", json!({"alias": "alias/a"}), json!({"key_before": "k"})),
            ("kms.schedule_key_deletion", json!({"key": "k"}), json!({})),
            (
                "iam.update_access_key",
                json!({"access_key": "A", "status": "Inactive"}),
                json!({"user": "u", "status_before": "Active"}),
            ),
            ("iam.revoke_sessions", json!({"role": "r"}), json!({"policy_name": "p"})),
        ]
    }

    #[test]
    fn every_way_back_gives_its_action_the_inputs_that_it_needs_and_destroys_nothing() {
        let told: Vec<_> = known().iter().map(|(action, ..)| *action).collect();
        assert_eq!(told, KNOWN);
        for (action, input, outputs) in known() {
            let Own::By(back) = way(action, input, outputs) else { panic!("no way back from {action}") };
            let spec = operation(&back.action).unwrap();
            assert_ne!(back.class, Class::Destroy, "{action}");
            for field in spec.inputs.iter().filter(|field| field.required) {
                assert!(back.input[field.name].is_string(), "{} lacks {}", back.action, field.name);
            }
            let fields = back.input.as_object().unwrap().keys();
            assert!(fields.into_iter().all(|name| spec.input(name).is_some()), "{}", back.input);
        }
    }

    #[test]
    fn without_a_record_of_the_state_before_there_is_no_way_back() {
        for (action, input, _) in
            known().into_iter().filter(|(action, ..)| *action != "kms.schedule_key_deletion")
        {
            assert!(matches!(way(action, input, json!({})), Own::Nothing), "{action}");
        }
        let earlier = json!({"policy_name": "p", "issued_before": "b", "revoked_before": "a"});
        assert!(matches!(way("iam.revoke_sessions", json!({"role": "r"}), earlier), Own::Never(_)));
        let same = json!({"policy_name": "p", "issued_before": "a", "revoked_before": "a"});
        assert!(matches!(way("iam.revoke_sessions", json!({"role": "r"}), same), Own::StoodSo));
        let pending = json!({"state_before": "PendingDeletion"});
        assert!(matches!(way("kms.disable_key", json!({"key": "k"}), pending), Own::Nothing));
        assert!(matches!(way("kms.revoke_grant", json!({}), json!({"grantee": "g"})), Own::Nothing));
    }
}

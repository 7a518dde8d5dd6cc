//! AWS IAM and STS. Facts from the IAM and STS API references and the IAM user guide,
//! "Revoke IAM role temporary security credentials".

use super::spec::{Class, Duty, Field, Kind, Probe, READ, Reversal, Spec};

pub(super) const SPECS: &[Spec] = &[
    Spec {
        name: "sts.get_caller_identity",
        summary: "Ask AWS who the caller is, and how far this machine's clock is off",
        outputs: &[
            Field::required("account", Kind::Text, "the caller's account"),
            Field::required("arn", Kind::Arn, "the caller's ARN"),
            Field::required("user_id", Kind::Text, "the caller's unique id"),
            Field::required("region", Kind::Text, "the Region that calls go to"),
            Field::required(
                "clock_offset_seconds",
                Kind::Integer,
                "AWS' clock less this machine's, from the Date header",
            ),
        ],
        // GetCallerIdentity needs no permission (STS API reference).
        ..READ
    },
    Spec {
        name: "iam.simulate_principal_policy",
        summary: "Ask IAM which of these actions a principal's identity policies allow",
        inputs: &[
            Field::required(
                "principal",
                Kind::Arn,
                "ARN of a user, group or role; a session's ARN is turned into its role's",
            ),
            Field::required("actions", Kind::List(&Kind::Text), "IAM actions, such as kms:DisableKey"),
            Field::optional("resource", Kind::Arn, "the resource that they act on"),
        ],
        outputs: &[
            Field::required("allowed", Kind::List(&Kind::Text), "actions that are allowed"),
            Field::required("denied", Kind::List(&Kind::Text), "actions that are denied"),
            Field::required(
                "unknown",
                Kind::List(&Kind::Text),
                "actions that could not be told, with the reason",
            ),
        ],
        permissions: &["iam:SimulatePrincipalPolicy", "iam:GetRole"],
        ..READ
    },
    Spec {
        name: "iam.list_access_keys",
        summary: "List a user's access keys with their last use",
        inputs: &[Field::required("user", Kind::Text, "user name")],
        outputs: &[Field::required(
            "access_keys",
            Kind::List(&Kind::Record(&[
                Field::required("id", Kind::Text, "access key id"),
                Field::required("status", Kind::Text, "Active or Inactive"),
                Field::required("created_at", Kind::Text, "RFC 3339"),
                Field::required("last_used_at", Kind::Text, "RFC 3339; empty where no use is known"),
                Field::required("last_used_service", Kind::Text, "empty where no use is known"),
                Field::required("last_used_region", Kind::Text, "empty where no use is known"),
            ])),
            "the user's access keys",
        )],
        permissions: &["iam:ListAccessKeys", "iam:GetAccessKeyLastUsed"],
        ..READ
    },
    Spec {
        name: "iam.update_access_key",
        summary: "Deactivate or activate an access key",
        class: Class::Write,
        inputs: &[
            Field::required("access_key", Kind::Text, "access key id"),
            Field::optional("user", Kind::Text, "user name; looked up from the access key where absent"),
            Field::required("status", Kind::Text, "Inactive or Active").one_of(&["Inactive", "Active"]),
        ],
        outputs: &[
            Field::required("user", Kind::Text, "whose key it is"),
            Field::required("status_before", Kind::Text, "its status before the call"),
        ],
        permissions: &["iam:UpdateAccessKey", "iam:ListAccessKeys", "iam:GetAccessKeyLastUsed"],
        duty: Duty::Contain,
        reversal: Reversal::By("iam.update_access_key"),
        probe: Probe::Ask("ListAccessKeys"),
        ..READ
    },
    Spec {
        name: "iam.revoke_sessions",
        summary: "Deny everything to sessions of a role that were issued before now, with an inline policy",
        class: Class::Write,
        inputs: &[
            Field::required("role", Kind::Text, "role name"),
            Field::optional(
                "issued_before",
                Kind::Time,
                "sessions issued before this instant; now where absent",
            ),
        ],
        outputs: &[
            Field::required("policy_name", Kind::Text, "the inline policy's name"),
            Field::required("issued_before", Kind::Text, "the instant in it, RFC 3339"),
            Field::required(
                "revoked_before",
                Kind::Text,
                "the instant in the one that stood there before, RFC 3339; empty where there was none",
            ),
        ],
        permissions: &["iam:PutRolePolicy", "iam:GetRole", "iam:GetRolePolicy"],
        duty: Duty::Contain,
        reversal: Reversal::By("iam.delete_role_policy"),
        probe: Probe::Ask("GetRolePolicy"),
        ..READ
    },
    Spec {
        name: "iam.delete_role_policy",
        summary: "Remove an inline policy from a role",
        class: Class::Write,
        inputs: &[
            Field::required("role", Kind::Text, "role name"),
            Field::required("policy_name", Kind::Text, "inline policy name"),
        ],
        outputs: &[Field::required(
            "document_before",
            Kind::Text,
            "the policy as it was; empty where there was none",
        )],
        permissions: &["iam:DeleteRolePolicy", "iam:GetRolePolicy"],
        duty: Duty::Contain,
        reversal: Reversal::Never("the policy is recorded, and is put back by hand with PutRolePolicy"),
        probe: Probe::Ask("GetRolePolicy"),
        ..READ
    },
];

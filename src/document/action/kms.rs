//! AWS KMS. Facts from the AWS KMS API reference and the developer guide,
//! "Key states of AWS KMS keys".

use super::spec::{Class, Duty, Fence, Field, KeyState, KeyUse, Kind, Probe, READ, Reversal, Spec};

const KEY: Field =
    Field::required("key", Kind::KeyId, "key id or key ARN; pin it first, KMS takes no alias here");

const GRANT: &[Field] = &[
    Field::required("id", Kind::Text, "grant id"),
    Field::required("name", Kind::Text, "grant name, empty where none was given"),
    Field::required("grantee", Kind::Text, "the principal that may use the key"),
    Field::required("retiring", Kind::Text, "the principal that may retire the grant, empty where none"),
    Field::required("issuer", Kind::Text, "the account that made the grant"),
    Field::required("operations", Kind::List(&Kind::Text), "the operations it allows"),
    Field::required("created_at", Kind::Text, "when it was made, RFC 3339"),
    Field::required("constraints", Kind::Any, "encryption context constraints"),
];

const KEY_FACTS: &[Field] = &[
    Field::required("id", Kind::KeyId, "key id"),
    Field::required("arn", Kind::KeyId, "key ARN: the pin that every later step uses"),
    Field::required("account", Kind::Text, "the account that owns the key"),
    Field::required("region", Kind::Text, "the Region of the key"),
    Field::required("state", Kind::Text, "Enabled, Disabled, PendingDeletion, PendingImport, ..."),
    Field::required("manager", Kind::Text, "CUSTOMER or AWS"),
    Field::required("origin", Kind::Text, "AWS_KMS, EXTERNAL, AWS_CLOUDHSM or EXTERNAL_KEY_STORE"),
    Field::required("spec", Kind::Text, "key spec, SYMMETRIC_DEFAULT for most"),
    Field::required(
        "usage",
        Kind::Text,
        "ENCRYPT_DECRYPT, SIGN_VERIFY, GENERATE_VERIFY_MAC or KEY_AGREEMENT",
    ),
    Field::required("multi_region", Kind::Boolean, "whether the key has replicas or is one"),
    Field::required("replicas", Kind::List(&Kind::Text), "ARNs of the replicas of a primary key"),
    Field::required("description", Kind::Text, "the key's description"),
    Field::required("created_at", Kind::Text, "when the key was made, RFC 3339"),
    Field::required(
        "deletion_at",
        Kind::Text,
        "when the key will be deleted, RFC 3339; empty where it will not",
    ),
    Field::required("aliases", Kind::List(&Kind::Text), "alias names that point at the key"),
    Field::required("forms", Kind::List(&Kind::Text), "every form in which an event may name the key"),
];

pub(super) const SPECS: &[Spec] = &[
    Spec {
        name: "kms.describe_key",
        summary: "Resolve a key once, in any form, and read its state",
        inputs: &[Field::required("key", Kind::KeyName, "key id, key ARN, alias name or alias ARN")],
        outputs: KEY_FACTS,
        permissions: &["kms:DescribeKey", "kms:ListAliases"],
        ..READ
    },
    Spec {
        name: "kms.record_state",
        summary: "Record policy, all grants, aliases, tags, rotation and last use before touching the key",
        inputs: &[KEY],
        outputs: &[
            Field::required("policy", Kind::Text, "the key policy, byte for byte"),
            Field::required("grants", Kind::List(&Kind::Record(GRANT)), "every grant, all pages"),
            Field::required("aliases", Kind::List(&Kind::Text), "alias names that point at the key"),
            Field::required("tags", Kind::Any, "tags by key"),
            Field::required("rotation", Kind::Boolean, "whether automatic rotation is on"),
            Field::required(
                "last_used_at",
                Kind::Text,
                "last successful use, RFC 3339; empty where none is known",
            ),
            Field::required(
                "last_used_for",
                Kind::Text,
                "the operation of that use; empty where none is known",
            ),
            Field::required(
                "tracking_since",
                Kind::Text,
                "before this instant absence of use proves nothing; empty where unknown",
            ),
            Field::required("unread", Kind::List(&Kind::Text), "what could not be read, and why"),
        ],
        permissions: &[
            "kms:GetKeyPolicy",
            "kms:ListGrants",
            "kms:ListAliases",
            "kms:ListResourceTags",
            "kms:GetKeyRotationStatus",
            "kms:GetKeyLastUsage",
        ],
        ..READ
    },
    Spec {
        name: "kms.list_grants",
        summary: "List every grant of a key, all pages",
        inputs: &[KEY],
        outputs: &[
            Field::required("grants", Kind::List(&Kind::Record(GRANT)), "every grant"),
            Field::required("count", Kind::Integer, "how many"),
        ],
        permissions: &["kms:ListGrants"],
        ..READ
    },
    Spec {
        name: "kms.get_key_last_usage",
        summary: "Read the last successful use of a key",
        inputs: &[KEY],
        outputs: &[
            Field::required("at", Kind::Text, "when, RFC 3339; empty where no use is known"),
            Field::required("operation", Kind::Text, "what; empty where no use is known"),
            Field::required("event_id", Kind::Text, "its CloudTrail event id; empty where no use is known"),
            Field::required(
                "request_id",
                Kind::Text,
                "the id of its request to KMS; empty where no use is known",
            ),
            Field::required(
                "tracking_since",
                Kind::Text,
                "before this instant absence of use proves nothing",
            ),
        ],
        permissions: &["kms:GetKeyLastUsage"],
        ..READ
    },
    Spec {
        name: "kms.disable_key",
        summary: "Make a key unusable for everyone, at once",
        class: Class::Write,
        inputs: &[KEY],
        outputs: &[
            Field::required("arn", Kind::KeyId, "the key's ARN"),
            Field::required("state_before", Kind::Text, "the key's state before the call"),
        ],
        permissions: &["kms:DisableKey", "kms:DescribeKey"],
        duty: Duty::Contain,
        keys: &[KeyUse {
            key: "key",
            works_in: &[KeyState::Enabled, KeyState::Disabled],
            leaves: Some(KeyState::Disabled),
            calls: &["DisableKey"],
            fence: None,
        }],
        reversal: Reversal::By("kms.enable_key"),
        probe: Probe::Ask("DescribeKey"),
    },
    Spec {
        name: "kms.enable_key",
        summary: "Make a disabled key usable again",
        class: Class::Write,
        inputs: &[KEY],
        outputs: &[
            Field::required("arn", Kind::KeyId, "the key's ARN"),
            Field::required("state_before", Kind::Text, "the key's state before the call"),
        ],
        permissions: &["kms:EnableKey", "kms:DescribeKey"],
        duty: Duty::Contain,
        keys: &[KeyUse {
            key: "key",
            works_in: &[KeyState::Enabled, KeyState::Disabled],
            leaves: Some(KeyState::Enabled),
            calls: &["EnableKey"],
            fence: Some(Fence::Needs),
        }],
        reversal: Reversal::By("kms.disable_key"),
        probe: Probe::Ask("DescribeKey"),
    },
    Spec {
        name: "kms.fence_key",
        summary: "Deny all cryptographic use of a key to everyone but the roles named, with a first statement in its policy",
        class: Class::Write,
        inputs: &[
            KEY,
            Field::required(
                "allow",
                Kind::List(&Kind::Text),
                "ARNs of the recovery roles that may still use the key",
            ),
            Field::optional(
                "services",
                Kind::List(&Kind::Text),
                "services that may go on using the key for others, such as s3.us-east-1.amazonaws.com; each one is a gap in the fence",
            ),
        ],
        outputs: &[
            Field::required("policy_before", Kind::Text, "the key policy as it was, byte for byte"),
            Field::required("policy", Kind::Text, "the key policy as it is now"),
        ],
        permissions: &["kms:GetKeyPolicy", "kms:PutKeyPolicy", "kms:DescribeKey"],
        duty: Duty::Contain,
        keys: &[KeyUse {
            key: "key",
            works_in: &[],
            leaves: None,
            calls: &["PutKeyPolicy"],
            fence: Some(Fence::Builds),
        }],
        reversal: Reversal::By("kms.put_key_policy"),
        probe: Probe::Ask("GetKeyPolicy"),
    },
    Spec {
        name: "kms.put_key_policy",
        summary: "Replace the policy of a key",
        class: Class::Write,
        inputs: &[
            KEY,
            Field::required("policy", Kind::Text, "the whole key policy, as JSON text"),
            Field::optional(
                "instead_of",
                Kind::Text,
                "the policy that it replaces, as JSON text; no other is replaced, since somebody changed it",
            ),
        ],
        outputs: &[
            Field::required("policy_before", Kind::Text, "the key policy as it was, byte for byte"),
            Field::required("policy", Kind::Text, "the key policy as it is now"),
        ],
        permissions: &["kms:GetKeyPolicy", "kms:PutKeyPolicy"],
        duty: Duty::Contain,
        keys: &[],
        reversal: Reversal::By("kms.put_key_policy"),
        probe: Probe::Ask("GetKeyPolicy"),
    },
    Spec {
        name: "kms.revoke_grant",
        summary: "Revoke one grant; there is no way to revoke all at once",
        class: Class::Write,
        inputs: &[KEY, Field::required("grant", Kind::Text, "grant id, from list_grants")],
        outputs: &[
            Field::required("grant", Kind::Text, "the grant id"),
            Field::required("grantee", Kind::Text, "who had it; empty where the grant was gone already"),
        ],
        permissions: &["kms:RevokeGrant", "kms:ListGrants", "kms:DescribeKey"],
        duty: Duty::Contain,
        reversal: Reversal::Never("a grant is made anew with CreateGrant, under another id"),
        probe: Probe::Ask("ListGrants"),
        ..READ
    },
    Spec {
        name: "kms.create_key",
        summary: "Make a new key with a policy of its own",
        class: Class::Write,
        inputs: &[
            Field::optional("policy", Kind::Text, "key policy as JSON text; without it KMS' default policy"),
            Field::required("description", Kind::Text, "what the key is for"),
            Field::optional("multi_region", Kind::Boolean, "make it a multi-Region primary key"),
            Field::optional("spec", Kind::Text, "key spec, SYMMETRIC_DEFAULT where absent"),
            Field::optional("usage", Kind::Text, "key usage, ENCRYPT_DECRYPT where absent"),
            Field::optional("tags", Kind::Any, "tags by key"),
            Field::optional("rotation", Kind::Boolean, "turn on automatic rotation"),
        ],
        outputs: &[
            Field::required("id", Kind::KeyId, "the new key's id"),
            Field::required("arn", Kind::KeyId, "the new key's ARN"),
            Field::required("state", Kind::Text, "the new key's state"),
        ],
        permissions: &[
            "kms:CreateKey",
            "kms:TagResource",
            "kms:EnableKeyRotation",
            // A key that was made and not heard of is looked for by its tag.
            "kms:ListKeys",
            "kms:ListResourceTags",
            "kms:DescribeKey",
            "kms:GetKeyRotationStatus",
        ],
        duty: Duty::Recover,
        reversal: Reversal::By("kms.schedule_key_deletion"),
        probe: Probe::Ask("ListResourceTags"),
        ..READ
    },
    Spec {
        name: "kms.update_alias",
        summary: "Point an alias at another key; new encryptions follow, old ciphertexts do not",
        class: Class::Write,
        inputs: &[
            Field::required("alias", Kind::Text, "alias name, beginning with alias/"),
            Field::required("key", Kind::KeyId, "key id or ARN that the alias shall point at"),
            Field::optional(
                "instead_of",
                Kind::KeyId,
                "id or ARN of the key that it points at; from no other is it moved, since somebody moved it",
            ),
        ],
        outputs: &[
            Field::required("alias", Kind::Text, "the alias"),
            Field::required("key_before", Kind::KeyId, "the id of the key that the alias pointed at before"),
        ],
        permissions: &["kms:UpdateAlias", "kms:ListAliases", "kms:DescribeKey"],
        duty: Duty::Recover,
        reversal: Reversal::By("kms.update_alias"),
        probe: Probe::Ask("DescribeKey"),
        ..READ
    },
    Spec {
        name: "kms.generate_data_key",
        summary: "Prove that a key can be used, with a data key whose plaintext nobody sees (GenerateDataKeyWithoutPlaintext)",
        inputs: &[KEY],
        outputs: &[Field::required("arn", Kind::KeyId, "the key that answered")],
        permissions: &["kms:GenerateDataKeyWithoutPlaintext"],
        duty: Duty::Recover,
        keys: &[KeyUse {
            key: "key",
            works_in: &[KeyState::Enabled],
            leaves: None,
            calls: &["GenerateDataKeyWithoutPlaintext"],
            fence: None,
        }],
        ..READ
    },
    Spec {
        name: "kms.schedule_key_deletion",
        summary: "Schedule a key for deletion; what is still encrypted under it is lost when the window ends",
        class: Class::Destroy,
        inputs: &[
            KEY,
            Field::required("days", Kind::Integer, "waiting period, 7 to 30 days"),
            Field::optional(
                "evidence",
                Kind::Text,
                "id or path of the sealed record of the run that was opened about this key; refused without, but for a key that the run itself made",
            ),
        ],
        outputs: &[
            Field::required("deletion_at", Kind::Text, "when the key will be deleted, RFC 3339"),
            Field::required("state_before", Kind::Text, "the key's state before the call"),
        ],
        permissions: &[
            "kms:ScheduleKeyDeletion",
            "kms:DescribeKey",
            "kms:GetKeyLastUsage",
            // Whether somebody still wants the key is asked once more before it is sent.
            "kms:ListAliases",
            "cloudtrail:LookupEvents",
        ],
        duty: Duty::Destroy,
        keys: &[KeyUse {
            key: "key",
            works_in: &[KeyState::Enabled, KeyState::Disabled],
            leaves: Some(KeyState::PendingDeletion),
            calls: &["ScheduleKeyDeletion"],
            fence: None,
        }],
        reversal: Reversal::By("kms.cancel_key_deletion"),
        probe: Probe::Ask("DescribeKey"),
    },
    Spec {
        name: "kms.cancel_key_deletion",
        summary: "Take a key out of its waiting period; it is left disabled",
        class: Class::Write,
        inputs: &[KEY],
        outputs: &[Field::required("arn", Kind::KeyId, "the key's ARN")],
        permissions: &["kms:CancelKeyDeletion", "kms:DescribeKey"],
        duty: Duty::Destroy,
        keys: &[KeyUse {
            key: "key",
            works_in: &[KeyState::PendingDeletion],
            leaves: Some(KeyState::Disabled),
            calls: &["CancelKeyDeletion"],
            fence: None,
        }],
        reversal: Reversal::By("kms.schedule_key_deletion"),
        probe: Probe::Ask("DescribeKey"),
    },
];

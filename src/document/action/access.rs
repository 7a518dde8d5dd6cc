//! The access review: who can do what with a key. Facts from the IAM, KMS and Organizations
//! API references.

use super::spec::{Class, Duty, Field, Kind, Probe, READ, Reversal, Spec};

/// What a collection reads.
const PERMISSIONS: &[&str] = &[
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
    "kms:ListGrants",
    "kms:ListAliases",
    "kms:GetKeyLastUsage",
    "iam:GetAccountAuthorizationDetails",
    "iam:GenerateCredentialReport",
    "iam:GetCredentialReport",
    "organizations:DescribeOrganization",
    "organizations:ListParents",
    "organizations:ListPoliciesForTarget",
    "organizations:DescribePolicy",
];

/// One who may, for a reviewer.
const CARD: &[Field] = &[
    Field::required("id", Kind::Text, "the principal"),
    Field::required("kind", Kind::Text, "user, role, root, account, service, ..."),
    Field::required("origin", Kind::Text, "why it belongs to the population"),
    Field::required("verdict", Kind::Text, "Allowed, AllowedIf or Unknown"),
    Field::required("conditions", Kind::List(&Kind::Text), "what has to hold, in words"),
    Field::required("because", Kind::List(&Kind::Text), "the statements and grants that decided"),
    Field::required("grants_itself", Kind::List(&Kind::Text), "actions by which it could give itself more"),
    Field::required("reached_by", Kind::Any, "who can assume it: by, verdict, conditions"),
    Field::required("last_used", Kind::Text, "when it was last used, as IAM says; empty where unknown"),
    Field::required("owner", Kind::Text, "whose it is, as a tag says; empty where none does"),
    Field::required("risk", Kind::Text, "high, medium or low"),
    Field::required("dormant", Kind::Text, "the key's state where it is not enabled"),
    Field::required("statements", Kind::List(&Kind::Text), "what decided, to compare with another review"),
];

const FILE: &[Field] = &[
    Field::required("name", Kind::Text, "as `access who-can --data` reads it"),
    Field::required("path", Kind::Text, "where it lies in the record"),
];

const OUTCOME: &[Field] = &[
    Field::required("principal", Kind::Text, "whose access is revoked"),
    Field::required("before", Kind::Text, "the verdict now"),
    Field::required("after", Kind::Text, "the verdict with the edits made"),
    Field::required("would_hold", Kind::Boolean, "whether that is a denial"),
    Field::required("obstacles", Kind::List(&Kind::Text), "what stands in the way; a person has to decide"),
];

const EDIT: &[Field] = &[
    Field::required("words", Kind::Text, "the edit in a sentence"),
    Field::required("also", Kind::List(&Kind::Text), "what else it takes away"),
    Field::required("edit", Kind::Any, "for `access.apply`"),
    Field::required("undo", Kind::Any, "the edit that takes it back"),
];

const PROOF: &[Field] = &[
    Field::required("principal", Kind::Text, "whose access was revoked"),
    Field::required("verdict", Kind::Text, "the verdict now"),
];

const DOUBT: &[Field] = &[
    Field::required("principal", Kind::Text, "whose access was to be revoked"),
    Field::required("verdict", Kind::Text, "the verdict now"),
    Field::required("because", Kind::List(&Kind::Text), "the statements that still decide"),
];

const KEY: Field = Field::required("key", Kind::KeyId, "the key");
const ACTION: Field = Field::optional("action", Kind::Text, "an action of KMS; kms:Decrypt where absent");

pub(super) const SPECS: &[Spec] = &[
    Spec {
        name: "access.who_can",
        summary: "Collect what decides who may use a key, and answer for everybody",
        inputs: &[KEY, ACTION],
        outputs: &[
            Field::required("items", Kind::List(&Kind::Record(CARD)), "everybody who is not denied"),
            Field::required("population", Kind::Integer, "everybody"),
            Field::required("reviewed", Kind::Integer, "those who got an answer"),
            Field::required("excluded", Kind::Integer, "those who are not asked for, with a reason"),
            Field::required("unknown", Kind::Integer, "those about whom something is missing"),
            Field::required("missing", Kind::List(&Kind::Text), "what was not collected, and why"),
            Field::required("findings", Kind::Text, "the artifact with everybody, the denied too"),
            Field::required(
                "files",
                Kind::List(&Kind::Record(FILE)),
                "what was collected, as AWS returned it",
            ),
        ],
        permissions: PERMISSIONS,
        ..READ
    },
    Spec {
        name: "access.plan",
        summary: "Plan the exact edits that revoke access to a key, with their undo",
        inputs: &[
            KEY,
            ACTION,
            Field::required("revoke", Kind::List(&Kind::Text), "whose access shall end, by principal"),
        ],
        outputs: &[
            Field::required("edits", Kind::List(&Kind::Record(EDIT)), "what to do, in order"),
            Field::required("outcomes", Kind::List(&Kind::Record(OUTCOME)), "what would come of it"),
            Field::required("would_hold", Kind::Integer, "revocations that would take effect"),
            Field::required("would_not", Kind::Integer, "revocations that would not"),
        ],
        permissions: PERMISSIONS,
        ..READ
    },
    Spec {
        name: "access.apply",
        summary: "Make one edit of a plan, if the world is still as it was planned from",
        class: Class::Write,
        inputs: &[Field::required(
            "edit",
            Kind::Any,
            "one of `access.plan`'s `edits[].edit` or `edits[].undo`",
        )],
        outputs: &[
            Field::required("did", Kind::Text, "the edit in a sentence"),
            Field::required("undo", Kind::Any, "the edit that takes it back"),
        ],
        permissions: &[
            "iam:ListAttachedUserPolicies",
            "iam:ListAttachedRolePolicies",
            "iam:ListGroupsForUser",
            "iam:GetUserPolicy",
            "iam:GetRolePolicy",
            "iam:GetPolicy",
            "iam:GetPolicyVersion",
            "iam:AttachUserPolicy",
            "iam:AttachRolePolicy",
            "iam:DetachUserPolicy",
            "iam:DetachRolePolicy",
            "iam:PutUserPolicy",
            "iam:PutRolePolicy",
            "iam:DeleteUserPolicy",
            "iam:DeleteRolePolicy",
            "iam:AddUserToGroup",
            "iam:RemoveUserFromGroup",
            "iam:ListPolicyVersions",
            "iam:CreatePolicyVersion",
            "iam:SetDefaultPolicyVersion",
            "kms:ListGrants",
            "kms:RevokeGrant",
            "kms:CreateGrant",
            "kms:GetKeyPolicy",
            "kms:PutKeyPolicy",
        ],
        duty: Duty::Contain,
        reversal: Reversal::By("access.apply"),
        probe: Probe::Ask("what the edit changes"),
        ..READ
    },
    Spec {
        name: "access.prove",
        summary: "Collect again, and tell for whom the verdict has become a denial",
        inputs: &[
            KEY,
            ACTION,
            Field::required("revoked", Kind::List(&Kind::Text), "whose access was revoked"),
        ],
        outputs: &[
            Field::required("proven", Kind::List(&Kind::Record(PROOF)), "those who are denied now"),
            Field::required("not_proven", Kind::List(&Kind::Record(DOUBT)), "those who are not"),
        ],
        permissions: PERMISSIONS,
        ..READ
    },
];

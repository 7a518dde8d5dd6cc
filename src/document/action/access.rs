//! The access review: who can do what with a key. Facts from the IAM, KMS and Organizations
//! API references.

use super::spec::{Field, Kind, READ, Spec};

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

pub(super) const SPECS: &[Spec] = &[Spec {
    name: "access.who_can",
    summary: "Collect what decides who may use a key, and answer for everybody",
    inputs: &[
        Field::required("key", Kind::KeyId, "the key"),
        Field::optional("action", Kind::Text, "an action of KMS; kms:Decrypt where absent"),
    ],
    outputs: &[
        Field::required("items", Kind::List(&Kind::Record(CARD)), "everybody who is not denied"),
        Field::required("population", Kind::Integer, "everybody"),
        Field::required("reviewed", Kind::Integer, "those who got an answer"),
        Field::required("excluded", Kind::Integer, "those who are not asked for, with a reason"),
        Field::required("unknown", Kind::Integer, "those about whom something is missing"),
        Field::required("missing", Kind::List(&Kind::Text), "what was not collected, and why"),
        Field::required("findings", Kind::Text, "the artifact with everybody, the denied too"),
        Field::required("files", Kind::List(&Kind::Record(FILE)), "what was collected, as AWS returned it"),
    ],
    permissions: PERMISSIONS,
    ..READ
}];

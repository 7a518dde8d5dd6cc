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

/// What a collection reads that also asks when everybody last used the key.
const WITH_USES: &[&str] = &[
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
    "kms:ListGrants",
    "kms:ListAliases",
    "kms:GetKeyLastUsage",
    "iam:GetAccountAuthorizationDetails",
    "iam:GenerateCredentialReport",
    "iam:GetCredentialReport",
    "iam:GenerateServiceLastAccessedDetails",
    "iam:GetServiceLastAccessedDetails",
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
    Field::optional("reached_by_others", Kind::Integer, "how many more can, beyond those that are told"),
    Field::required(
        "last_used",
        Kind::Text,
        "when it last used the key, as far as the nearest source knows; RFC 3339, empty where unknown",
    ),
    Field::required(
        "no_use_after",
        Kind::Text,
        "after this no source that would have seen it saw a use; RFC 3339, empty where nobody can say",
    ),
    Field::required("last_used_by", Kind::List(&Kind::Text), "what each source says, the nearest first"),
    Field::required("key_last_used", Kind::Text, "when anybody last used the key; empty where unknown"),
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

/// A record in one form.
const FORM: &[Field] = &[
    Field::required("path", Kind::Text, "where it lies in the record of the run"),
    Field::required("digest", Kind::Text, "its SHA-256, in hex"),
];

const POPULATION: &[Field] = &[
    Field::required("total", Kind::Integer, "everybody"),
    Field::required("reviewed", Kind::Integer, "those who got an answer"),
    Field::required("excluded", Kind::Integer, "those who were not asked for, with a reason"),
    Field::required("unknown", Kind::Integer, "those of whom nobody can say"),
];

const VERDICTS: &[Field] = &[
    Field::required("allowed", Kind::Integer, "who may"),
    Field::required("allowed_if", Kind::Integer, "who may under conditions"),
    Field::required("unknown", Kind::Integer, "of whom nobody can say"),
    Field::required("implicit_deny", Kind::Integer, "whom nothing allows"),
    Field::required("explicit_deny", Kind::Integer, "whom something denies"),
];

const REVOCATIONS: &[Field] = &[
    Field::required("proven", Kind::Integer, "the verdict has become a denial"),
    Field::required("not_proven", Kind::Integer, "it has not"),
    Field::required("not_asked_again", Kind::Integer, "nobody asked AWS again"),
];

const EDITS: &[Field] = &[
    Field::required("planned", Kind::Integer, "all"),
    Field::required("made", Kind::Integer, "those that stand"),
];

const COUNTS: &[Field] = &[
    Field::required("population", Kind::Record(POPULATION), "everybody; it adds up"),
    Field::required("verdicts", Kind::Record(VERDICTS), "of everybody but the excluded"),
    Field::required("decisions", Kind::Any, "of everybody who is not denied, by decision"),
    Field::required("revocations", Kind::Record(REVOCATIONS), "of those who were to lose it"),
    Field::required("edits", Kind::Record(EDITS), "of the plan"),
];

/// What a record of a review gives; the same with a word on it.
const WRITTEN: &[Field] = &[
    Field::required("name", Kind::Text, "how its files are called, without their endings"),
    Field::required("json", Kind::Record(FORM), "the record, which loses nothing"),
    Field::required("csv", Kind::Record(FORM), "the same for a spreadsheet, a row for everybody"),
    Field::required("markdown", Kind::Record(FORM), "the same for a tracker"),
    Field::required("html", Kind::Record(FORM), "the same as one page"),
    Field::required("counts", Kind::Record(COUNTS), "what all of them count"),
];

const NAME: Field = Field::optional(
    "name",
    Kind::Text,
    "how its files are called, without their endings; access-review where absent",
);
const DIGEST: Field = Field::required("digest", Kind::Text, "SHA-256 of that artifact, in hex");

const KEY: Field = Field::required("key", Kind::KeyId, "the key");
const ACTION: Field = Field::optional("action", Kind::Text, "an action of KMS; kms:Decrypt where absent");

pub(super) const SPECS: &[Spec] = &[
    Spec {
        name: "access.who_can",
        summary: "Collect what decides who may use a key, and answer for everybody",
        inputs: &[
            KEY,
            ACTION,
            Field::optional(
                "trail",
                Kind::Any,
                "who used the key: the outputs of a `cloudtrail.lookup_events` or `cloudtrail.preserve` step, or a list of them",
            ),
        ],
        outputs: &[
            Field::required("items", Kind::List(&Kind::Record(CARD)), "everybody who is not denied"),
            Field::required("population", Kind::Integer, "everybody"),
            Field::required("reviewed", Kind::Integer, "those who got an answer"),
            Field::required("excluded", Kind::Integer, "those who are not asked for, with a reason"),
            Field::required("unknown", Kind::Integer, "those about whom something is missing"),
            Field::required("missing", Kind::List(&Kind::Text), "what was not collected, and why"),
            Field::required("findings", Kind::Text, "the artifact with everybody, the denied too"),
            Field::required("digest", Kind::Text, "SHA-256 of that artifact, in hex"),
            Field::required("collected_at", Kind::Time, "when"),
            Field::required(
                "files",
                Kind::List(&Kind::Record(FILE)),
                "what was collected, as AWS returned it",
            ),
        ],
        permissions: WITH_USES,
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
        inputs: &[
            Field::optional("words", Kind::Text, "the edit in a sentence, for whoever approves it"),
            Field::optional("also", Kind::List(&Kind::Text), "what else it takes away, for the same"),
            Field::required("edit", Kind::Any, "one of `access.plan`'s `edits[].edit` or `edits[].undo`"),
        ],
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
            "iam:ListEntitiesForPolicy",
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
    Spec {
        name: "access.record",
        summary: "Write the record of a review as JSON, CSV, Markdown and one HTML page",
        inputs: &[
            NAME,
            Field::required("findings", Kind::Text, "the artifact of `access.who_can`"),
            DIGEST,
            Field::optional("collected_at", Kind::Time, "when the findings were collected"),
            Field::optional("quarter", Kind::Text, "which quarter is reviewed, such as 2026-Q4"),
            Field::optional("reviewer", Kind::Text, "who decided, as AWS names them"),
            Field::optional("decisions", Kind::List(&Kind::Any), "what a review decided"),
            Field::optional("last", Kind::List(&Kind::Any), "what the last review decided"),
            Field::optional("seconds", Kind::Integer, "how long the decisions took"),
            Field::optional("rushed", Kind::Boolean, "whether they were too quick"),
            Field::optional("edits", Kind::List(&Kind::Any), "the edits of `access.plan`"),
            Field::optional("outcomes", Kind::List(&Kind::Any), "the outcomes of `access.plan`"),
            Field::optional("edits_step", Kind::Text, "the step that made the edits, one element each"),
            Field::optional("proven", Kind::List(&Kind::Any), "of `access.prove`"),
            Field::optional("not_proven", Kind::List(&Kind::Any), "of `access.prove`"),
        ],
        outputs: WRITTEN,
        ..READ
    },
    Spec {
        name: "access.sign_off",
        summary: "Write the record of a review again, with the word of those who approved a step",
        inputs: &[
            NAME,
            Field::required("record", Kind::Text, "the artifact of `access.record`, as JSON"),
            DIGEST,
            Field::required("step", Kind::Text, "the step whose approval signs off"),
        ],
        outputs: WRITTEN,
        ..READ
    },
];

//! One change of IAM or KMS, exact, with what takes it back.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An edit. Documents are whole: as they will be, and as they were.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "edit", rename_all = "snake_case")]
pub enum Edit {
    DetachPolicy {
        principal: String,
        policy: String,
        also: Vec<String>,
    },
    AttachPolicy {
        principal: String,
        policy: String,
    },
    /// Puts an inline policy; `document` is nothing where it is deleted, `before` where there
    /// was none.
    PutInline {
        principal: String,
        name: String,
        document: Option<Value>,
        before: Option<Value>,
        also: Vec<String>,
    },
    LeaveGroup {
        user: String,
        group: String,
        also: Vec<String>,
    },
    JoinGroup {
        user: String,
        group: String,
    },
    /// A new default version of a customer managed policy.
    PutVersion {
        policy: String,
        document: Value,
        before: Value,
        also: Vec<String>,
    },
    /// By its id, or where that is empty by what it gives: a grant that was created again has
    /// an id that nobody planned.
    RevokeGrant {
        key: String,
        grant: String,
        before: Value,
    },
    CreateGrant {
        key: String,
        grant: Value,
    },
    PutKeyPolicy {
        key: String,
        document: Value,
        before: Value,
        also: Vec<String>,
    },
}

impl Edit {
    /// What takes it back.
    #[must_use]
    pub fn undo(&self) -> Self {
        match self.clone() {
            Self::DetachPolicy { principal, policy, .. } => Self::AttachPolicy { principal, policy },
            Self::AttachPolicy { principal, policy } => {
                Self::DetachPolicy { principal, policy, also: Vec::new() }
            }
            Self::PutInline { principal, name, document, before, .. } => {
                Self::PutInline { principal, name, document: before, before: document, also: Vec::new() }
            }
            Self::LeaveGroup { user, group, .. } => Self::JoinGroup { user, group },
            Self::JoinGroup { user, group } => Self::LeaveGroup { user, group, also: Vec::new() },
            Self::PutVersion { policy, document, before, .. } => {
                Self::PutVersion { policy, document: before, before: document, also: Vec::new() }
            }
            Self::RevokeGrant { key, before, .. } => Self::CreateGrant { key, grant: before },
            Self::CreateGrant { key, grant } => {
                Self::RevokeGrant { key, grant: String::new(), before: grant }
            }
            Self::PutKeyPolicy { key, document, before, .. } => {
                Self::PutKeyPolicy { key, document: before, before: document, also: Vec::new() }
            }
        }
    }

    /// In a sentence, for whoever approves it.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::DetachPolicy { principal, policy, .. } => format!("detach {policy} from {principal}"),
            Self::AttachPolicy { principal, policy } => format!("attach {policy} to {principal}"),
            Self::PutInline { principal, name, document: None, .. } => {
                format!("delete the inline policy {name} of {principal}")
            }
            Self::PutInline { principal, name, before: None, .. } => {
                format!("put the inline policy {name} on {principal}")
            }
            Self::PutInline { principal, name, .. } => {
                format!("rewrite the inline policy {name} of {principal}")
            }
            Self::LeaveGroup { user, group, .. } => format!("take {user} out of the group {group}"),
            Self::JoinGroup { user, group } => format!("put {user} into the group {group}"),
            Self::PutVersion { policy, .. } => format!("make a new default version of {policy}"),
            Self::RevokeGrant { key, grant, before } => {
                let grantee =
                    before.get("GranteePrincipal").or_else(|| before.get("GranteeServicePrincipal"));
                let grantee = grantee.and_then(Value::as_str).unwrap_or_default();
                let id = if grant.is_empty() { String::new() } else { format!(" {grant}") };
                format!("revoke the grant{id} to {grantee} of {key}")
            }
            Self::CreateGrant { key, .. } => format!("create the grant on {key} again, under a new id"),
            Self::PutKeyPolicy { key, .. } => format!("rewrite the key policy of {key}"),
        }
    }

    /// What else it takes away, which a reviewer has to know.
    #[must_use]
    pub fn also(&self) -> &[String] {
        match self {
            Self::DetachPolicy { also, .. }
            | Self::PutInline { also, .. }
            | Self::LeaveGroup { also, .. }
            | Self::PutVersion { also, .. }
            | Self::PutKeyPolicy { also, .. } => also,
            _ => &[],
        }
    }

    /// Whether another edit writes the same document once more.
    pub(super) fn writes_over(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::PutKeyPolicy { key: one, .. }, Self::PutKeyPolicy { key: other, .. }) => one == other,
            (Self::PutVersion { policy: one, .. }, Self::PutVersion { policy: other, .. }) => one == other,
            _ => false,
        }
    }

    /// Becomes both: what was before the first, and what is after the second.
    pub(super) fn follow(&mut self, later: Self) {
        match (self, later) {
            (
                Self::PutKeyPolicy { document, also, .. },
                Self::PutKeyPolicy { document: last, also: more, .. },
            )
            | (
                Self::PutVersion { document, also, .. },
                Self::PutVersion { document: last, also: more, .. },
            ) => {
                *document = last;
                also.extend(more);
            }
            _ => {}
        }
    }
}

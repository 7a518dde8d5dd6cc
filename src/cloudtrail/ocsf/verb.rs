//! What kind of activity an operation is, by the verb that its name begins with.

/// An activity of a class: its number and its caption in the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Activity {
    pub uid: u64,
    pub name: &'static str,
}

pub(super) const OTHER: u64 = 99;

impl Activity {
    pub const fn new(uid: u64, name: &'static str) -> Self {
        Self { uid, name }
    }

    pub const fn other() -> Self {
        Self::new(OTHER, "Other")
    }

    /// Create, Read, Update or Delete. `Decrypt` and its like act upon no resource, and
    /// CloudTrail calls them read-only, so that the name alone tells that they are neither.
    pub fn of(operation: &str) -> Self {
        let begins = |verbs: &[&str]| verbs.iter().any(|verb| has_verb(operation, verb));
        if begins(&["Create", "Run", "Allocate", "Register", "Import", "Upload", "Replicate"]) {
            Self::new(1, "Create")
        } else if begins(&[
            "Get", "List", "Describe", "Head", "Lookup", "Search", "Select", "Simulate", "BatchGet",
        ]) {
            Self::new(2, "Read")
        } else if begins(&[
            "Update",
            "Put",
            "Modify",
            "Set",
            "Enable",
            "Disable",
            "Attach",
            "Detach",
            "Tag",
            "Untag",
            "Add",
            "Remove",
            "Change",
            "Rotate",
            "Start",
            "Stop",
            "Cancel",
            "Associate",
            "Disassociate",
            "Copy",
        ]) {
            Self::new(3, "Update")
        } else if begins(&["Delete", "Terminate", "Deregister", "Release", "Schedule", "Revoke", "Retire"]) {
            Self::new(4, "Delete")
        } else {
            Self::other()
        }
    }
}

/// A verb ends where the next word begins: `Setup...` does not begin with `Set`.
fn has_verb(operation: &str, verb: &str) -> bool {
    let rest = operation.strip_prefix(verb);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verb_tells_the_activity() {
        for (operation, uid) in [
            ("CreateKey", 1),
            ("DescribeKey", 2),
            ("GetObject", 2),
            ("BatchGetItem", 2),
            ("PutKeyPolicy", 3),
            ("DisableKey", 3),
            ("CancelKeyDeletion", 3),
            ("DeleteObject", 4),
            ("ScheduleKeyDeletion", 4),
            ("RevokeGrant", 4),
            ("Decrypt", 99),
            ("GenerateDataKey", 99),
            ("Setup", 99),
            ("", 99),
        ] {
            assert_eq!(Activity::of(operation).uid, uid, "{operation}");
        }
    }
}

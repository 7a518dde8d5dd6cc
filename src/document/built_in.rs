//! The documents that are part of the program, so that an installed one works anywhere.

/// Name and text of each, in the order of their names.
pub(super) const DOCUMENTS: &[(&str, &str)] =
    &[("key-compromise", include_str!("../../playbooks/key-compromise.yaml"))];

//! The documents that are part of the program, so that an installed one works anywhere.

/// Name and text of each, in the order of their names.
pub(super) const DOCUMENTS: &[(&str, &str)] = &[
    ("delete-compromised-key", include_str!("../../runbooks/delete-compromised-key.yaml")),
    ("health-check", include_str!("../../runbooks/health-check.yaml")),
    ("key-compromise", include_str!("../../playbooks/key-compromise.yaml")),
    ("quarterly-access-review", include_str!("../../runbooks/quarterly-access-review.yaml")),
];

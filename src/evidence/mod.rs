//! Artifacts by content, redaction, the bag, seal and verify.

pub struct Redaction;

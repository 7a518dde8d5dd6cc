//! How many secrets were found, by what they were known by.

use std::ops::AddAssign;

use super::mark::{Mark, Name};

/// What was found in some bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Values of `secret` parameters, in any spelling.
    pub parameters: u64,
    /// Whatever looks like a secret. A log of CloudTrail holds many: the session tokens in
    /// the answers to AssumeRole, for one.
    pub shapes: u64,
}

impl Found {
    #[must_use]
    pub const fn all(self) -> u64 {
        self.parameters + self.shapes
    }

    pub(super) fn add(&mut self, mark: &Mark<'_>) {
        match mark.name {
            Name::Secret(_) => self.parameters += 1,
            Name::Shape(_) => self.shapes += 1,
        }
    }
}

impl AddAssign for Found {
    fn add_assign(&mut self, other: Self) {
        self.parameters += other.parameters;
        self.shapes += other.shapes;
    }
}

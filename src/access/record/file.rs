//! The record as JSON, read again.

use std::collections::HashSet;

use super::{Counts, FORMAT, ReviewRecord, Unfit};

/// Reads a record, and believes no number in it that does not follow from the rest.
///
/// # Errors
/// When it is no record of a review, names somebody twice, or its counts are others than
/// those of what it holds.
pub fn read(text: &str) -> Result<ReviewRecord, Unfit> {
    let record: ReviewRecord = serde_json::from_str(text)
        .map_err(|error| Unfit(format!("it is no record of an access review: {error}")))?;
    if record.format != FORMAT {
        return Err(Unfit(format!("its format is `{}`, and this program reads `{FORMAT}`", record.format)));
    }
    record.check()?;
    Ok(record)
}

impl ReviewRecord {
    /// That everybody stands in it once, and that its counts are theirs.
    ///
    /// # Errors
    /// Says who stands there twice, or which count differs.
    pub(super) fn check(&self) -> Result<(), Unfit> {
        let names = self.findings.iter().map(|finding| &finding.principal);
        let mut seen = HashSet::new();
        for name in names.chain(self.excluded.iter().map(|excluded| &excluded.principal)) {
            if !seen.insert(name) {
                return Err(Unfit(format!("{name} stands in it twice")));
            }
        }
        let counted = Counts::of(&self.findings, &self.excluded, &self.edits);
        if counted == self.counts {
            return Ok(());
        }
        Err(Unfit(format!("its counts are {:?}, and those of what it holds are {counted:?}", self.counts)))
    }
}

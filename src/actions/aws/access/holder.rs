//! Who holds policies: a user or a role, by its ARN.

use crate::run::{Fault, FaultKind};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    User,
    Role,
}

impl Holder {
    pub(super) fn of(arn: &str) -> Result<Self, Fault> {
        if arn.contains(":user/") {
            Ok(Self::User)
        } else if arn.contains(":role/") {
            Ok(Self::Role)
        } else {
            Err(Fault::new(FaultKind::Rejected, format!("{arn} is neither a user nor a role")))
        }
    }
}

/// IAM asks for names, which are the last part of an ARN, behind the path.
pub(super) fn bare(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

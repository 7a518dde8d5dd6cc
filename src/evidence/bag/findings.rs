//! What is wrong with a bag, and what is only odd.

use super::version::Version;

/// Something about a bag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Short and stable, for machines.
    pub code: &'static str,
    /// Below the bag's folder; empty for the bag as a whole.
    pub path: String,
    pub message: String,
}

/// Faults make a bag invalid; warnings do not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    pub faults: Vec<Remark>,
    pub warnings: Vec<Remark>,
}

impl Findings {
    pub fn fault(&mut self, code: &'static str, path: impl Into<String>, message: impl Into<String>) {
        self.faults.push(Remark { code, path: path.into(), message: message.into() });
    }

    pub fn warn(&mut self, code: &'static str, path: impl Into<String>, message: impl Into<String>) {
        self.warnings.push(Remark { code, path: path.into(), message: message.into() });
    }

    /// What 1.0 forbids and older versions put up with.
    pub fn since_1_0(
        &mut self,
        version: Version,
        code: &'static str,
        path: impl Into<String>,
        message: impl Into<String>,
    ) {
        if version >= Version::V1_0 {
            self.fault(code, path, message);
        } else {
            self.warn(code, path, message);
        }
    }
}

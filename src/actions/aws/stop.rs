//! Why an operation ended early.

use crate::error::Error;
use crate::run::Fault;

/// A fault of the step, or the end of the program.
#[derive(Debug)]
pub(crate) enum Stop {
    Fault(Box<Fault>),
    /// The record does not take what it is given.
    Error(Box<Error>),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(Box::new(fault))
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(Box::new(error))
    }
}

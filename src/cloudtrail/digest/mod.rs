//! The digest chain: whether the log files are those that CloudTrail delivered, and all of them.
//!
//! Every hour CloudTrail delivers a digest file to the trail's bucket. It lists the log files
//! of that hour with their hashes, names the digest before it, and is signed; the signature
//! lies in the object's metadata. The facts are those of the CloudTrail user guide,
//! "CloudTrail digest file structure" and "Custom implementations of CloudTrail log file
//! integrity validation".
//!
//! Whoever has the objects makes a [`Reading`] of each digest and a [`LogReading`] of each log
//! file, in any order and on as many cores as there are, and [`judge`] tells everything that
//! is wrong with all of them together. Beyond what `aws cloudtrail validate-logs` tells, these
//! are faults: a digest whose bytes are not those that its successor names, a signature other
//! than its successor's copy, every hour without a digest, and log files that no digest lists.
//! A digest that names no digest before it was signed as such: logging, or its validation, was
//! stopped and started again, and that is no fault. Only when it was stopped is not signed: who
//! deletes the last digests before a stop, and their log files, makes it look longer.

mod chain;
mod der;
mod ends;
mod file;
mod judge;
mod keys;
mod logs;
mod metadata;
mod name;
mod own;
mod place;
mod reading;
mod verdict;

pub use ends::OVERDUE;
pub use file::{DigestFile, Listed, Previous};
pub use judge::judge;
pub use keys::PublicKeys;
pub use metadata::Metadata;
pub use name::{ChainId, DigestName, Kind, LogName};
pub use place::Place;
pub use reading::{Broken, LogReading, Reading};
pub use verdict::{
    ChainVerdict, Code, DigestState, DigestVerdict, Fault, LogState, LogVerdict, Span, Verdict, Window,
};

#[cfg(test)]
mod tests;

//! What was collected of CloudTrail: the objects where they lie on disk, read on all cores.
//!
//! A collected object lies at `<bucket>/<key>` below some folder, with `<key>.meta.json`
//! beside it; the answer of ListPublicKeys lies in `public-keys.json` beside that folder. The
//! facts and the verdicts are those of [`crate::cloudtrail::digest`]; here are the files.

mod read;
mod trove;

pub use trove::Trove;

#[cfg(test)]
mod tests;

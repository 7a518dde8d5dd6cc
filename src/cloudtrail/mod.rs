//! CloudTrail log files as bytes: what they hold, and whether they are whole.
//!
//! Pure over bytes: whoever has files, objects or answers brings their bytes here, in pieces
//! as small as they like. Nothing in this room opens a file, and nothing that it is given
//! makes it panic, go on without end, or take memory without bound.
//!
//! | module | what it is |
//! |---|---|
//! | [`digest`] | the chain of digests: which log files are those that CloudTrail delivered |
//! | [`gzip`] | inflating a log file, and telling every way in which it can be damaged |
//! | [`form`] | the forms in which an event can name a key |
//! | [`scan`] | every event that concerns a key |

pub mod digest;
mod edge;
mod escape;
pub mod form;
pub mod gzip;
pub mod scan;

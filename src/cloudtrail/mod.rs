//! CloudTrail log files as bytes: what they hold, and whether they are whole.
//!
//! Pure over bytes: whoever has files, objects or answers brings their bytes here, in pieces
//! as small as they like. Nothing in this room opens a file, and nothing that it is given
//! makes it panic, go on without end, or take memory without bound.
//!
//! | module | what it is |
//! |---|---|
//! | [`digest`] | the chain of digests: which log files are those that CloudTrail delivered |
//! | [`event`] | one event, read leniently |
//! | [`gzip`] | inflating a log file, and telling every way in which it can be damaged |
//! | [`form`] | the forms in which an event can name a key |
//! | [`late`] | who still wants a key after it was disabled |
//! | [`ocsf`] | an event in the words of the Open Cybersecurity Schema Framework |
//! | [`scan`] | every event that concerns a key |
//! | [`users`] | who used the key, from where, how often |

pub mod digest;
mod edge;
mod escape;
pub mod event;
pub mod form;
pub mod gzip;
pub mod late;
pub mod ocsf;
pub mod scan;
pub mod users;

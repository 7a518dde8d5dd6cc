//! CloudTrail log files as bytes: what they hold, and whether they are whole.
//!
//! Pure over bytes: whoever has files, objects or answers brings their bytes here, in pieces
//! as small as they like. Nothing in this room opens a file, and nothing that it is given
//! makes it panic, go on without end, or take memory without bound.
//!
//! | module | what it is |
//! |---|---|
//! | [`gzip`] | inflating a log file, and telling every way in which it can be damaged |

pub mod gzip;

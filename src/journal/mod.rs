//! The record of a run: one JSON object a line, chained by digest.
//!
//! ```text
//! {"v":1,"seq":1,"at":"2026-11-22T03:10:00.123456Z","prev":"000…","event":{"opened":{…}}}
//! ```
//!
//! - `seq` counts from one, so that it is also the number of the line.
//! - `prev` is the SHA-256 of the previous line's bytes without its newline, sixty-four
//!   zeros for the first. Order is by `seq`; a clock that goes back is allowed.
//! - One writer holds an exclusive lock on the file for as long as it has it open; anybody
//!   may read meanwhile.
//! - An entry is one write and one `fdatasync`. After a write or a sync that failed nobody
//!   knows what the disk holds, so that the journal takes no further entry: the file has to
//!   be opened again, which reads what is really there.
//! - A last line without its newline was torn by a crash. [`Journal::open`] hands its bytes
//!   over to be kept, and cuts it off when they are; [`read`] leaves it and reports it.
//!   Anything else that is wrong is an error that names the line.

mod chain;
mod durable;
mod entry;
mod file;
mod lines;
mod lock;
mod medium;
mod reader;
mod writer;

pub use chain::{Chain, Damage};
pub use durable::{Draft, sync_directory, write_durably};
pub use entry::{Entry, VERSION};
pub use lines::MAX_LINE;
pub use lock::{is_free, is_held};
pub use medium::{Medium, Reopened};
pub use reader::{Reading, examine, examine_bytes, read};
pub use writer::{Journal, Opened};

#[cfg(test)]
mod tests;

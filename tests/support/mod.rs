//! What the tests stand on: a folder with documents, the binary, the range, a terminal.

pub mod authority;
mod drill;
pub mod letterbox;
pub mod mailbox;
mod range;
mod served;
mod terminal;

pub use drill::{Drill, Said};
pub use range::Account;
pub use served::{Mood, Served};
pub use terminal::Terminal;

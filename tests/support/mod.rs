//! What the tests stand on: a folder with documents, the binary, the range, a terminal.

pub mod authority;
mod drill;
pub mod letterbox;
pub mod mailbox;
mod range;
mod terminal;

pub use drill::{Drill, Said};
pub use range::Account;
pub use terminal::Terminal;

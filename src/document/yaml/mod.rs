//! YAML text as a tree that knows where everything stands. YAML 1.2 core schema: `yes` and
//! `no` are texts. What a document never needs is refused: tags, several documents in a
//! file, keys that are no texts, aliases without end.

mod build;
mod locate;
mod offsets;
mod scalar;
mod tree;

#[cfg(test)]
mod tests;

pub use build::parse;
pub use tree::{Content, Key, Node, Scalar, Style};

/// The largest text that is read, in bytes. Whoever reads a file checks its size first.
pub const MAX_BYTES: usize = 4 << 20;

/// How deep lists and maps may nest.
pub const MAX_DEPTH: usize = 64;

/// How many nodes aliases may add to those that are written out.
pub const MAX_COPIES: usize = 100_000;

//! Patterns: `*` and `?` in actions, resources and conditions. Prepared once, matched in
//! time that grows with the length of the pattern times that of the text at worst.

mod arn;
mod glob;

pub use arn::{Arn, is_account, is_resource_pattern};
pub use glob::{Glob, Reach, Sign, signs};

#[cfg(test)]
mod tests;

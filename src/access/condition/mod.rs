//! The Condition element: operators, quantifiers, policy variables, and the context of a
//! request (IAM JSON policy elements: Condition operators; Single-valued vs. multivalued
//! context keys; IAM policy elements: Variables and tags).
//!
//! Negated operators are the negation of their positive twins, and `IfExists` is "absent,
//! or": with that, a condition is a formula over few kinds of tests.

mod base64;
mod clause;
mod compare;
mod context;
mod date;
mod relation;
mod template;
mod test;

pub use clause::Clause;
pub use context::{Beyond, Context, Lookup};
pub use relation::Relation;
pub use template::{Resolved, Template, Variables, Wildcards};
pub use test::{Outcome, Quantity, Test};

#[cfg(test)]
mod tests;

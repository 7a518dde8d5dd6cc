//! Who may do what: the IAM policy model and its evaluator. Pure: policies and a request
//! go in, a verdict with the statements that decided comes out.
//!
//! - `json/`: values with their places; names that stand twice are seen
//! - `policy/`: documents, ready to be asked
//! - `matching/`: patterns
//! - `condition/`: operators, quantifiers, variables, context
//! - `formula/`: what an answer depends on, and whether that can be
//! - `evaluate/`: the layers, their order, the verdict
//! - `simulate/`: requests as JSON lines
//! - `account/`: the users, roles, groups and policies of an account, as IAM tells them
//! - `plan/`: from a decision to the edits that carry it out
//! - `usage/`: when somebody last used a key, by every source, and since when each looks
//! - `review/`: everybody who may have a say in one key, each with an answer
//! - `record/`: what a review asked, found, decided, changed and proved, in one model

pub mod account;
pub mod condition;
pub mod evaluate;
pub mod formula;
pub mod json;
pub mod matching;
pub mod plan;
pub mod policy;
pub mod record;
pub mod review;
pub mod simulate;
pub mod usage;

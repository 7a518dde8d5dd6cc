//! What a document says: from YAML to a validated [`Playbook`], all diagnostics at once.
//!
//! ```text
//! text  --yaml-->  tree  --decode-->  draft  --check-->  Playbook
//! ```
//!
//! Each stage goes on after a fault as far as it can, so that one look tells everything.

pub mod action;
mod built_in;
mod channel;
mod check;
mod decode;
mod draft;
pub mod expr;
pub mod language;
mod library;
mod load;
mod param;
pub mod permission;
mod playbook;
mod schema;
mod value;
pub mod yaml;

pub use channel::{Channel, Medium, Recipient, Setting, variable};
pub use library::{Found, Library};
pub use load::load;
pub use param::{Param, ParamKind};
pub use playbook::{
    Approve, Cause, Escalation, ForEach, MetBy, Objective, OnFailure, Phase, Playbook, Retry, Role,
    Severities, Signers, Species, Step, Trace,
};
pub use schema::schema;
pub use value::{Expr, Input, Text};

//! What a document says: from YAML to a validated [`Playbook`], all diagnostics at once.

pub mod action;
pub mod expr;
mod param;
mod playbook;
mod value;
pub mod yaml;

pub use playbook::{
    Approve, Cause, Escalation, ForEach, MetBy, Objective, OnFailure, Param, ParamKind, Phase, Playbook,
    Retry, Role, Severities, Species, Step, Trace,
};
pub use value::{Expr, Input, Text};

//! Executable runbooks and incident playbooks.

pub mod actions;
pub mod cli;
pub mod console;
pub mod document;
pub mod engine;
pub mod error;
pub mod evidence;
pub mod executor;
pub mod journal;
pub mod report;
pub mod run;
pub mod text;

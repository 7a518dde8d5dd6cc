//! `playbook access`

mod simulate;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::error::Result;

/// Who may do what with a key, and what a change of policies would do
///
/// Evaluates IAM policies, key policies, boundaries, guardrails of the organisation and
/// grants as AWS does, offline, and names the statements that decided.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  playbook access simulate requests.jsonl")]
pub(super) struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Simulate(simulate::Options),
}

pub(super) fn run(options: &Options) -> Result<ExitCode> {
    match &options.command {
        Command::Simulate(options) => simulate::run(options),
    }
}

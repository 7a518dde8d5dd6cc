//! `playbook access`

mod data;
mod record;
mod simulate;
mod telling;
mod who_can;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::error::Result;

/// Who may do what with a key, and what a change of policies would do
///
/// Evaluates IAM policies, key policies, boundaries, guardrails of the organisation and
/// grants as AWS does, offline, and names the statements that decided.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  playbook access who-can kms:Decrypt --key 1234abcd-12ab-34cd-56ef-1234567890ab --data collected
  playbook access simulate requests.jsonl
  playbook access record 2026-Q4-kms-review.json --format html > page.html")]
pub(super) struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    WhoCan(who_can::Options),
    Simulate(simulate::Options),
    Record(record::Options),
}

pub(super) fn run(options: &Options) -> Result<ExitCode> {
    match &options.command {
        Command::WhoCan(options) => who_can::run(options),
        Command::Simulate(options) => simulate::run(options),
        Command::Record(options) => record::run(options),
    }
}

//! `playbook trail`: CloudTrail log files, offline.

mod ahead;
mod crew;
mod files;
mod haul;
mod order;
mod place;
mod reading;
mod search;
mod spring;
mod tell;
mod verify;

pub(super) use files::Logs;
pub(super) use reading::read as search_file;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::error::Result;

/// CloudTrail log files, offline: search them for a key, verify their digest chain
///
/// Takes what a run collected, or files as they came from the trail's bucket. Nothing is
/// asked of AWS.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  playbook trail search evidence/INC-2026-001-KEY-COMPROMISE --key alias/customer-pii
  playbook trail verify evidence/INC-2026-001-KEY-COMPROMISE")]
pub(super) struct Options {
    #[command(subcommand)]
    command: Command,
}

// A new command is a line here and a line in `run`.
#[derive(Debug, Subcommand)]
enum Command {
    Search(search::Options),
    Verify(verify::Options),
}

pub(super) fn run(options: &Options) -> Result<ExitCode> {
    match &options.command {
        Command::Search(options) => search::run(options),
        Command::Verify(options) => verify::run(options),
    }
}

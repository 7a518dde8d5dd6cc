//! `playbook trail`: CloudTrail files offline.

mod verify;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::error::Result;

/// Look into CloudTrail files that were collected, offline
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  playbook trail verify evidence/INC-2026-001-KEY-COMPROMISE")]
pub(super) struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Verify(verify::Options),
}

pub(super) fn run(options: &Options) -> Result<ExitCode> {
    match &options.command {
        Command::Verify(options) => verify::run(options),
    }
}

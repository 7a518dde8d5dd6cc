//! `playbook handover`

use std::process::ExitCode;

use clap::Args;

use super::places::Places;
use super::word;
use crate::error::{Error, Result};
use crate::evidence::inbox::Says;

/// Pass command to somebody else
///
/// The record says from whom, to whom, why and when, and `status` tells who is in command.
/// Whoever runs the program goes on running it, and no longer approves as the commander.
/// A run that is going on in another terminal takes it up within a second or so.
#[derive(Args, Debug)]
#[command(after_help = "Example:
  playbook handover INC-2026-001 --to 'Ann Berger' --reason 'end of shift'")]
pub(super) struct Options {
    /// Run, by its id or a beginning of it that is like no other's
    run: String,

    /// Who takes command
    #[arg(long, value_name = "NAME")]
    to: String,

    /// Why it passes
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

pub(super) fn run(options: &Options, places: &Places) -> Result<ExitCode> {
    if options.to.trim().is_empty() || options.reason.trim().is_empty() {
        return Err(Error::usage("a hand-over needs a name and a reason").hint("the record has to say both"));
    }
    let says = Says::HandOver { to: options.to.trim().to_owned(), reason: options.reason.clone() };
    let done = format!("{} is in command", options.to.trim());
    word::say(places, &options.run, None, says)?.tell(&done);
    Ok(ExitCode::SUCCESS)
}

//! `playbook status`

mod one;
mod runs;
mod watch;

use std::process::ExitCode;

use clap::Args;

use super::places::Places;
use super::record::Record;
use crate::console::out;
use crate::engine::{Clock as _, SystemClock};
use crate::error::{Error, Result};
use crate::evidence;

/// Say where a run stands, or list all runs
///
/// Reads the record without locking it, so that a second terminal may watch a run that is
/// going on: phase, step, T+ clock, deadlines, what is in doubt, who is waited for.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  playbook status
  playbook status INC-2026-001
  playbook status INC-2026-001 --watch
  playbook status --json | jq '.[] | select(.state == \"paused\")'")]
pub(super) struct Options {
    /// Run, by its id or a beginning of it; all runs where absent
    run: Option<String>,

    /// Show it anew every second until the run is over
    #[arg(long, requires = "run")]
    watch: bool,

    /// Write it as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options, places: &Places) -> Result<ExitCode> {
    match &options.run {
        None => out::data(&runs::told(&evidence::list(places.evidence())?, options.json))?,
        Some(run) if options.watch => watch::watch(|| told(options, places, run), options.json)?,
        Some(run) => out::data(&told(options, places, run)?.text)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn told(options: &Options, places: &Places, run: &str) -> Result<watch::Sight> {
    let record = Record::open(places, run)?;
    let status = one::Status::at(&record, SystemClock.now())
        .ok_or_else(|| Error::failure(format!("the journal of {} holds no run", record.folder.id())))?;
    let text = if options.json { status.json() } else { status.text() };
    let (state, over) = (status.state(), status.is_over());
    Ok(watch::Sight { text, entries: record.entries.len(), state, over })
}

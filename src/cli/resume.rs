//! `playbook resume`

use std::process::ExitCode;

use clap::Args;

use super::places::Places;
use super::run::{Attendance, Aws};
use super::setup;
use crate::error::Result;

/// Go on with a run after a pause, a crash or a hand-over
///
/// The run goes on with the text of the document that it began with. An attempt that was
/// cut short is in doubt: reads are repeated, the world is asked about writes where it can
/// tell, and anything else is put to you: done, again, or undo. A step that failed and
/// stopped the run is tried again. Of a run that is over, only messages that escalations
/// still owe are sent.
///
/// Examples:
///   playbook resume INC-2026-014
///   playbook resume RUN-20261122-001 --answers answers.yaml --non-interactive
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Options {
    /// The run's id, or a beginning of it that is like no other's
    #[arg(value_name = "RUN")]
    run: String,

    #[command(flatten)]
    attendance: Attendance,

    #[command(flatten)]
    aws: Aws,
}

pub(super) fn run(options: &Options, places: &Places) -> Result<ExitCode> {
    setup::go_on(&options.run, &options.attendance, &options.aws, places)
}

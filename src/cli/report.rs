//! `playbook report`

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::places::Places;
use super::record::Record;
use crate::console::out;
use crate::error::Result;
use crate::report::Format;

/// Tell what happened in a run, from its record alone
///
/// The first screen: what happened, the clock against the objectives, who was in command,
/// what was done to AWS, what is left, and how to verify the record. The same record gives
/// the same bytes at any time and on any machine.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  playbook report INC-2026-001
  playbook report INC-2026-001 --format markdown > report.md
  playbook report INC-2026-001 --format html > report.html
  playbook report INC-2026-001 --format json | jq '.calls[] | select(.changes)'")]
pub(super) struct Options {
    /// Run, by its id or a beginning of it that is like no other's
    run: String,

    /// How to write it
    #[arg(long, value_enum, default_value_t)]
    format: Written,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Written {
    #[default]
    Text,
    Markdown,
    /// One page: no script, nothing fetched
    Html,
    Json,
}

pub(super) fn run(options: &Options, places: &Places) -> Result<ExitCode> {
    let format = match options.format {
        Written::Text => Format::Text,
        Written::Markdown => Format::Markdown,
        Written::Html => Format::Html,
        Written::Json => Format::Json,
    };
    out::data(&Record::open(places, &options.run)?.report()?.render(format))?;
    Ok(ExitCode::SUCCESS)
}

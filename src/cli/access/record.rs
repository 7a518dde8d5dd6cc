//! `playbook access record`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::access::record;
use crate::console::out;
use crate::error::{Error, Result};
use crate::evidence::given;
use crate::report::review::{Form, render};

/// Render the record of an access review again, from its JSON
///
/// The JSON is the record; the CSV, the Markdown and the page that lie beside it in the sealed
/// record of the run are renderings of it, and come out again byte for byte. Nothing that was
/// counted is believed: everybody is counted again, and a record whose counts differ from what
/// it holds is refused.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  playbook access record 2026-Q4-kms-review.json
  playbook access record 2026-Q4-kms-review.json --format csv > review.csv
  playbook access record evidence/RUN-.../bag/data/artifacts/...-kms-review.json --format html | sha256sum")]
pub(super) struct Options {
    /// The record, as JSON
    file: PathBuf,

    /// How to write it
    #[arg(long, value_enum, default_value_t)]
    format: Written,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Written {
    #[default]
    Text,
    /// One row for everybody (RFC 4180)
    Csv,
    Markdown,
    /// One page: no script, nothing fetched
    Html,
    Json,
}

/// A record of 100,000 principals is a tenth of it.
const LONGEST: u64 = 512 << 20;

pub(super) fn run(options: &Options) -> Result<ExitCode> {
    let form = match options.format {
        Written::Text => Form::Text,
        Written::Csv => Form::Csv,
        Written::Markdown => Form::Markdown,
        Written::Html => Form::Html,
        Written::Json => Form::Json,
    };
    let text = given::text("cannot read", &options.file, LONGEST)?;
    let record = record::read(&text).map_err(|unfit| {
        Error::failure(format!("{}: {}", options.file.display(), unfit.0))
            .hint("take the .json that lies beside the page in the sealed record of the run")
    })?;
    out::data(&render(&record, form))?;
    Ok(ExitCode::SUCCESS)
}

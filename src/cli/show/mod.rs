//! `playbook show`

mod json;
mod markdown;
mod mermaid;
mod text;
mod words;

#[cfg(test)]
mod tests;

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::places::Places;
use crate::console::out;
use crate::error::Result;

/// Show one document to a person
///
/// Phases with their windows; steps with what they do, who owns and approves them; roles,
/// parameters and deadlines. Or as a flowchart, or as JSON.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  playbook show key-compromise
  playbook show key-compromise --format mermaid > key-compromise.mmd
  playbook show drafts/lost-laptop.yaml --format json | jq '.steps[].id'")]
pub(super) struct Options {
    /// Document, by name or path
    name: String,

    /// How to show it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    #[default]
    Text,
    Markdown,
    Mermaid,
    Json,
}

pub(super) fn run(options: &Options, places: &Places) -> Result<ExitCode> {
    let (_, playbook) = places.document(&options.name)?;
    out::data(&match options.format {
        Format::Text => text::render(&playbook),
        Format::Markdown => markdown::render(&playbook),
        Format::Mermaid => mermaid::render(&playbook),
        Format::Json => json::render(&playbook),
    })?;
    Ok(ExitCode::SUCCESS)
}

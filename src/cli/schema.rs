//! `playbook schema`

use std::process::ExitCode;

use clap::Args;

use crate::console::out;
use crate::document;
use crate::error::Result;

/// Print the JSON Schema of the document language
///
/// Editors complete and underline with it. In a document, the first line may name it:
/// `# yaml-language-server: $schema=playbook.schema.json`
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  playbook schema > playbook.schema.json")]
pub(super) struct Options {}

pub(super) fn run(_: &Options) -> Result<ExitCode> {
    out::data(&format!("{:#}", document::schema()))?;
    Ok(ExitCode::SUCCESS)
}

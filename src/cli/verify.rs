//! `playbook verify`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::joints::console::out;
use super::joints::evidence;
use crate::error::{Kind, Result};
use crate::report::{counted, escape};

/// Check a sealed record, offline
///
/// Checks the manifests, files that nobody listed, the chain of the journal, the pinned
/// document, the artifacts that entries name, and the signature, and tells every fault,
/// not only the first.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  playbook verify evidence/INC-2026-001-KEY-COMPROMISE
  playbook verify /media/usb/INC-2026-001-KEY-COMPROMISE --json

Ends with 7 when anything is wrong.")]
pub(super) struct Options {
    /// Folder of the record
    path: PathBuf,

    /// Write the faults as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options) -> Result<ExitCode> {
    let verification = evidence::verify(&options.path)?;
    let faults = &verification.faults;
    if options.json {
        out::data(&serde_json::json!({ "sound": faults.is_empty(), "faults": faults }).to_string())?;
    } else {
        for fault in faults {
            out::data(&escape::plain(&fault.what))?;
        }
        out::talk(&verdict(faults.len()));
    }
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { Kind::Unverified.exit_code().into() })
}

fn verdict(faults: usize) -> String {
    match faults {
        0 => "the record is sound".to_owned(),
        _ => format!("the record is NOT sound: {}", counted(faults, "fault", "faults")),
    }
}

//! `playbook verify`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::console::out;
use crate::error::{Kind, Result};
use crate::evidence::{self, Flaw, Signed, Subject, Verification};
use crate::report::{counted, escape};

/// Check a sealed record, offline
///
/// Checks the manifests, files that nobody listed, the chain of the journal, the pinned
/// document, the artifacts that entries name, and the signature, and tells every fault,
/// not only the first. A bag that holds no journal (RFC 8493, and its drafts from 0.93 on)
/// is checked as a bag, and said to be no record of a run.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  playbook verify evidence/INC-2026-001-KEY-COMPROMISE
  playbook verify /media/usb/INC-2026-001-KEY-COMPROMISE --json
  playbook verify /media/usb/a-bag-from-the-archive

Ends with 7 when anything is wrong.")]
pub(super) struct Options {
    /// Folder of the record
    path: PathBuf,

    /// Write the verdict and the faults as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options) -> Result<ExitCode> {
    let verification = evidence::verify(&options.path)?;
    if options.json {
        out::data(&format!("{:#}", as_json(&verification)))?;
    } else {
        for flaw in &verification.flaws {
            out::data(&told(flaw))?;
        }
        out::talk(&verdict(&verification));
    }
    Ok(if verification.holds() { ExitCode::SUCCESS } else { Kind::Unverified.exit_code().into() })
}

fn told(flaw: &Flaw) -> String {
    let place = if flaw.path.is_empty() { String::new() } else { format!("{}: ", escape::plain(&flaw.path)) };
    format!("{}: {place}{}", flaw.code, escape::plain(&flaw.message))
}

fn verdict(verification: &Verification) -> String {
    let Verification { files, entries, artifacts, notes, flaws, .. } = verification;
    let run = verification.run.as_deref().unwrap_or(match verification.subject {
        Subject::Record => "the record",
        Subject::PlainBag => "the bag",
    });
    let mut lines: Vec<_> = notes.iter().map(|note| format!("note: {}", escape::plain(note))).collect();
    match verification.subject {
        Subject::Record => {
            lines.push(signed(&verification.signed));
            lines.push(format!(
                "checked {files} files, {entries} entries, {artifacts} artifacts that entries name"
            ));
        }
        Subject::PlainBag => lines.push(format!("checked {files} files of the payload")),
    }
    lines.push(match flaws.len() {
        0 => format!("{} holds", escape::plain(run)),
        faults => format!("{} does NOT hold: {}", escape::plain(run), counted(faults, "fault", "faults")),
    });
    lines.join("\n")
}

fn signed(signed: &Signed) -> String {
    match signed {
        Signed::By { principal, fingerprint } => {
            format!(
                "signed by {} with {fingerprint}: compare it with one that came another way",
                escape::plain(principal)
            )
        }
        Signed::Unchecked { principal, fingerprint } => format!(
            "signed by {} with {fingerprint}; this kind of key is checked with ssh-keygen, see verify.sh",
            escape::plain(principal)
        ),
        Signed::Unsigned => "unsigned: it shows damage, and not who sealed it".to_owned(),
        Signed::Broken => "the signature does not hold".to_owned(),
    }
}

fn as_json(verification: &Verification) -> serde_json::Value {
    let flaws = verification.flaws.iter();
    let (kind, principal, fingerprint) = match &verification.signed {
        Signed::By { principal, fingerprint } => ("verified", principal.as_str(), fingerprint.as_str()),
        Signed::Unchecked { principal, fingerprint } => {
            ("unchecked", principal.as_str(), fingerprint.as_str())
        }
        Signed::Unsigned => ("unsigned", "", ""),
        Signed::Broken => ("broken", "", ""),
    };
    json!({
        "holds": verification.holds(),
        "kind": match verification.subject { Subject::Record => "record", Subject::PlainBag => "bag" },
        "run": verification.run,
        "faults": flaws
            .map(|flaw| json!({ "code": flaw.code, "path": flaw.path, "message": flaw.message }))
            .collect::<Vec<_>>(),
        "signature": { "state": kind, "principal": principal, "fingerprint": fingerprint },
        "notes": verification.notes,
        "files": verification.files,
        "bytes": verification.bytes,
        "entries": verification.entries,
        "artifacts": verification.artifacts,
        "redacted": verification.redacted,
    })
}

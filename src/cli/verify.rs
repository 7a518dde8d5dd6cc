//! `playbook verify`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::places::Places;
use crate::console::out;
use crate::engine::{Clock as _, SystemClock};
use crate::error::{Error, Kind, Result};
use crate::evidence::custody::{Deed, Line};
use crate::evidence::{
    self, AllowedSigners, Authorities, Flaw, Signed, Stamp, Subject, Trust, Verification, Word,
};
use crate::report::{counted, escape};

/// Check a sealed record, offline
///
/// Checks the manifests, files that nobody listed, the chain of the journal, the pinned
/// document, the artifacts that entries name, the signature, the time under it, and who
/// had the record in hand since, and tells every fault, not only the first. Without a list
/// of your own, a signature shows whose key signed, and not whether to trust it.
///
/// A bag that holds no journal (RFC 8493, and its drafts from 0.93 on) is checked as a
/// bag, and said to be no record of a run.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  playbook verify evidence/INC-2026-001-KEY-COMPROMISE
  playbook verify /media/usb/INC-2026-001-KEY-COMPROMISE --json
  playbook verify INC-2026-001-KEY-COMPROMISE --allowed-signers ~/.ssh/allowed_signers
  playbook verify INC-2026-001-KEY-COMPROMISE --tsa-ca freetsa-root.pem
  playbook verify /media/usb/a-bag-from-the-archive

Ends with 7 when anything is wrong.")]
pub(super) struct Options {
    /// Folder of the record
    path: PathBuf,

    /// Your own list of who may sign, in the format of ssh-keygen(1), ALLOWED SIGNERS;
    /// whoever signed and is not in it is a fault
    #[arg(long, value_name = "FILE")]
    allowed_signers: Option<PathBuf>,

    /// Certificates, as PEM, of the authorities whose word on the time you trust; a token
    /// that leads to none of them, or no token, is a fault
    #[arg(long, value_name = "FILE")]
    tsa_ca: Option<PathBuf>,

    /// Write the verdict and the faults as JSON
    #[arg(long)]
    json: bool,
}

impl Options {
    /// # Errors
    /// When a file that was named cannot be read.
    fn trust(&self) -> Result<Trust> {
        let signers = self.allowed_signers.as_deref().map(AllowedSigners::read).transpose()?;
        Ok(Trust {
            signers: signers.map(|signers| (signers, SystemClock.now())),
            authorities: self.tsa_ca.as_deref().map(Authorities::read).transpose()?,
        })
    }
}

pub(super) fn run(options: &Options, places: &Places) -> Result<ExitCode> {
    let trust = options.trust()?;
    let verification = evidence::verify_against(&options.path, &trust)
        .map_err(|error| where_it_lies(error, &options.path, places))?;
    if options.json {
        out::data(&format!("{:#}", as_json(&verification)))?;
    } else {
        for flaw in &verification.flaws {
            out::data(&told(flaw))?;
        }
        out::talk(&verdict(&verification, options));
    }
    Ok(if verification.holds() { ExitCode::SUCCESS } else { Kind::Unverified.exit_code().into() })
}

/// Whoever names a run instead of its folder is told where that is.
fn where_it_lies(error: Error, path: &Path, places: &Places) -> Error {
    let run = path.to_str().filter(|_| !path.exists());
    match run.and_then(|run| evidence::find(places.evidence(), run).ok()) {
        Some(folder) => error.hint(format!("the record of that run is {}", folder.root().display())),
        None => error,
    }
}

fn told(flaw: &Flaw) -> String {
    let place = if flaw.path.is_empty() { String::new() } else { format!("{}: ", escape::plain(&flaw.path)) };
    format!("{}: {place}{}", flaw.code, escape::plain(&flaw.message))
}

fn verdict(verification: &Verification, options: &Options) -> String {
    let Verification { files, entries, artifacts, notes, flaws, .. } = verification;
    let run = verification.run.as_deref().unwrap_or(match verification.subject {
        Subject::Record => "the record",
        Subject::PlainBag => "the bag",
    });
    let mut lines: Vec<_> = notes.iter().map(|note| format!("note: {}", escape::plain(note))).collect();
    match verification.subject {
        Subject::Record => {
            lines.push(signed(&verification.signed, options));
            lines.extend(verification.stamp.as_ref().map(stamped));
            lines.extend(verification.custody.iter().skip(1).map(handed));
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

fn signed(signed: &Signed, options: &Options) -> String {
    match signed {
        Signed::By { principal, fingerprint } => {
            let known = match options.allowed_signers {
                Some(_) => "as your list of allowed signers is asked",
                None => "the key is the one in the record, compare it with one that came another way",
            };
            format!("signed by {} with {fingerprint}: {known}", escape::plain(principal))
        }
        Signed::Unsigned => "unsigned: it shows damage, and not who sealed it".to_owned(),
        Signed::Broken => "the signature does not hold".to_owned(),
    }
}

fn stamped(stamp: &Stamp) -> String {
    let word = match stamp.word {
        Word::Vouched => "vouched for by a certificate that you trust",
        Word::Own => "the authority's own word, since no --tsa-ca FILE was given",
    };
    let time = stamp.time.format("%Y-%m-%d %H:%M:%S UTC");
    format!("signed before {time}, says {}: {word}", escape::plain(&stamp.authority))
}

/// A line of the custody log after the first.
fn handed(line: &Line) -> String {
    let what = match &line.what {
        Deed::Sealed => "sealed it".to_owned(),
        Deed::Countersigned { .. } => "took it over and countersigned".to_owned(),
        Deed::Timestamped { authority, .. } => format!("had its time stamped by {authority}"),
        Deed::Uploaded { to, mode, until, versions } => {
            format!("put {} files under {to}, {mode} lock until {}", versions.len(), until.format("%Y-%m-%d"))
        }
    };
    let at = line.at.format("%Y-%m-%d %H:%M:%S UTC");
    format!("custody: {at}, {} {}", escape::plain(&line.who), escape::plain(&what))
}

fn as_json(verification: &Verification) -> serde_json::Value {
    let flaws = verification.flaws.iter();
    let (kind, principal, fingerprint) = match &verification.signed {
        Signed::By { principal, fingerprint } => ("verified", principal.as_str(), fingerprint.as_str()),
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
        "countersignatures": verification.countersigned.iter().map(|(file, signer)| {
            json!({ "file": file, "principal": signer.principal, "fingerprint": signer.fingerprint })
        }).collect::<Vec<_>>(),
        "timestamp": verification.stamp.as_ref().map(|stamp| json!({
            "time": stamp.time,
            "authority": stamp.authority,
            "trusted": stamp.word == Word::Vouched,
        })),
        "custody": verification.custody,
        "notes": verification.notes,
        "files": verification.files,
        "bytes": verification.bytes,
        "entries": verification.entries,
        "artifacts": verification.artifacts,
        "redacted": verification.redacted,
    })
}

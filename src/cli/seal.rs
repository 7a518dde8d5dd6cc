//! `playbook seal`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::places::Places;
use super::writing::{self, Writing};
use super::{environment, identity, views};
use crate::console::out;
use crate::engine::{Clock as _, SystemClock};
use crate::error::{Error, Result};
use crate::evidence::{self, Sealing, Signature, Signer};
use crate::journal::write_durably;
use crate::report::{Format, Report};
use crate::run::{Event, Outcome};

/// Close the record: report, manifest, signature
///
/// Writes the report (report.html, report.md, report.json), a timeline (timeline.jsonl)
/// and collected CloudTrail events as OCSF (events.ocsf.jsonl) beside the journal, makes the folder a BagIt bag
/// (RFC 8493) and signs its tag manifest with an SSH key. Nothing can be added to the
/// record afterwards. Without a key, the record is sealed unsigned.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  playbook seal INC-2026-001
  playbook seal INC-2026-001 --key ~/.ssh/id_ed25519
  playbook seal INC-2026-001 --unfinished 'replaced by INC-2026-002'")]
pub(super) struct Options {
    /// Run, by its id or a beginning of it that is like no other's
    run: String,

    /// SSH key to sign with (private, or public where an agent holds the private one);
    /// where absent, the first key that the agent offers
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,

    /// Seal a run that is not over, and say why it stays unfinished
    #[arg(long, value_name = "REASON")]
    unfinished: Option<String>,
}

pub(super) fn run(options: &Options, places: &Places) -> Result<ExitCode> {
    let mut writing = Writing::open(places, &options.run)?;
    end(&mut writing, options.unfinished.as_deref())?;
    write_reports(&writing)?;
    // A crash after this entry and before the bag is complete leaves a record that only
    // `seal` goes on with.
    if !writing.run.is_sealed() {
        writing.record(Event::Sealed { by: writing::actor(), program: identity::digest() })?;
    }
    let folder = writing.folder.clone();
    drop(writing);
    let operator = environment::operator();
    let sealed = evidence::seal(
        &folder,
        &Sealing {
            run: folder.id(),
            at: SystemClock.now(),
            principal: operator.name.unwrap_or(operator.user),
            signer: options.key.clone().map_or(Signer::Agent, Signer::Key),
        },
    )?;
    match &sealed.signature {
        Signature::By { principal, fingerprint } => {
            out::talk(&format!("sealed {}, signed by {principal} ({fingerprint})", folder.id()));
        }
        Signature::Unsigned { why } => out::talk(&unsigned(&folder.id(), why)),
    }
    out::talk(&format!("tag manifest sha256:{}", sealed.tag_manifest));
    out::data(&folder.root().display().to_string())?;
    Ok(ExitCode::SUCCESS)
}

/// A run that is not over is not sealed by accident.
fn end(writing: &mut Writing, unfinished: Option<&str>) -> Result<()> {
    match (writing.run.outcome(), unfinished.map(str::trim)) {
        (Some(_), _) => Ok(()),
        (None, None) => Err(Error::refused(format!("{} is not over", writing.folder.id()))
            .hint(format!("go on with `playbook resume {}`", writing.folder.id()))
            .hint("or seal it as it stands, with --unfinished REASON")),
        (None, Some("")) => {
            Err(Error::usage("--unfinished needs a reason").hint("the record has to say why"))
        }
        (None, Some(reason)) => writing.record(Event::Closed {
            outcome: Outcome::Aborted,
            reason: format!("sealed unfinished: {reason}"),
            by: Some(writing::actor()),
        }),
    }
}

fn write_reports(writing: &Writing) -> Result<()> {
    let report = Report::of(&writing.run, &writing.entries)
        .ok_or_else(|| Error::failure(format!("the journal of {} holds no run", writing.folder.id())))?;
    let data = writing.folder.data();
    for (name, format) in
        [("report.html", Format::Html), ("report.md", Format::Markdown), ("report.json", Format::Json)]
    {
        write_durably(&data.join(name), report.render(format).as_bytes())?;
    }
    views::write(writing, &report)
}

fn unsigned(id: &str, why: &str) -> String {
    format!(
        "WARNING: {id} is sealed unsigned, WITHOUT A SIGNATURE: {why}.\n\
         Its digests show whether it was damaged, and not who sealed it: anybody who can write to\n\
         the folder can make it anew. Keep its tagmanifest-sha256.txt somewhere else, or seal with --key FILE."
    )
}

//! Closing a record that is still open: the last entries, the reports, the bag, the seal.

use super::super::writing::{self, Writing};
use super::super::{environment, identity, places::Places, views};
use super::Options;
use crate::console::out;
use crate::engine::{Clock as _, SystemClock};
use crate::error::{Error, Result};
use crate::evidence::inbox::{self, Inbox};
use crate::evidence::{self, Sealing, Signature, Signer};
use crate::journal::write_durably;
use crate::report::{Format, Report};
use crate::run::{Event, Outcome};

pub(super) fn close(options: &Options, places: &Places) -> Result<()> {
    let mut writing = Writing::open(places, &options.run)?;
    let signer = options.key.clone().map_or(Signer::Agent, Signer::Key);
    ready(&signer, options, &writing)?;
    // The reason is the only text that comes in here.
    if options.unfinished.is_some() {
        writing = options.secrets.teach(writing)?;
    }
    end(&mut writing, options.unfinished.as_deref())?;
    let inbox = Inbox::of(&writing.folder);
    inbox::clear(&inbox, &mut writing, SystemClock.now())?;
    inbox.close()?;
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
            signer,
        },
    )?;
    match &sealed.signature {
        Signature::By { principal, fingerprint } => {
            out::talk(&format!("sealed {}, signed by {principal} ({fingerprint})", folder.id()));
        }
        Signature::Unsigned { why } => out::talk(&unsigned(&folder.id(), why)),
    }
    out::talk(&format!("tag manifest sha256:{}", sealed.tag_manifest));
    Ok(())
}

/// Looked at before anything is recorded: a seal without the signature that was wanted could
/// not be taken back.
fn ready(signer: &Signer, options: &Options, writing: &Writing) -> Result<()> {
    match signer.lacks()? {
        Some(why) if options.tsa.is_some() => Err(Error::usage(format!(
            "an authority's time stands under a signature, and nobody would sign {}: {why}",
            writing.folder.id()
        ))
        .hint("name a key with --key FILE, or leave --tsa out; nothing was sealed")),
        _ => Ok(()),
    }
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

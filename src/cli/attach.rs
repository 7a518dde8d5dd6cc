//! `playbook attach`

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::Args;

use super::again::Again;
use super::note::{instant, open, seen_before_now};
use super::places::Places;
use super::{word, writing};
use crate::console::out;
use crate::error::{Error, Result};
use crate::evidence::inbox::Says;
use crate::evidence::{Shelf, Store};
use crate::run::{Artifact, Event};

/// Put a file into the record
///
/// The file is stored with the evidence, secrets of known shapes taken out, and an entry
/// names it with its digest; a run that is going on in another terminal takes it up within a
/// second or so. Secrets that were parameters of the run are taken out too, where they are
/// given again with -p, or by the run itself. With --observed-at a note says when the file was
/// seen or made.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  playbook attach INC-2026-001 screenshot.png
  playbook attach INC-2026-001 vendor-mail.eml --observed-at 2026-11-22T03:04:00Z
  playbook attach INC-2026-001 service.log -p token=@token.txt")]
pub(super) struct Options {
    /// Run, by its id or a beginning of it that is like no other's
    run: String,

    /// File to store
    file: PathBuf,

    /// When it was seen or made, as RFC 3339 with its offset (2026-11-22T03:04:00Z)
    #[arg(long, value_name = "TIME", value_parser = instant)]
    observed_at: Option<DateTime<Utc>>,

    #[command(flatten)]
    secrets: Again,
}

pub(super) fn run(options: &Options, places: &Places) -> Result<ExitCode> {
    seen_before_now(options.observed_at)?;
    let mut file = readable(&options.file)?;
    let name = options.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut writing = match open(places, &options.run) {
        Ok(writing) => options.secrets.teach(writing)?,
        Err(error) => {
            let observed_at = options.observed_at;
            let says = |digest| Says::Attach { name, digest, observed_at };
            let said = word::send_with(places, &options.run, &mut file, says)?.ok_or(error)?;
            said.tell("attached");
            return Ok(ExitCode::SUCCESS);
        }
    };
    // The artifact first, then the entry that names it.
    let artifact = store(&writing.store, &name, file, &options.file)?;
    let path = artifact.path.clone();
    let by = writing::actor();
    writing.record(Event::Attached { by: by.clone(), name, artifact, place: None })?;
    if options.observed_at.is_some() {
        let text = format!("{path} was seen or made before it was attached");
        writing.record(Event::Noted { by, text, observed_at: options.observed_at })?;
    }
    out::talk(&format!("attached to {} as {path}", writing.folder.id()));
    Ok(ExitCode::SUCCESS)
}

/// A file that is one: a folder or a device has no end that could be stored.
fn readable(path: &Path) -> Result<File> {
    let failed = |error| Error::io("could not read", path, error);
    // Looked at before it is opened: opening a pipe waits for whoever writes to it.
    if !path.metadata().map_err(failed)?.is_file() {
        return Err(Error::usage(format!("{} is no file", path.display()))
            .hint("pack a folder into an archive first"));
    }
    File::open(path).map_err(failed)
}

fn store(store: &Store, name: &str, mut file: File, path: &Path) -> Result<Artifact> {
    let mut writer = store.writer(Shelf::Artifacts, name)?;
    let mut piece = vec![0; 256 << 10];
    loop {
        let read = file.read(&mut piece).map_err(|error| Error::io("could not read", path, error))?;
        match piece.get(..read) {
            None | Some([]) => return writer.finish(),
            Some(bytes) => writer.write(bytes)?,
        }
    }
}

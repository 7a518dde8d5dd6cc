//! A journal as it lies on disk, for whoever only looks: no lock is taken.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use super::chain::{Chain, Damage};
use super::entry::Entry;
use super::lines::{Line, Lines, MAX_LINE};
use crate::error::{Error, Result};

/// Past this many damaged lines a file is not a journal, and nobody reads the rest.
const MAX_DAMAGE: usize = 1_000;

/// What a journal's file holds.
#[derive(Debug, Default)]
pub struct Reading {
    /// Every entry that could be read, in order.
    pub entries: Vec<Entry>,
    /// The bytes after the last newline: a crash tore them, or a writer is at work.
    pub torn: Option<Vec<u8>>,
    /// What is wrong, in order of lines; at most a thousand.
    pub damage: Vec<Damage>,
    /// How many bytes the whole lines take, with their newlines.
    pub length: u64,
    /// Where the next line attaches.
    pub chain: Chain,
}

/// Reads a journal whose lines must all hold. A torn last line is left where it is.
///
/// # Errors
/// When the file cannot be read, and at the first damaged line, which it names.
pub fn read(path: &Path) -> Result<Reading> {
    let reading = examine(path)?;
    match reading.damage.first() {
        Some(damage) => Err(damaged(damage, path)),
        None => Ok(reading),
    }
}

/// Reads a journal and gathers all that is wrong with it instead of stopping there.
///
/// # Errors
/// Only when the file cannot be read.
pub fn examine(path: &Path) -> Result<Reading> {
    File::open(path)
        .and_then(|file| gather(BufReader::with_capacity(256 << 10, file)))
        .map_err(|error| Error::io("could not read the journal", path, error))
}

/// Reads journal lines from anywhere, and gathers all that is wrong with them.
///
/// # Errors
/// Only when the source fails.
pub fn gather(from: impl BufRead) -> std::io::Result<Reading> {
    let (mut lines, mut reading) = (Lines::of(from), Reading::default());
    while reading.damage.len() < MAX_DAMAGE {
        match lines.next()? {
            Line::Whole(line) => {
                reading.length += line.len() as u64 + 1;
                match reading.chain.follow(line) {
                    Ok(entry) => reading.entries.push(entry),
                    Err(damage) => reading.damage.push(damage),
                }
            }
            Line::Torn(bytes) => {
                reading.torn = Some(bytes.to_vec());
                break;
            }
            Line::TooLong => {
                let what = format!("it is longer than {} MiB", MAX_LINE >> 20);
                reading.damage.push(Damage { line: reading.chain.next_seq(), what });
                break;
            }
            Line::End => break,
        }
    }
    Ok(reading)
}

pub(super) fn damaged(damage: &Damage, path: &Path) -> Error {
    Error::failure(format!(
        "line {} of the journal {} is damaged: {}",
        damage.line,
        path.display(),
        damage.what
    ))
    .hint("leave the folder as it is and keep a copy of it: the damage is evidence too")
    .hint("`playbook verify` on that folder tells everything that is wrong with it")
    .hint("a whole copy of the folder, from a backup, can be resumed")
}

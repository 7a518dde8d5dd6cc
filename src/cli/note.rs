//! `playbook note`

use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::Args;

use super::again::Again;
use super::places::Places;
use super::word;
use super::writing::Writing;
use crate::engine::{Clock as _, SystemClock};
use crate::error::{Error, Result};
use crate::evidence::inbox::Says;

/// Record a fact that came late
///
/// The note says when it was recorded and, with --observed-at, when the fact was seen.
/// A run that is going on in another terminal takes the note up within a second or so.
/// Secrets of known shapes are taken out of the text; those that were parameters of the run
/// are too, where they are given again with -p, or by the run itself while it is going on.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  playbook note INC-2026-001 'The vendor called back: the backup is clean'
  playbook note INC-2026-001 'Alarm in the SIEM' --observed-at 2026-11-22T03:04:00Z
  playbook note INC-2026-001 --deviation 'Paged by telephone: the pager was down'
  playbook note INC-2026-001 'It signed in with the old token' -p token=@token.txt")]
pub(super) struct Options {
    /// Run, by its id or a beginning of it that is like no other's
    run: String,

    /// What there is to say
    text: String,

    /// When the fact was seen, as RFC 3339 with its offset (2026-11-22T03:04:00Z)
    #[arg(long, value_name = "TIME", value_parser = instant)]
    observed_at: Option<DateTime<Utc>>,

    /// The procedure was departed from: an entry of its own
    #[arg(long)]
    deviation: bool,
    #[command(flatten)]
    secrets: Again,
}

pub(super) fn run(options: &Options, places: &Places) -> Result<ExitCode> {
    if options.text.trim().is_empty() {
        return Err(Error::usage("the note is empty").hint("write what there is to say after the run"));
    }
    seen_before_now(options.observed_at)?;
    let (text, observed_at) = (options.text.clone(), options.observed_at);
    let says = if options.deviation {
        Says::Departed { text, observed_at }
    } else {
        Says::Note { text, observed_at }
    };
    word::say_taught(places, &options.run, &options.secrets, says)?.tell("noted");
    Ok(ExitCode::SUCCESS)
}

/// Opens a record for a late fact.
pub(super) fn open(places: &Places, run: &str) -> Result<Writing> {
    let writing = Writing::open(places, run)?;
    writing.refuse_sealed()?;
    Ok(writing)
}

/// # Errors
/// When a fact is said to have been seen after now.
pub(super) fn seen_before_now(observed_at: Option<DateTime<Utc>>) -> Result<()> {
    let now = SystemClock.now();
    match observed_at {
        Some(at) if at > now => {
            Err(Error::usage(format!("{} lies ahead of this machine's clock", crate::report::instant(at)))
                .hint("give --observed-at the time at which the fact was seen; mind the offset"))
        }
        _ => Ok(()),
    }
}

/// An instant with its offset; a time without one would be a guess.
pub(super) fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|at| at.to_utc())
        .map_err(|_| "write it like 2026-11-22T03:04:00Z or 2026-11-22T04:04:00+01:00".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_needs_its_offset() {
        // RFC 3339, 5.8: both of these are the same instant.
        let instants =
            ["1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57Z"].map(|text| instant(text).unwrap());
        assert_eq!(instants[0], instants[1]);
        for text in ["2026-11-22T03:04:00", "2026-11-22", "03:04", "yesterday", ""] {
            assert!(instant(text).is_err(), "{text}");
        }
    }
}

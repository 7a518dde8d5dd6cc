//! `playbook trail search`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::crew;
use super::files::{self, Found, Log};
use super::reading::Account;
use super::tell::{self, Told};
use crate::cloudtrail::form::Forms;
use crate::console::out;
use crate::error::{Error, Result};
use crate::report::{counted, escape};

/// Lines about files that are told one by one; a folder may hold thousands of broken ones.
const MOST_LINES: usize = 100;

/// Every CloudTrail event that concerns a key, offline
///
/// Looks for the key anywhere in each event and prints the original bytes of those that
/// name it, one event a line, by eventTime and then eventID. An event that several files
/// tell is printed once; where they contradict each other, each version is printed.
///
/// PATH is a file (JSON or JSON lines, gzip or not), a folder with such files, or the
/// record of a run. Digests and .meta.json files in folders are left out. Bytes are never
/// changed but for one thing: where JSON stands on several lines, each line break becomes a
/// space. An event out of a LookupEvents answer is the text of its CloudTrailEvent.
///
/// A key is found by its id in whatever ARN, region and account, escaped or not; an alias
/// likewise by its name. Give every form that you know: events name a key by any of them.
///
/// What cannot be read does not stop the search. It is told on stderr, and the exit code is
/// then 1.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  playbook trail search logs/ --key 1234abcd-12ab-34cd-56ef-1234567890ab --key alias/customer-pii
  playbook trail search evidence/INC-2026-001-KEY-COMPROMISE --sources sources.jsonl \\
      --key arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab")]
pub(super) struct Options {
    /// Files, folders or records of runs
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Form of the key: id, ARN, alias/NAME or ARN of an alias; may be given several times
    #[arg(long, value_name = "FORM", required = true, num_args = 1..)]
    key: Vec<String>,

    /// Where to write, for each event that is printed, which files told it (JSON lines)
    #[arg(long, value_name = "FILE")]
    sources: Option<PathBuf>,
}

pub(super) fn run(options: &Options) -> Result<ExitCode> {
    let (paths, forms) = sorted_out(&options.paths, &options.key)?;
    let found = files::find(&paths)?;
    if found.logs.is_empty() && found.closed.is_empty() {
        return Err(nothing(&paths));
    }
    let (haul, accounts) = crew::search(&found.logs, &forms)?;
    let told = tell::tell(haul, &found.logs, options.sources.as_deref())?;
    let incomplete = tell_of_files(&found, &accounts);
    out::talk(&summary(&accounts, &told, &forms));
    if incomplete == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    Err(Error::failure(format!(
        "{} could not be searched whole: events may be missing",
        counted(incomplete, "path", "paths")
    ))
    .hint("what could be read was searched; get the files anew from the trail's bucket and search again"))
}

/// `--key` takes as many forms as follow it, and paths may follow these: what is no form and
/// is there on disk is a path.
fn sorted_out(paths: &[PathBuf], keys: &[String]) -> Result<(Vec<PathBuf>, Forms)> {
    let (forms, rest): (Vec<_>, Vec<_>) =
        keys.iter().partition(|key| Forms::new([key.as_str()]).is_ok() || !Path::new(key.as_str()).exists());
    let forms = Forms::new(forms.iter().map(|form| form.as_str())).map_err(|no_form| {
        Error::usage(no_form.to_string())
            .hint("such as --key 1234abcd-12ab-34cd-56ef-1234567890ab --key alias/customer-pii")
    })?;
    let paths: Vec<_> = paths.iter().cloned().chain(rest.into_iter().map(PathBuf::from)).collect();
    match (paths.is_empty(), forms.is_empty()) {
        (true, _) => Err(Error::usage("there is no PATH to search").hint("name files, folders or a record")),
        (_, true) => Err(Error::usage("there is no key to look for").hint("name its forms with --key FORM")),
        _ => Ok((paths, forms)),
    }
}

fn nothing(paths: &[PathBuf]) -> Error {
    let named: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
    Error::failure(format!("there are no CloudTrail logs in {}", named.join(", ")))
        .hint("logs are files that end in .json, .jsonl, .ndjson, or one of these with .gz")
}

/// Tells of every file that is not as it should be, and how many were not searched whole.
fn tell_of_files(found: &Found, accounts: &[Account]) -> u64 {
    let troubles = || found.logs.iter().zip(accounts).filter(|(_, account)| !account.troubles.is_empty());
    let lines = found.closed.iter().map(|closed| format!("{closed}: {}", cause(closed)));
    let lines = lines.chain(troubles().flat_map(|(log, account)| about(log, &account.troubles)));
    let noted = found.logs.iter().zip(accounts).flat_map(|(log, account)| about(log, &account.notes));
    let mut lines = lines.chain(noted);
    lines.by_ref().take(MOST_LINES).for_each(|line| out::talk(&line));
    let more = lines.count() as u64;
    if more > 0 {
        out::talk(&format!("and {} more like these", counted(more, "line", "lines")));
    }
    (found.closed.len() + troubles().count()) as u64
}

fn about<'a>(log: &'a Log, said: &'a [String]) -> impl Iterator<Item = String> + 'a {
    said.iter()
        .map(|what| format!("{}: {}", escape::plain(&log.path.display().to_string()), escape::plain(what)))
}

fn cause(error: &Error) -> String {
    error.source.as_ref().map(ToString::to_string).unwrap_or_default()
}

fn summary(accounts: &[Account], told: &Told, forms: &Forms) -> String {
    let events: u64 = accounts.iter().map(|account| account.events).sum();
    let mut lines = vec![format!(
        "searched {} in {}: {} the key",
        counted(events, "event", "events"),
        counted(accounts.len() as u64, "file", "files"),
        counted(told.events, "names", "name"),
    )];
    if told.repeated > 0 {
        lines.push(format!(
            "{} in more than one source, and printed once",
            counted(told.repeated, "is", "are")
        ));
    }
    if told.contested > 0 {
        lines.push(format!(
            "WARNING: {} of events told differently by different sources; each version is printed",
            counted(told.contested, "eventID", "eventIDs")
        ));
    }
    if forms.are_aliases_only() {
        lines.push(
            "only aliases were looked for: most events name a key by its id or ARN, so look for these too"
                .to_owned(),
        );
    }
    lines.join("\n")
}

//! `playbook access simulate`

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::access::json::Places;
use crate::access::simulate;
use crate::console::out;
use crate::error::{Error, Kind, Result};
use crate::report::{counted, escape};

/// Try requests against given policies, one JSON line each
///
/// Each line holds a request and the policies that have a say in it; each answer is one
/// line with the verdict (Allowed, AllowedIf, ExplicitDeny, ImplicitDeny or Unknown), the
/// conditions, and the statements that decided. Policies that are left out are absent
/// layers, not empty ones. Context keys that are left out are absent; with "discover":
/// true they are unknown, and the answer says under which conditions access would hold.
#[derive(Args, Debug)]
#[command(after_help = r#"Examples:
  playbook access simulate requests.jsonl
  jq -c . request.json | playbook access simulate -

A line (here broken for reading):
  {"id": "1",
   "request": {"principal": "arn:aws:iam::111122223333:user/ana", "action": "kms:Decrypt",
               "resource": "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-...",
               "context": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}},
   "identity_policies": [{...}], "resource_policy": {...}, "boundary": {...},
   "session_policies": [{...}], "scps": [[{...}]], "rcps": [[{...}]], "grants": [{...}]}

Ends with 1 when a line is no request; the others are answered all the same."#)]
pub(super) struct Options {
    /// JSON lines; - reads standard input
    file: PathBuf,
}

/// Answers that are written at once.
const BATCH: usize = 64 * 1024;

pub(super) fn run(options: &Options) -> Result<ExitCode> {
    if options.file == Path::new("-") {
        return answer_all(io::stdin().lock(), "standard input");
    }
    let name = options.file.display().to_string();
    let file = File::open(&options.file).map_err(|error| Error::io("cannot read", &options.file, error))?;
    answer_all(BufReader::new(file), &name)
}

/// One line is held at a time, so that a file may have any number of them.
fn answer_all(mut lines: impl BufRead, name: &str) -> Result<ExitCode> {
    let (mut number, mut broken) = (0, 0);
    let mut answers = String::new();
    let mut line = Vec::new();
    loop {
        number += 1;
        line.clear();
        let read = read_line(&mut lines, &mut line)
            .map_err(|error| Error::failure(format!("cannot read {name}")).caused_by(error))?;
        if read == 0 {
            break;
        }
        match answered(&line, name, number) {
            Ok(answer) => answers.push_str(&answer),
            Err(error) => {
                out::error(&error);
                broken += 1;
            }
        }
        if answers.len() > BATCH {
            out::data(&answers)?;
            answers.clear();
        }
    }
    out::data(&answers)?;
    if broken > 0 {
        out::talk(&format!("{} could not be answered", counted(broken, "line", "lines")));
        return Ok(Kind::Failure.exit_code().into());
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads to the end of the line, and keeps no more of it than can be answered.
fn read_line(lines: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<usize> {
    let mut read = 0;
    loop {
        let bytes = lines.fill_buf()?;
        let end = memchr::memchr(b'\n', bytes).map(|at| at + 1);
        let taken = end.unwrap_or(bytes.len());
        let room = (simulate::LONGEST + 1).saturating_sub(line.len());
        line.extend_from_slice(&bytes[..taken.min(room)]);
        let done = end.is_some() || bytes.is_empty();
        lines.consume(taken);
        read += taken;
        if done {
            return Ok(read);
        }
    }
}

/// Empty lines have no answer.
fn answered(line: &[u8], name: &str, number: usize) -> Result<String> {
    let hint = "see `playbook access simulate --help` for what a line holds; the other lines are answered";
    let text = std::str::from_utf8(line).map_err(|error| {
        Error::failure(format!("{}:{number}: no UTF-8", escape::plain(name))).caused_by(error).hint(hint)
    })?;
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    match simulate::answer(text) {
        Ok(answer) => Ok(format!("{answer}\n")),
        Err(flaw) => {
            let column = Places::new(text).position(flaw.at).column;
            let place = format!("{}:{number}:{column}", escape::plain(name));
            Err(Error::failure(format!("{place}: {}", flaw.message)).hint(hint))
        }
    }
}

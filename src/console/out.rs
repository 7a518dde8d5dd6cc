//! The only place that prints. Data goes to stdout, talk to stderr; colours are taken
//! away where they are not wanted (`NO_COLOR`, no terminal, a terminal that is dumb).

use std::borrow::Cow;
use std::error::Error as _;
use std::io::{self, BufWriter, ErrorKind, StdoutLock, Write};
use std::ops::ControlFlow;
use std::sync::OnceLock;

use anstream::adapter::strip_str;
use anstream::{AutoStream, ColorChoice};
use console::{Term, is_dumb};

use super::line::{Line, Tone};
use super::theme::paint;
use super::words::text::safe;
use crate::error::{Error, Result};

/// Writes data to stdout, as it is, with a newline at its end where it has none. A reader
/// who has read enough (`| head`) is no failure.
///
/// # Errors
/// When stdout does not take it, such as on a full disk.
pub fn data(text: &str) -> Result<()> {
    heard(write(&mut io::stdout().lock(), plain_or_painted(text, wants_colour(Stream::Out))))
        .map_err(|error| Error::failure("cannot write to standard output").caused_by(error))
}

/// Writes a value as JSON, indented, as it is made and never as one text.
///
/// # Errors
/// When stdout does not take it, such as on a full disk.
pub fn json(value: &impl serde::Serialize) -> Result<()> {
    let mut out = BufWriter::with_capacity(256 << 10, io::stdout().lock());
    let written = serde_json::to_writer_pretty(&mut out, value).map_err(io::Error::from);
    heard(written.and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()))
        .map_err(|error| Error::failure("cannot write to standard output").caused_by(error))
}

/// Rows and columns of the window that standard output is drawn in; `None` where it is drawn
/// in none, because it is no terminal or one that cannot move its cursor.
#[must_use]
pub fn window() -> Option<(usize, usize)> {
    let term = Term::stdout();
    let size = || term.size_checked().unwrap_or((24, 80));
    (term.is_term() && !is_dumb()).then(size).map(|(rows, columns)| (rows.into(), columns.into()))
}

/// Draws the window anew. It has no colours, and is drawn where none are wanted as well.
///
/// # Errors
/// When stdout does not take it, such as when the terminal is gone.
pub fn screen(text: &str) -> Result<()> {
    // ECMA-48: CUP to the first column of the first line, ED of the whole screen.
    heard(write(&mut io::stdout().lock(), Cow::Owned(format!("\u{1b}[H\u{1b}[2J{text}"))))
        .map_err(|error| Error::failure("cannot write to standard output").caused_by(error))
}

/// Data that is too much to be held as one text: line by line, each as it is.
#[derive(Debug)]
pub struct Lines(BufWriter<StdoutLock<'static>>);

impl Lines {
    pub fn begin() -> Self {
        Self(BufWriter::with_capacity(256 << 10, io::stdout().lock()))
    }

    /// Writes a line, or breaks where the reader has read enough.
    ///
    /// # Errors
    /// When stdout does not take it, such as on a full disk.
    pub fn write(&mut self, line: &[u8]) -> Result<ControlFlow<()>> {
        let written = self.0.write_all(line).and_then(|()| self.0.write_all(b"\n"));
        Self::heard(written)
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// Likewise.
    pub fn end(mut self) -> Result<()> {
        Self::heard(self.0.flush()).map(|_| ())
    }

    fn heard(written: io::Result<()>) -> Result<ControlFlow<()>> {
        match written {
            Ok(()) => Ok(ControlFlow::Continue(())),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(ControlFlow::Break(())),
            Err(error) => Err(Error::failure("cannot write to standard output").caused_by(error)),
        }
    }
}

/// Says something to the person, on stderr. Nobody listening is no failure.
pub fn talk(text: &str) {
    let _ = write(&mut io::stderr().lock(), plain_or_painted(text, wants_colour(Stream::Err)));
}

/// Says why the program cannot go on: what happened, because of what, what to do next.
pub fn error(error: &Error) {
    for line in explained(error) {
        show(&line);
    }
}

/// Lines for the person, with their colours.
pub fn lines(lines: &[Line]) {
    lines.iter().for_each(show);
}

pub(super) fn show(line: &Line) {
    talk(&format!("{}\n", paint(line)));
}

/// Leaves the cursor behind the prompt.
pub(super) fn prompt(line: &Line) {
    draw(&painted(line));
}

/// The line as this terminal takes it, with its colours or without.
pub(super) fn painted(line: &Line) -> String {
    plain_or_painted(&paint(line), wants_colour(Stream::Err)).into_owned()
}

/// Writes to the terminal as it is, without a newline at the end.
pub(super) fn draw(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

#[derive(Clone, Copy)]
enum Stream {
    Out,
    Err,
}

/// Asked once: a run says thousands of lines.
fn wants_colour(stream: Stream) -> bool {
    static OUT: OnceLock<bool> = OnceLock::new();
    static ERR: OnceLock<bool> = OnceLock::new();
    match stream {
        Stream::Out => *OUT.get_or_init(|| AutoStream::choice(&io::stdout()) != ColorChoice::Never),
        Stream::Err => *ERR.get_or_init(|| AutoStream::choice(&io::stderr()) != ColorChoice::Never),
    }
}

fn plain_or_painted(text: &str, colour: bool) -> Cow<'_, str> {
    if colour || !text.contains('\u{1b}') { text.into() } else { strip_str(text).to_string().into() }
}

/// One write a line, so that lines of two processes do not mix.
fn write(to: &mut impl Write, text: Cow<'_, str>) -> io::Result<()> {
    let mut text = text.into_owned();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    to.write_all(text.as_bytes())?;
    to.flush()
}

fn heard(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

fn explained(error: &Error) -> Vec<Line> {
    let mut lines =
        vec![Line::of(Tone::Danger, "error").and(Tone::Plain, format!(": {}", safe(&error.to_string())))];
    let mut said = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        // Many errors repeat their cause in their own words.
        if !said.contains(&text) {
            lines.push(Line::of(Tone::Quiet, "  because").and(Tone::Plain, format!(": {}", safe(&text))));
            said = text;
        }
        source = cause.source();
    }
    let hint = |hint: &String| Line::of(Tone::Good, "  hint").and(Tone::Plain, format!(": {}", safe(hint)));
    lines.extend(error.hints.iter().map(hint));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_tells_its_causes_and_what_to_do_next() {
        let disk = io::Error::other("no space left on device");
        let error =
            Error::failure("cannot append to journal.jsonl").caused_by(disk).hint("make room on that disk");
        let told: Vec<_> = explained(&error).iter().map(Line::text).collect();
        assert_eq!(
            told,
            [
                "error: cannot append to journal.jsonl",
                "  because: no space left on device",
                "  hint: make room on that disk",
            ]
        );
    }

    #[test]
    fn a_cause_that_the_message_tells_already_is_not_told_twice() {
        let error = Error::failure("cannot read: gone").caused_by(io::Error::other("gone"));
        assert_eq!(explained(&error).len(), 1);
    }

    #[test]
    fn a_reader_who_has_read_enough_is_no_failure() {
        assert!(heard(Err(ErrorKind::BrokenPipe.into())).is_ok());
        assert!(heard(Err(ErrorKind::StorageFull.into())).is_err());
        let mut written = Vec::new();
        write(&mut written, "a".into()).unwrap();
        write(&mut written, "b\n".into()).unwrap();
        write(&mut written, "".into()).unwrap();
        assert_eq!(written, b"a\nb\n");
    }
}

//! One line from the terminal.
//!
//! The line stays in the terminal's own editing mode, which works everywhere. Only
//! Ctrl-C is taken out of its hands for the time of the question: it ends the line, as a
//! character, instead of sending a signal. Reading would go on after a signal that has a
//! handler (POSIX `sigaction`, `SA_RESTART`), and the question would seem to hang.

use std::io::{self, IsTerminal as _, Stdin};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::termios::{
    OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcflush, tcgetattr, tcsetattr,
};

use super::talk::Typed;

const CTRL_C: u8 = 3;

/// The value that switches a special character off, `_POSIX_VDISABLE`.
const DISABLED: u8 = if cfg!(target_os = "linux") { 0 } else { 0xff };

/// How long a thread waits for a key before it looks whether anybody still wants one: a
/// second.
const PATIENCE: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };

/// Calls `prompt` and reads the line that is typed then. Nothing else goes on meanwhile.
///
/// # Errors
/// When the terminal cannot be read.
pub fn read_line(prompt: impl FnOnce()) -> io::Result<Typed> {
    let stdin = io::stdin();
    // Before the prompt: what reacts to it shall find the terminal ready.
    let _guard = Guard::set(&stdin, line_by_line);
    prompt();
    let mut line = Vec::new();
    loop {
        // A signal interrupts `poll` whether or not its handler restarts calls.
        match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], None) {
            Err(Errno::INTR) => return Ok(Typed::Interrupted),
            Err(error) => return Err(error.into()),
            Ok(_) => {}
        }
        if let Some(typed) = read_on(&stdin, &mut line)? {
            return Ok(typed);
        }
    }
}

/// The same, while the rest of the program goes on. A question that is let go of takes with
/// it what was typed so far.
///
/// # Errors
/// When the terminal cannot be read.
pub async fn line(prompt: impl FnOnce()) -> io::Result<Typed> {
    let stdin = io::stdin();
    let _guard = Guard::set(&stdin, line_by_line);
    let mut unfinished = Unfinished { done: false };
    prompt();
    let mut line = Vec::new();
    loop {
        pressed().await?;
        if let Some(typed) = read_on(&stdin, &mut line)? {
            unfinished.done = true;
            return Ok(typed);
        }
    }
}

/// Waits for a key, while the rest of the program goes on.
///
/// # Errors
/// When the terminal cannot be asked.
pub(super) async fn pressed() -> io::Result<()> {
    while !tokio::task::spawn_blocking(key_was_pressed).await.map_err(io::Error::other)?? {}
    Ok(())
}

/// Waits for a while; reads nothing, so that a line is never lost with the question.
fn key_was_pressed() -> io::Result<bool> {
    match poll(&mut [PollFd::new(&io::stdin(), PollFlags::IN)], Some(&PATIENCE)) {
        // Whoever listens for signals decides what one means.
        Err(Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
        Ok(ready) => Ok(ready > 0),
    }
}

/// Takes what is there; gives the line once it has its end.
fn read_on(stdin: &Stdin, line: &mut Vec<u8>) -> io::Result<Option<Typed>> {
    let mut piece = [0; 1024];
    match read_piece(stdin, &mut piece)? {
        Piece::Interrupted => return Ok(Some(Typed::Interrupted)),
        Piece::End if line.is_empty() => return Ok(Some(Typed::Closed)),
        Piece::End => {}
        Piece::Bytes(count) => line.extend_from_slice(piece.get(..count).unwrap_or_default()),
    }
    Ok(complete(line))
}

/// A question that was withdrawn while somebody typed: half a line must not answer the next.
struct Unfinished {
    done: bool,
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.done {
            forget();
        }
    }
}

/// Throws away what was typed and not read yet.
pub fn forget() {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        let _ = tcflush(&stdin, QueueSelector::IFlush);
    }
}

pub(super) enum Piece {
    Bytes(usize),
    End,
    Interrupted,
}

pub(super) fn read_piece(stdin: &Stdin, piece: &mut [u8]) -> io::Result<Piece> {
    match rustix::io::read(stdin, piece) {
        Ok(0) => Ok(Piece::End),
        Ok(count) => Ok(Piece::Bytes(count)),
        Err(Errno::INTR) => Ok(Piece::Interrupted),
        // A terminal that was hung up (POSIX `read`, [EIO]).
        Err(Errno::IO) => Ok(Piece::End),
        Err(error) => Err(error.into()),
    }
}

/// The line, once it has its end.
fn complete(line: &[u8]) -> Option<Typed> {
    let (end, text) = line.split_last()?;
    match *end {
        CTRL_C => Some(Typed::Interrupted),
        b'\n' => Some(Typed::Line(String::from_utf8_lossy(text).trim_end_matches('\r').to_owned())),
        _ => None,
    }
}

/// A line at a time, which Ctrl-C ends.
fn line_by_line(mode: &mut Termios) {
    mode.special_codes[SpecialCodeIndex::VINTR] = DISABLED;
    mode.special_codes[SpecialCodeIndex::VEOL] = CTRL_C;
}

/// Puts the terminal back as it was.
pub(super) struct Guard<'a> {
    stdin: &'a Stdin,
    before: Option<Termios>,
}

impl<'a> Guard<'a> {
    pub(super) fn set(stdin: &'a Stdin, change: impl FnOnce(&mut Termios)) -> Self {
        let before = tcgetattr(stdin).ok();
        if let Some(mut mode) = before.clone() {
            change(&mut mode);
            let _ = tcsetattr(stdin, OptionalActions::Now, &mode);
        }
        Self { stdin, before }
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            let _ = tcsetattr(self.stdin, OptionalActions::Now, before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_with_its_newline_or_with_ctrl_c() {
        assert_eq!(complete(b""), None);
        assert_eq!(complete(b"dis"), None);
        assert_eq!(complete(b"disable\n"), Some(Typed::Line("disable".to_owned())));
        assert_eq!(complete(b"\r\n"), Some(Typed::Line(String::new())));
        assert_eq!(complete(b"disa\x03"), Some(Typed::Interrupted));
        assert_eq!(complete(b"\xff\n"), Some(Typed::Line("\u{fffd}".to_owned())));
    }
}

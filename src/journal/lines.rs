//! A journal's bytes as lines, one at a time.

use std::io::{self, BufRead, Read as _};

/// The longest line a journal may have, in bytes without the newline. What is larger
/// belongs into an artifact.
pub const MAX_LINE: usize = 64 << 20;

pub(super) struct Lines<R> {
    from: R,
    line: Vec<u8>,
}

/// What comes next in a journal's file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// A line, without its newline.
    Whole(&'a [u8]),
    /// The last bytes, which no newline ends.
    Torn(&'a [u8]),
    /// No newline within [`MAX_LINE`] bytes.
    TooLong,
    End,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn of(from: R) -> Self {
        Self { from, line: Vec::new() }
    }

    pub(super) fn next(&mut self) -> io::Result<Line<'_>> {
        self.line.clear();
        self.from.by_ref().take(MAX_LINE as u64 + 1).read_until(b'\n', &mut self.line)?;
        Ok(match self.line.split_last() {
            None => Line::End,
            Some((b'\n', whole)) => Line::Whole(whole),
            Some(_) if self.line.len() > MAX_LINE => Line::TooLong,
            Some(_) => Line::Torn(&self.line),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_newlines_and_the_rest_is_torn() {
        let mut lines = Lines::of(&b"a\n\nbc"[..]);
        assert_eq!(lines.next().unwrap(), Line::Whole(b"a"));
        assert_eq!(lines.next().unwrap(), Line::Whole(b""));
        assert_eq!(lines.next().unwrap(), Line::Torn(b"bc"));
        assert_eq!(lines.next().unwrap(), Line::End);
    }

    #[test]
    fn a_line_without_end_is_not_read_to_its_end() {
        let endless = io::BufReader::new(io::repeat(b'x'));
        let mut lines = Lines::of(endless);
        assert_eq!(lines.next().unwrap(), Line::TooLong);
    }
}

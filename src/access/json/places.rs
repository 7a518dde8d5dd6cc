//! From bytes to lines and columns, in one pass over the text.

use crate::text::Position;

/// Asked in rising order, the whole text is counted once; a step back counts anew from the
/// last mark, or from the beginning.
#[derive(Clone, Debug)]
pub struct Places<'a> {
    text: &'a str,
    at: usize,
    position: Position,
    mark: (usize, Position),
}

impl<'a> Places<'a> {
    #[must_use]
    pub const fn new(text: &'a str) -> Self {
        let first = Position { line: 1, column: 1 };
        Self { text, at: 0, position: first, mark: (0, first) }
    }

    /// Counts as far as this byte, and goes back no further from now on, as a rule.
    pub fn mark(&mut self, at: usize) {
        self.position(at);
        self.mark = (self.at, self.position);
    }

    pub fn position(&mut self, at: usize) -> Position {
        if at < self.mark.0 {
            *self = Self::new(self.text);
        }
        if at < self.at {
            (self.at, self.position) = self.mark;
        }
        let mut end = at.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        self.pass(self.text.as_bytes().get(self.at..end).unwrap_or_default());
        self.at = end.max(self.at);
        self.position
    }

    /// Lines first, then the letters of the last one.
    fn pass(&mut self, bytes: &[u8]) {
        let line = match memchr::memrchr(b'\n', bytes) {
            Some(last) => {
                let lines = memchr::memchr_iter(b'\n', bytes).count();
                self.position = Position { line: self.position.line + lines, column: 1 };
                bytes.get(last + 1..).unwrap_or_default()
            }
            None => bytes,
        };
        self.position.column += line.iter().filter(|byte| begins_letter(**byte)).count();
    }
}

/// Every byte of UTF-8 does, but those that continue one (RFC 3629, section 3).
const fn begins_letter(byte: u8) -> bool {
    byte & 0b1100_0000 != 0b1000_0000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Source;

    #[test]
    fn places_are_those_of_a_source() {
        let text = "{\n \"é\": 1,\n \"b\": [\n]}";
        let source = Source::new("a.json", text);
        let mut places = Places::new(text);
        for at in [0, 3, 8, 2, 20, 19, 100] {
            assert_eq!(places.position(at), source.position(at), "{at}");
            places.mark(at.min(8));
        }
    }
}

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
        for letter in self.text.get(self.at..end).unwrap_or_default().chars() {
            if letter == '\n' {
                self.position = Position { line: self.position.line + 1, column: 1 };
            } else {
                self.position.column += 1;
            }
        }
        self.at = end.max(self.at);
        self.position
    }
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

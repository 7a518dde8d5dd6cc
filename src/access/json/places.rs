//! From bytes to lines and columns, in one pass over the text.

use crate::text::Position;

/// Asked in rising order, the whole text is counted once; a step back counts anew.
#[derive(Clone, Debug)]
pub struct Places<'a> {
    text: &'a str,
    at: usize,
    position: Position,
}

impl<'a> Places<'a> {
    #[must_use]
    pub const fn new(text: &'a str) -> Self {
        Self { text, at: 0, position: Position { line: 1, column: 1 } }
    }

    pub fn position(&mut self, at: usize) -> Position {
        if at < self.at {
            *self = Self::new(self.text);
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
        }
    }
}

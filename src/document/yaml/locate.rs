//! Where a part of a scalar's text stands in the document.

use std::ops::Range;

use super::tree::{Node, Scalar, Style};
use crate::text::Span;

impl Node {
    /// The place of `range` of this scalar's text in `source`; the whole scalar where
    /// escapes or folding leave no telling.
    #[must_use]
    pub fn locate(&self, source: &str, range: Range<usize>) -> Span {
        let found = self.scalar().and_then(|scalar| {
            let raw = source.get(self.span.range())?;
            let place = match scalar.style {
                Style::Plain => verbatim(raw, 0, scalar, &range),
                Style::Quoted => verbatim(raw, 1, scalar, &range),
                Style::Literal => line_by_line(raw, scalar, &range),
                Style::Folded => None,
            };
            place.or_else(|| only_occurrence(raw, scalar.text.get(range.clone())?))
        });
        match found {
            Some(place) => Span::new(self.span.start + place.start, self.span.start + place.end),
            None => self.span,
        }
    }
}

/// A scalar that is written as it is meant, between `quotes` bytes on either side.
fn verbatim(raw: &str, quotes: usize, scalar: &Scalar, range: &Range<usize>) -> Option<Range<usize>> {
    let inner = raw.get(quotes..raw.len().checked_sub(quotes)?)?;
    (inner == scalar.text).then(|| range.start + quotes..range.end + quotes)
}

/// In a literal block each line of the text is a line of the document, less its
/// indentation. The node begins with the first line that is not empty.
fn line_by_line(raw: &str, scalar: &Scalar, range: &Range<usize>) -> Option<Range<usize>> {
    let before = scalar.text.get(..range.start)?;
    let blank = scalar.text.len() - scalar.text.trim_start_matches('\n').len();
    let number = before.matches('\n').count().checked_sub(blank)?;
    let column = range.start - before.rfind('\n').map_or(0, |at| at + 1);
    let line = scalar.text.split('\n').nth(number + blank)?;
    let start: usize = raw.split('\n').take(number).map(|line| line.len() + 1).sum();
    let indent = raw.split('\n').nth(number)?.trim_end_matches('\r').strip_suffix(line)?.len();
    let length = (range.end - range.start).min(line.len() - column);
    Some(start + indent + column..start + indent + column + length)
}

fn only_occurrence(raw: &str, part: &str) -> Option<Range<usize>> {
    let at = raw.find(part).filter(|_| !part.is_empty())?;
    (raw.rfind(part) == Some(at)).then(|| at..at + part.len())
}

#[cfg(test)]
mod tests {
    use super::super::parse;

    #[test]
    fn a_part_of_a_scalar_is_found_in_the_document() {
        for (text, whole) in [
            ("a: one NAME two", "NAME"),
            ("a: 'one NAME two'", "NAME"),
            ("a: \"é NAME two\"", "NAME"),
            ("a: |\n  NAM one\n  two NAME x\n", "NAME"),
            ("a: |-\r\n    é\r\n\r\n      deep NAME\r\n", "NAME"),
            ("a: |\n\n\n  x NAME NAM\n\n   NAME1\n", "NAME"),
            ("a: >\n  one\n  two NAME x\n", "NAME"),
            ("a: \"tab\\t NAME\"", "NAME"),
            ("a: \"\\u004eAME\"", "\"\\u004eAME\""),
        ] {
            let (node, faults) = parse(text);
            assert_eq!(faults, []);
            let node = node.unwrap();
            let scalar = node.get("a").unwrap();
            let at = scalar.text().unwrap().find("NAME").unwrap();
            assert_eq!(&text[scalar.locate(text, at..at + 4).range()], whole, "{text:?}");
        }
    }
}

//! A line for a person: pieces of text, each with what it means.

use console::measure_text_width;

/// What a piece of text means. The theme turns it into colour; the words stand without.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Plain,
    /// What the eye shall find first.
    Strong,
    /// What matters less.
    Quiet,
    Good,
    Warning,
    Danger,
    /// What can be typed.
    Prompt,
}

/// One line on the screen, without its newline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line(Vec<(Tone, String)>);

impl Line {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self::new().and(Tone::Plain, text)
    }

    #[must_use]
    pub fn of(tone: Tone, text: impl Into<String>) -> Self {
        Self::new().and(tone, text)
    }

    #[must_use]
    pub fn and(mut self, tone: Tone, text: impl Into<String>) -> Self {
        let text = text.into();
        if !text.is_empty() {
            self.0.push((tone, text));
        }
        self
    }

    /// Adds the pieces of another line.
    #[must_use]
    pub fn then(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Without blanks at its end.
    #[must_use]
    pub fn trim_end(mut self) -> Self {
        if let Some((_, text)) = self.0.last_mut() {
            text.truncate(text.trim_end().len());
        }
        self
    }

    pub fn pieces(&self) -> impl Iterator<Item = (Tone, &str)> {
        self.0.iter().map(|(tone, text)| (*tone, text.as_str()))
    }

    /// The words without their tones.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// In columns of a terminal.
    #[must_use]
    pub fn width(&self) -> usize {
        self.0.iter().map(|(_, text)| width(text)).sum()
    }

    /// Cut to `columns`, with `…` where something is missing.
    #[must_use]
    pub fn fit(self, columns: usize) -> Self {
        if self.width() <= columns {
            return self;
        }
        let mut left = columns;
        let mut fitted = Self::new();
        for (tone, text) in self.0 {
            let wide = width(&text);
            if wide < left {
                left -= wide;
                fitted = fitted.and(tone, text);
            } else {
                return fitted.and(tone, fit(&text, left, true));
            }
        }
        fitted
    }
}

/// The columns that a text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    measure_text_width(text)
}

/// The text cut to `columns`, ending in `…` where something is missing.
#[must_use]
pub fn fitted(text: &str, columns: usize) -> String {
    fit(text, columns, false)
}

fn fit(text: &str, columns: usize, more_follows: bool) -> String {
    if !more_follows && width(text) <= columns {
        return text.to_owned();
    }
    let mut cut = String::new();
    let mut used = 0;
    for letter in text.chars() {
        let wide = width(letter.encode_utf8(&mut [0; 4]));
        if used + wide + 1 > columns {
            break;
        }
        used += wide;
        cut.push(letter);
    }
    cut.truncate(cut.trim_end().len());
    if columns > 0 {
        cut.push('…');
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_too_long_says_that_something_is_missing() {
        let line = Line::of(Tone::Good, "done").and(Tone::Plain, "  policy, 7 grants, 2 aliases");
        assert_eq!(line.width(), 33);
        assert_eq!(line.clone().fit(33).text(), "done  policy, 7 grants, 2 aliases");
        assert_eq!(line.clone().fit(20).text(), "done  policy, 7 gra…");
        assert_eq!(line.fit(4).text(), "don…");
    }

    #[test]
    fn wide_letters_count_two_columns() {
        assert_eq!(width("鍵"), 2);
        assert_eq!(fitted("鍵鍵鍵", 5), "鍵鍵…");
        assert_eq!(fitted("鍵鍵鍵", 6), "鍵鍵鍵");
    }
}

//! Colour by meaning. It supports the words and never replaces them.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::line::{Line, Tone};

const fn style(tone: Tone) -> Style {
    match tone {
        Tone::Plain => Style::new(),
        Tone::Strong => Style::new().bold(),
        Tone::Quiet => Style::new().dimmed(),
        Tone::Good => AnsiColor::Green.on_default(),
        Tone::Warning => AnsiColor::Yellow.on_default().bold(),
        Tone::Danger => AnsiColor::Red.on_default().bold(),
        Tone::Prompt => AnsiColor::Cyan.on_default().bold(),
    }
}

/// The line with its colours; `out` takes them away again where they are not wanted.
#[must_use]
pub fn paint(line: &Line) -> String {
    let mut painted = String::new();
    for (tone, text) in line.pieces() {
        let style = style(tone);
        // Writing to a text cannot fail.
        let _ = write!(painted, "{style}{text}{style:#}");
    }
    painted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_its_colours_a_line_says_the_same() {
        let line = Line::of(Tone::Danger, "FAILED").and(Tone::Plain, "  7 disable_key");
        assert_ne!(paint(&line), line.text());
        assert_eq!(anstream::adapter::strip_str(&paint(&line)).to_string(), line.text());
        assert_eq!(paint(&Line::plain("as it is")), "as it is");
    }
}

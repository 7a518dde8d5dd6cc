//! How what is told of a step is set: a word, a number, the step's id, the rest.

use super::Telling;
use crate::console::line::{Line, Tone, width};
use crate::console::words::text::wrapped;
use crate::run::Place;

/// The widest step id that other lines make room for.
const ID_ROOM: usize = 20;

impl Telling<'_> {
    /// One line about a step, cut to the width.
    pub(super) fn step(&self, tone: Tone, word: &str, place: &Place, rest: &str) -> Line {
        self.lead(tone, word, place).and(Tone::Plain, rest.trim_end()).fit(self.columns)
    }

    /// A line about a step that must not lose a word.
    pub(super) fn long(&self, tone: Tone, word: &str, place: &Place, rest: &str) -> Vec<Line> {
        let lead = self.lead(tone, word, place);
        if lead.width() + width(rest) <= self.columns {
            return vec![lead.and(Tone::Plain, rest)];
        }
        std::iter::once(lead.trim_end()).chain(self.under(rest)).collect()
    }

    pub(super) fn lead(&self, tone: Tone, word: &str, place: &Place) -> Line {
        let number = self.playbook.step(&place.step).map_or(0, |(at, _)| at + 1);
        let digits = self.playbook.steps.len().to_string().len();
        let widest =
            self.playbook.steps.iter().map(|step| step.id.len()).max().unwrap_or_default().min(ID_ROOM);
        Line::of(tone, format!("{word:>9}"))
            .and(Tone::Quiet, format!(" {number:>digits$} "))
            .and(Tone::Plain, format!("{:<widest$}  ", place.to_string()))
    }

    pub(super) fn wide(&self, tone: Tone, word: &str, rest: &str) -> Vec<Line> {
        let mut texts = wrapped(rest, self.columns.saturating_sub(12).max(20)).into_iter();
        let first = Line::of(tone, format!("{word:>9}"))
            .and(Tone::Plain, format!("  {}", texts.next().unwrap_or_default()));
        std::iter::once(first).chain(texts.map(|text| Line::plain(format!("{:11}{text}", "")))).collect()
    }

    pub(super) fn under(&self, text: &str) -> Vec<Line> {
        let texts = wrapped(text, self.columns.saturating_sub(12).max(20));
        texts.into_iter().map(|text| Line::plain(format!("{:11}{text}", ""))).collect()
    }
}

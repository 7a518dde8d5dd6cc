//! What a look around found, for the person who is about to begin.

use super::super::text::one_line;
use super::super::value;
use super::Telling;
use crate::console::line::{Line, Tone};
use crate::run::{Standing, Survey};

impl Telling<'_> {
    /// Who acts in one line, and a line of its own for whatever is not well.
    pub(super) fn surveyed(&self, survey: &Survey) -> Vec<Line> {
        let who = survey.caller.as_ref().map(|caller| {
            format!(
                "{} in account {}, {}",
                value::brief(&caller.arn),
                one_line(&caller.account),
                one_line(&caller.region)
            )
        });
        let mut lines: Vec<_> = who.iter().flat_map(|who| self.wide(Tone::Good, "as", who)).collect();
        for check in survey.checks.iter().filter(|check| check.standing != Standing::Good) {
            let (tone, word) = match check.standing {
                Standing::Good | Standing::Unknown => (Tone::Quiet, "unknown"),
                Standing::Warning => (Tone::Danger, "WARNING"),
                Standing::Broken => (Tone::Danger, "BROKEN"),
            };
            lines.extend(self.wide(tone, word, &format!("{}: {}", check.of.word(), one_line(&check.says))));
        }
        lines
    }
}

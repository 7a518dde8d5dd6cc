//! Where the run stands: the status line and the phase line.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::super::line::{Line, Tone, width};
use super::clock;
use super::text::one_line;
use crate::document::Playbook;
use crate::run::{ObjectiveClock, ObjectiveState, Run};
use crate::text::duration;

/// What the status line tells.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The run's id.
    pub run: String,
    pub severity: Option<String>,
    pub started_at: Option<DateTime<Utc>>,
    pub objectives: Vec<Deadline>,
}

/// An objective that is not met yet.
#[derive(Clone, Debug)]
pub struct Deadline {
    pub name: String,
    pub within: std::time::Duration,
    pub at: DateTime<Utc>,
    pub missed: bool,
}

impl Standing {
    #[must_use]
    pub fn of(run: &Run) -> Self {
        let opened = run.opened();
        Self {
            run: opened.map_or_else(|| run.playbook().name.clone(), |opened| opened.run.clone()),
            severity: opened.and_then(|opened| opened.severity.clone()),
            started_at: run.started_at(),
            objectives: run.objectives().iter().filter_map(|clock| deadline(run.playbook(), clock)).collect(),
        }
    }

    /// The status line, on more lines where it is too long for one.
    #[must_use]
    pub fn lines(&self, now: DateTime<Utc>, columns: usize) -> Vec<Line> {
        let mut lines: Vec<Line> = Vec::new();
        for part in self.parts(now) {
            match lines.pop() {
                Some(line) if line.width() + 3 + part.width() <= columns => {
                    lines.push(line.and(Tone::Quiet, " · ").then(part));
                }
                line => lines.extend(line.into_iter().chain([part])),
            }
        }
        lines
    }

    /// T+ and the next deadline: what fits beside a bar.
    #[must_use]
    pub fn brief(&self, now: DateTime<Utc>) -> String {
        let clock = self.started_at.map(|started| clock::since_start(started, now));
        let next = self.next().map(|next| next.words(now).text());
        clock.into_iter().chain(next).collect::<Vec<_>>().join(" · ")
    }

    /// The next deadline; an empty line where there is none.
    #[must_use]
    pub fn due(&self, now: DateTime<Utc>) -> Line {
        self.next().map_or_else(Line::new, |next| next.words(now))
    }

    fn parts(&self, now: DateTime<Utc>) -> Vec<Line> {
        let mut parts = vec![Line::of(Tone::Strong, one_line(&self.run))];
        parts
            .extend(self.severity.as_deref().map(|severity| Line::of(gravity(severity), one_line(severity))));
        parts.extend(self.started_at.map(|started| Line::of(Tone::Strong, clock::since_start(started, now))));
        parts.extend(self.next().map(|next| next.words(now)));
        parts.extend(
            self.objectives
                .iter()
                .filter(|objective| objective.missed)
                .map(|missed| Line::plain(format!("{} ", missed.name)).and(Tone::Danger, "MISSED")),
        );
        parts
    }

    fn next(&self) -> Option<&Deadline> {
        self.objectives.iter().filter(|objective| !objective.missed).min_by_key(|objective| objective.at)
    }
}

impl Deadline {
    /// Whether a fifth of the time is left, or less; no longer once it has passed.
    fn is_near(&self, now: DateTime<Utc>) -> bool {
        (self.at - now).to_std().is_ok_and(|left| !left.is_zero() && left <= self.within / 5)
    }

    fn words(&self, now: DateTime<Utc>) -> Line {
        let what = format!("{} within {}: ", self.name, duration::show(self.within));
        if let Ok(left) = (self.at - now).to_std() {
            let tone = if self.is_near(now) { Tone::Warning } else { Tone::Plain };
            Line::plain(what).and(tone, format!("{} left", clock::left(left)))
        } else {
            let over = (now - self.at).to_std().unwrap_or_default();
            Line::plain(what).and(Tone::Danger, format!("{} OVER", clock::left(over)))
        }
    }
}

/// The objectives that somebody was warned of already.
#[derive(Debug, Default)]
pub struct Warnings(HashSet<String>);

impl Warnings {
    /// A line for each objective of which only a fifth of its time is left, once. It follows
    /// from the clock and is no entry: that the time has passed will be one.
    pub fn due(&mut self, now: DateTime<Utc>, run: &Run) -> Vec<Line> {
        let open = Standing::of(run).objectives.into_iter().filter(|objective| !objective.missed);
        let near = open.filter(|objective| objective.is_near(now) && self.0.insert(objective.name.clone()));
        near.map(|objective| Line::of(Tone::Warning, "     SOON  ").then(objective.words(now))).collect()
    }
}

fn deadline(playbook: &Playbook, clock: &ObjectiveClock) -> Option<Deadline> {
    let missed = match clock.state {
        ObjectiveState::Open => false,
        ObjectiveState::Missed => true,
        ObjectiveState::Met { .. } => return None,
    };
    let within = playbook.objectives.iter().find(|objective| objective.id == clock.id)?.within;
    Some(Deadline { name: clock.id.replace('_', " "), within, at: clock.deadline, missed })
}

/// The tone of a severity. Documents name their own levels; these names are usual.
fn gravity(severity: &str) -> Tone {
    match severity {
        "critical" => Tone::Danger,
        "high" => Tone::Warning,
        _ => Tone::Plain,
    }
}

/// `Phase 1 of 5 · Immediate response (T+0 to T+15m) · step 7 of 41`, wrapped.
#[must_use]
pub fn phase_lines(playbook: &Playbook, step: usize, columns: usize) -> Vec<Line> {
    let Some((at, phase)) = playbook.phase_of(step) else { return Vec::new() };
    let window = phase.window.map(|window| format!(" ({})", clock::window(window))).unwrap_or_default();
    let start = Line::of(Tone::Strong, format!("Phase {} of {}", at + 1, playbook.phases.len()))
        .and(Tone::Plain, format!(" · {}{window}", one_line(&phase.title)));
    let end = format!("step {} of {}", step + 1, playbook.steps.len());
    if start.width() + 3 + width(&end) <= columns {
        vec![start.and(Tone::Plain, format!(" · {end}"))]
    } else {
        vec![start.fit(columns), Line::plain(end)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::rehearsal;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn standing() -> Standing {
        let deadline = |name: &str, minutes: u64, missed| Deadline {
            name: name.to_owned(),
            within: std::time::Duration::from_secs(minutes * 60),
            at: at(i64::try_from(minutes).unwrap() * 60),
            missed,
        };
        Standing {
            run: "INC-2026-014-KEY-COMPROMISE".to_owned(),
            severity: Some("critical".to_owned()),
            started_at: Some(at(0)),
            objectives: vec![deadline("reencrypted", 240, false), deadline("contained", 15, false)],
        }
    }

    #[test]
    fn the_status_line_is_the_one_on_the_drawing() {
        // design/screens.md, "The commander's terminal".
        let drawn = "INC-2026-014-KEY-COMPROMISE · critical · T+00:03:12 · contained within 15m: 11:48 left";
        let lines: Vec<_> = standing().lines(at(192), 200).iter().map(Line::text).collect();
        assert_eq!(lines, [drawn]);
    }

    #[test]
    fn at_eighty_columns_it_takes_two_lines_and_loses_nothing() {
        let lines = standing().lines(at(192), 80);
        assert!(lines.iter().all(|line| line.width() <= 80));
        let texts: Vec<_> = lines.iter().map(Line::text).collect();
        assert_eq!(
            texts,
            ["INC-2026-014-KEY-COMPROMISE · critical · T+00:03:12", "contained within 15m: 11:48 left"]
        );
    }

    #[test]
    fn a_deadline_that_passes_says_so_in_words() {
        let mut standing = standing();
        assert!(standing.lines(at(905), 200)[0].text().ends_with("contained within 15m: 0:05 OVER"));
        standing.objectives[1].missed = true;
        assert!(
            standing.lines(at(905), 200)[0]
                .text()
                .ends_with("T+00:15:05 · reencrypted within 4h: 3h 44m left · contained MISSED")
        );
        assert_eq!(standing.brief(at(905)), "T+00:15:05 · reencrypted within 4h: 3h 44m left");
    }

    #[test]
    fn the_phase_line_says_which_step_this_is() {
        let playbook = rehearsal::playbook();
        let texts = |columns| phase_lines(&playbook, 1, columns).iter().map(Line::text).collect::<Vec<_>>();
        assert_eq!(texts(80), ["Phase 1 of 2 · Immediate response (T+0 to T+15m) · step 2 of 11"]);
        assert_eq!(texts(50), ["Phase 1 of 2 · Immediate response (T+0 to T+15m)", "step 2 of 11"]);
    }
}

//! Nobody there: one line a fact on stderr, and no question can be answered.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::line::{Line, Tone};
use super::out;
use super::stopwatch::Stopwatch;
use super::tempo::Tempo;
use super::words::standing::{Standing, Warnings};
use super::words::text::{grouped, safe};
use super::words::{clock, tell};
use crate::engine::{Console, Said, Soon};
use crate::error::Result;
use crate::journal::Entry;
use crate::run::{Actor, Answer, Choice, Event, Operator, Place, Question, Run, Via};

/// Lines in a log have no width of their own.
const COLUMNS: usize = usize::MAX;

/// The console for logs, pipelines and cron.
pub struct Plain {
    operator: Operator,
    stopwatch: RefCell<Stopwatch>,
    milestones: RefCell<Milestones>,
    tempo: Tempo,
    warnings: RefCell<Warnings>,
    /// The wait that was told already.
    waits_for: Cell<Option<DateTime<Utc>>>,
}

impl std::fmt::Debug for Plain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plain").field("operator", &self.operator).finish_non_exhaustive()
    }
}

impl Plain {
    #[must_use]
    pub fn new(operator: Operator) -> Self {
        Self {
            operator,
            stopwatch: RefCell::default(),
            milestones: RefCell::default(),
            tempo: Tempo::default(),
            warnings: RefCell::default(),
            waits_for: Cell::default(),
        }
    }
}

impl Console for Plain {
    fn entry(&self, entry: &Entry, run: &Run) {
        let took = self.stopwatch.borrow_mut().see(entry);
        self.waits_for.set(None);
        if let Event::Attempted { place, .. } = &entry.event {
            self.milestones.borrow_mut().forget(place);
        }
        let told = match &entry.event {
            Event::Attempted { place, attempt, request, .. } => {
                vec![tell::under_way(place, *attempt, request, run.playbook())]
            }
            Event::Undoing { place, attempt, request } => {
                vec![tell::taking_back(place, *attempt, request, run.playbook())]
            }
            _ => tell::lines(entry, run, took, COLUMNS),
        };
        let clock = clock::since_start(run.started_at().unwrap_or(entry.at), entry.at);
        for line in told {
            out::show(&Line::of(Tone::Quiet, &*clock).and(Tone::Plain, " ").then(line));
        }
    }

    fn progress(&self, place: &Place, done: u64, of: Option<u64>, unit: &str) {
        self.tempo.see(place, done, of);
        if self.milestones.borrow_mut().reached(place, done, of) {
            let total = of.map(|of| format!(" of {}", grouped(of))).unwrap_or_default();
            let tempo = self.tempo.told(done, of);
            out::talk(&format!("  {place}: {}{total} {unit}{tempo}", grouped(done)));
        }
    }

    fn ask(&self, place: &Place, question: &Question, _: &Run, _: DateTime<Utc>) -> Soon<'_, Result<Said>> {
        let said = match question {
            Question::Go { .. } => Said::Answer { answer: unasked(&self.operator), files: Vec::new() },
            _ => Said::Nobody { waiting_for: tell::waiting_for(place, question) },
        };
        Box::pin(async { Ok(said) })
    }

    fn passing(&self, now: DateTime<Utc>, run: &Run) {
        self.warnings.borrow_mut().due(now, run).iter().for_each(out::show);
    }

    fn tell(&self, text: &str) {
        out::talk(&safe(text));
    }

    fn waiting(&self, until: DateTime<Utc>, now: DateTime<Utc>, run: &Run) {
        if self.waits_for.replace(Some(until)) != Some(until) {
            let left = clock::left((until - now).to_std().unwrap_or_default());
            out::talk(&format!(
                "{}: waiting until {}, {left}",
                Standing::of(run).brief(now),
                clock::instant(until)
            ));
        }
    }
}

/// The document asks for nobody, so that its silence is the answer.
fn unasked(operator: &Operator) -> Answer {
    let name = operator.name.clone().unwrap_or_else(|| operator.user.clone());
    Answer {
        choice: Choice::Yes,
        value: serde_json::Value::Null,
        reason: None,
        attachments: Vec::new(),
        by: Actor { name, via: Via::Document },
    }
}

/// Tells when a long action has got on far enough to deserve a line: every tenth of the
/// whole, or where nobody knows the whole, whenever the count has doubled.
#[derive(Debug, Default)]
pub(super) struct Milestones {
    /// What each place has to reach next; several may be at work side by side.
    next: HashMap<Place, u64>,
}

impl Milestones {
    pub(super) fn reached(&mut self, place: &Place, done: u64, of: Option<u64>) -> bool {
        if done < self.next.get(place).copied().unwrap_or(1) {
            return false;
        }
        let next = match of {
            Some(of) if of > 0 => {
                let tenths = u128::from(done) * 10 / u128::from(of) + 1;
                u64::try_from((tenths * u128::from(of)).div_ceil(10)).unwrap_or(u64::MAX).max(done + 1)
            }
            _ => done.saturating_mul(2).max(1),
        };
        self.next.insert(place.clone(), next);
        true
    }

    /// What begins anew is told anew.
    pub(super) fn forget(&mut self, place: &Place) {
        self.next.remove(place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::rehearsal;

    fn ask(question: &Question) -> Said {
        let plain = Plain::new(rehearsal::operator());
        let place = Place::step("disable_key");
        rehearsal::talk(plain.ask(&place, question, &rehearsal::run(), rehearsal::now())).unwrap()
    }

    #[test]
    fn nobody_answers_and_it_is_said_what_is_waited_for() {
        match ask(&rehearsal::approval()) {
            Said::Nobody { waiting_for } => {
                assert_eq!(
                    waiting_for,
                    "step disable_key: approval by Incident Commander of kms.disable_key"
                );
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn where_the_document_asks_for_nobody_its_silence_is_a_yes() {
        match ask(&Question::Go { request: rehearsal::disable() }) {
            Said::Answer { answer, files } => {
                assert_eq!(answer.choice, Choice::Yes);
                assert_eq!(answer.by, Actor { name: "jane".to_owned(), via: Via::Document });
                assert!(files.is_empty());
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_long_action_gets_a_line_for_every_tenth() {
        let place = Place::step("reencrypt");
        let mut milestones = Milestones::default();
        let told: Vec<_> = (0..=100).filter(|&done| milestones.reached(&place, done, Some(100))).collect();
        assert_eq!(told, [1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
        let mut milestones = Milestones::default();
        let told: Vec<_> = (0..=100).filter(|&done| milestones.reached(&place, done, None)).collect();
        assert_eq!(told, [1, 2, 4, 8, 16, 32, 64]);
        assert!(milestones.reached(&Place::step("another"), 1, None));
    }
}

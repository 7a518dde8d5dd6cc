//! The run beside its model, under whatever the world, people, crashes and clocks may do.

mod dice;
mod reference;
mod sketch;
mod tale;
mod world;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use self::dice::Dice;
use self::reference::Reference;
use self::sketch::{Sketch, id};
use self::tale::{About, Tale, Way, Wish};
use crate::document::{self, Playbook};
use crate::run::{Choice, Effect, Event, FaultKind, Next, ObjectiveState, Outcome, Place, Run, Verdict};
use crate::text::Source;

/// So many documents, each in so many worlds, make 10,000 cases; `PROPTEST_CASES` makes more.
const DOCUMENTS: u32 = 2_000;
const WORLDS: u32 = 5;

fn instant(second: i64) -> DateTime<Utc> {
    "2026-11-22T03:10:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::seconds(second)
}

fn second(instant_: DateTime<Utc>) -> i64 {
    (instant_ - instant(0)).num_seconds()
}

fn playbook(sketch: &Sketch) -> Arc<Playbook> {
    let text = sketch.text();
    let (playbook, found) = document::load(&Source::new("t.yaml", text.clone()), None);
    Arc::new(playbook.unwrap_or_else(|| panic!("{text}\n{found:#?}")))
}

/// A run, its model, and everything that happened to them.
struct Drill {
    playbook: Arc<Playbook>,
    sketch: Sketch,
    run: Run,
    model: Reference,
    entries: Vec<(i64, Event)>,
    /// What was asked for and has not been answered yet.
    at_work: Vec<Effect>,
    /// The same in a few words.
    tales: Vec<(i64, Tale)>,
}

impl Drill {
    fn begin(sketch: Sketch, playbook: Arc<Playbook>) -> Self {
        let opened = Event::Opened(Box::new(world::opened()));
        let run = Run::new(playbook.clone());
        let model = Reference::new(&sketch);
        let mut drill = Self {
            playbook,
            sketch,
            run,
            model,
            entries: Vec::new(),
            at_work: Vec::new(),
            tales: Vec::new(),
        };
        drill.run.apply(instant(0), &opened).unwrap();
        drill.tales.push((0, Tale::of(&opened)));
        drill.entries.push((0, opened));
        drill
    }

    fn record(&mut self, now: i64, event: Event) {
        if matches!(event, Event::Resumed { .. }) {
            self.run = self.folded();
            self.at_work.clear();
        }
        let applied = self.run.apply(instant(now), &event);
        assert!(applied.is_ok(), "{applied:?}: {event:?}\n{}", self.story());
        let tale = Tale::of(&event);
        self.model.hear(now, &tale);
        self.tales.push((now, tale));
        self.entries.push((now, event));
        self.look(&self.run, now);
    }

    /// The run as the next process finds it.
    fn folded(&self) -> Run {
        let mut run = Run::new(self.playbook.clone());
        for (at, event) in &self.entries {
            run.apply(instant(*at), event).unwrap();
        }
        run
    }

    /// What of the run can be seen from outside is as the model has it.
    fn look(&self, run: &Run, now: i64) {
        assert_eq!(self.states(run), self.model.words(), "states at {now}\n{}", self.story());
        assert_eq!(run.outcome(), self.model.outcome(), "{}", self.story());
        let objective = run.objectives().first().map(|clock| clock.state);
        let seen = match (objective, self.model.objective()) {
            (None, _) => true,
            // Met in time and the alarm never stand beside each other.
            (Some(ObjectiveState::Met { at, in_time }), (Some(met), missed)) => {
                second(at) == met && in_time != missed && (!in_time || met <= sketch::WITHIN)
            }
            (Some(ObjectiveState::Missed), (None, missed)) => missed,
            (Some(ObjectiveState::Open), (None, missed)) => !missed,
            _ => false,
        };
        assert!(seen, "{objective:?} and {:?}\n{}", self.model.objective(), self.story());
    }

    fn states(&self, run: &Run) -> Vec<&'static str> {
        let mut states = Vec::new();
        for at in 0..self.sketch.steps.len() {
            states.push(run.step_state(at).word());
            states.extend(run.items(&id(at)).map(|(_, state)| state.word()));
        }
        states
    }

    fn wish(&self, run: &Run, now: i64) -> Wish {
        Wish::of(&run.next_beside(instant(now), &self.places()), second)
    }

    fn places(&self) -> Vec<Place> {
        self.at_work.iter().map(|effect| effect.place().clone()).collect()
    }

    /// Asks the run what it wants; the model wants the same.
    fn next(&self, now: i64) -> Next {
        let next = self.run.next_beside(instant(now), &self.places());
        assert_eq!(
            Wish::of(&next, second),
            self.model.wish(now, &self.places()),
            "wish at {now}\n{}",
            self.story()
        );
        next
    }

    /// An event that cannot follow is refused and leaves everything as it was.
    fn refuses(&mut self, now: i64, event: &Event) {
        let before = (self.states(&self.run), self.wish(&self.run, now));
        assert!(self.run.apply(instant(now), event).is_err(), "{event:?} is taken\n{}", self.story());
        let after = (self.states(&self.run), self.wish(&self.run, now));
        assert_eq!(before, after, "{event:?} was refused\n{}", self.story());
    }

    fn story(&self) -> String {
        let entries = self.tales.iter().map(|(at, tale)| format!("{at:>5} {tale:?}"));
        format!("{}\n{}", self.sketch.text(), entries.collect::<Vec<_>>().join("\n"))
    }

    /// At the end: the entries make the same run, and nothing in them was done too early or
    /// once too often.
    fn ends(&self, now: i64) {
        let folded = self.folded();
        self.look(&folded, now);
        assert_eq!(self.wish(&folded, now), self.wish(&self.run, now), "{}", self.story());
        for (at, (second, tale)) in self.tales.iter().enumerate() {
            if let Tale::Attempted(place, _, way) = tale {
                // Taking back is what a person just said.
                if *way == Way::There {
                    self.was_let_go(at, *second, place);
                    self.was_looked_at(at, place);
                }
                self.was_not_done_before(at, place, *way);
            }
        }
    }

    /// The approvals that the document asks for were there, and fresh unless something of
    /// the step was sent before.
    fn was_let_go(&self, at: usize, now: i64, place: &Place) {
        let Some(approve) = self.step(place).approve else { return };
        let gate = Place::step(&*place.step);
        let (mut given, mut about, mut retried) = (Vec::new(), None, false);
        for (then, tale) in &self.tales[..at] {
            match tale {
                Tale::Asked(of, question) if *of == gate => about = Some(*question),
                Tale::Answered(of, Choice::Yes, by, _) if *of == gate && about == Some(About::Approval) => {
                    given.push((*then, by));
                }
                Tale::Answered(of, Choice::Again, ..) if *of == gate && about == Some(About::Failure) => {
                    given.clear();
                    retried = false;
                }
                Tale::Answered(of, Choice::Deny, ..) if *of == gate => {
                    given.clear();
                    retried = false;
                }
                Tale::Attempted(of, ..) if of.step == place.step => retried = true,
                _ => {}
            }
        }
        let fresh = |then: i64| retried || approve.expires.is_none_or(|expires| now < then + expires);
        let names: BTreeSet<_> = given.iter().filter(|(then, _)| fresh(*then)).map(|(_, by)| by).collect();
        assert!(names.len() >= approve.count, "{place} acts unapproved\n{}", self.story());
    }

    /// What reaches far was looked at since the doubt about it, or a person's word, let it be
    /// sent again.
    fn was_looked_at(&self, at: usize, place: &Place) {
        if !self.step(place).deed.reaches() {
            return;
        }
        let gate = Place::step(&*place.step);
        for (_, tale) in self.tales[..at].iter().rev() {
            match tale {
                Tale::Measured(of) if of == place || *of == gate => return,
                Tale::Settled(of, Verdict::DidNot) if of == place => break,
                Tale::Answered(of, Choice::Again, ..) if of == place || *of == gate => break,
                _ => {}
            }
        }
        panic!("{place} is sent and was not looked at\n{}", self.story());
    }

    fn step(&self, place: &Place) -> &sketch::Step {
        let steps = self.sketch.steps.iter().enumerate();
        steps.into_iter().find(|(at, _)| id(*at) == place.step).expect("a step").1
    }

    /// Between two attempts of a write stands a failure that is none to doubt, a verdict, or
    /// a person's word.
    fn was_not_done_before(&self, at: usize, place: &Place, way: Way) {
        if !self.step(place).deed.writes() {
            return;
        }
        for (before, (_, tale)) in self.tales[..at].iter().enumerate().rev() {
            match tale {
                Tale::Attempted(of, ..) | Tale::Succeeded(of) | Tale::Undone(of) if of == place => {
                    panic!("{place} is done twice, {way:?}\n{}", self.story())
                }
                // Whoever turned away from a question said nothing about the world.
                Tale::Failed(of, FaultKind::Abandoned)
                    if of == place && self.was_only_asked(before, place) => {}
                Tale::Failed(of, FaultKind::Lost | FaultKind::Abandoned | FaultKind::Unmet)
                    if of == place =>
                {
                    panic!("{place} is done again in doubt\n{}", self.story())
                }
                Tale::Failed(of, _) | Tale::Settled(of, Verdict::DidNot) if of == place => return,
                Tale::Answered(of, Choice::Again | Choice::Undo, ..)
                    if of == place || *of == Place::step(&*place.step) =>
                {
                    return;
                }
                _ => {}
            }
        }
    }
}

impl Drill {
    /// Whether what was going on about a place was a question.
    fn was_only_asked(&self, before: usize, place: &Place) -> bool {
        let last = self.tales[..before].iter().rev().find_map(|(_, tale)| match tale {
            Tale::Asked(of, _) => (of == place).then_some(true),
            Tale::Attempted(of, ..) => (of == place).then_some(false),
            _ => None,
        });
        last == Some(true)
    }
}

fn play(sketch: &Sketch, playbook: &Arc<Playbook>, world: &[u16]) {
    let mut drill = Drill::begin(sketch.clone(), playbook.clone());
    let mut dice = Dice::of(world);
    let mut now = 0;
    while !dice.is_empty() {
        now = world::tick(&mut dice, now);
        let next = drill.next(now);
        if let Next::Done(outcome) = next {
            after_the_end(&mut drill, now, outcome);
            break;
        }
        now = world::turn(&mut drill, &mut dice, now, next);
    }
    drill.ends(now);
}

/// Late facts are taken after the end, and nothing else.
fn after_the_end(drill: &mut Drill, now: i64, outcome: Outcome) {
    let place = Place::step(id(0));
    drill.record(now, world::noted());
    drill.refuses(now, &world::resumed());
    drill.refuses(now, &Event::Skipped { place, reason: String::new(), by: None });
    drill.refuses(now, &Event::Closed { outcome, reason: String::new(), by: None });
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: DOCUMENTS.max(ProptestConfig::default().cases / WORLDS),
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_run_does_what_its_model_does(
        document in prop::collection::vec(any::<u16>(), 0..60),
        worlds in prop::collection::vec(prop::collection::vec(any::<u16>(), 0..120), WORLDS as usize),
    ) {
        let sketch = Sketch::draw(&mut Dice::of(&document));
        let playbook = playbook(&sketch);
        for world in worlds {
            play(&sketch, &playbook, &world);
        }
    }
}

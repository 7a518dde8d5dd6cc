//! The run against a reference model: a world that is a set of what stands in it, a person
//! who tells the truth, and a program that dies wherever the draw says.
//!
//! The model knows nothing of stages. It counts what stands, refuses to do what stands
//! already or to undo what does not, and at the end compares itself with what the run says.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::*;
use crate::document::Playbook;

const STEPS: &str = r#"
- id: one
  do: { shell: { argv: [touch, one], class: write } }
  undo: { shell: { argv: [rm, one], class: write } }
- id: each
  for_each: '["a", "b", "c", "d", "e", "f"]'
  at_once: 3
  tolerate: 40%
  do: { shell: { argv: [touch, "{{ item }}"], class: write } }
  undo: { shell: { argv: [rm, "{{ item }}"], class: write } }
- id: two
  on_failure: continue
  do: { shell: { argv: [touch, two], class: write } }
  undo: { shell: { argv: [rm, two], class: write } }
"#;

const AT_ONCE: usize = 3;

/// One draw: what happens next, and how.
type Draw = (u8, u8);

struct World {
    run: Run,
    /// What stands, by step and element.
    stands: BTreeSet<String>,
    /// Effects at work, and whether each will take place if the program dies.
    at_work: Vec<Effect>,
    second: i64,
    turned: bool,
}

fn playbook() -> Arc<Playbook> {
    static PLAYBOOK: OnceLock<Arc<Playbook>> = OnceLock::new();
    Arc::clone(PLAYBOOK.get_or_init(|| Arc::new(run_of(STEPS).playbook().clone())))
}

impl World {
    fn new() -> Self {
        let mut run = Run::new(playbook());
        run.apply(at(0), &Event::Opened(Box::new(opened()))).unwrap();
        Self { run, stands: BTreeSet::new(), at_work: Vec::new(), second: 0, turned: false }
    }

    fn tell(&mut self, event: &Event) -> Result<(), TestCaseError> {
        self.second += 1;
        let applied = self.run.apply(at(self.second), event);
        applied.map_err(|illegal| TestCaseError::fail(format!("{illegal}: {event:?}")))
    }

    /// Does what an effect asks for, once and never twice.
    fn act(&mut self, effect: &Effect) -> Result<(), TestCaseError> {
        let place = effect.place().to_string();
        let fresh = match effect {
            Effect::Act { .. } => self.stands.insert(place.clone()),
            Effect::Undo { .. } => self.stands.remove(&place),
            _ => true,
        };
        prop_assert!(fresh, "{place} is done or undone a second time: {effect:?}");
        Ok(())
    }

    /// The program dies: what was at work took place or not, as drawn.
    fn die(&mut self, draw: u8) -> Result<(), TestCaseError> {
        let at_work = std::mem::take(&mut self.at_work);
        for (at, effect) in at_work.iter().enumerate() {
            if draw >> (at % 8) & 1 == 1 {
                self.act(effect)?;
            }
        }
        let Opened { operator, host, program, .. } = opened();
        self.tell(&Event::Resumed { operator, host, program })
    }

    fn turn_back(&mut self, draw: u8) -> Result<(), TestCaseError> {
        if self.turned {
            return Ok(());
        }
        self.turned = true;
        let at_work = std::mem::take(&mut self.at_work);
        for effect in at_work.iter().filter(|_| draw & 1 == 1) {
            self.act(effect)?;
        }
        self.tell(&Event::TurnedBack { by: operator(), to: None, reason: None })?;
        self.die(0)
    }

    /// An effect at work is answered: well, refused, or not at all.
    fn answer(&mut self, (how, draw): Draw) -> Result<(), TestCaseError> {
        let effect = self.at_work.remove(usize::from(draw) % self.at_work.len());
        let place = effect.place().clone();
        let failed = |kind| Event::Failed {
            place: place.clone(),
            fault: Fault::new(kind, "as drawn"),
            evidence: Evidence::default(),
        };
        let event = match how % 8 {
            0 => failed(FaultKind::Rejected),
            1 => failed(FaultKind::Lost),
            2 => {
                self.act(&effect)?;
                failed(FaultKind::Lost)
            }
            _ => {
                self.act(&effect)?;
                let outputs = json!({ "code": 0, "stdout": "" });
                Event::Succeeded { place: place.clone(), outputs, evidence: Evidence::default() }
            }
        };
        self.tell(&event)
    }

    /// A person answers, and tells the truth about the world.
    fn say(&mut self, effect: &Effect, draw: u8) -> Result<(), TestCaseError> {
        let Effect::Ask { place, question } = effect else { unreachable!() };
        prop_assert!(self.at_work.is_empty(), "a question stands alone");
        let there = self.stands.contains(&place.to_string());
        let undoing = self.run.is_being_undone(place);
        let choice = match question {
            Question::InDoubt { .. } if there != undoing => Choice::Done,
            Question::InDoubt { .. } => Choice::Again,
            Question::AfterFailure { .. } if draw.is_multiple_of(3) => Choice::Skip,
            Question::AfterFailure { .. } => Choice::Again,
            Question::Go { .. } if self.turned && draw.is_multiple_of(7) => Choice::Skip,
            Question::Go { .. } => Choice::Yes,
            other => return Err(TestCaseError::fail(format!("{other:?} is asked"))),
        };
        self.tell(&effect.intent().unwrap())?;
        let answer = Answer { choice, reason: Some("so".into()), ..yes() };
        self.tell(&Event::Answered { place: place.clone(), answer })
    }

    /// One turn of an engine; false when the run is over.
    fn turn(&mut self, (how, draw): Draw) -> Result<bool, TestCaseError> {
        match how {
            250.. if self.run.outcome().is_none() => self.die(draw)?,
            245..250 => self.turn_back(draw)?,
            _ => {
                let places: Vec<_> = self.at_work.iter().map(|effect| effect.place().clone()).collect();
                match self.run.next_beside(at(self.second), &places) {
                    Next::Record(event) => self.tell(&event)?,
                    Next::Perform(effect @ Effect::Ask { .. }) => self.say(&effect, draw)?,
                    Next::Perform(effect) => {
                        self.tell(&effect.intent().unwrap())?;
                        self.at_work.push(effect);
                        prop_assert!(self.at_work.len() <= AT_ONCE, "more at work than may be");
                        // Often the answer comes before another begins.
                        if how.is_multiple_of(2) {
                            self.answer((how / 2, draw))?;
                        }
                    }
                    Next::Await => {
                        prop_assert!(!self.at_work.is_empty(), "nothing is awaited");
                        self.answer((how, draw))?;
                    }
                    Next::Wait(until) => return Err(TestCaseError::fail(format!("it waits until {until}"))),
                    Next::Done(_) => return Ok(false),
                }
            }
        }
        Ok(true)
    }

    /// What the run says of a place is what stands in the world.
    fn compare(&self) -> Result<(), TestCaseError> {
        let mut says = BTreeSet::new();
        for step in ["one", "two"] {
            if self.run.place_state(&Place::step(step)) == StepState::Done {
                says.insert(step.to_owned());
            }
        }
        let items = self.run.items("each").enumerate();
        says.extend(
            items.filter(|(_, (_, state))| *state == StepState::Done).map(|(at, _)| format!("each[{at}]")),
        );
        if self.turned {
            let told = self.run.rollback().unwrap().stands;
            let told: BTreeSet<_> = told.iter().map(ToString::to_string).collect();
            prop_assert_eq!(&told, &self.stands, "the rollback says what stands");
            let whole = self.run.outcome() == Some(Outcome::RolledBack);
            prop_assert_eq!(whole, self.stands.is_empty(), "{:?}", self.run.outcome());
        } else {
            prop_assert_eq!(&says, &self.stands, "the run says what stands");
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(10_000), ..ProptestConfig::default() })]

    #[test]
    fn what_the_run_says_stands_in_the_world_however_it_went(draws in prop::collection::vec(any::<Draw>(), 0..60)) {
        let mut world = World::new();
        let mut open = true;
        for draw in draws {
            open = world.turn(draw)?;
            if !open && !world.turned && draw.1 >= 128 {
                world.turn_back(0)?;
                open = true;
            }
            if !open {
                break;
            }
        }
        let mut turns = 0;
        while open {
            // Everything goes well from here on.
            open = world.turn((7, 1))?;
            turns += 1;
            prop_assert!(turns < 500, "the run does not end");
        }
        world.compare()?;
    }
}

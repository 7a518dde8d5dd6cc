//! Elements of a `for_each` step side by side.

use super::*;

const FOUR: &str = "- id: each\n  for_each: \"[10, 20, 30, 40, 50, 60]\"\n  at_once: 2\n  tolerate: 20%\n  do: { shell: { argv: [touch, \"{{ item }}\"], class: write } }";

/// An engine without a world: effects are at work until somebody says how they end.
struct Desk {
    run: Run,
    at_work: Vec<Place>,
    second: i64,
}

impl Desk {
    fn new(steps: &str) -> Self {
        let mut desk = Self { run: run_of(steps), at_work: Vec::new(), second: 1 };
        desk.settle();
        desk
    }

    fn tell(&mut self, event: &Event) {
        self.second += 1;
        self.run.apply(at(self.second), event).unwrap_or_else(|illegal| panic!("{illegal}: {event:?}"));
    }

    /// Begins whatever may begin, says yes to every go, and stops where only an answer helps.
    fn settle(&mut self) -> Next {
        loop {
            match self.run.next_beside(at(self.second), &self.at_work) {
                Next::Record(event) => self.tell(&event),
                Next::Perform(effect @ Effect::Ask { question: Question::Go { .. }, .. }) => {
                    assert!(self.at_work.is_empty(), "a question stands alone");
                    self.tell(&effect.intent().unwrap());
                    self.tell(&done(&effect));
                }
                Next::Perform(effect @ (Effect::Act { .. } | Effect::Read { .. })) => {
                    effect.intent().iter().for_each(|intent| self.tell(intent));
                    self.at_work.push(effect.place().clone());
                }
                next => return next,
            }
        }
    }

    fn answer(&mut self, item: usize, end: impl FnOnce(Place) -> Event) -> Next {
        let found = self.at_work.iter().position(|place| place.item == Some(item)).expect("it is at work");
        let place = self.at_work.remove(found);
        self.tell(&end(place));
        self.settle()
    }

    /// A person says that the element, which is asked about, took place.
    fn say_done(&mut self, item: usize) {
        let Next::Perform(effect @ Effect::Ask { question: Question::InDoubt { .. }, .. }) = self.settle()
        else {
            panic!("it is asked about: {:?}", self.settle())
        };
        assert_eq!(effect.place().item, Some(item));
        self.tell(&effect.intent().unwrap());
        let answer = Answer { choice: Choice::Done, ..yes() };
        self.tell(&Event::Answered { place: effect.place().clone(), answer });
        self.settle();
    }

    fn items(&self) -> Vec<usize> {
        let mut items: Vec<_> = self.at_work.iter().filter_map(|place| place.item).collect();
        items.sort_unstable();
        items
    }
}

fn well(place: Place) -> Event {
    Event::Succeeded { place, outputs: json!({ "code": 0 }), evidence: Evidence::default() }
}

fn badly(kind: FaultKind) -> impl FnOnce(Place) -> Event {
    move |place| Event::Failed { place, fault: Fault::new(kind, "as drawn"), evidence: Evidence::default() }
}

#[test]
fn as_many_elements_as_the_document_says_are_at_work_and_the_next_begins_when_one_ends() {
    let mut desk = Desk::new(FOUR);
    assert_eq!(desk.items(), [0, 1]);
    assert!(matches!(desk.settle(), Next::Await));
    desk.answer(1, well);
    assert_eq!(desk.items(), [0, 2], "whichever ends first makes room");
    for item in [2, 0, 3, 4] {
        desk.answer(item, well);
    }
    assert!(matches!(desk.answer(5, well), Next::Done(Outcome::Completed)));
    let outputs = desk.run.outputs("each").unwrap();
    assert_eq!(
        (&outputs["done"], &outputs["failed"], &outputs["unknown"]),
        (&json!(6), &json!(0), &json!(0))
    );
    assert_eq!(outputs["results"].as_array().map(Vec::len), Some(6), "in the order of the list");
}

#[test]
fn past_what_is_tolerated_nothing_begins_and_what_is_at_work_comes_to_its_end() {
    let mut desk = Desk::new(FOUR);
    desk.answer(0, badly(FaultKind::Exit));
    assert_eq!(desk.items(), [1, 2], "one of six is within a fifth");
    desk.answer(1, badly(FaultKind::Exit));
    assert_eq!(desk.items(), [2], "two are not: nothing new begins");
    let next = desk.answer(2, well);
    assert!(
        matches!(next, Next::Perform(Effect::Ask { question: Question::AfterFailure { .. }, .. })),
        "{next:?}"
    );
    let tally = desk.run.tally("each").unwrap();
    assert_eq!((tally.done, tally.failed, tally.open), (1, 2, 3));
    assert_eq!(desk.run.fault("each").unwrap().message, "2 of 6 elements failed");
}

#[test]
fn an_element_in_doubt_keeps_its_place_and_its_question_waits_until_it_can_stand_alone() {
    let mut desk = Desk::new(FOUR);
    desk.answer(0, badly(FaultKind::Lost));
    assert_eq!(desk.items(), [1], "the one in doubt takes one of the two places");
    for item in 1..5 {
        desk.answer(item, well);
    }
    let next = desk.answer(5, well);
    match next {
        Next::Perform(Effect::Ask { question: Question::InDoubt { .. }, place }) => {
            assert_eq!(place.item, Some(0));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(desk.run.step_state(0), StepState::InDoubt);
}

#[test]
fn after_a_crash_each_element_that_was_at_work_is_in_doubt_and_only_the_rest_is_done() {
    let mut desk = Desk::new(FOUR);
    desk.answer(0, well);
    assert_eq!(desk.items(), [1, 2]);
    desk.at_work.clear();
    let Opened { operator, host, program, .. } = opened();
    desk.tell(&Event::Resumed { operator, host, program });
    let states: Vec<_> = desk.run.items("each").map(|(_, state)| state).collect();
    let (doubt, waiting) = (StepState::InDoubt, StepState::Waiting);
    assert_eq!(states, [StepState::Done, doubt, doubt, waiting, waiting, waiting]);
    desk.say_done(1);
    assert_eq!(desk.items(), [3], "the one that is settled makes room, the other keeps its place");
    for item in 3..6 {
        desk.answer(item, well);
    }
    desk.say_done(2);
    assert!(matches!(desk.settle(), Next::Done(Outcome::Completed)));
}

#[test]
fn without_a_word_about_it_one_element_follows_the_other() {
    let mut desk = Desk::new(&FOUR.replace("  at_once: 2\n", ""));
    for item in 0..5 {
        assert_eq!(desk.items(), [item]);
        desk.answer(item, well);
    }
    assert!(matches!(desk.answer(5, well), Next::Done(Outcome::Completed)));
}

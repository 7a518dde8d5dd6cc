//! The core without a world: what follows from what was.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};

mod back;
mod doubt;
mod items;
mod messages;
mod model;
mod radius;

use super::*;
use crate::document;
use crate::text::{Digest, Source};

fn at(second: i64) -> DateTime<Utc> {
    "2026-11-22T03:10:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::seconds(second)
}

/// An opened run of a document with these steps.
fn run_of(steps: &str) -> Run {
    let head = "runbook: t\ntitle: T\nversion: 1\nowner: o\nsummary: s\nroles:\n  lead: { title: Lead }\nparams:\n  go: { type: boolean, default: true }\n";
    let steps = steps.trim().lines().map(|line| ["      ", line, "\n"].concat()).collect::<String>();
    let text = format!("{head}phases:\n  - id: only\n    title: Only\n    steps:\n{steps}");
    let (playbook, diagnostics) = document::load(&Source::new("t.yaml", text), None);
    let playbook = playbook.unwrap_or_else(|| panic!("{diagnostics:#?}"));
    let mut run = Run::new(Arc::new(playbook));
    run.apply(at(0), &Event::Opened(Box::new(opened()))).unwrap();
    run
}

fn opened() -> Opened {
    Opened {
        run: "RUN-20261122-001-T".into(),
        document: DocumentId { name: "t".into(), version: 1, digest: Digest::ZERO, origin: "here".into() },
        params: [("go".to_owned(), json!(true))].into(),
        severity: None,
        incident: None,
        operator: Operator { user: "olga".into(), name: None, role: None, attends: false },
        host: "desk".into(),
        program: Program { version: "0".into(), build_id: None },
        mode: "live".into(),
        follows: None,
    }
}

fn operator() -> Actor {
    Actor { name: "robin".into(), via: Via::Terminal }
}

fn yes() -> Answer {
    Answer { choice: Choice::Yes, value: Value::Null, reason: None, attachments: Vec::new(), by: operator() }
}

/// Does what the run wants with this answer to every effect, until it wants nothing more.
fn play(run: &mut Run, mut answer: impl FnMut(&Effect) -> Option<Event>) -> Vec<Event> {
    let mut events = Vec::new();
    for second in 1..500 {
        let event = match run.next(at(second)) {
            Next::Record(event) => event,
            Next::Perform(effect) => {
                if let Some(intent) = effect.intent() {
                    run.apply(at(second), &intent).unwrap();
                    events.push(intent);
                }
                let Some(event) = answer(&effect) else { return events };
                event
            }
            Next::Wait(_) => continue,
            Next::Await | Next::Done(_) => return events,
        };
        run.apply(at(second), &event).unwrap();
        events.push(event);
    }
    panic!("the run does not end: {events:#?}");
}

fn done(effect: &Effect) -> Event {
    let place = effect.place().clone();
    match effect {
        Effect::Ask { .. } => Event::Answered { place, answer: yes() },
        Effect::Act { .. } | Effect::Undo { .. } => Event::Succeeded {
            place,
            outputs: json!({ "code": 0, "stdout": "" }),
            evidence: Evidence::default(),
        },
        Effect::Measure { .. } => {
            Event::Measured { place, radius: Vec::new(), evidence: Evidence::default() }
        }
        Effect::Read { .. } | Effect::Probe { .. } | Effect::Tell { .. } => Event::Observed {
            place,
            outputs: json!({ "code": 0 }),
            fault: None,
            evidence: Evidence::default(),
        },
    }
}

const WRITE: &str = "- id: mark\n  do: { shell: { argv: [touch, x], class: write } }\n  undo: { shell: { argv: [rm, x], class: write } }";

#[test]
fn what_changes_the_world_is_asked_about_announced_and_then_done() {
    let mut run = run_of(WRITE);
    let events = play(&mut run, |effect| Some(done(effect)));
    let kinds: Vec<_> = events.iter().map(kind).collect();
    assert_eq!(kinds, ["asked", "answered", "attempted", "succeeded", "closed"]);
    let Event::Attempted { undo: Some(undo), .. } = &events[2] else { panic!("{:?}", events[2]) };
    assert_eq!(undo.input["argv"], json!(["rm", "x"]), "the undo is recorded with the intent");
    assert_eq!(run.outcome(), Some(Outcome::Completed));
}

#[test]
fn what_depends_on_a_step_that_did_not_run_is_unknown_and_its_inputs_are_shown_as_such() {
    let mut run = run_of(
        r#"
- id: look
  do: { shell: { argv: [ls], class: read } }
- id: certain
  do: { shell: { argv: [echo, "{{ steps.look.stdout }}"], class: read } }
- id: gated
  when: steps.look.code == 0
  do: { shell: { argv: [ls], class: read } }
- id: held
  do: { assert: { that: steps.look.code == 0, message: no } }
"#,
    );
    let foresee = |effect: &Effect| match effect {
        Effect::Act { place, request, .. } => {
            Some(Event::Foreseen { place: place.clone(), would: Foresight::Do(request.clone()) })
        }
        _ => None,
    };
    let events = play(&mut run, foresee);
    let states: Vec<_> = (0..4).map(|step| run.step_state(step)).collect();
    assert_eq!(states, [StepState::Foreseen, StepState::Foreseen, StepState::Unknown, StepState::Unknown]);
    let sketched = events.iter().find_map(|event| match event {
        Event::Foreseen { place, would: Foresight::Do(request) } if place.step == "certain" => {
            Some(&request.input)
        }
        _ => None,
    });
    assert_eq!(sketched.unwrap()["argv"], json!(["echo", "‹steps.look.stdout›"]));
}

#[test]
fn two_approvals_of_one_person_are_one_and_an_expired_one_is_none() {
    let mut run = run_of(
        r"
- id: risky
  approve: { by: lead, count: 2, expires: 30m }
  do: { shell: { argv: [touch, x], class: write } }
  undo: { shell: { argv: [rm, x], class: write } }
",
    );
    let place = Place::step("risky");
    let approve = |run: &mut Run, second: i64, name: &str| {
        let Next::Perform(Effect::Ask { question, .. }) = run.next(at(second)) else {
            panic!("an approval is asked for: {:?}", run.next(at(second)))
        };
        run.apply(at(second), &Event::Asked { place: place.clone(), question }).unwrap();
        let by = Actor { name: name.into(), via: Via::Terminal };
        run.apply(at(second), &Event::Answered { place: place.clone(), answer: Answer { by, ..yes() } })
            .unwrap();
    };
    approve(&mut run, 10, "Sam");
    approve(&mut run, 20, "Sam");
    approve(&mut run, 30, "Kim");
    assert!(matches!(run.next(at(40)), Next::Perform(Effect::Act { .. })));
    assert!(matches!(run.next(at(10_000)), Next::Perform(Effect::Ask { .. })), "both have expired");
}

#[test]
fn the_table_refuses_what_cannot_follow() {
    let mut run = run_of(WRITE);
    let place = Place::step("mark");
    let evidence = Evidence::default;
    for event in [
        Event::Opened(Box::new(opened())),
        Event::Verified { place: place.clone() },
        Event::Answered { place: place.clone(), answer: yes() },
        Event::Unsettled {
            place: place.clone(),
            because: String::new(),
            seen: Value::Null,
            evidence: evidence(),
        },
        Event::Succeeded { place: Place::step("nobody"), outputs: json!({}), evidence: evidence() },
        Event::Progressed { place: Place { item: Some(3), ..place.clone() }, done: Value::Null },
        Event::ObjectiveMet { objective: "nothing".into(), met_at: None },
        Event::Escalated { escalation: 7, to: Vec::new(), message: String::new() },
    ] {
        assert!(run.apply(at(1), &event).is_err(), "{event:?}");
    }
    assert!(
        Run::new(Arc::new(run.playbook().clone()))
            .apply(at(1), &Event::Sealed { by: operator(), program: None })
            .is_err()
    );
}

const WATCHED: &str = "- id: ready\n  do: { wait: { until: { shell: { argv: [ls], class: read } }, holds: result.code == 1, every: 30s, at_most: 1h } }";

/// A run that began to watch at second 1 and read something else than it waits for.
fn watching() -> Run {
    let mut run = run_of(WATCHED);
    let Next::Perform(effect) = run.next(at(1)) else { panic!("{:?}", run.next(at(1))) };
    run.apply(at(1), &effect.intent().unwrap()).unwrap();
    run.apply(at(2), &seen(&effect, 0)).unwrap();
    run
}

fn seen(effect: &Effect, code: i64) -> Event {
    let place = effect.place().clone();
    Event::Observed { place, outputs: json!({ "code": code }), fault: None, evidence: Evidence::default() }
}

#[test]
fn after_a_long_sleep_what_is_watched_is_read_once_more_before_it_is_given_up() {
    let mut run = watching();
    assert!(matches!(run.next(at(10)), Next::Wait(until) if until == at(32)));
    let Next::Perform(effect @ Effect::Read { .. }) = run.next(at(20_000)) else {
        panic!("{:?}", run.next(at(20_000)))
    };
    let mut met = run.clone();
    met.apply(at(20_001), &seen(&effect, 1)).unwrap();
    assert!(matches!(met.next(at(20_002)), Next::Record(Event::Succeeded { .. })));
    run.apply(at(20_001), &seen(&effect, 0)).unwrap();
    assert!(matches!(run.next(at(20_002)), Next::Record(Event::Failed { .. })));
}

#[test]
fn a_clock_that_was_set_back_makes_no_wait_longer() {
    assert!(matches!(watching().next(at(-20_000)), Next::Perform(Effect::Read { .. })));
    let mut run = run_of(
        "- id: look\n  retry: { attempts: 2, backoff: 30s }\n  do: { shell: { argv: [ls], class: read } }",
    );
    let Next::Perform(effect) = run.next(at(1)) else { panic!("{:?}", run.next(at(1))) };
    run.apply(at(1), &effect.intent().unwrap()).unwrap();
    let fault = Fault::new(FaultKind::Unreachable, "no route");
    let place = effect.place().clone();
    run.apply(at(2), &Event::Failed { place, fault, evidence: Evidence::default() }).unwrap();
    assert!(matches!(run.next(at(10)), Next::Wait(until) if until == at(32)));
    assert!(matches!(run.next(at(-20_000)), Next::Perform(Effect::Act { attempt: 2, .. })));
}

fn kind(event: &Event) -> String {
    let value = serde_json::to_value(event).unwrap();
    value.as_object().unwrap().keys().next().unwrap().clone()
}

/// How the world answers the next effect.
fn world() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(0_u8..6, 1..60)
}

proptest! {
    /// Whatever the world answers, and wherever the process dies, folding the same entries
    /// gives the same next wish, and a write is never attempted twice in a row unasked.
    #[test]
    fn a_run_is_what_its_entries_say(answers in world()) {
        let steps = "- id: a\n  do: { shell: { argv: [ls], class: read } }\n  retry: { attempts: 2, backoff: 1s }\n- id: b\n  do: { shell: { argv: [touch, x], class: write } }\n  verify: { do: { shell: { argv: [ls], class: read } }, holds: result.code == 0, every: 1s, at_most: 5s }\n- id: c\n  on_failure: continue\n  do: { shell: { argv: [ls], class: read } }";
        let mut run = run_of(steps);
        let mut entries = vec![(at(0), Event::Opened(Box::new(opened())))];
        let mut second = 1;
        for answer in answers {
            second += 1;
            let (intent, event) = match run.next(at(second)) {
                Next::Record(event) => (None, Some(event)),
                Next::Wait(_) => continue,
                Next::Await | Next::Done(_) => break,
                Next::Perform(effect) => (effect.intent(), reply(&effect, answer)),
            };
            for event in intent.into_iter().chain(event) {
                prop_assert!(run.apply(at(second), &event).is_ok(), "{event:?}");
                entries.push((at(second), event));
            }
            let mut folded = Run::new(Arc::new(run.playbook().clone()));
            for (at, event) in &entries {
                prop_assert!(folded.apply(*at, event).is_ok());
            }
            prop_assert_eq!(format!("{:?}", folded.next(at(second))), format!("{:?}", run.next(at(second))));
        }
        let acts: Vec<_> = entries.iter().map(|(_, event)| event).filter(|event| {
            !matches!(event, Event::Resumed { .. })
        }).collect();
        for pair in acts.windows(2) {
            if let [Event::Attempted { place, .. }, Event::Attempted { place: again, .. }] = pair {
                prop_assert!(place != again, "attempted twice in a row");
            }
        }
    }
}

fn reply(effect: &Effect, answer: u8) -> Option<Event> {
    let place = effect.place().clone();
    let failed = |kind| Event::Failed {
        place: place.clone(),
        fault: Fault::new(kind, "as drawn"),
        evidence: Evidence::default(),
    };
    match (effect, answer) {
        (Effect::Act { .. }, 0) => Some(failed(FaultKind::Rejected)),
        (Effect::Act { .. }, 1) => Some(failed(FaultKind::Lost)),
        (_, 2) => {
            let Opened { operator, host, program, .. } = opened();
            Some(Event::Resumed { operator, host, program })
        }
        (Effect::Ask { question: Question::InDoubt { .. } | Question::AfterFailure { .. }, .. }, _) => {
            Some(Event::Answered { place, answer: Answer { choice: Choice::Again, ..yes() } })
        }
        (Effect::Read { .. }, 3) => Some(Event::Observed {
            place,
            outputs: json!({ "code": 1 }),
            fault: None,
            evidence: Evidence::default(),
        }),
        _ => Some(done(effect)),
    }
}

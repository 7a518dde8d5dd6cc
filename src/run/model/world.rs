//! What happens to a run: answers of the world and of people, crashes, clocks, lies.

use serde_json::{Value, json};

use super::Drill;
use super::dice::Dice;
use super::sketch::id;
use crate::run::{
    Actor, Answer, Choice, DocumentId, Effect, Event, Evidence, Fault, FaultKind, Next, Opened, Operator,
    Place, Program, Question, Verdict, Via,
};
use crate::text::Digest;

/// Time goes on, sometimes in leaps, and sometimes back.
pub(super) fn tick(dice: &mut Dice<'_>, now: i64) -> i64 {
    match dice.roll(20) {
        0 => now + 3_600,
        1 => now + 15,
        2 => now - 30,
        3 => now,
        _ => now + 1,
    }
}

/// Does what the run wants, or what goes wrong with it, and tells how late it is then.
pub(super) fn turn(drill: &mut Drill, dice: &mut Dice<'_>, now: i64, next: Next) -> i64 {
    match dice.roll(16) {
        0 => {
            drill.record(now, resumed());
            return now;
        }
        1 => {
            drill.record(now, noted());
            return now;
        }
        2 if drill.at_work.is_empty() => {
            lie(drill, dice, now, &next);
            return now;
        }
        _ => {}
    }
    match next {
        Next::Record(event) => drill.record(now, event),
        Next::Wait(until) if drill.at_work.is_empty() => return super::second(until),
        Next::Perform(effect) => {
            if let Some(intent) = effect.intent() {
                drill.record(now, intent);
            }
            drill.at_work.push(effect);
            // Of several at work any one may answer first, and the run may want more before.
            if dice.roll(2) == 0 {
                return one_answers(drill, dice, now);
            }
        }
        Next::Await | Next::Wait(_) => return one_answers(drill, dice, now),
        Next::Done(_) => {}
    }
    now
}

fn one_answers(drill: &mut Drill, dice: &mut Dice<'_>, now: i64) -> i64 {
    let now = tick(dice, now);
    let which = dice.roll(drill.at_work.len());
    let effect = drill.at_work.remove(which);
    let event = answer(dice, &effect);
    drill.record(now, event);
    now
}

fn answer(dice: &mut Dice<'_>, effect: &Effect) -> Event {
    // The process dies, or nobody is there.
    if dice.roll(8) == 1 {
        return resumed();
    }
    let place = effect.place().clone();
    match effect {
        Effect::Act { .. } | Effect::Undo { .. } => match dice.roll(3) {
            2 => failed(
                place,
                [
                    FaultKind::Rejected,
                    FaultKind::Denied,
                    FaultKind::Throttled,
                    FaultKind::Unreachable,
                    FaultKind::Lost,
                    FaultKind::Exit,
                    FaultKind::Refused,
                    FaultKind::Abandoned,
                ][dice.roll(8)],
            ),
            _ => succeeded(place),
        },
        Effect::Measure { .. } => {
            Event::Measured { place, radius: Vec::new(), evidence: Evidence::default() }
        }
        Effect::Tell { .. } => unreachable!("a message is never next"),
        Effect::Read { .. } => {
            let (code, fault) = match dice.roll(5) {
                0 => (0, Some(FaultKind::Throttled)),
                1 => (0, Some(FaultKind::Denied)),
                2 => (0, None),
                _ => (1, None),
            };
            let outputs = if fault.is_some() { Value::Null } else { json!({ "code": code }) };
            let fault = fault.map(|kind| Fault::new(kind, "as drawn"));
            Event::Observed { place, outputs, fault, evidence: Evidence::default() }
        }
        Effect::Probe { .. } => match dice.roll(3) {
            0 => Event::Unsettled {
                place,
                because: "as drawn".into(),
                seen: Value::Null,
                evidence: Evidence::default(),
            },
            1 => settled(place, Verdict::TookPlace),
            _ => settled(place, Verdict::DidNot),
        },
        Effect::Ask { question, .. } => asked(dice, place, question),
    }
}

/// One of the choices that the question offers, or whoever was asked turns away.
fn asked(dice: &mut Dice<'_>, place: Place, question: &Question) -> Event {
    use Choice::{Abort, Again, Deny, Done, Skip, Undo, Yes};
    if dice.roll(16) == 1 {
        return failed(place, FaultKind::Abandoned);
    }
    let choices: &[Choice] = match question {
        Question::Manual { .. } | Question::Typed { .. } | Question::Go { .. } => &[Yes, Yes, Yes, Skip],
        Question::Approval { .. } => &[Yes, Yes, Yes, Yes, Deny, Skip],
        Question::AfterFailure { .. } => &[Again, Again, Skip],
        Question::InDoubt { undo: Some(_), .. } => &[Done, Again, Undo, Undo],
        Question::InDoubt { undo: None, .. } => &[Done, Again],
        Question::CannotUndo { .. } => &[Abort],
        Question::Review(_) => panic!("nothing is reviewed here"),
    };
    let choice = if dice.roll(24) == 1 { Abort } else { choices[dice.roll(choices.len())] };
    let value = match question {
        Question::Typed { .. } if choice == Yes => json!(dice.roll(2) == 0),
        _ => Value::Null,
    };
    answered(place, choice, ["Sam", "Kim"][dice.roll(2)], value)
}

/// Something that cannot have happened.
fn lie(drill: &mut Drill, dice: &mut Dice<'_>, now: i64, next: &Next) {
    let nobody = Place::step("nobody");
    let beyond = Place { step: id(0), item: Some(99) };
    let evidence = Evidence::default;
    let mut lies = vec![
        Event::Opened(Box::new(opened())),
        succeeded(nobody.clone()),
        failed(nobody, FaultKind::Rejected),
        succeeded(beyond.clone()),
        Event::Progressed { place: beyond, done: Value::Null },
        Event::ObjectiveMet { objective: "nothing".into(), met_at: None },
        Event::Escalated { escalation: 99, to: Vec::new(), message: String::new() },
        Event::Listed { step: "nobody".into(), items: Vec::new() },
    ];
    if let Next::Perform(effect) = next {
        let place = effect.place().clone();
        let because = String::new();
        // Nothing was asked about it, and it was neither sent nor is it in doubt.
        // An approval that lacks another stands asked for all the while.
        if !matches!(effect, Effect::Ask { question: Question::Approval { .. }, .. }) {
            lies.push(answered(place.clone(), Choice::Yes, "Sam", Value::Null));
        }
        match effect {
            Effect::Act { .. } => {
                lies.push(Event::Verified { place: place.clone() });
                lies.push(settled(place.clone(), Verdict::TookPlace));
                lies.push(Event::Unsettled {
                    place: place.clone(),
                    because,
                    seen: Value::Null,
                    evidence: evidence(),
                });
                lies.push(succeeded(place));
            }
            Effect::Ask { question: Question::InDoubt { undo, .. }, .. } => {
                let mut answers = vec![Choice::Skip, Choice::Yes, Choice::Deny];
                answers.extend(undo.is_none().then_some(Choice::Undo));
                let choice = answers[dice.roll(answers.len())];
                let question = question_of(effect);
                drill.record(now, Event::Asked { place: place.clone(), question });
                drill.refuses(now, &answered(place.clone(), choice, "Sam", Value::Null));
                lies.push(Event::Skipped { place: place.clone(), reason: String::new(), by: None });
                lies.push(succeeded(place.clone()));
                lies.push(failed(place, FaultKind::Rejected));
                let lie = &lies[dice.roll(lies.len() - 4) + 4];
                if !matches!(lie, Event::Answered { .. }) {
                    drill.refuses(now, lie);
                }
                drill.record(now, resumed());
                return;
            }
            Effect::Probe { .. } => {
                lies.push(Event::Skipped { place: place.clone(), reason: String::new(), by: None });
                lies.push(failed(place, FaultKind::Rejected));
            }
            _ => lies.push(Event::Verified { place: Place { item: Some(98), ..place } }),
        }
    }
    let lie = lies.swap_remove(dice.roll(lies.len()));
    drill.refuses(now, &lie);
}

fn question_of(effect: &Effect) -> Question {
    match effect {
        Effect::Ask { question, .. } => question.clone(),
        other => panic!("{other:?} asks nothing"),
    }
}

fn succeeded(place: Place) -> Event {
    Event::Succeeded { place, outputs: json!({ "code": 0 }), evidence: Evidence::default() }
}

fn failed(place: Place, kind: FaultKind) -> Event {
    Event::Failed { place, fault: Fault::new(kind, "as drawn"), evidence: Evidence::default() }
}

fn settled(place: Place, verdict: Verdict) -> Event {
    let because = "as drawn".to_owned();
    Event::Settled { place, verdict, because, outputs: Value::Null, evidence: Evidence::default() }
}

fn answered(place: Place, choice: Choice, by: &str, value: Value) -> Event {
    let by = Actor { name: by.to_owned(), via: Via::Terminal };
    Event::Answered { place, answer: Answer { choice, value, reason: None, attachments: Vec::new(), by } }
}

pub(super) fn noted() -> Event {
    let by = Actor { name: "Sam".into(), via: Via::Terminal };
    Event::Noted { by, text: "a fact".into(), observed_at: None }
}

pub(super) fn resumed() -> Event {
    let Opened { operator, host, program, .. } = opened();
    Event::Resumed { operator, host, program }
}

pub(super) fn opened() -> Opened {
    Opened {
        run: "RUN-20261122-001-T".into(),
        document: DocumentId { name: "t".into(), version: 1, digest: Digest::ZERO, origin: "here".into() },
        params: [("yes", json!(true)), ("no", json!(false))]
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
        severity: None,
        incident: None,
        operator: Operator { user: "robin".into(), name: None, role: None, attends: false },
        host: "desk".into(),
        program: Program { version: "0".into(), build_id: None },
        mode: "live".into(),
        follows: None,
    }
}

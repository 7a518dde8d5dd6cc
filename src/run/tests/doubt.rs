//! What was sent and whose answer never came.

use super::*;

#[test]
fn an_attempt_without_an_end_is_in_doubt_after_resuming_and_is_not_repeated_unasked() {
    let mut run = run_of(WRITE);
    // The answer to the act never comes.
    play(&mut run, |effect| matches!(effect, Effect::Ask { .. }).then(|| done(effect)));
    assert_eq!(run.step_state(0), StepState::Running);
    let Opened { operator, host, program, .. } = opened();
    run.apply(at(600), &Event::Resumed { operator, host, program }).unwrap();
    assert_eq!(run.step_state(0), StepState::InDoubt);
    let Next::Perform(Effect::Ask { question: Question::InDoubt { .. }, place }) = run.next(at(601)) else {
        panic!("a person is asked: {:?}", run.next(at(601)))
    };
    let question = Question::InDoubt {
        request: Request {
            action: "shell".into(),
            class: document::action::Class::Write,
            input: Value::Null,
        },
        attempted_at: at(1),
        undo: None,
    };
    run.apply(at(602), &Event::Asked { place: place.clone(), question }).unwrap();
    let took_place = Answer { choice: Choice::Done, ..yes() };
    run.apply(at(603), &Event::Answered { place, answer: took_place }).unwrap();
    assert_eq!(run.step_state(0), StepState::Done);
}

#[test]
fn a_read_without_an_end_is_simply_read_again() {
    let mut run = run_of("- id: look\n  do: { shell: { argv: [ls], class: read } }");
    play(&mut run, |_| None);
    let Opened { operator, host, program, .. } = opened();
    run.apply(at(600), &Event::Resumed { operator, host, program }).unwrap();
    let events = play(&mut run, |effect| Some(done(effect)));
    assert_eq!(events.iter().map(kind).collect::<Vec<_>>(), ["settled", "attempted", "succeeded", "closed"]);
}

#[test]
fn a_lost_write_is_in_doubt_and_a_lost_read_has_failed() {
    let lost = |effect: &Effect| match effect {
        Effect::Act { place, .. } => Some(Event::Failed {
            place: place.clone(),
            fault: Fault::new(FaultKind::Lost, "no answer"),
            evidence: Evidence::default(),
        }),
        Effect::Ask { question: Question::Go { .. }, .. } => Some(done(effect)),
        _ => None,
    };
    let mut write = run_of(WRITE);
    play(&mut write, lost);
    assert_eq!(write.step_state(0), StepState::InDoubt);
    let mut read = run_of("- id: look\n  do: { shell: { argv: [ls], class: read } }");
    play(&mut read, lost);
    assert_eq!(read.step_state(0), StepState::Failed);
}

/// What is asked of the world is asked of the attempt that was made last: whether its change can
/// be seen yet hangs on when that was sent.
#[test]
fn a_doubt_is_about_the_last_attempt() {
    let mut run = run_of(
        "- id: \"off\"\n  do: { kms.disable_key: { key: k } }\n  undo: { kms.enable_key: { key: k } }",
    );
    let mut asked = Vec::new();
    let events = play(&mut run, |effect| match effect {
        Effect::Act { place, .. } => Some(Event::Failed {
            place: place.clone(),
            fault: Fault::new(FaultKind::Lost, "no answer"),
            evidence: Evidence::default(),
        }),
        Effect::Probe { place, since, .. } => {
            asked.push(*since);
            (asked.len() == 1).then(|| Event::Settled {
                place: place.clone(),
                verdict: Verdict::DidNot,
                because: "DescribeKey says Enabled".to_owned(),
                outputs: Value::Null,
                evidence: Evidence::default(),
            })
        }
        effect => Some(done(effect)),
    });
    let attempts = events.iter().filter(|event| matches!(event, Event::Attempted { .. })).count();
    assert_eq!(attempts, 2, "{events:#?}");
    assert!(asked.len() == 2 && asked[0] < asked[1], "{asked:?}");
}

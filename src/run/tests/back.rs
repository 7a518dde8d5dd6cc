//! Taking a run back.

use super::*;

const THREE: &str = r#"
- id: one
  do: { shell: { argv: [touch, one], class: write } }
  undo: { shell: { argv: [rm, one], class: write } }
- id: look
  do: { shell: { argv: [ls], class: read } }
- id: two
  for_each: '["a", "b"]'
  do: { shell: { argv: [touch, "{{ item }}"], class: write } }
  undo: { shell: { argv: [rm, "{{ item }}"], class: write } }
- id: three
  do: { shell: { argv: [touch, three], class: write } }
"#;

fn finished(steps: &str) -> Run {
    let mut run = run_of(steps);
    play(&mut run, |effect| Some(done(effect)));
    assert_eq!(run.outcome(), Some(Outcome::Completed));
    run
}

fn turned_back(run: &mut Run, to: Option<&str>) {
    run.apply(at(600), &Event::TurnedBack { by: operator(), to: to.map(str::to_owned), reason: None })
        .unwrap();
    resumed(run);
}

fn resumed(run: &mut Run) {
    let Opened { operator, host, program, .. } = opened();
    run.apply(at(601), &Event::Resumed { operator, host, program }).unwrap();
}

fn skip(reason: &str) -> Answer {
    Answer { choice: Choice::Skip, reason: Some(reason.to_owned()), ..yes() }
}

/// Undoes what is asked for, and goes past what cannot be undone.
fn undone(effect: &Effect) -> Option<Event> {
    let place = effect.place().clone();
    Some(match effect {
        Effect::Ask { question: Question::CannotUndo { .. }, .. } => {
            Event::Answered { place, answer: skip("it may stay") }
        }
        Effect::Undo { .. } => Event::Succeeded { place, outputs: json!({}), evidence: Evidence::default() },
        effect => done(effect),
    })
}

fn undoings(events: &[Event]) -> Vec<String> {
    let told = events.iter().filter_map(|event| match event {
        Event::Undoing { place, request, .. } => {
            Some(format!("{place} {}", request.input["argv"][1].as_str().unwrap()))
        }
        _ => None,
    });
    told.collect()
}

#[test]
fn what_was_done_is_undone_the_newest_first_and_what_only_reads_is_not_touched() {
    let mut run = finished(THREE);
    turned_back(&mut run, None);
    let events = play(&mut run, undone);
    assert_eq!(undoings(&events), ["two[1] b", "two[0] a", "one one"]);
    let (undone, done) = (StepState::Undone, StepState::Done);
    let states: Vec<_> = (0..4).map(|step| run.step_state(step)).collect();
    assert_eq!(states, [undone, done, undone, done]);
    assert_eq!(run.outcome(), Some(Outcome::RolledBackInPart), "the last step has no undo and stands");
    let stands: Vec<_> = run.rollback().unwrap().stands.iter().map(ToString::to_string).collect();
    assert_eq!(stands, ["three"]);
}

#[test]
fn it_stops_at_what_cannot_be_undone_and_says_why() {
    let mut run = finished(THREE);
    turned_back(&mut run, None);
    match run.next(at(602)) {
        Next::Perform(Effect::Ask { place, question: Question::CannotUndo { action, why, .. } }) => {
            assert_eq!((place.step.as_str(), action.as_str()), ("three", "shell"));
            assert!(why.contains("what a program did is not known here"), "{why}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_step_needs_a_go_of_its_own_and_its_intent_comes_before_its_act() {
    let mut run = finished(WRITE);
    turned_back(&mut run, None);
    let events = play(&mut run, undone);
    let kinds: Vec<_> = events.iter().map(kind).collect();
    assert_eq!(kinds, ["asked", "answered", "undoing", "succeeded", "undone", "closed"]);
    let Event::Asked { question: Question::Go { request }, .. } = &events[0] else {
        panic!("{:?}", events[0])
    };
    assert_eq!(request.input["argv"], json!(["rm", "x"]), "the go is about the undo");
    assert_eq!(run.outcome(), Some(Outcome::RolledBack));
}

#[test]
fn who_has_to_approve_the_step_has_to_approve_its_undo() {
    let steps = WRITE.replace("  undo:", "  approve: { by: lead }\n  undo:");
    let mut run = finished(&steps);
    turned_back(&mut run, None);
    match run.next(at(602)) {
        Next::Perform(Effect::Ask { question: Question::Approval { role, request, .. }, .. }) => {
            assert_eq!((role.as_str(), &request.input["argv"]), ("lead", &json!(["rm", "x"])));
        }
        other => panic!("{other:?}"),
    }
    let place = Place::step("mark");
    let Next::Perform(effect) = run.next(at(602)) else { panic!() };
    run.apply(at(602), &effect.intent().unwrap()).unwrap();
    let denied = Answer { choice: Choice::Deny, reason: Some("the key leaked".into()), ..yes() };
    run.apply(at(603), &Event::Answered { place, answer: denied }).unwrap();
    let events = play(&mut run, undone);
    assert_eq!(undoings(&events), [""; 0]);
    assert_eq!((run.step_state(0), run.outcome()), (StepState::Done, Some(Outcome::RolledBackInPart)));
}

#[test]
fn a_rollback_to_a_step_ends_with_it() {
    let mut run = finished(THREE);
    turned_back(&mut run, Some("two"));
    let events = play(&mut run, undone);
    assert_eq!(undoings(&events), ["two[1] b", "two[0] a"]);
    assert_eq!(run.step_state(0), StepState::Done);
    turned_back(&mut run, None);
    let events = play(&mut run, undone);
    assert_eq!(undoings(&events), ["one one"], "what was undone is not undone again");
}

#[test]
fn an_undo_without_an_end_is_in_doubt_and_is_not_repeated_unasked() {
    let mut run = finished(WRITE);
    turned_back(&mut run, None);
    play(&mut run, |effect| matches!(effect, Effect::Ask { .. }).then(|| done(effect)));
    assert_eq!(run.step_state(0), StepState::Running);
    resumed(&mut run);
    assert_eq!(run.step_state(0), StepState::InDoubt);
    let Next::Perform(effect) = run.next(at(700)) else { panic!("{:?}", run.next(at(700))) };
    let Effect::Ask { place, question: Question::InDoubt { request, .. } } = &effect else {
        panic!("{effect:?}")
    };
    assert_eq!(request.input["argv"], json!(["rm", "x"]));
    run.apply(at(700), &effect.intent().unwrap()).unwrap();
    let took_place = Answer { choice: Choice::Done, ..yes() };
    run.apply(at(701), &Event::Answered { place: place.clone(), answer: took_place }).unwrap();
    let events = play(&mut run, undone);
    assert_eq!(events.iter().map(kind).collect::<Vec<_>>(), ["undone", "closed"]);
}

const KEY: &str = "- id: off\n  do: { kms.disable_key: { key: 79c50f57-3f27-4d2b-8e6f-0a1b2c3d4e5f } }";

fn switched(before: &'static str) -> Run {
    let mut run = run_of(KEY);
    play(&mut run, |effect| match effect {
        Effect::Act { place, .. } => Some(Event::Succeeded {
            place: place.clone(),
            outputs: json!({ "arn": "a", "state_before": before }),
            evidence: Evidence::default(),
        }),
        effect => Some(done(effect)),
    });
    turned_back(&mut run, None);
    run
}

/// What the world says about an undo.
fn told(place: &Place, verdict: Verdict) -> Event {
    let because = "the key says so".to_owned();
    Event::Settled {
        place: place.clone(),
        verdict,
        because,
        outputs: Value::Null,
        evidence: Evidence::default(),
    }
}

#[test]
fn without_an_undo_in_the_document_the_recorded_state_says_the_way_back_and_it_is_read_back() {
    let mut run = switched("Enabled");
    let mut probed = None;
    let events = play(&mut run, |effect| match effect {
        Effect::Probe { place, request, .. } => {
            probed = Some(request.action.clone());
            Some(told(place, Verdict::TookPlace))
        }
        effect => undone(effect),
    });
    assert_eq!(probed.as_deref(), Some("kms.enable_key"));
    let kinds: Vec<_> = events.iter().map(kind).collect();
    assert_eq!(
        kinds,
        ["measured", "asked", "answered", "undoing", "succeeded", "settled", "undone", "closed"]
    );
}

#[test]
fn what_stood_so_before_the_step_is_left_as_it_was() {
    let mut run = switched("Disabled");
    let events = play(&mut run, undone);
    assert_eq!(events.iter().map(kind).collect::<Vec<_>>(), ["skipped", "closed"]);
    assert_eq!(run.outcome(), Some(Outcome::RolledBack));
}

#[test]
fn an_undo_that_the_world_does_not_show_has_failed_and_stands() {
    let mut run = switched("Enabled");
    play(&mut run, |effect| match effect {
        Effect::Probe { place, .. } => Some(told(place, Verdict::DidNot)),
        Effect::Ask { question: Question::AfterFailure { .. }, .. } => None,
        effect => undone(effect),
    });
    assert_eq!(run.step_state(0), StepState::Failed);
    assert!(run.fault("off").unwrap().message.contains("the world does not show it"));
    resumed(&mut run);
    let Next::Perform(look @ Effect::Measure { .. }) = run.next(at(699)) else { panic!("no look afresh") };
    run.apply(at(699), &done(&look)).unwrap();
    assert!(matches!(run.next(at(700)), Next::Perform(Effect::Undo { attempt: 2, .. })), "it is tried again");
}

#[test]
fn an_attempt_in_doubt_is_settled_before_it_is_taken_back() {
    let mut run = run_of(KEY);
    play(&mut run, |effect| (!matches!(effect, Effect::Act { .. })).then(|| done(effect)));
    turned_back(&mut run, None);
    let Next::Perform(Effect::Probe { place, request, .. }) = run.next(at(602)) else { panic!() };
    assert_eq!(request.action, "kms.disable_key");
    run.apply(at(602), &told(&place, Verdict::DidNot)).unwrap();
    let events = play(&mut run, undone);
    assert_eq!(events.iter().map(kind).collect::<Vec<_>>(), ["closed"], "it never took place");
}

#[test]
fn a_sealed_run_is_not_turned_back_and_one_that_goes_back_does_not_go_forward() {
    let mut run = finished(WRITE);
    let turn = Event::TurnedBack { by: operator(), to: None, reason: None };
    let mut sealed = run.clone();
    sealed.apply(at(600), &Event::Sealed { by: operator(), program: None }).unwrap();
    assert!(sealed.apply(at(601), &turn).is_err());
    assert!(
        run.apply(at(601), &Event::TurnedBack { by: operator(), to: Some("nothing".into()), reason: None })
            .is_err()
    );
    let mut half = run_of(THREE);
    play(&mut half, |effect| (effect.place().step != "three").then(|| done(effect)));
    turned_back(&mut half, None);
    let events = play(&mut half, undone);
    assert!(!events.iter().any(|event| matches!(event, Event::Attempted { .. })), "{events:?}");
    assert_eq!(undoings(&events), ["two[1] b", "two[0] a", "one one"]);
}

#[test]
fn that_an_objective_was_met_stays_and_that_it_holds_does_not() {
    let head = "runbook: t\ntitle: T\nversion: 1\nowner: o\nsummary: s\nobjectives:\n  contained: { title: Contained, within: 1h, met_by: mark }\n  told: { title: Told, within: 9m, met_by: later }\n";
    let text = format!(
        "{head}phases:\n  - id: only\n    title: Only\n    steps:\n      - id: mark\n        do: {{ shell: {{ argv: [touch, x], class: write }} }}\n        undo: {{ shell: {{ argv: [rm, x], class: write }} }}\n      - id: later\n        do: {{ ask: {{ question: Told?, type: text }} }}\n"
    );
    let (playbook, diagnostics) = document::load(&Source::new("t.yaml", text), None);
    let playbook = playbook.unwrap_or_else(|| panic!("{diagnostics:#?}"));
    let mut run = Run::new(Arc::new(playbook));
    run.apply(at(0), &Event::Opened(Box::new(opened()))).unwrap();
    play(&mut run, |effect| (effect.place().step != "later").then(|| done(effect)));
    let met = |run: &Run| matches!(run.objectives()[0].state, ObjectiveState::Met { .. });
    assert!(met(&run) && run.objectives()[0].holds);
    turned_back(&mut run, None);
    let events = play(&mut run, undone);
    assert!(met(&run) && !run.objectives()[0].holds);
    let late = events.iter().filter(|event| matches!(event, Event::DeadlinePassed { .. }));
    assert_eq!(late.count(), 0, "a run that goes back misses nothing anew");
}

proptest! {
    /// Whatever the world answers and wherever the program dies in a rollback, folding the
    /// same entries gives the same next wish; no undo is announced twice without a word of
    /// the world or of a person between; and what ends well has nothing standing.
    #[test]
    fn a_rollback_is_what_its_entries_say(before in 0_usize..20, answers in world()) {
        let mut run = run_of(THREE);
        let mut entries = vec![(at(0), Event::Opened(Box::new(opened())))];
        let mut tell = |run: &mut Run, second: i64, event: Event| {
            run.apply(at(second), &event).map_err(|illegal| TestCaseError::fail(format!("{illegal}: {event:?}")))?;
            entries.push((at(second), event));
            Ok::<_, TestCaseError>(())
        };
        let mut second = 1;
        let mut steps = before;
        while steps > 0 {
            steps -= 1;
            second += 1;
            match run.next(at(second)) {
                Next::Record(event) => tell(&mut run, second, event)?,
                Next::Perform(effect) => {
                    if let Some(intent) = effect.intent() {
                        tell(&mut run, second, intent)?;
                    }
                    if steps > 0 {
                        tell(&mut run, second, done(&effect))?;
                    }
                }
                Next::Wait(_) | Next::Await => {}
                Next::Done(_) => break,
            }
        }
        tell(&mut run, second, Event::TurnedBack { by: operator(), to: None, reason: None })?;
        let Opened { operator, host, program, .. } = opened();
        tell(&mut run, second, Event::Resumed { operator, host, program })?;
        for answer in answers {
            second += 1;
            match run.next(at(second)) {
                Next::Record(event) => tell(&mut run, second, event)?,
                Next::Wait(_) | Next::Await => {}
                Next::Done(_) => break,
                Next::Perform(effect) => {
                    if let Some(intent) = effect.intent() {
                        tell(&mut run, second, intent)?;
                    }
                    if let Some(event) = drawn(&effect, answer) {
                        tell(&mut run, second, event)?;
                    }
                }
            }
        }
        let mut folded = Run::new(Arc::new(run.playbook().clone()));
        for (at, event) in &entries {
            prop_assert!(folded.apply(*at, event).is_ok());
        }
        prop_assert_eq!(format!("{:?}", folded.next(at(second))), format!("{:?}", run.next(at(second))));
        let events: Vec<_> = entries.iter().map(|(_, event)| event).filter(|event| !matches!(event, Event::Resumed { .. })).collect();
        for pair in events.windows(2) {
            if let [Event::Undoing { place, .. }, Event::Undoing { place: again, .. }] = pair {
                prop_assert!(place != again, "undone twice in a row");
            }
        }
        if run.outcome() == Some(Outcome::RolledBack) {
            prop_assert!(run.rollback().unwrap().stands.is_empty());
        }
    }
}

fn drawn(effect: &Effect, answer: u8) -> Option<Event> {
    let place = effect.place().clone();
    let failed = |kind| Event::Failed {
        place: place.clone(),
        fault: Fault::new(kind, "as drawn"),
        evidence: Evidence::default(),
    };
    let said = |choice| Event::Answered {
        place: place.clone(),
        answer: Answer { choice, reason: Some("so".into()), ..yes() },
    };
    match (effect, answer) {
        (_, 2) => {
            let Opened { operator, host, program, .. } = opened();
            Some(Event::Resumed { operator, host, program })
        }
        (Effect::Undo { .. }, 0) => Some(failed(FaultKind::Exit)),
        (Effect::Undo { .. }, 1) => Some(failed(FaultKind::Lost)),
        (Effect::Ask { question: Question::InDoubt { .. }, .. }, 0 | 1) => Some(said(Choice::Done)),
        (Effect::Ask { question: Question::InDoubt { .. } | Question::AfterFailure { .. }, .. }, _) => {
            Some(said(Choice::Again))
        }
        (Effect::Ask { question: Question::Go { .. }, .. }, 0) => Some(said(Choice::Skip)),
        _ => undone(effect),
    }
}

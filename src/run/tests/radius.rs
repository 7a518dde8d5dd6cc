//! The look at how far a write reaches, before the question about it.

use super::*;

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/79c50f57-3f27-4d2b-8e6f-0a1b2c3d4e5f";

fn disable(more: &str) -> String {
    format!("- id: off\n{more}  do: {{ kms.disable_key: {{ key: \"{KEY}\" }} }}")
}

fn attended(steps: &str) -> Run {
    let mut run = run_of(steps);
    resume(&mut run, 0, true);
    run
}

fn resume(run: &mut Run, second: i64, attends: bool) {
    let Opened { operator, host, program, .. } = opened();
    let operator = Operator { attends, ..operator };
    run.apply(at(second), &Event::Resumed { operator, host, program }).unwrap();
}

fn kinds(events: &[Event]) -> Vec<String> {
    events.iter().map(kind).collect()
}

fn looks(events: &[Event]) -> usize {
    kinds(events).iter().filter(|kind| *kind == "measured").count()
}

fn measured() -> Event {
    let seen = Seen::Known("3 grants".into());
    let radius = vec![Sight { of: Aspect::Grants, seen }];
    Event::Measured { place: Place::step("off"), radius, evidence: Evidence::default() }
}

#[test]
fn before_an_approval_the_reach_is_looked_at_once() {
    let mut run = run_of(&disable("  approve: { by: lead }\n"));
    let Next::Perform(effect @ Effect::Measure { request, aspects, .. }) = &run.next(at(1)) else {
        panic!("{:?}", run.next(at(1)))
    };
    assert_eq!(request.input["key"], KEY);
    assert_eq!(*aspects, [Aspect::State, Aspect::Aliases, Aspect::Grants, Aspect::LastUse]);
    assert_eq!(effect.intent(), None, "a look changes nothing");
    assert!(effect.is_idle());
    let events = play(&mut run, |effect| match effect {
        Effect::Measure { .. } => Some(measured()),
        effect => Some(done(effect)),
    });
    assert_eq!(kinds(&events), ["measured", "asked", "answered", "attempted", "succeeded", "closed"]);
    assert_eq!(run.radius("off").unwrap().len(), 1, "it stays known");
}

#[test]
fn what_was_seen_before_something_was_sent_is_not_told_of_the_world_after_it() {
    let mut run = run_of(&disable("  approve: { by: lead }\n  undo: { kms.enable_key: { key: x } }\n"));
    run.apply(at(1), &measured()).unwrap();
    assert_eq!(run.reach_ahead("off").len(), 1);
    let Next::Perform(asked) = run.next(at(2)) else { panic!("an approval is asked for") };
    run.apply(at(2), &asked.intent().unwrap()).unwrap();
    run.apply(at(3), &done(&asked)).unwrap();
    let Next::Perform(act) = run.next(at(4)) else { panic!("it is approved") };
    run.apply(at(4), &act.intent().unwrap()).unwrap();
    assert!(run.reach_ahead("off").is_empty());
}

#[test]
fn whoever_is_asked_or_not_nothing_that_reaches_is_sent_unseen() {
    for mut run in [run_of(&disable("")), attended(&disable(""))] {
        let events = play(&mut run, |effect| Some(done(effect)));
        assert_eq!(kinds(&events), ["measured", "asked", "answered", "attempted", "succeeded", "closed"]);
    }
    let mut run = run_of("- id: off\n  do: { shell: { argv: [rm, x], class: write } }");
    assert_eq!(
        looks(&play(&mut run, |effect| Some(done(effect)))),
        0,
        "a program tells nothing of its reach"
    );
}

/// The effect that the run wants now, with its intent recorded.
fn wants(run: &mut Run, second: i64) -> Effect {
    let Next::Perform(effect) = run.next(at(second)) else { panic!("{:?}", run.next(at(second))) };
    if let Some(intent) = effect.intent() {
        run.apply(at(second), &intent).unwrap();
    }
    effect
}

fn answers(run: &mut Run, second: i64, effect: &Effect) {
    run.apply(at(second), &done(effect)).unwrap();
}

fn says(run: &mut Run, second: i64, choice: Choice) {
    let place = Place::step("off");
    run.apply(at(second), &Event::Answered { place, answer: Answer { choice, ..yes() } }).unwrap();
}

fn lost() -> Event {
    let fault = Fault::new(FaultKind::Lost, "no answer");
    Event::Failed { place: Place::step("off"), fault, evidence: Evidence::default() }
}

/// A run whose only write was sent and never answered, and of which the world tells nothing.
fn in_doubt(more: &str) -> Run {
    let mut run = run_of(&disable(more));
    for second in 1..3 {
        let effect = wants(&mut run, second);
        answers(&mut run, second, &effect);
    }
    assert!(matches!(wants(&mut run, 3), Effect::Act { .. }));
    run.apply(at(4), &lost()).unwrap();
    assert!(matches!(wants(&mut run, 5), Effect::Probe { .. }));
    let (place, because) = (Place::step("off"), "nothing tells".into());
    let unsettled = Event::Unsettled { place, because, seen: Value::Null, evidence: Evidence::default() };
    run.apply(at(6), &unsettled).unwrap();
    assert!(matches!(wants(&mut run, 7), Effect::Ask { question: Question::InDoubt { .. }, .. }));
    run
}

#[test]
fn what_is_sent_again_on_a_persons_word_is_looked_at_afresh_first() {
    let mut run = in_doubt("");
    assert!(run.reach_ahead("off").is_empty());
    says(&mut run, 8, Choice::Again);
    let look = wants(&mut run, 3_600);
    assert!(matches!(look, Effect::Measure { .. }), "{look:?}");
    run.apply(at(3_601), &measured()).unwrap();
    assert_eq!(run.reach_ahead("off").len(), 1);
    assert!(matches!(wants(&mut run, 3_602), Effect::Act { attempt: 2, .. }));
}

#[test]
fn what_is_taken_back_is_looked_at_as_what_it_is() {
    let mut run = in_doubt("  undo: { kms.enable_key: { key: x } }\n");
    says(&mut run, 8, Choice::Undo);
    let Effect::Measure { request, .. } = wants(&mut run, 9) else { panic!("no look") };
    assert_eq!(request.action, "kms.enable_key");
    run.apply(at(10), &measured()).unwrap();
    assert!(matches!(wants(&mut run, 11), Effect::Undo { .. }));
}

#[test]
fn a_rollback_looks_at_each_undo_before_it_asks() {
    let mut run = run_of(&disable("  undo: { kms.enable_key: { key: x } }\n"));
    for second in 1..4 {
        let effect = wants(&mut run, second);
        answers(&mut run, second, &effect);
    }
    run.apply(at(5), &Event::TurnedBack { by: operator(), to: None, reason: None }).unwrap();
    resume(&mut run, 6, true);
    let Effect::Measure { request, .. } = wants(&mut run, 7) else { panic!("no look") };
    assert_eq!(request.action, "kms.enable_key");
    run.apply(at(8), &measured()).unwrap();
    assert!(matches!(wants(&mut run, 9), Effect::Ask { question: Question::Go { .. }, .. }));
    assert_eq!(run.reach_ahead("off").len(), 1, "it is told with the question");
}

#[test]
fn a_retry_of_the_same_moment_needs_no_second_look_and_one_after_a_pause_does() {
    let mut run = run_of(&disable("  retry: { attempts: 3, backoff: 1s }\n"));
    for second in 1..3 {
        let effect = wants(&mut run, second);
        answers(&mut run, second, &effect);
    }
    let throttled = |run: &mut Run, second| {
        assert!(matches!(wants(run, second), Effect::Act { .. }));
        let fault = Fault::new(FaultKind::Throttled, "slow down");
        let failed = Event::Failed { place: Place::step("off"), fault, evidence: Evidence::default() };
        run.apply(at(second), &failed).unwrap();
    };
    throttled(&mut run, 3);
    throttled(&mut run, 5);
    resume(&mut run, 86_400, false);
    assert!(matches!(wants(&mut run, 86_401), Effect::Measure { .. }));
    run.apply(at(86_402), &measured()).unwrap();
    assert!(matches!(wants(&mut run, 86_403), Effect::Act { attempt: 3, .. }));
}

#[test]
fn a_look_that_was_broken_off_is_taken_again_and_one_that_was_recorded_is_not() {
    let mut run = run_of(&disable("  approve: { by: lead }\n"));
    resume(&mut run, 600, false);
    assert!(matches!(run.next(at(601)), Next::Perform(Effect::Measure { .. })));
    run.apply(at(602), &measured()).unwrap();
    resume(&mut run, 603, false);
    let Next::Perform(effect @ Effect::Ask { .. }) = run.next(at(604)) else { panic!() };
    run.apply(at(604), &effect.intent().unwrap()).unwrap();
    resume(&mut run, 605, false);
    assert!(matches!(run.next(at(606)), Next::Perform(Effect::Ask { .. })), "{:?}", run.next(at(606)));
}

#[test]
fn a_question_that_stands_already_gets_no_look_and_none_can_be_recorded_then() {
    let mut run = run_of(&disable("  approve: { by: lead }\n"));
    let question = Question::Approval {
        request: Request {
            action: "kms.disable_key".into(),
            class: document::action::Class::Write,
            input: json!({ "key": KEY }),
        },
        role: "lead".into(),
        title: "Lead".into(),
        from_answers: false,
        hands: None,
    };
    // As a program wrote it that did not look.
    run.apply(at(1), &Event::Asked { place: Place::step("off"), question }).unwrap();
    assert!(matches!(run.next(at(2)), Next::Perform(Effect::Ask { .. })));
    assert!(run.apply(at(2), &measured()).is_err());
}

#[test]
fn a_look_at_what_was_looked_at_or_has_begun_is_refused() {
    let mut run = run_of(&disable("  approve: { by: lead }\n"));
    run.apply(at(1), &measured()).unwrap();
    assert!(run.apply(at(2), &measured()).is_err());
    let mut run = run_of(&disable(""));
    play(&mut run, |effect| Some(done(effect)));
    assert!(run.apply(at(600), &measured()).is_err());
}

#[test]
fn elements_are_looked_at_together_where_they_mean_the_same_target() {
    let grants = format!(
        "- id: off\n  for_each: \"['a', 'b']\"\n  approve: {{ by: lead }}\n  do: {{ kms.revoke_grant: {{ key: \"{KEY}\", grant: \"{{{{ item }}}}\" }} }}"
    );
    assert_eq!(looks(&play(&mut run_of(&grants), |effect| Some(done(effect)))), 1);
}

#[test]
fn elements_with_targets_of_their_own_are_looked_at_one_by_one_before_each_is_sent() {
    let keys = "- id: off\n  for_each: \"['a', 'b', 'c']\"\n  at_once: 2\n  approve: { by: lead }\n  do: { kms.disable_key: { key: \"{{ item }}\" } }";
    let mut run = run_of(keys);
    let events = play(&mut run, |effect| Some(done(effect)));
    let of = |item| {
        let here = |event: &&Event| match event {
            Event::Measured { place, .. } | Event::Attempted { place, .. } => place.item == Some(item),
            _ => false,
        };
        events.iter().filter(here).map(kind).collect::<Vec<_>>()
    };
    for item in 0..3 {
        assert_eq!(of(item), ["measured", "attempted"]);
    }
    // Two may be at work: both are looked at side by side, and a third is not begun.
    let mut run = run_of(keys);
    run.apply(at(1), &Event::Listed { step: "off".into(), items: vec![json!("a"), json!("b"), json!("c")] })
        .unwrap();
    let mut at_work = Vec::new();
    for second in 2..9 {
        match run.next_beside(at(second), &at_work) {
            Next::Perform(effect @ Effect::Measure { .. }) => at_work.push(effect.place().clone()),
            Next::Perform(effect) => {
                run.apply(at(second), &effect.intent().unwrap()).unwrap();
                answers(&mut run, second, &effect);
            }
            Next::Await => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(at_work.iter().map(ToString::to_string).collect::<Vec<_>>(), ["off[0]", "off[1]"]);
}

/// The record of one more piece of the run: what it wants recorded, recorded.
fn outdates(run: &mut Run, second: i64) {
    let Next::Record(event @ Event::Outdated { .. }) = run.next(at(second)) else {
        panic!("{:?}", run.next(at(second)))
    };
    run.apply(at(second), &event).unwrap();
}

const NIGHT: i64 = 8 * 3_600;

#[test]
fn a_go_that_comes_the_next_morning_is_asked_for_again_on_a_fresh_look() {
    let mut run = attended(&disable(""));
    assert!(matches!(wants(&mut run, 1), Effect::Measure { .. }));
    run.apply(at(2), &measured()).unwrap();
    assert!(matches!(wants(&mut run, 3), Effect::Ask { question: Question::Go { .. }, .. }));
    says(&mut run, NIGHT, Choice::Yes);
    outdates(&mut run, NIGHT);
    assert!(run.reach_ahead("off").is_empty(), "nobody is told of the world of yesterday");
    assert!(matches!(wants(&mut run, NIGHT + 1), Effect::Measure { .. }));
    run.apply(at(NIGHT + 2), &measured()).unwrap();
    assert!(matches!(wants(&mut run, NIGHT + 3), Effect::Ask { question: Question::Go { .. }, .. }));
    says(&mut run, NIGHT + 4, Choice::Yes);
    assert!(matches!(wants(&mut run, NIGHT + 5), Effect::Act { attempt: 1, .. }));
}

#[test]
fn a_go_within_a_quarter_of_an_hour_is_good_and_a_moment_later_is_not() {
    for (second, good) in [(2 + 900, true), (2 + 901, false)] {
        let mut run = attended(&disable(""));
        wants(&mut run, 1);
        run.apply(at(2), &measured()).unwrap();
        wants(&mut run, 3);
        says(&mut run, second, Choice::Yes);
        assert_eq!(matches!(run.next(at(second)), Next::Perform(Effect::Act { .. })), good, "{second}");
    }
}

#[test]
fn approvals_of_two_over_a_night_stay_and_what_they_agreed_to_is_looked_at_before_it_is_sent() {
    let mut run = run_of(&disable("  approve: { by: lead, count: 2 }\n"));
    wants(&mut run, 1);
    run.apply(at(2), &measured()).unwrap();
    wants(&mut run, 3);
    let yes_by = |run: &mut Run, second, name: &str| {
        let by = Actor { name: name.into(), via: Via::Terminal };
        let answer = Answer { by, ..yes() };
        run.apply(at(second), &Event::Answered { place: Place::step("off"), answer }).unwrap();
    };
    yes_by(&mut run, 60, "Ann");
    yes_by(&mut run, NIGHT, "Bo");
    outdates(&mut run, NIGHT);
    assert!(matches!(wants(&mut run, NIGHT + 1), Effect::Measure { .. }));
    run.apply(at(NIGHT + 2), &measured()).unwrap();
    assert!(matches!(wants(&mut run, NIGHT + 3), Effect::Act { attempt: 1, .. }), "nobody is asked again");
}

#[test]
fn whoever_comes_back_to_a_question_the_next_day_is_shown_a_fresh_look_with_it() {
    for steps in [disable(""), disable("  approve: { by: lead }\n")] {
        let mut run = attended(&steps);
        wants(&mut run, 1);
        run.apply(at(2), &measured()).unwrap();
        wants(&mut run, 3);
        resume(&mut run, NIGHT, true);
        outdates(&mut run, NIGHT + 1);
        assert!(matches!(wants(&mut run, NIGHT + 2), Effect::Measure { .. }));
        run.apply(at(NIGHT + 3), &measured()).unwrap();
        assert!(matches!(wants(&mut run, NIGHT + 4), Effect::Ask { .. }));
        assert_eq!(run.reach_ahead("off").len(), 1);
    }
}

#[test]
fn an_undo_whose_question_waited_overnight_is_asked_about_again_on_a_fresh_look() {
    let mut run = run_of(&disable("  undo: { kms.enable_key: { key: x } }\n"));
    for second in 1..4 {
        let effect = wants(&mut run, second);
        answers(&mut run, second, &effect);
    }
    run.apply(at(5), &Event::TurnedBack { by: operator(), to: None, reason: None }).unwrap();
    resume(&mut run, 6, true);
    wants(&mut run, 7);
    run.apply(at(8), &measured()).unwrap();
    assert!(matches!(wants(&mut run, 9), Effect::Ask { question: Question::Go { .. }, .. }));
    says(&mut run, NIGHT, Choice::Yes);
    outdates(&mut run, NIGHT);
    assert!(matches!(wants(&mut run, NIGHT + 1), Effect::Measure { .. }));
    run.apply(at(NIGHT + 2), &measured()).unwrap();
    assert!(matches!(wants(&mut run, NIGHT + 3), Effect::Ask { question: Question::Go { .. }, .. }));
    says(&mut run, NIGHT + 4, Choice::Yes);
    assert!(matches!(wants(&mut run, NIGHT + 5), Effect::Undo { attempt: 1, .. }));
}

#[test]
fn a_look_is_outdated_once_and_only_while_nothing_is_asked_on_it() {
    let mut run = attended(&disable(""));
    let outdated = Event::Outdated { place: Place::step("off"), seen_at: at(2) };
    assert!(run.apply(at(NIGHT), &outdated).is_err(), "nothing was seen");
    run.apply(at(2), &measured()).unwrap();
    wants(&mut run, 3);
    assert!(run.apply(at(NIGHT), &outdated).is_err(), "the question stands");
    says(&mut run, NIGHT, Choice::Yes);
    run.apply(at(NIGHT), &outdated).unwrap();
    assert!(run.apply(at(NIGHT), &outdated).is_err());
}

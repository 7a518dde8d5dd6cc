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
fn whoever_sits_at_the_terminal_gets_the_look_and_where_nobody_is_asked_nobody_looks() {
    let mut run = run_of(&disable(""));
    assert_eq!(looks(&play(&mut run, |effect| Some(done(effect)))), 0);
    let mut run = attended(&disable(""));
    let events = play(&mut run, |effect| Some(done(effect)));
    assert_eq!(kinds(&events), ["measured", "asked", "answered", "attempted", "succeeded", "closed"]);
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
    let keys = "- id: off\n  for_each: \"['a', 'b']\"\n  approve: { by: lead }\n  do: { kms.disable_key: { key: \"{{ item }}\" } }";
    assert_eq!(looks(&play(&mut run_of(keys), |effect| Some(done(effect)))), 0);
}

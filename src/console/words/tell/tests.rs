use super::*;
use crate::console::rehearsal;
use crate::run::{Fault, FaultKind};
use crate::text::Digest;
use serde_json::json;

fn told(event: Event, columns: usize) -> Vec<String> {
    let entry = Entry { v: 1, seq: 1, at: rehearsal::now(), prev: Digest::ZERO, event };
    let took = Some(Duration::from_millis(449));
    let lines = lines(&entry, &rehearsal::run(), took, columns);
    assert!(lines.iter().all(|line| line.width() <= columns), "{lines:?}");
    lines.iter().map(Line::text).collect()
}

fn answered(step: &str, choice: Choice, via: Via) -> Event {
    let by = Actor { name: "Ann".to_owned(), via };
    let answer = Answer { choice, value: Value::Null, reason: None, attachments: Vec::new(), by };
    Event::Answered { place: Place::step(step), answer }
}

#[test]
fn a_step_that_is_done_says_what_it_found_on_one_line() {
    let outputs = json!({"policy": "{}", "grants": [1, 2, 3], "aliases": ["alias/pii"], "rotation": true});
    let done = || Event::Succeeded {
        place: Place::step("record_state"),
        outputs: outputs.clone(),
        evidence: crate::run::Evidence::default(),
    };
    assert_eq!(
        told(done(), 80),
        ["     done  3 record_state    0.4 s  policy {}, 3 grants, 1 alias, rotation"]
    );
    assert_eq!(told(done(), 60), ["     done  3 record_state    0.4 s  policy {}, 3 grants, …"]);
}

#[test]
fn a_failure_loses_no_word_on_a_narrow_terminal() {
    let fault = Fault::new(FaultKind::Denied, "not authorized to perform kms:DisableKey on this resource")
        .code("AccessDeniedException")
        .hint("ask for the contain role");
    let place = Place { step: "revoke_rogue".to_owned(), item: Some(3) };
    let failed = Event::Failed { place, fault, evidence: crate::run::Evidence::default() };
    assert_eq!(
        told(failed, 60),
        [
            "   FAILED  7 revoke_rogue[3]",
            "           AccessDeniedException: not authorized to perform",
            "           kms:DisableKey on this resource",
            "           hint: ask for the contain role",
        ]
    );
}

#[test]
fn an_answer_says_who_gave_it_and_by_which_way() {
    let file = Via::Answers("drill.yaml".to_owned());
    assert_eq!(
        told(answered("disable_key", Choice::Yes, file), 80),
        ["   answer  6 disable_key   approved, by Ann through drill.yaml"]
    );
    assert_eq!(
        told(answered("tell_team", Choice::Yes, Via::Terminal), 80),
        ["   answer  8 tell_team     done, by Ann"]
    );
    assert_eq!(told(answered("disable_key", Choice::Yes, Via::Document), 80), [""; 0], "nobody was asked");
}

#[test]
fn a_plan_says_what_it_would_do_what_it_would_ask_and_what_it_cannot_know() {
    // design/screens.md, "Dry run".
    let place = || Place::step("disable_key");
    let act = Event::Foreseen { place: place(), would: Foresight::Do(rehearsal::disable()) };
    assert_eq!(told(act, 80), [" would do  6 disable_key   kms.disable_key  key/79c50f57-…"]);
    let ask = Event::Foreseen { place: place(), would: Foresight::Ask(rehearsal::approval()) };
    assert_eq!(
        told(ask, 80),
        ["would ask  6 disable_key   approval by Incident Commander of kms.disable_key"]
    );
    let because = vec!["list_grants".to_owned()];
    let unknown = Event::Unknowable { place: Place::step("revoke_rogue"), because };
    assert_eq!(told(unknown, 80), ["  unknown  7 revoke_rogue  depends on list_grants, which did not run"]);
}

#[test]
fn the_clock_and_the_people_have_their_lines() {
    let missed =
        Event::DeadlinePassed { objective: "contained".to_owned(), within_seconds: 900, passed_at: None };
    assert_eq!(
        told(missed, 80),
        ["   MISSED  contained: not within 15m: The key is unusable for the attacker"]
    );
    let to = vec!["commander".to_owned(), "approver".to_owned()];
    let escalated = Event::Escalated { escalation: 0, to, message: "Not contained.".to_owned() };
    assert_eq!(told(escalated, 80), [" ESCALATE  to Incident Commander, CISO: Not contained."]);
    let by = Actor { name: "Ann".to_owned(), via: Via::Terminal };
    let noted = Event::Noted { by, text: "a\n\u{1b}[2J".to_owned(), observed_at: None };
    assert_eq!(told(noted, 80), ["     note  Ann: a \\u{1b}[2J"]);
}

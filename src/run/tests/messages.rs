//! What escalations owe to channels, and when it is tried again.

use super::*;
use crate::document::load;
use crate::run::{DeliveryState, Sent};
use crate::text::Source;

fn alarmed() -> Run {
    let text = "runbook: t\ntitle: T\nroles: { lead: { title: Lead, notify: [chat, pager] }, boss: { title: Boss, notify: chat } }
channels: { chat: { slack: { url: env(CHAT) } }, pager: { pagerduty: { routing_key: secret(key) } } }
params: { key: secret }
escalations: [{ when: failed(look), to: [lead, boss, lead], message: \"{{ run.id }} failed\" }]
phases: [{ id: one, steps: [{ id: look, on_failure: continue, do: { shell: { argv: [ls], class: read } } }] }]
";
    let playbook = load(&Source::new("t.yaml", text), Some("t")).0.expect("a sound document");
    let mut run = Run::new(Arc::new(playbook));
    run.apply(at(0), &Event::Opened(Box::new(opened()))).unwrap();
    let failed = |effect: &Effect| {
        let place = effect.place().clone();
        Some(Event::Failed { place, fault: Fault::new(FaultKind::Exit, "no"), evidence: Evidence::default() })
    };
    play(&mut run, failed);
    run
}

fn due(run: &Run, second: i64, on_the_way: &[Place]) -> Option<(String, u32, Request, Place)> {
    match run.message_due(at(second), on_the_way)? {
        Effect::Tell { channel, attempt, request, place, .. } => Some((channel, attempt, request, place)),
        other => panic!("no message: {other:?}"),
    }
}

fn notified(channel: &str, attempt: u32, sent: Sent) -> Event {
    Event::Notified {
        escalation: 0,
        channel: channel.to_owned(),
        attempt,
        sent,
        evidence: Evidence::default(),
    }
}

fn later(after_seconds: Option<u64>) -> Sent {
    Sent::Later { why: "busy".to_owned(), after_seconds }
}

#[test]
fn each_channel_of_the_roles_is_owed_the_message_once_and_secrets_stay_references() {
    let run = alarmed();
    let (channel, attempt, request, place) = due(&run, 500, &[]).unwrap();
    assert_eq!((channel.as_str(), attempt), ("chat", 1));
    assert_eq!(request.input["message"], "RUN-20261122-001-T failed");
    assert_eq!(request.input["key"], "RUN-20261122-001-T/failed(look)");
    assert_eq!(request.input["channels"][0]["url"], json!({ "$secret": "env:CHAT" }));
    let (channel, _, request, second) = due(&run, 500, std::slice::from_ref(&place)).unwrap();
    assert_eq!(channel, "pager");
    assert_eq!(request.input["channels"][0]["routing_key"], json!({ "$secret": "key" }));
    assert!(due(&run, 500, &[place, second]).is_none(), "both are on their way");
    assert_eq!(run.deliveries().len(), 2);
}

#[test]
fn a_try_is_repeated_after_a_while_that_grows_and_at_most_twelve_times() {
    let mut run = alarmed();
    run.apply(at(500), &notified("pager", 1, Sent::Delivered { detail: String::new(), but: None })).unwrap();
    let mut second = 500;
    let mut waits = Vec::new();
    for attempt in 1..=12 {
        assert_eq!(due(&run, second, &[]).unwrap().1, attempt);
        run.apply(at(second), &notified("chat", attempt, later(None))).unwrap();
        let began = second;
        while second < began + 1000 && due(&run, second, &[]).is_none() {
            second += 1;
        }
        waits.push(second - began);
    }
    assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 1000]);
    assert_eq!(run.deliveries()[0].state, DeliveryState::Failed);
    assert!(run.message_owed(&[]).is_none());
}

#[test]
fn a_channel_that_asks_for_more_time_gets_it() {
    let mut run = alarmed();
    run.apply(at(500), &notified("pager", 1, Sent::Never { why: "no".to_owned() })).unwrap();
    run.apply(at(500), &notified("chat", 1, later(Some(60)))).unwrap();
    assert!(due(&run, 559, &[]).is_none());
    assert_eq!(due(&run, 560, &[]).unwrap().0, "chat");
    assert!(run.message_owed(&[]).is_some(), "the last try does not wait for it");
}

#[test]
fn a_clock_that_went_back_does_not_put_off_the_next_try() {
    let mut run = alarmed();
    run.apply(at(30_000), &notified("pager", 1, Sent::Delivered { detail: String::new(), but: None }))
        .unwrap();
    run.apply(at(30_000), &notified("chat", 1, later(None))).unwrap();
    assert!(due(&run, 30_001, &[]).is_none());
    assert_eq!(due(&run, 8_400, &[]).unwrap().0, "chat", "six hours earlier");
}

#[test]
fn after_a_resume_what_was_not_delivered_is_owed_anew() {
    let mut run = alarmed();
    // As if the run had stopped before its end.
    run.closed = None;
    for event in [
        notified("chat", 1, Sent::Delivered { detail: String::new(), but: None }),
        notified("pager", 1, Sent::Never { why: "no".to_owned() }),
    ] {
        run.apply(at(500), &event).unwrap();
    }
    let Opened { operator, host, program, .. } = opened();
    run.apply(at(600), &Event::Resumed { operator, host, program }).unwrap();
    let (channel, attempt, ..) = due(&run, 600, &[]).unwrap();
    assert_eq!((channel.as_str(), attempt), ("pager", 2), "and only that");
}

#[test]
fn nothing_can_be_told_that_is_not_owed() {
    let mut run = alarmed();
    run.apply(at(500), &notified("chat", 1, Sent::Delivered { detail: String::new(), but: None })).unwrap();
    for event in [
        notified("chat", 2, later(None)),
        notified("fax", 1, later(None)),
        Event::Notified {
            escalation: 7,
            channel: "chat".to_owned(),
            attempt: 1,
            sent: Sent::Foreseen,
            evidence: Evidence::default(),
        },
    ] {
        assert!(run.apply(at(501), &event).is_err(), "{event:?}");
    }
}

/// A run whose only objective is missed, which two channels are told; with what is said when
/// it is met late.
fn late(met_late: &str) -> Run {
    let text = format!(
        "runbook: t\ntitle: T\nroles: {{ lead: {{ title: Lead, notify: [chat, pager] }} }}
channels: {{ chat: {{ slack: {{ url: env(CHAT) }} }}, pager: {{ pagerduty: {{ routing_key: secret(key) }} }} }}
params: {{ key: secret }}
objectives: {{ soon: {{ title: Soon, within: 10s, met_by: any(look) }} }}
escalations: [{{ when: missed(soon), to: lead, message: Too late{met_late} }}]
phases: [{{ id: one, steps: [{{ id: look, do: {{ shell: {{ argv: [ls], class: read }} }} }}] }}]
"
    );
    let playbook = load(&Source::new("t.yaml", text), Some("t")).0.expect("a sound document");
    let mut run = Run::new(Arc::new(playbook));
    run.apply(at(0), &Event::Opened(Box::new(opened()))).unwrap();
    for kind_ in ["deadline_passed", "escalated"] {
        let event = run.due(at(11)).unwrap();
        assert_eq!(kind(&event), kind_);
        run.apply(at(11), &event).unwrap();
    }
    run
}

/// The step that meets the objective is done; what follows from it is recorded.
fn meets(run: &mut Run, second: i64) -> Vec<Event> {
    done(run, second);
    let mut told = Vec::new();
    while let Some(event) = run.due(at(second)) {
        run.apply(at(second), &event).unwrap();
        told.push(event);
    }
    told
}

/// The step that meets the objective is done, and the run dies there.
fn done(run: &mut Run, second: i64) {
    let place = Place::step("look");
    let request = Request { action: "shell".into(), class: document::action::Class::Read, input: json!({}) };
    run.apply(at(second), &Event::Attempted { place: place.clone(), attempt: 1, request, undo: None })
        .unwrap();
    let done = Event::Succeeded { place, outputs: json!({}), evidence: Evidence::default() };
    run.apply(at(second), &done).unwrap();
}

/// A run whose only objective is still open.
fn open() -> Run {
    let mut run = Run::new(Arc::new(late("").playbook().clone()));
    run.apply(at(0), &Event::Opened(Box::new(opened()))).unwrap();
    run
}

fn state(run: &Run) -> ObjectiveState {
    run.objectives()[0].state
}

fn kinds(events: &[Event]) -> Vec<String> {
    events.iter().map(kind).collect()
}

#[test]
fn what_is_done_at_its_deadline_is_in_time_and_no_alarm_is_given_before_it_is_over() {
    let mut run = open();
    assert!(run.due(at(10)).is_none(), "within 10s: the tenth second is within");
    assert_eq!(kinds(&meets(&mut run, 10)), ["objective_met"]);
    assert_eq!(state(&run), ObjectiveState::Met { at: at(10), in_time: true });
    assert!(run.due(at(3_600)).is_none());
}

#[test]
fn what_was_done_in_time_is_recorded_so_however_late_the_run_goes_on() {
    let mut run = open();
    done(&mut run, 9);
    let Opened { operator, host, program, .. } = opened();
    run.apply(at(600), &Event::Resumed { operator, host, program }).unwrap();
    let event = run.due(at(600)).unwrap();
    assert_eq!(event, Event::ObjectiveMet { objective: "soon".into(), met_at: Some(at(9)) });
    run.apply(at(600), &event).unwrap();
    assert_eq!(state(&run), ObjectiveState::Met { at: at(9), in_time: true });
    assert!(run.due(at(600)).is_none(), "nobody is told that it was missed");
}

#[test]
fn what_is_done_after_its_deadline_and_before_anybody_looked_was_missed_and_is_told_so() {
    // A machine that slept, and found the step done when it woke.
    let mut run = open();
    assert_eq!(kinds(&meets(&mut run, 11)), ["deadline_passed", "objective_met", "escalated", "stood_down"]);
    assert_eq!(state(&run), ObjectiveState::Met { at: at(11), in_time: false });
}

#[test]
fn an_alarm_that_was_given_is_not_taken_for_never_given_when_the_clock_goes_back() {
    let mut run = late("");
    assert_eq!(kinds(&meets(&mut run, 5)), ["objective_met", "stood_down"]);
    assert_eq!(state(&run), ObjectiveState::Met { at: at(5), in_time: false });
}

fn delivered() -> Sent {
    Sent::Delivered { detail: String::new(), but: None }
}

#[test]
fn an_alarm_over_an_objective_that_is_met_late_is_called_off_once_where_it_would_stay_open() {
    let mut run = late("");
    for channel in ["chat", "pager"] {
        run.apply(at(12), &notified(channel, 1, delivered())).unwrap();
    }
    let told = meets(&mut run, 30);
    assert_eq!(told.iter().map(kind).collect::<Vec<_>>(), ["objective_met", "stood_down"]);
    let (channel, attempt, request, place) = due(&run, 30, &[]).unwrap();
    assert_eq!((channel.as_str(), attempt), ("pager", 1), "Slack has nothing to close");
    assert_eq!(request.input["event"], "resolve");
    assert_eq!(
        request.input["key"], "RUN-20261122-001-T/missed(soon)",
        "the key that the alarm was given with"
    );
    assert!(due(&run, 30, &[place]).is_none());
    assert!(run.apply(at(31), &told[1]).is_err(), "once");
    run.apply(at(31), &notified("pager", 1, delivered())).unwrap();
    assert!(due(&run, 1_000, &[]).is_none());
}

#[test]
fn where_the_document_says_what_to_tell_everybody_is_told_that_it_was_met_late() {
    let mut run = late(", met_late: \"Done after {{ run.elapsed }}\"");
    for channel in ["chat", "pager"] {
        run.apply(at(12), &notified(channel, 1, delivered())).unwrap();
    }
    meets(&mut run, 30);
    let (channel, _, request, place) = due(&run, 30, &[]).unwrap();
    assert_eq!((channel.as_str(), &request.input["message"]), ("chat", &json!("Done after 30s")));
    assert_eq!(due(&run, 30, &[place]).unwrap().0, "pager");
}

#[test]
fn an_alarm_is_never_called_off_before_it_was_given() {
    let mut run = late("");
    run.apply(at(12), &notified("chat", 1, delivered())).unwrap();
    meets(&mut run, 30);
    let (_, _, request, place) = due(&run, 30, &[]).unwrap();
    assert_eq!(request.input["event"], "trigger", "it is still owed");
    assert!(due(&run, 30, std::slice::from_ref(&place)).is_none(), "and is on its way");
    assert!(run.message_owed(&[place]).is_none(), "at the end, too");
    run.apply(at(31), &notified("pager", 1, delivered())).unwrap();
    assert_eq!(due(&run, 31, &[]).unwrap().2.input["event"], "resolve");
}

#[test]
fn nobody_is_woken_after_a_resume_for_what_is_over_and_the_calling_off_is_still_owed() {
    let mut run = late("");
    run.apply(at(12), &notified("chat", 1, Sent::Never { why: "no".to_owned() })).unwrap();
    run.apply(at(12), &notified("pager", 1, delivered())).unwrap();
    meets(&mut run, 30);
    let Opened { operator, host, program, .. } = opened();
    run.apply(at(600), &Event::Resumed { operator, host, program }).unwrap();
    let (channel, _, request, place) = due(&run, 600, &[]).unwrap();
    assert_eq!((channel.as_str(), &request.input["event"]), ("pager", &json!("resolve")));
    assert!(due(&run, 600, &[place]).is_none());
}

#[test]
fn what_is_met_in_time_is_never_called_off_and_neither_is_an_alarm_that_nobody_gave() {
    let text =
        "runbook: t\ntitle: T\nphases: [{ id: one, steps: [{ id: look, do: { wait: { for: 1s } } }] }]\n";
    let playbook = load(&Source::new("t.yaml", text), Some("t")).0.expect("a sound document");
    let mut run = Run::new(Arc::new(playbook));
    run.apply(at(0), &Event::Opened(Box::new(opened()))).unwrap();
    let event = Event::StoodDown { escalation: 0, to: Vec::new(), message: String::new() };
    assert!(run.apply(at(1), &event).is_err());
}

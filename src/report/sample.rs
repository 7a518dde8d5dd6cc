//! A small incident, told by hand, for the tests of this module.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::model::Report;
use crate::document::action::{self, Action, Class, Operation, Watch};
use crate::document::{Expr, MetBy, Objective, OnFailure, Phase, Playbook, Retry, Severities, Species, Step};
use crate::journal::Entry;
use crate::run::{
    Actor, Answer, Artifact, Call, Choice, DocumentId, Event, Evidence, Fault, FaultKind, Opened, Operator,
    Outcome, Place, Program, Question, Request, Run, Via,
};
use crate::text::{Digest, Source, Span};

/// A value with everything in it that could do harm on the way out.
pub(crate) const HOSTILE: &str = "x\u{1b}[2J|`<script>alert(1)</script>\n# Forged heading\u{202e}";

pub(super) fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_409_800, 0).unwrap()
}

pub(super) fn after(seconds: i64) -> DateTime<Utc> {
    start() + TimeDelta::seconds(seconds)
}

pub(crate) fn playbook() -> Playbook {
    let mut steps = vec![
        step("pin", "kms.describe_key"),
        step("disable_key", "kms.disable_key"),
        step("revoke", "kms.revoke_grant"),
        step("tidy", "kms.enable_key"),
    ];
    steps[1].verify = Some(Watch {
        action: steps[0].action.clone(),
        holds: Expr::parse("result.state == \"Disabled\"").unwrap(),
        every: Duration::from_secs(1),
        at_most: Duration::from_secs(30),
    });
    Playbook {
        source: Source::new("key-compromise.yaml", ""),
        digest: Digest::of(b""),
        species: Species::Playbook,
        name: "key-compromise".to_owned(),
        title: "Encryption key compromise".to_owned(),
        version: 3,
        owner: "Security Operations".to_owned(),
        summary: "A key is out.".to_owned(),
        triggers: vec!["Key material in a public repository".to_owned()],
        severity: Some(Severities {
            default: "high".to_owned(),
            levels: vec![("critical".to_owned(), "Key material publicly exposed".to_owned())],
        }),
        roles: Vec::new(),
        params: Vec::new(),
        objectives: vec![
            objective("contained", 900),
            objective("revoked", 600),
            objective("reviewed", 3_000),
        ],
        escalations: Vec::new(),
        references: Vec::new(),
        traces: Vec::new(),
        phases: vec![
            Phase {
                id: "immediate".to_owned(),
                title: "Immediate response".to_owned(),
                window: Some((Duration::ZERO, Duration::from_mins(15))),
                steps: 0..3,
            },
            Phase { id: "after".to_owned(), title: "Afterwards".to_owned(), window: None, steps: 3..4 },
        ],
        steps,
    }
}

fn objective(id: &str, within: u64) -> Objective {
    Objective {
        id: id.to_owned(),
        title: format!("It is {id}"),
        within: Duration::from_secs(within),
        met_by: MetBy::All(vec!["pin".to_owned()]),
        span: Span::default(),
    }
}

fn step(id: &str, operation: &str) -> Step {
    let spec = action::operation(operation).unwrap();
    Step {
        id: id.into(),
        span: Span::default(),
        title: format!("Step {id}"),
        why: None,
        action: Action::Operation(Operation { spec, span: Span::default(), inputs: Vec::new() }),
        when: None,
        approve: None,
        retry: Retry { attempts: 2, backoff: Duration::from_secs(2) },
        timeout: None,
        on_failure: OnFailure::Stop,
        for_each: None,
        verify: None,
        undo: None,
        owner: None,
        expected: None,
    }
}

pub(super) fn anna() -> Actor {
    Actor { name: "anna".to_owned(), via: Via::Terminal }
}

fn request(action: &str, class: Class) -> Request {
    Request { action: action.to_owned(), class, input: json!({"key": "k"}) }
}

fn call(operation: &str, at: i64, status: Option<u16>, error: Option<&str>) -> Call {
    Call {
        service: "kms".to_owned(),
        operation: operation.to_owned(),
        region: "us-east-1".to_owned(),
        attempt: 1,
        sent_at: after(at),
        seconds: 0.08,
        status,
        request_id: status.map(|_| format!("req-{operation}")),
        error: error.map(str::to_owned),
        server_date: None,
        request: None,
        response: status.map(|_| artifact(&format!("api/{operation}.json"))),
    }
}

fn artifact(path: &str) -> Artifact {
    Artifact { path: path.to_owned(), digest: Digest::of(path.as_bytes()), bytes: 12 }
}

fn evidence(calls: Vec<Call>) -> Evidence {
    Evidence { artifacts: Vec::new(), calls, before: Value::Null }
}

fn opened() -> Event {
    Event::Opened(Box::new(Opened {
        run: "INC-2026-001-KEY-COMPROMISE".to_owned(),
        document: DocumentId {
            name: "key-compromise".to_owned(),
            version: 3,
            digest: Digest::of(b""),
            origin: "built in".to_owned(),
        },
        params: [("key".to_owned(), json!("alias/customer")), ("note".to_owned(), json!(HOSTILE))].into(),
        severity: Some("critical".to_owned()),
        incident: Some("SEC-7".to_owned()),
        operator: Operator { user: "anna".to_owned(), name: None },
        host: "desk-1".to_owned(),
        program: Program { version: "0.1.0".to_owned(), digest: None },
        mode: "live".to_owned(),
        follows: None,
    }))
}

fn answer(choice: Choice, by: Actor) -> Answer {
    Answer { choice, value: Value::Null, reason: None, attachments: Vec::new(), by }
}

pub(super) fn entries() -> Vec<Entry> {
    let (pin, disable, revoke) = (Place::step("pin"), Place::step("disable_key"), Place::step("revoke"));
    let attempted = |place: &Place, attempt, action: &str, class| Event::Attempted {
        place: place.clone(),
        attempt,
        request: request(action, class),
        undo: class.changes_the_world().then(|| request("kms.enable_key", Class::Write)),
    };
    let approval = Question::Approval {
        request: request("kms.disable_key", Class::Write),
        role: "commander".to_owned(),
        title: "Incident Commander".to_owned(),
        from_answers: false,
    };
    let fault = Fault::new(FaultKind::Denied, format!("not allowed: {HOSTILE}"));
    let bob = Actor { name: "bob".to_owned(), via: Via::Answers("answers.yaml".to_owned()) };
    let events = vec![
        (0, opened()),
        (1, attempted(&pin, 1, "kms.describe_key", Class::Read)),
        (
            2,
            Event::Succeeded {
                place: pin,
                outputs: json!({"arn": "arn:aws:kms:us-east-1:111122223333:key/k", "unread": ["tags: denied"]}),
                evidence: evidence(vec![call("DescribeKey", 1, Some(200), None)]),
            },
        ),
        (10, Event::Asked { place: disable.clone(), question: approval }),
        (60, Event::HandedOver { from: anna(), to: bob.clone(), reason: "shift ends".to_owned() }),
        (180, Event::Answered { place: disable.clone(), answer: answer(Choice::Yes, bob) }),
        (190, attempted(&disable, 1, "kms.disable_key", Class::Write)),
        (
            192,
            Event::Succeeded {
                place: disable.clone(),
                outputs: json!({}),
                evidence: evidence(vec![
                    call("DescribeKey", 190, Some(200), None),
                    call("DisableKey", 191, Some(200), None),
                ]),
            },
        ),
        (195, Event::Verified { place: disable }),
        (192, Event::ObjectiveMet { objective: "contained".to_owned() }),
        (200, attempted(&revoke, 1, "kms.revoke_grant", Class::Write)),
        (
            201,
            Event::Failed {
                place: revoke.clone(),
                fault,
                evidence: evidence(vec![call("RevokeGrant", 200, Some(400), Some("AccessDeniedException"))]),
            },
        ),
        (230, attempted(&revoke, 2, "kms.revoke_grant", Class::Write)),
        (
            240,
            Event::Failed {
                place: revoke,
                fault: Fault::new(FaultKind::Lost, "no answer"),
                evidence: evidence(vec![call("RevokeGrant", 231, None, None)]),
            },
        ),
        (700, Event::ObjectiveMet { objective: "revoked".to_owned() }),
        (800, Event::Noted { by: anna(), text: HOSTILE.to_owned(), observed_at: Some(after(-60)) }),
        (3_000, Event::DeadlinePassed { objective: "reviewed".to_owned(), within_seconds: 3_000 }),
        (
            3_600,
            Event::Closed { outcome: Outcome::Aborted, reason: "called off".to_owned(), by: Some(anna()) },
        ),
    ];
    let entry = |(seq, (seconds, event)): (usize, (i64, Event))| Entry {
        v: 1,
        seq: seq as u64 + 1,
        at: after(seconds),
        prev: Digest::ZERO,
        event,
    };
    events.into_iter().enumerate().map(entry).collect()
}

pub(super) fn report() -> Report {
    of(&entries()).unwrap()
}

pub(super) fn of(entries: &[Entry]) -> Option<Report> {
    let mut run = Run::new(Arc::new(playbook()));
    for entry in entries {
        if let Err(illegal) = run.apply(entry.at, &entry.event) {
            assert_eq!(entry.seq, 2, "{illegal}");
            return None;
        }
    }
    Report::of(&run, entries)
}

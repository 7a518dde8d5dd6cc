//! A small incident, told by hand, for the tests of this module.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::model::Report;
use crate::document::action::Class;
use crate::document::{Playbook, load};
use crate::journal::Entry;
use crate::run::{
    Actor, Answer, Artifact, Call, Choice, DocumentId, Event, Evidence, Fault, FaultKind, Opened, Operator,
    Outcome, Place, Program, Question, Request, Run, Via,
};
use crate::text::{Digest, Source};

/// A value with everything in it that could do harm on the way out.
pub(crate) const HOSTILE: &str = "x\u{1b}[2J|`<script>alert(1)</script>\n# Forged heading\u{202e}";

pub(super) fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_409_800, 0).unwrap()
}

pub(super) fn after(seconds: i64) -> DateTime<Utc> {
    start() + TimeDelta::seconds(seconds)
}

const DOCUMENT: &str = r#"
playbook: key-compromise
title: Encryption key compromise
version: 3
owner: Security Operations
summary: A key is out.
severity:
  default: high
  levels: { critical: Key material publicly exposed, high: Key used by a stranger }
roles:
  commander: { title: Incident Commander, staffed_by: On-call Security Lead }
params:
  key: { type: kms_key, default: alias/customer }
  note: { type: string, default: none }
  containment: { type: choice, choices: [disable, fence], default: disable }
objectives:
  contained: { title: It is contained, within: 15m, met_by: all(disable_key) }
  revoked: { title: It is revoked, within: 10m, met_by: all(revoke) }
  reviewed: { title: It is reviewed, within: 50m, met_by: all(tidy) }
phases:
  - id: immediate
    title: Immediate response
    window: 0m..15m
    steps:
      - id: pin
        title: Step pin
        do: { kms.describe_key: { key: "{{ params.key }}" } }
      - id: disable_key
        title: Step disable_key
        approve: { by: commander }
        do: { kms.disable_key: { key: "{{ steps.pin.arn }}" } }
        verify:
          do: { kms.describe_key: { key: "{{ steps.pin.arn }}" } }
          holds: result.state == "Disabled"
          every: 1s
          at_most: 30s
      - id: revoke
        title: Step revoke
        retry: { attempts: 2, backoff: 2s }
        do: { kms.revoke_grant: { key: "{{ steps.pin.arn }}", grant: g-1 } }
  - id: after
    title: Afterwards
    steps:
      - id: tidy
        title: Step tidy
        do: { kms.enable_key: { key: "{{ steps.pin.arn }}" } }
"#;

pub(crate) fn playbook() -> Playbook {
    let (playbook, diagnostics) = load(&Source::new("key-compromise.yaml", DOCUMENT), Some("key-compromise"));
    playbook.unwrap_or_else(|| panic!("{diagnostics:#?}"))
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
        operator: Operator { user: "anna".to_owned(), name: None, role: None, attends: false },
        host: "desk-1".to_owned(),
        program: Program { version: "0.1.0".to_owned(), build_id: None },
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
        hands: None,
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
        (192, Event::ObjectiveMet { objective: "contained".to_owned(), met_at: None }),
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
        (700, Event::ObjectiveMet { objective: "revoked".to_owned(), met_at: None }),
        (800, Event::Noted { by: anna(), text: HOSTILE.to_owned(), observed_at: Some(after(-60)) }),
        (
            3_000,
            Event::DeadlinePassed {
                objective: "reviewed".to_owned(),
                within_seconds: 3_000,
                passed_at: None,
            },
        ),
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

/// The incident with two collections of events, the later of which holds all of the first.
pub(super) fn with_key_use() -> Report {
    let user = |calls: u64, operations: Value| {
        json!({
            "who": "arn:aws:iam::111122223333:user/ci-deploy", "calls": calls, "errors": 1,
            "error_codes": {"AccessDenied": 1}, "operations": operations,
            "first_at": "2026-01-03T02:00:00Z", "last_at": "2026-01-03T02:30:00Z",
            "addresses": ["203.0.113.66"], "agents": [HOSTILE], "access_keys": ["AKIAEXAMPLE"],
            "regions": ["us-east-1"],
        })
    };
    let told = |count: u64, from: &str, users: Value| json!({"count": count, "events": "artifacts/e", "from": from, "to": "2026-01-03T03:00:00Z", "users": users});
    let mut entries = entries();
    let outputs = [
        told(1, "2026-01-02T00:00:00Z", json!([user(1, json!({"Decrypt": 1}))])),
        told(2, "2026-01-01T00:00:00Z", json!([user(2, json!({"Decrypt": 1, "GetKeyPolicy": 1}))])),
    ];
    for (entry, outputs) in [1, 6].into_iter().zip(outputs) {
        let Event::Succeeded { outputs: before, .. } = &mut entries[entry + 1].event else {
            panic!("{entry}")
        };
        for (name, value) in outputs.as_object().unwrap() {
            before[name] = value.clone();
        }
    }
    of(&entries).unwrap()
}

/// The incident with two collections of a trail: what was late for the first came by then.
pub(super) fn with_collections() -> Report {
    let told = |to: &str, digests: u64, gaps: Value| {
        json!({
            "from": "2026-01-02T03:10:00Z", "to": to, "objects": 31, "digests": digests, "events": 1, "bytes": 9,
            "coverage": format!("artifacts/{digests}-cloudtrail-coverage.json"),
            "complete": gaps == json!([]), "gaps": gaps, "notes": [HOSTILE],
        })
    };
    let mut entries = entries();
    let outputs = [
        told("2026-01-03T03:10:00Z", 22, json!(["trail main: digests of one hour", "bucket b: denied"])),
        told("2026-01-03T05:10:00Z", 24, json!(["bucket b: denied"])),
    ];
    for (entry, outputs) in [2, 7].into_iter().zip(outputs) {
        let Event::Succeeded { outputs: before, .. } = &mut entries[entry].event else { panic!("{entry}") };
        *before = outputs;
    }
    of(&entries).unwrap()
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

//! A small document and a person at the keyboard, for the tests of this folder.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::{Arc, LazyLock};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::dialogue::{Bookmark, put};
use super::line::Line;
use super::talk::{Picked, Talk, Typed};
use crate::document::action::Class;
use crate::document::{Playbook, load};
use crate::engine::{Said, Soon};
use crate::error::Result;
use crate::run::{Operator, Place, Question, Request, Run};
use crate::text::Source;

pub const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/79c50f57-3f27-4d2b-8e6f-0a1b2c3d4e5f";

pub fn now() -> DateTime<Utc> {
    "2026-11-22T03:13:12Z".parse().unwrap()
}

pub fn operator() -> Operator {
    Operator { user: "jane".to_owned(), name: None, role: None, attends: false }
}

pub fn run() -> Run {
    Run::new(Arc::new(playbook()))
}

pub fn disable() -> Request {
    Request { action: "kms.disable_key".to_owned(), class: Class::Write, input: json!({"key": KEY}) }
}

pub fn delete() -> Request {
    let input = json!({"key": KEY, "days": 30});
    Request { action: "kms.schedule_key_deletion".to_owned(), class: Class::Destroy, input }
}

pub fn approval() -> Question {
    approval_of(disable())
}

pub fn approval_of(request: Request) -> Question {
    Question::Approval {
        request,
        role: "commander".to_owned(),
        title: "Incident Commander".to_owned(),
        from_answers: false,
        hands: None,
    }
}

/// What the steps of the small document found.
pub fn outputs<'a>(step: &str) -> Option<&'a Value> {
    static OUTPUTS: LazyLock<Value> = LazyLock::new(|| {
        json!({
            "who_am_i": {"account": "111122223333", "region": "us-east-1",
                "arn": "arn:aws:sts::111122223333:assumed-role/responder/on-call"},
            "pin": {"id": "79c50f57-3f27-4d2b-8e6f-0a1b2c3d4e5f", "arn": KEY, "state": "Enabled",
                "aliases": ["alias/customer-pii"]},
            "record_state": {"last_used_at": "2026-11-22T03:09:20Z", "last_used_for": "Decrypt"},
            "inventory": {"names": ["a", "b"], "objects": 3400},
        })
    });
    OUTPUTS.get(step)
}

/// Ten steps in two phases.
const DOCUMENT: &str = r#"
playbook: key-compromise
title: Encryption key compromise
version: 1
owner: Security Operations
summary: A small document for the tests of the console.
roles:
  commander: { title: Incident Commander }
  approver: { title: CISO }
params:
  key: { type: kms_key }
objectives:
  contained: { title: The key is unusable for the attacker, within: 15m, met_by: any(disable_key) }
references: [NIST SP 800-61 Rev. 2, ISO 27001 A.16.1]
phases:
  - id: immediate
    title: Immediate response
    window: 0m..15m
    steps:
      - id: who_am_i
        title: Who am I
        do: { sts.get_caller_identity: {} }
      - id: pin
        title: Resolve the key once
        do: { kms.describe_key: { key: "{{ params.key }}" } }
      - id: record_state
        title: Record the key's state
        do: { kms.record_state: { key: "{{ steps.pin.arn }}" } }
      - id: inventory
        title: What lies under it
        do: { s3.inventory: { key: "{{ steps.pin.arn }}" } }
      - id: cause
        title: Choose how to contain
        do: { ask: { question: Contain how?, choices: [disable, fence] } }
      - id: disable_key
        title: Disable the compromised key
        why: Nobody can decrypt with it from now on, the attacker included.
        when: steps.cause.answer == "disable"
        approve: { by: commander }
        expected: 30s
        do: { kms.disable_key: { key: "{{ steps.pin.arn }}" } }
        undo: { kms.enable_key: { key: "{{ steps.pin.arn }}" } }
      - id: revoke_rogue
        title: Revoke rogue grants
        for_each: steps.record_state.grants
        do: { kms.revoke_grant: { key: "{{ steps.pin.arn }}", grant: "{{ item.id }}" } }
  - id: after
    title: Post-incident
    window: 1h..4h
    steps:
      - id: tell_team
        title: Tell the team
        do: { manual: { instructions: Tell the team., attach: [a screenshot] } }
      - id: late
        title: Who still wants the key
        do: { cloudtrail.late_uses: { key: "{{ steps.pin.arn }}" } }
      - id: delete_key
        title: Schedule the key's deletion
        approve: { by: approver, count: 2 }
        do: { kms.schedule_key_deletion: { key: "{{ steps.pin.arn }}", days: 30 } }
      - id: roll_out
        title: Restart what caches the key
        do: { shell: { argv: [kubectl], class: write } }
"#;

/// The small document.
pub fn playbook() -> Playbook {
    let (playbook, found) = load(&Source::new("key-compromise.yaml", DOCUMENT), Some("key-compromise"));
    playbook.unwrap_or_else(|| panic!("{found:#?}"))
}

/// A talk with somebody who answers at once.
pub fn talk<T>(talk: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(talk)
}

/// Puts a question about a step to somebody who types these lines, all of them.
pub fn ask(step: &str, question: &Question, typing: &[&str]) -> (Said, Rehearsal) {
    let person = Rehearsal::typing(typing);
    let said = talk(put(&person, "jane", &Place::step(step), question, &run(), now())).unwrap();
    assert!(person.is_over(), "not everything was asked for");
    (said, person)
}

/// Somebody who types what was agreed upon, and what they saw.
pub struct Rehearsal {
    typed: RefCell<VecDeque<Typed>>,
    seen: RefCell<Vec<String>>,
    bookmark: RefCell<Bookmark>,
}

impl Rehearsal {
    pub fn typing(lines: &[&str]) -> Self {
        let typed = lines.iter().map(|line| match *line {
            "^C" => Typed::Interrupted,
            "^D" => Typed::Closed,
            line => Typed::Line(line.to_owned()),
        });
        Self { typed: RefCell::new(typed.collect()), seen: RefCell::default(), bookmark: RefCell::default() }
    }

    pub fn saw(&self, words: &str) -> bool {
        self.times(words) > 0
    }

    pub fn times(&self, words: &str) -> usize {
        self.seen.borrow().iter().filter(|line| line.contains(words)).count()
    }

    pub fn is_over(&self) -> bool {
        self.typed.borrow().is_empty()
    }
}

impl Talk for Rehearsal {
    fn say(&self, line: &Line) {
        self.seen.borrow_mut().push(line.text());
    }

    fn read<'a>(&'a self, prompt: &'a Line) -> Soon<'a, Result<Typed>> {
        self.seen.borrow_mut().push(prompt.text());
        let typed = self.typed.borrow_mut().pop_front().expect("nothing more was agreed upon");
        Box::pin(async { Ok(typed) })
    }

    fn bookmark(&self) -> &RefCell<Bookmark> {
        &self.bookmark
    }

    fn width(&self) -> usize {
        80
    }

    fn forget_what_was_typed(&self) {}

    fn draws_lists(&self) -> bool {
        false
    }

    fn pick_one<'a>(&'a self, _choices: &'a [String]) -> Soon<'a, Result<Picked<String>>> {
        Box::pin(async { Ok(Picked::Nothing) })
    }

    fn pick_several<'a>(&'a self, _choices: &'a [String]) -> Soon<'a, Result<Picked<Vec<String>>>> {
        Box::pin(async { Ok(Picked::Nothing) })
    }
}

//! A small document and a person at the keyboard, for the tests of this folder.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::line::Line;
use super::talk::{Picked, Talk, Typed};
use crate::document::action::{self, Action, Answering, Ask, Class, Manual, Operation, Shell};
use crate::document::{
    Approve, Expr, ForEach, Input, MetBy, Objective, OnFailure, Phase, Playbook, Retry, Role, Species, Step,
    Text,
};
use crate::error::Result;
use crate::run::{Operator, Question, Request, Run};
use crate::text::{Digest, Source, Span};

pub const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/79c50f57-3f27-4d2b-8e6f-0a1b2c3d4e5f";

pub fn now() -> DateTime<Utc> {
    "2026-11-22T03:13:12Z".parse().unwrap()
}

pub fn operator() -> Operator {
    Operator { user: "jane".to_owned(), name: None }
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

pub fn expr(text: &str, names: &[&str]) -> Expr {
    Expr {
        text: text.into(),
        span: Span::default(),
        names: names.iter().map(|&name| name.to_owned()).collect(),
    }
}

fn text(text: &str) -> Text {
    Text { text: text.into(), span: Span::default(), names: Arc::default(), templated: false }
}

fn step(id: &str, title: &str, action: Action) -> Step {
    Step {
        id: id.into(),
        span: Span::default(),
        title: title.to_owned(),
        why: None,
        action,
        when: None,
        approve: None,
        retry: Retry::default(),
        timeout: None,
        on_failure: OnFailure::Stop,
        for_each: None,
        verify: None,
        undo: None,
        owner: None,
        expected: None,
    }
}

fn operation(name: &str, key: Option<Input>) -> Action {
    let spec = action::operation(name).unwrap();
    let inputs = key.map(|key| (spec.input("key").unwrap(), key)).into_iter().collect();
    Action::Operation(Operation { spec, span: Span::default(), inputs })
}

fn on_pin(name: &str) -> Action {
    operation(name, Some(Input::Expr(expr("steps.pin.arn", &["steps.pin.arn"]))))
}

fn approve(by: &str) -> Option<Approve> {
    Some(Approve { by: by.to_owned(), count: 1, expires: None, from_answers: false })
}

fn steps() -> Vec<Step> {
    let choices = ["disable", "fence"].map(|choice| Input::Literal(json!(choice), Span::default())).to_vec();
    let answering = Answering::Choice(Input::List(choices, Span::default()));
    let cause = Action::Ask(Ask { question: text("Contain how?"), answering });
    let attach = vec!["a screenshot".to_owned()];
    let tell = Action::Manual(Manual { instructions: text("Tell the team."), attach });
    let argv = vec![Input::Literal(json!("kubectl"), Span::default())];
    let shell = Action::Shell(Shell { argv, env: vec![], class: Class::Write, success: vec![0] });
    let params_key = Input::Expr(expr("params.key", &["params.key"]));
    vec![
        step("who_am_i", "Who am I", operation("sts.get_caller_identity", None)),
        step("pin", "Resolve the key once", operation("kms.describe_key", Some(params_key))),
        step("record_state", "Record the key's state", on_pin("kms.record_state")),
        step("inventory", "What lies under it", on_pin("s3.inventory")),
        step("cause", "Choose how to contain", cause),
        Step {
            why: Some("Nobody can decrypt with it from now on, the attacker included.".to_owned()),
            when: Some(expr("steps.cause.answer == 'disable'", &["steps.cause.answer"])),
            approve: approve("commander"),
            undo: Some(on_pin("kms.enable_key")),
            expected: Some(Duration::from_secs(30)),
            ..step("disable_key", "Disable the compromised key", on_pin("kms.disable_key"))
        },
        Step {
            for_each: Some(ForEach {
                list: expr("params.grants", &["params.grants"]),
                at_once: 1,
                tolerate: 0,
            }),
            ..step("revoke_rogue", "Revoke rogue grants", on_pin("kms.revoke_grant"))
        },
        step("tell_team", "Tell the team", tell),
        Step {
            approve: approve("approver"),
            ..step("delete_key", "Schedule the key's deletion", on_pin("kms.schedule_key_deletion"))
        },
        step("roll_out", "Restart what caches the key", shell),
    ]
}

/// Ten steps in two phases.
pub fn playbook() -> Playbook {
    let minutes = |count: u64| Duration::from_secs(count * 60);
    let role = |id: &str, title: &str| Role { id: id.to_owned(), title: title.to_owned(), staffed_by: None };
    let phase = |id: &str, title: &str, window, steps| Phase {
        id: id.to_owned(),
        title: title.to_owned(),
        window: Some(window),
        steps,
    };
    Playbook {
        source: Source::new("key-compromise.yaml", ""),
        digest: Digest::of(b""),
        species: Species::Playbook,
        name: "key-compromise".to_owned(),
        title: "Encryption key compromise".to_owned(),
        version: 1,
        owner: "Security Operations".to_owned(),
        summary: String::new(),
        triggers: Vec::new(),
        severity: None,
        roles: vec![role("commander", "Incident Commander"), role("approver", "CISO")],
        params: Vec::new(),
        objectives: vec![Objective {
            id: "contained".to_owned(),
            title: "The key is unusable for the attacker".to_owned(),
            within: minutes(15),
            met_by: MetBy::Any(vec!["disable_key".to_owned()]),
            span: Span::default(),
        }],
        escalations: Vec::new(),
        references: vec!["NIST SP 800-61 Rev. 2".to_owned(), "ISO 27001 A.16.1".to_owned()],
        traces: Vec::new(),
        phases: vec![
            phase("immediate", "Immediate response", (minutes(0), minutes(15)), 0..7),
            phase("after", "Post-incident", (minutes(60), minutes(240)), 7..10),
        ],
        steps: steps(),
    }
}

/// Somebody who types what was agreed upon, and what they saw.
pub struct Rehearsal {
    typed: RefCell<VecDeque<Typed>>,
    seen: RefCell<Vec<String>>,
}

impl Rehearsal {
    pub fn typing(lines: &[&str]) -> Self {
        let typed = lines.iter().map(|line| match *line {
            "^C" => Typed::Interrupted,
            "^D" => Typed::Closed,
            line => Typed::Line(line.to_owned()),
        });
        Self { typed: RefCell::new(typed.collect()), seen: RefCell::default() }
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

    fn read(&self, prompt: &Line) -> Result<Typed> {
        self.seen.borrow_mut().push(prompt.text());
        Ok(self.typed.borrow_mut().pop_front().expect("nothing more was agreed upon"))
    }

    fn width(&self) -> usize {
        80
    }

    fn forget_what_was_typed(&self) {}

    fn draws_lists(&self) -> bool {
        false
    }

    fn pick_one(&self, _choices: &[String]) -> Result<Picked<String>> {
        Ok(Picked::Nothing)
    }

    fn pick_several(&self, _choices: &[String]) -> Result<Picked<Vec<String>>> {
        Ok(Picked::Nothing)
    }
}

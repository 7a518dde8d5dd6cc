//! The names that an expression can look up, lent from the run without a copy.

use std::cell::OnceCell;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::state::Run;
use crate::document::expr::Scope;
use crate::text::duration;

/// What is in scope beside parameters and finished steps.
#[derive(Clone, Copy, Default)]
pub(super) struct Local<'a> {
    pub item: Option<&'a Value>,
    pub result: Option<&'a Value>,
}

/// Parameters, outputs of finished steps, the run's own facts, and what is local.
pub(super) struct Names<'a> {
    run: &'a Run,
    local: Local<'a>,
    now: DateTime<Utc>,
    facts: OnceCell<Value>,
}

impl<'a> Names<'a> {
    pub(super) fn of(run: &'a Run, local: Local<'a>, now: DateTime<Utc>) -> Self {
        Self { run, local, now, facts: OnceCell::new() }
    }

    fn facts(&self) -> Value {
        let opened = self.run.opened();
        let started = self.run.started_at();
        let elapsed = started.and_then(|started| (self.now - started).to_std().ok()).unwrap_or_default();
        json!({
            "id": self.run.id(),
            "started_at": started.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
            "elapsed": duration::show(elapsed),
            "severity": opened.and_then(|opened| opened.severity.clone()).unwrap_or_default(),
            "incident": opened.and_then(|opened| opened.incident.clone()).unwrap_or_default(),
        })
    }
}

impl Scope for Names<'_> {
    fn root(&self, name: &str) -> Option<&Value> {
        match name {
            "params" => Some(&self.run.params),
            "steps" => Some(&self.run.found),
            "roles" => Some(&self.run.roles),
            "run" => Some(self.facts.get_or_init(|| self.facts())),
            "item" => self.local.item,
            "result" => self.local.result,
            _ => None,
        }
    }
}

//! The record put together from what the steps of a review gave.

use std::collections::HashMap;

use serde_json::Value;

use super::words::key_use;
use super::{
    Asked, Counts, Decision, Edit, Excluded, FORMAT, Finding, Key, MADE, Pace, Planned, Proof, ReviewRecord,
    SignOff, Source, Unfit,
};
use crate::access::plan;

/// What a review gave so far. What is empty did not take place.
#[derive(Debug, Default)]
pub struct Sources<'a> {
    pub run: &'a str,
    pub quarter: &'a str,
    pub collected_at: &'a str,
    pub reviewer: &'a str,
    /// The findings, as `access who-can --json` writes them.
    pub findings: Value,
    /// Where they lie.
    pub source: Source,
    /// Maps with `id`, `decision`, `reason`, `by`, `at`, as a review gives them.
    pub decisions: &'a [Value],
    /// The same of the last review.
    pub last: &'a [Value],
    pub pace: Option<Pace>,
    /// What a plan found: maps with `principal`, `after`, `would_hold`, `obstacles`.
    pub outcomes: &'a [Value],
    /// Maps with `words`, `also`, `edit` and `undo`.
    pub edits: &'a [Value],
    /// Edits as a step took them up, and what became of each.
    pub taken_up: Vec<(&'a Value, String)>,
    pub edits_approved: Vec<SignOff>,
    /// Maps with `principal` and `verdict`.
    pub proven: &'a [Value],
    /// The same, and `because`.
    pub not_proven: &'a [Value],
}

impl Sources<'_> {
    /// Puts the record together.
    ///
    /// # Errors
    /// When the findings are none, do not add up, or somebody was decided on, planned for or
    /// proven who is not among them.
    pub fn compile(self) -> Result<ReviewRecord, Unfit> {
        let told = &self.findings;
        let listed = |name: &str| told.get(name).cloned().unwrap_or(Value::Array(Vec::new()));
        let mut findings: Vec<Finding> = fitting("principals", listed("principals"))?;
        let excluded: Vec<Excluded> = fitting("excluded", listed("excluded"))?;
        for finding in &mut findings {
            (finding.decision, finding.last_decision) = (None, None);
            (finding.planned, finding.proof) = (None, None);
        }
        self.tell(&mut findings)?;
        let edits: Vec<Edit> = self.edits.iter().map(|edit| self.edit(edit)).collect();
        let record = ReviewRecord {
            format: FORMAT.to_owned(),
            asked: self.asked()?,
            signed_off: Vec::new(),
            counts: Counts::of(&findings, &excluded, &edits),
            pace: self.pace,
            missing: fitting("missing", listed("missing"))?,
            findings,
            excluded,
            edits,
            edits_approved: self.edits_approved,
        };
        record.check()?;
        adds_up(&record.counts, &self.findings)?;
        Ok(record)
    }

    fn asked(&self) -> Result<Asked, Unfit> {
        let told = |name: &str| self.findings.get(name).cloned().unwrap_or_default();
        let key: Key = fitting("key", told("key"))?;
        Ok(Asked {
            run: self.run.to_owned(),
            quarter: self.quarter.to_owned(),
            action: fitting("action", told("action"))?,
            key,
            key_last_used: match told("key_last_used") {
                Value::String(words) => words,
                _ => key_use(&told("key_last_usage")),
            },
            key_last_usage: told("key_last_usage"),
            collected_at: self.collected_at.to_owned(),
            reviewer: self.reviewer.to_owned(),
            findings: self.source.clone(),
        })
    }

    /// Everything that was said of somebody is put to them.
    fn tell(&self, findings: &mut [Finding]) -> Result<(), Unfit> {
        let at: HashMap<String, usize> =
            findings.iter().enumerate().map(|(at, finding)| (finding.principal.clone(), at)).collect();
        let mut each = |what: &str, said: &[Value], name: &str, put: fn(&mut Finding, &Value)| {
            said.iter().try_for_each(|said| {
                let who = text(said, name);
                let finding = at.get(&who).and_then(|at| findings.get_mut(*at));
                let finding =
                    finding.ok_or_else(|| Unfit(format!("{what} {who}, who is not among the findings")))?;
                put(finding, said);
                Ok(())
            })
        };
        each("a decision was made on", self.decisions, "id", |finding, said| {
            finding.decision = Some(decision(said));
        })?;
        each("a plan was made for", self.outcomes, "principal", |finding, said| {
            finding.planned = Some(planned(said));
        })?;
        each("a revocation was proven for", self.proven, "principal", |finding, said| {
            finding.proof = Some(proof(said, true));
        })?;
        each("a revocation was not proven for", self.not_proven, "principal", |finding, said| {
            finding.proof = Some(proof(said, false));
        })?;
        // Whoever was decided on the last time may be gone.
        let last: HashMap<String, &Value> = self.last.iter().map(|last| (text(last, "id"), last)).collect();
        for finding in findings {
            finding.last_decision = last.get(&finding.principal).map(|last| decision(last));
        }
        Ok(())
    }

    fn edit(&self, planned: &Value) -> Edit {
        let part = |name: &str| planned.get(name).cloned().unwrap_or_default();
        let taken_up = self.taken_up.iter().find(|(edit, _)| *edit == planned);
        Edit {
            words: text(planned, "words"),
            undo_words: undo_words(&part("undo")),
            also: texts(planned, "also"),
            state: taken_up.map_or_else(|| "not made".to_owned(), |(_, state)| state.clone()),
            edit: part("edit"),
            undo: part("undo"),
        }
    }
}

impl ReviewRecord {
    /// The same record with somebody's word on it.
    #[must_use]
    pub fn signed(mut self, by: impl IntoIterator<Item = SignOff>) -> Self {
        self.signed_off.extend(by);
        self
    }

    /// What was planned and is not made.
    pub fn edits_left(&self) -> impl Iterator<Item = &Edit> {
        self.edits.iter().filter(|edit| edit.state != MADE)
    }
}

/// The findings count everybody themselves.
fn adds_up(counts: &Counts, findings: &Value) -> Result<(), Unfit> {
    let Some(said) = findings.get("population") else { return Ok(()) };
    let ours = serde_json::to_value(counts.population).unwrap_or_default();
    if *said == ours {
        return Ok(());
    }
    Err(Unfit(format!("the population does not add up: the findings say {said}, and hold {ours}")))
}

fn fitting<T: serde::de::DeserializeOwned>(what: &str, value: Value) -> Result<T, Unfit> {
    serde_json::from_value(value).map_err(|error| Unfit(format!("`{what}` of the findings: {error}")))
}

fn decision(said: &Value) -> Decision {
    let number = |name: &str| said.get(name).and_then(Value::as_u64);
    Decision {
        decision: text(said, "decision"),
        reason: text(said, "reason"),
        by: text(said, "by"),
        at: text(said, "at"),
        seconds: number("seconds"),
        together: number("together"),
    }
}

fn planned(said: &Value) -> Planned {
    Planned {
        after: text(said, "after"),
        would_hold: said.get("would_hold").and_then(Value::as_bool).unwrap_or_default(),
        obstacles: texts(said, "obstacles"),
    }
}

fn proof(said: &Value, proven: bool) -> Proof {
    Proof { proven, verdict: text(said, "verdict"), because: texts(said, "because") }
}

fn undo_words(undo: &Value) -> String {
    serde_json::from_value::<plan::Edit>(undo.clone()).map(|undo| undo.words()).unwrap_or_default()
}

fn text(said: &Value, name: &str) -> String {
    said.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn texts(said: &Value, name: &str) -> Vec<String> {
    let list = said.get(name).and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

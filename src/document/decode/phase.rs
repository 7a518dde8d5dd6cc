//! `phases` with their `steps`.

use std::collections::HashMap;
use std::sync::Arc;

use super::findings::Findings;
use super::record::Record;
use super::{names, scalar, step};
use crate::document::draft::{Broken, StepMarks};
use crate::document::language::PHASE;
use crate::document::playbook::{Phase, Step};
use crate::document::yaml::Node;
use crate::text::{Diagnostic, Span};

/// All phases and all steps, with what the checks need to know about them.
#[derive(Default)]
pub(super) struct Body {
    pub phases: Vec<Phase>,
    pub windows: Vec<Option<Span>>,
    pub steps: Vec<Step>,
    pub marks: Vec<StepMarks>,
    pub index: HashMap<Arc<str>, usize>,
}

pub(super) fn phases(document: &Record<'_>, broken: &mut Broken, findings: &mut Findings<'_>) -> Body {
    let mut all = Body::default();
    let node = document.get("phases", findings);
    let Some(items) = node.and_then(|node| scalar::list(node, "`phases`", findings)) else {
        broken.all_steps = true;
        return all;
    };
    for item in items {
        all.phase(item, broken, findings);
    }
    if all.steps.is_empty()
        && !broken.all_steps
        && let Some(node) = node
    {
        findings.invalid("no-steps", node.span, "there is no step in this document");
    }
    all
}

impl Body {
    fn phase(&mut self, node: &Node, broken: &mut Broken, findings: &mut Findings<'_>) {
        let id_node = node.get("id").filter(|id| !id.is_null());
        let anchor = id_node.map_or(node.span, |id| id.span);
        let Some(record) = Record::open(node, &PHASE, anchor, findings) else {
            broken.all_steps = true;
            return;
        };
        let id = record
            .get("id", findings)
            .and_then(|node| names::snake(node, "the id of a phase", findings))
            .unwrap_or_default();
        if let Some(first) = self.phases.iter().find(|phase| phase.id == id && !id.is_empty()) {
            findings.push(twice("phase", &id, anchor, first.span));
        }
        let title = record.get("title", findings).and_then(|node| scalar::shown(node, "`title`", findings));
        let title = title.unwrap_or_else(|| names::in_words(&id));
        let window_node = record.get("window", findings);
        let window = window_node.and_then(|node| scalar::window(node, findings));
        let start = self.steps.len();
        self.steps(&record, broken, findings);
        self.windows.push(window_node.map(|node| node.span));
        self.phases.push(Phase { id, span: anchor, title, window, steps: start..self.steps.len() });
    }

    fn steps(&mut self, phase: &Record<'_>, broken: &mut Broken, findings: &mut Findings<'_>) {
        let node = phase.get("steps", findings);
        let Some(items) = node.and_then(|node| scalar::list(node, "`steps`", findings)) else {
            broken.all_steps = true;
            return;
        };
        for item in items {
            match step::step(item, findings) {
                Some((step, marks, sound)) => self.take(step, marks, sound, broken, findings),
                None => broken.all_steps = true,
            }
        }
    }

    fn take(
        &mut self,
        step: Step,
        marks: StepMarks,
        sound: bool,
        broken: &mut Broken,
        findings: &mut Findings<'_>,
    ) {
        if !sound {
            broken.steps.insert(step.id.clone());
        }
        match self.index.get(&step.id) {
            _ if step.id.is_empty() => broken.all_steps = true,
            Some(&first) => {
                let first = self.steps.get(first).map_or(step.span, |first| first.span);
                findings.push(twice("step", &step.id, step.span, first));
            }
            None => {
                self.index.insert(step.id.clone(), self.steps.len());
            }
        }
        self.steps.push(step);
        self.marks.push(marks);
    }
}

fn twice(what: &str, id: &str, again: Span, first: Span) -> Diagnostic {
    Diagnostic::error("duplicate-id", again, format!("there are two {what}s called `{id}`"))
        .label("again here")
        .also(first, "first here")
        .help("an id is used once in a document; change one of them")
}

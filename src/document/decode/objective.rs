//! `objectives`: deadlines, counted from the start.

use std::time::Duration;

use super::findings::Findings;
use super::record::Record;
use super::{names, scalar};
use crate::document::draft::Broken;
use crate::document::language::OBJECTIVE;
use crate::document::playbook::{MetBy, Objective};
use crate::document::yaml::{Key, Node};
use crate::text::{Diagnostic, Span};

/// The objectives, and where each one's `met_by` stands.
pub(super) fn objectives(
    document: &Record<'_>,
    broken: &mut Broken,
    findings: &mut Findings<'_>,
) -> (Vec<Objective>, Vec<Span>) {
    let Some(node) = document.get("objectives", findings) else { return Default::default() };
    let Some(entries) = node.entries() else {
        findings.wrong_type(node, "`objectives`", "a map of objectives");
        broken.all_objectives = true;
        return Default::default();
    };
    entries.iter().map(|(key, node)| objective(key, node, findings)).unzip()
}

/// An objective is there even if what is said about it is wrong.
fn objective(key: &Key, node: &Node, findings: &mut Findings<'_>) -> (Objective, Span) {
    names::snake_key(key, "the name of an objective", findings);
    let mut objective = Objective {
        id: key.text.clone(),
        title: names::in_words(&key.text),
        within: Duration::ZERO,
        met_by: MetBy::All(Vec::new()),
        span: key.span,
    };
    let Some(record) = Record::open(node, &OBJECTIVE, key.span, findings) else {
        return (objective, key.span);
    };
    if let Some(title) =
        record.get("title", findings).and_then(|node| scalar::shown(node, "`title`", findings))
    {
        objective.title = title;
    }
    if let Some(node) = record.get("within", findings) {
        objective.within = scalar::duration(node, "`within`", findings).unwrap_or_default();
    }
    let Some(node) = record.get("met_by", findings) else { return (objective, key.span) };
    if let Some(met_by) = met_by(node, findings) {
        objective.met_by = met_by;
    }
    (objective, node.span)
}

/// `any(a, b)`, `all(a, b)`, or one step.
fn met_by(node: &Node, findings: &mut Findings<'_>) -> Option<MetBy> {
    let text = scalar::text(node, "`met_by`", findings)?;
    let inside =
        |word: &str| text.trim().strip_prefix(word)?.trim_start().strip_prefix('(')?.strip_suffix(')');
    let (steps, any) = match (inside("any"), inside("all")) {
        (Some(steps), _) => (steps, true),
        (None, Some(steps)) => (steps, false),
        (None, None) => (text.as_str(), false),
    };
    let steps: Vec<String> = steps.split(',').map(|step| step.trim().to_owned()).collect();
    if steps
        .iter()
        .any(|step| step.is_empty() || step.contains(|c: char| !c.is_ascii_alphanumeric() && c != '_'))
    {
        let message = "`met_by` names steps: write any(a, b), all(a, b) or one step's id";
        findings.push(scalar::cut_at_comma(&text, Diagnostic::error("met-by", node.span, message)));
        return None;
    }
    Some(if any { MetBy::Any(steps) } else { MetBy::All(steps) })
}

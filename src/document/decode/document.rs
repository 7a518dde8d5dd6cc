//! The document as a whole.

use super::findings::Findings;
use super::phase::Body;
use super::record::Record;
use super::{channel, escalation, names, objective, param, phase, role, scalar};
use crate::document::draft::{Broken, Draft};
use crate::document::language::{DOCUMENT, SEVERITY};
use crate::document::playbook::{Playbook, Severities, Species};
use crate::document::yaml::Node;
use crate::text::{Diagnostic, Digest, Source, Span};

/// Decodes a document; `None` when it is no map at all.
pub(in crate::document) fn decode(
    root: &Node,
    source: &Source,
    stem: Option<&str>,
    found: &mut Vec<Diagnostic>,
) -> Option<Draft> {
    let findings = &mut Findings::new(&source.text, found);
    let top = first_line(root, source);
    let record = Record::open(root, &DOCUMENT, top, findings)?;
    let mut broken = Broken::default();
    let (species, name) = name(&record, top, stem, findings);
    let params = param::params(&record, &mut broken, findings);
    let channels = channel::channels(&record, &mut broken, findings);
    let roles = role::roles(&record, &mut broken, findings);
    let (objectives, met_by) = objective::objectives(&record, &mut broken, findings);
    let (escalations, told) = escalation::escalations(&record, findings);
    let Body { phases, windows, steps, marks, index } = phase::phases(&record, &mut broken, findings);
    let shown = |key: &str, findings: &mut Findings<'_>| {
        record.get(key, findings).and_then(|node| scalar::shown(node, &format!("`{key}`"), findings))
    };
    let texts = |key: &str, findings: &mut Findings<'_>| match record.get(key, findings) {
        Some(node) => scalar::texts(node, &format!("`{key}`"), findings),
        None => Vec::new(),
    };
    let playbook = Playbook {
        source: source.clone(),
        digest: Digest::of(source.text.as_bytes()),
        species,
        title: shown("title", findings).unwrap_or_else(|| names::in_words(&name)),
        name,
        version: version(&record, findings),
        owner: shown("owner", findings).unwrap_or_default(),
        summary: shown("summary", findings).unwrap_or_default(),
        frequency: shown("frequency", findings),
        expected: record
            .get("expected", findings)
            .and_then(|node| scalar::duration(node, "`expected`", findings)),
        prerequisites: texts("prerequisites", findings),
        success: texts("success", findings),
        triggers: texts("triggers", findings),
        severity: record.get("severity", findings).and_then(|node| severity(node, findings)),
        roles,
        channels,
        params,
        objectives,
        escalations,
        references: texts("references", findings),
        traces: escalation::traces(&record, findings),
        phases,
        steps,
        index,
    };
    Some(Draft { playbook, steps: marks, windows, met_by, told, broken })
}

/// Where what the whole document lacks is missed.
fn first_line(root: &Node, source: &Source) -> Span {
    let rest = source.text.get(root.span.range()).unwrap_or_default();
    Span::new(root.span.start, root.span.start + rest.lines().next().unwrap_or_default().len())
}

/// `playbook: NAME` or `runbook: NAME`, which is the file's name too.
fn name(
    record: &Record<'_>,
    top: Span,
    stem: Option<&str>,
    findings: &mut Findings<'_>,
) -> (Species, String) {
    let species = if record.has("playbook") { Species::Playbook } else { Species::Runbook };
    match (record.entry("playbook"), record.entry("runbook")) {
        (Some((first, _)), Some((second, _))) => findings.push(
            Diagnostic::error("kind", second.span, "a document is a playbook or a runbook, not both")
                .also(first.span, "a playbook, it says here")
                .help("keep `playbook:` for an incident, `runbook:` for routine and maintenance work"),
        ),
        (None, None) => {
            let fault = Diagnostic::error(
                "missing-key",
                top,
                "a document needs the key `playbook` or `runbook`, with its name",
            );
            findings.push(
                fault.help("begin with `playbook: NAME` for an incident, `runbook: NAME` for routine work"),
            );
        }
        _ => {}
    }
    let key = if record.has("playbook") { "playbook" } else { "runbook" };
    let node = record.get(key, findings);
    let name = node.and_then(|node| names::kebab(node, "the name of a document", findings));
    if let (Some(node), Some(name), Some(stem)) = (node, &name, stem)
        && name != stem
    {
        let message = format!("the document is called `{name}` and its file `{stem}`");
        let fault = Diagnostic::error("name", node.span, message);
        findings.push(
            fault.help(format!(
                "call both the same: rename the file to {name}.yaml, or write `{key}: {stem}`"
            )),
        );
    }
    (species, name.unwrap_or_default())
}

fn version(record: &Record<'_>, findings: &mut Findings<'_>) -> u32 {
    let node = record.get("version", findings);
    node.and_then(|node| scalar::count(node, "`version`", 1, u32::MAX, findings)).unwrap_or(1)
}

fn severity(node: &Node, findings: &mut Findings<'_>) -> Option<Severities> {
    let record = Record::open(node, &SEVERITY, node.span, findings)?;
    let default = record.get("default", findings);
    let levels = record.get("levels", findings)?;
    let Some(entries) = levels.entries().filter(|entries| !entries.is_empty()) else {
        findings.wrong_type(levels, "`levels`", "a map of levels and what they mean, the gravest first");
        return None;
    };
    let meanings = entries.iter().filter_map(|(key, node)| {
        names::snake_key(key, "a level", findings).then_some(())?;
        Some((key.text.clone(), scalar::shown(node, "the meaning of a level", findings)?))
    });
    let meanings: Vec<(String, String)> = meanings.collect();
    let node = default?;
    let default = scalar::text(node, "`default`", findings)?;
    if !entries.iter().any(|(key, _)| key.text == default) {
        let message = format!("there is no level `{default}`");
        let fault = Diagnostic::error("unknown-severity", node.span, message);
        findings.push(fault.suggest(&default, entries.iter().map(|(key, _)| &key.text)));
    }
    Some(Severities { default, levels: meanings })
}

//! `params`: what a run is started with.

use serde_json::Value;

use super::findings::Findings;
use super::record::Record;
use super::{names, scalar};
use crate::document::draft::Broken;
use crate::document::language::{PARAM, PARAM_TYPES};
use crate::document::param::{Param, ParamKind};
use crate::document::yaml::{Key, Node};
use crate::text::{Diagnostic, Span};

pub(super) fn params(document: &Record<'_>, broken: &mut Broken, findings: &mut Findings<'_>) -> Vec<Param> {
    let Some(node) = document.get("params", findings) else { return Vec::new() };
    let Some(entries) = node.entries() else {
        findings.wrong_type(node, "`params`", "a map of parameters");
        broken.all_params = true;
        return Vec::new();
    };
    let mut params = Vec::with_capacity(entries.len());
    for (key, node) in entries {
        let before = findings.count();
        params.extend(param(key, node, findings));
        if findings.count() > before {
            broken.params.insert(key.text.clone());
        }
    }
    params
}

fn param(key: &Key, node: &Node, findings: &mut Findings<'_>) -> Option<Param> {
    let named = names::snake_key(key, "the name of a parameter", findings);
    // The short form: `lookback: duration`.
    let param = if node.text().is_some() && !node.is_null() {
        short(key, node, findings)
    } else {
        long(key, node, findings)
    };
    param.filter(|_| named)
}

fn short(key: &Key, node: &Node, findings: &mut Findings<'_>) -> Option<Param> {
    let kind = kind(node, findings)?;
    if matches!(kind, ParamKind::Choice(_)) {
        no_choices(node.span, findings);
        return None;
    }
    Some(Param { name: key.text.clone(), kind, prompt: None, default: None, span: key.span })
}

fn long(key: &Key, node: &Node, findings: &mut Findings<'_>) -> Option<Param> {
    let record = Record::open(node, &PARAM, key.span, findings)?;
    let prompt = record.get("prompt", findings).and_then(|node| scalar::shown(node, "`prompt`", findings));
    let choices = choices(&record, findings);
    let type_node = record.get("type", findings)?;
    let kind = match (kind(type_node, findings)?, choices) {
        (ParamKind::Choice(_), Some(choices)) => ParamKind::Choice(choices),
        (ParamKind::Choice(_), None) => {
            if !record.has("choices") {
                no_choices(type_node.span, findings);
            }
            return None;
        }
        (kind, None) => kind,
        (kind, Some(_)) => {
            let span = record.entry("choices").map_or(node.span, |(key, _)| key.span);
            let message = format!("only a `choice` has choices, and this is `{}`", kind.name());
            findings.push(
                Diagnostic::error("choice", span, message)
                    .help("write `type: choice`, or leave the choices out"),
            );
            kind
        }
    };
    let default = record.get("default", findings).and_then(|node| default(node, &kind, findings));
    Some(Param { name: key.text.clone(), kind, prompt, default, span: key.span })
}

fn kind(node: &Node, findings: &mut Findings<'_>) -> Option<ParamKind> {
    scalar::one_of(node, "the type of a parameter", PARAM_TYPES, findings).and_then(ParamKind::named)
}

fn choices(record: &Record<'_>, findings: &mut Findings<'_>) -> Option<Vec<String>> {
    let node = record.get("choices", findings)?;
    let items = scalar::list(node, "`choices`", findings)?;
    let mut choices: Vec<String> = Vec::with_capacity(items.len());
    for item in items {
        let choice = scalar::text(item, "a choice", findings)?;
        if choices.contains(&choice) {
            findings.invalid("choice", item.span, format!("the choice `{choice}` stands here twice"));
        }
        choices.push(choice);
    }
    if choices.is_empty() {
        findings.invalid("choice", node.span, "there is nothing to choose from");
        return None;
    }
    Some(choices)
}

fn no_choices(span: Span, findings: &mut Findings<'_>) {
    let fault = Diagnostic::error("missing-key", span, "a `choice` needs the key `choices`");
    findings.push(fault.help("for example: { type: choice, choices: [disable, fence] }"));
}

fn default(node: &Node, kind: &ParamKind, findings: &mut Findings<'_>) -> Option<Value> {
    if matches!(kind, ParamKind::Secret) {
        let fault = Diagnostic::error(
            "secret",
            node.span,
            "a secret has no default: it would stand here for everyone to read",
        );
        findings.push(fault.help("leave it out; it is asked for, or given with -p at the start"));
        return None;
    }
    let text = scalar::text(node, "`default`", findings)?;
    match kind.read(&text) {
        Ok(value) => Some(value),
        Err(message) => {
            let fault = Diagnostic::error("wrong-type", node.span, message);
            findings.push(match kind {
                ParamKind::Choice(choices) => fault.suggest(&text, choices),
                _ => fault,
            });
            None
        }
    }
}

//! Names: that they exist, and that they can be known by the time they are looked up.

use super::shape::{self, Missing};
use super::uses::{self, Site};
use crate::document::draft::Draft;
use crate::document::expr::Use;
use crate::text::{Diagnostic, Span, nearest};

pub(super) fn check(draft: &Draft, found: &mut Vec<Diagnostic>) {
    for (index, step) in draft.playbook.steps.iter().enumerate() {
        uses::of_step(step, &mut |site| found.extend(in_step(draft, index, site)));
    }
    for escalation in &draft.playbook.escalations {
        uses::of_escalation(escalation, &mut |used| found.extend(in_escalation(draft, used)));
    }
    roles(draft, found);
}

fn in_step(draft: &Draft, index: usize, site: Site<'_>) -> Option<Diagnostic> {
    let used = site.used;
    out_of_scope(draft, Some(site), used)
        .or_else(|| too_early(draft, index, site))
        .or_else(|| missing_part(used, shape::of_site(draft, site).err()?))
}

fn in_escalation(draft: &Draft, used: &Use) -> Option<Diagnostic> {
    let site = Site { used, item: None, result: None, after: true, env: false };
    out_of_scope(draft, None, used).or_else(|| missing_part(used, shape::of_site(draft, site).err()?))
}

/// Names that are not there at all.
fn out_of_scope(draft: &Draft, site: Option<Site<'_>>, used: &Use) -> Option<Diagnostic> {
    let mut parts = used.path.split('.');
    let (root, name) = (parts.next()?, parts.next());
    match (root, name) {
        ("params", Some(name)) => unknown_param(draft, name, used),
        ("steps", Some(id)) => unknown_step_of(draft, id, used),
        ("item", _) if site.is_none_or(|site| site.item.is_none()) => {
            let fault = Diagnostic::error(
                "no-item",
                used.span,
                "`item` is known only inside of a step with `for_each`",
            );
            Some(fault.help("add `for_each: LIST` to the step; its `when` and its list still stand outside"))
        }
        ("result", _) if site.is_none_or(|site| site.result.is_none()) => {
            let fault = Diagnostic::error(
                "no-result",
                used.span,
                "`result` is known only in the `holds` of `verify` and `wait`",
            );
            Some(fault.help("what an earlier step found is steps.ID.NAME"))
        }
        ("params" | "steps" | "run" | "roles" | "item" | "result", _) => None,
        _ => Some(unknown_root(draft, site, used, root)),
    }
}

fn unknown_param(draft: &Draft, name: &str, used: &Use) -> Option<Diagnostic> {
    let known = draft.playbook.param(name).is_some() || draft.broken.params.contains(name);
    if known || draft.broken.all_params {
        return None;
    }
    let fault = Diagnostic::error("unknown-parameter", used.span, format!("there is no parameter `{name}`"));
    let fault = instead(fault, used, name, draft.playbook.params.iter().map(|param| &param.name));
    Some(match fault.label {
        Some(_) => fault,
        None => fault.help(format!("declare it: params: {{ {name}: string }}")),
    })
}

pub(super) fn unknown_step(draft: &Draft, id: &str, span: Span) -> Option<Diagnostic> {
    if draft.playbook.step(id).is_some() || draft.broken.all_steps {
        return None;
    }
    let fault = Diagnostic::error("unknown-step", span, format!("there is no step `{id}`"));
    Some(fault.suggest(id, draft.playbook.steps.iter().map(|step| &*step.id)))
}

fn unknown_step_of(draft: &Draft, id: &str, used: &Use) -> Option<Diagnostic> {
    let fault = Diagnostic { label: None, ..unknown_step(draft, id, used.span)? };
    Some(instead(fault, used, id, draft.playbook.steps.iter().map(|step| &*step.id)))
}

/// Suggests the whole name, with its wrong part put right.
fn instead(
    fault: Diagnostic,
    used: &Use,
    wrong: &str,
    known: impl IntoIterator<Item = impl AsRef<str>>,
) -> Diagnostic {
    let Some(near) = nearest(wrong, known) else { return fault };
    let parts: Vec<&str> =
        used.path.split('.').map(|part| if part == wrong { near.as_str() } else { part }).collect();
    fault.label(format!("did you mean `{}`?", parts.join(".").replace(".[]", "[0]")))
}

fn unknown_root(draft: &Draft, site: Option<Site<'_>>, used: &Use, root: &str) -> Diagnostic {
    let fault = Diagnostic::error("unknown-name", used.span, format!("nothing is called `{root}` here"));
    let playbook = &draft.playbook;
    if playbook.param(root).is_some() {
        return fault.label(format!("did you mean `params.{}`?", used.path));
    }
    if playbook.step(root).is_some() {
        return fault.label(format!("did you mean `steps.{}`?", used.path));
    }
    if matches!(root, "yes" | "no" | "on" | "off") {
        let word = if matches!(root, "yes" | "on") { "true" } else { "false" };
        return fault.label(format!("did you mean `{word}`?"));
    }
    let roots = shape::roots(site);
    let fault = fault.suggest(root, &roots);
    match fault.label {
        Some(_) => fault,
        None => fault.help(format!("names begin with {}; a text stands in quotes", roots.join(", "))),
    }
}

/// A step's outputs are there once it is done: its own only to `verify` and `undo`.
fn too_early(draft: &Draft, index: usize, site: Site<'_>) -> Option<Diagnostic> {
    let id = site.used.step()?;
    let (at, step) = draft.playbook.step(id)?;
    let fault = |message: String| {
        let fault = Diagnostic::error("not-yet-known", site.used.span, message);
        if at == index { fault } else { fault.also(step.span, "found only here") }
    };
    if at > index {
        let message = format!("`{}` is looked up before `{id}` runs", site.used.name());
        return Some(fault(message).help("move the step that finds it before this one"));
    }
    if at == index && !site.after {
        let message = format!("`{id}` looks up what it finds itself");
        return Some(fault(message).help("only its own `verify` and `undo` know that"));
    }
    None
}

fn missing_part(used: &Use, missing: Missing) -> Option<Diagnostic> {
    match missing {
        Missing::Elsewhere => None,
        Missing::NoParts { of } => {
            let message = format!("`{of}` has no parts to look up");
            Some(Diagnostic::error("unknown-output", used.span, message))
        }
        Missing::Part { of, part, known } => {
            let code = if of == "roles" { "unknown-role" } else { "unknown-output" };
            let fault = Diagnostic::error(code, used.span, format!("`{of}` has no `{part}`"));
            let fault = instead(fault, used, &part, &known);
            Some(match (&fault.label, known.is_empty()) {
                (Some(_), _) => fault,
                (None, true) => fault.help("it finds nothing that could be looked up"),
                (None, false) => fault.help(format!("it has {}", known.join(", "))),
            })
        }
    }
}

/// Roles that steps, approvals and escalations name.
fn roles(draft: &Draft, found: &mut Vec<Diagnostic>) {
    if draft.broken.all_roles {
        return;
    }
    let playbook = &draft.playbook;
    let mut known = |role: &str, span: Option<Span>| {
        if let (None, Some(span)) = (playbook.role(role), span) {
            let fault = Diagnostic::error("unknown-role", span, format!("there is no role `{role}`"));
            let fault = fault.suggest(role, playbook.roles.iter().map(|role| &role.id));
            found.push(match fault.label {
                Some(_) => fault,
                None => fault.help(format!("declare it: roles: {{ {role}: TITLE }}")),
            });
        }
    };
    for (step, marks) in playbook.steps.iter().zip(&draft.steps) {
        if let Some(approve) = &step.approve {
            known(&approve.by, marks.approve);
        }
        if let Some(owner) = &step.owner {
            known(owner, marks.owner);
        }
    }
    for (escalation, spans) in playbook.escalations.iter().zip(&draft.told) {
        for (role, span) in escalation.to.iter().zip(spans) {
            known(role, Some(*span));
        }
    }
}

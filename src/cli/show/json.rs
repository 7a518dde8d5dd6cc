//! A document as JSON: what it says, after every check, without its templates rendered.

use serde_json::{Value, json};

use super::words;
use crate::document::{OnFailure, Playbook, Step};

pub(super) fn render(playbook: &Playbook) -> String {
    format!("{:#}\n", value(playbook))
}

fn value(playbook: &Playbook) -> Value {
    json!({
        "name": playbook.name,
        "kind": playbook.species,
        "title": playbook.title,
        "version": playbook.version,
        "owner": playbook.owner,
        "summary": playbook.summary,
        "digest": playbook.digest,
        "frequency": playbook.frequency,
        "expected_seconds": playbook.expected.map(|expected| expected.as_secs()),
        "prerequisites": playbook.prerequisites,
        "success": playbook.success,
        "triggers": playbook.triggers,
        "severity": playbook.severity.as_ref().map(|severity| json!({
            "default": severity.default,
            "levels": severity.levels.iter().map(|(name, means)| json!({ "name": name, "means": means })).collect::<Vec<_>>(),
        })),
        "roles": playbook.roles.iter().map(|role| json!({
            "id": role.id, "title": role.title, "staffed_by": role.staffed_by,
            "notify": role.notify.iter().map(|channel| &channel.name).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "channels": playbook.channels.iter().map(crate::run::described).collect::<Vec<_>>(),
        "params": playbook.params.iter().map(|param| json!({
            "name": param.name, "type": words::kind(&param.kind), "default": param.default, "prompt": param.prompt,
        })).collect::<Vec<_>>(),
        "objectives": playbook.objectives.iter().map(|objective| json!({
            "id": objective.id,
            "title": objective.title,
            "within_seconds": objective.within.as_secs(),
            "met_by": words::met_by(&objective.met_by),
        })).collect::<Vec<_>>(),
        "escalations": playbook.escalations.iter().map(|escalation| json!({
            "when": words::cause(&escalation.when), "to": escalation.to, "message": &*escalation.message.text,
        })).collect::<Vec<_>>(),
        "references": playbook.references,
        "traces": playbook.traces.iter().map(|trace| json!({
            "source": trace.source, "relationship": trace.relationship, "description": trace.description,
        })).collect::<Vec<_>>(),
        "phases": playbook.phases.iter().map(|phase| json!({
            "id": phase.id,
            "title": phase.title,
            "window_seconds": phase.window.map(|(from, to)| [from.as_secs(), to.as_secs()]),
            "steps": playbook.steps.get(phase.steps.clone()).unwrap_or_default().iter().map(|step| &*step.id).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "steps": playbook.steps.iter().map(|step| one(playbook, step)).collect::<Vec<_>>(),
    })
}

fn one(playbook: &Playbook, step: &Step) -> Value {
    let on_failure = match &step.on_failure {
        OnFailure::Stop => json!("stop"),
        OnFailure::Continue => json!("continue"),
        OnFailure::Goto(target) => json!({ "goto": target }),
    };
    json!({
        "id": &*step.id,
        "title": step.title,
        "why": step.why,
        "action": step.action.name(),
        "class": step.action.class(),
        "permissions": step.action.spec().permissions,
        "when": step.when.as_ref().map(|when| &*when.text),
        "for_each": step.for_each.as_ref().map(|each| json!({
            "list": &*each.list.text, "at_once": each.at_once, "tolerate_percent": each.tolerate,
        })),
        "approve": step.approve.as_ref().map(|approve| json!({
            "by": approve.by,
            "count": approve.count,
            "expires_seconds": approve.expires.map(|expires| expires.as_secs()),
        })),
        "owner": step.owner,
        "attempts": step.retry.attempts,
        "timeout_seconds": step.timeout.map(|timeout| timeout.as_secs()),
        "expected_seconds": step.expected.map(|expected| expected.as_secs()),
        "on_failure": on_failure,
        "verified": step.verify.is_some(),
        "undo": step.undo.as_ref().map(crate::document::action::Action::name),
        "counts_towards": words::counts_towards(playbook, step).collect::<Vec<_>>(),
    })
}

//! What all formats say of a document, in words.

use std::time::Duration;

use crate::document::{
    Approve, Cause, Channel, MetBy, OnFailure, Param, ParamKind, Phase, Playbook, Role, Setting, Species,
    Step,
};
use crate::text::duration;

pub(super) const fn species(species: Species) -> &'static str {
    match species {
        Species::Playbook => "incident playbook",
        Species::Runbook => "runbook",
    }
}

/// `T+0s to T+15m`.
pub(super) fn window(phase: &Phase) -> Option<String> {
    phase.window.map(|(from, to)| format!("T+{} to T+{}", instant(from), instant(to)))
}

fn instant(duration: Duration) -> String {
    if duration.is_zero() { "0".to_owned() } else { duration::show(duration) }
}

pub(super) fn kind(kind: &ParamKind) -> String {
    match kind {
        ParamKind::String => "string".to_owned(),
        ParamKind::Integer => "integer".to_owned(),
        ParamKind::Boolean => "boolean".to_owned(),
        ParamKind::Duration => "duration".to_owned(),
        ParamKind::Time => "time".to_owned(),
        ParamKind::Choice(of) => format!("one of {}", of.join(", ")),
        ParamKind::Secret => "secret".to_owned(),
        ParamKind::File => "file".to_owned(),
        ParamKind::Arn => "arn".to_owned(),
        ParamKind::KmsKey => "kms_key".to_owned(),
        ParamKind::AccessKey => "access_key".to_owned(),
        ParamKind::IamPrincipal => "iam_principal".to_owned(),
        ParamKind::S3Bucket => "s3_bucket".to_owned(),
        ParamKind::Account => "account".to_owned(),
        ParamKind::Region => "region".to_owned(),
    }
}

/// What a parameter takes, and what it is when it is not given.
pub(super) fn param(param: &Param) -> String {
    let default = match &param.default {
        Some(serde_json::Value::String(text)) if text.is_empty() => ", empty where not given".to_owned(),
        Some(serde_json::Value::String(text)) => format!(", default {text}"),
        Some(value) => format!(", default {value}"),
        None => ", required".to_owned(),
    };
    let prompt = param.prompt.as_ref().map(|prompt| format!(": {prompt}")).unwrap_or_default();
    format!("{}{default}{prompt}", kind(&param.kind))
}

pub(super) fn role(playbook: &Playbook, id: &str) -> String {
    playbook.role(id).map_or_else(|| id.to_owned(), |role| role.title.clone())
}

/// `, told on chat and pager`.
pub(super) fn told_on(role: &Role) -> String {
    let names: Vec<_> = role.notify.iter().map(|channel| channel.name.as_str()).collect();
    if names.is_empty() { String::new() } else { format!(", told on {}", names.join(" and ")) }
}

/// The medium of a channel, and where its values come from.
pub(super) fn channel(channel: &Channel) -> String {
    let setting = |(key, setting): &(&str, Setting)| match setting {
        Setting::Plain(texts) => format!("{key} {}", texts.join(", ")),
        Setting::Environment { name, .. } => format!("{key} from the variable {name}"),
        Setting::Parameter { name, .. } => format!("{key} from the parameter {name}"),
    };
    let settings: Vec<_> = channel.settings.iter().map(setting).collect();
    format!("{}, {}", channel.medium.name(), settings.join(", "))
}

pub(super) fn approval(playbook: &Playbook, approve: &Approve) -> String {
    let count = if approve.count > 1 { format!("{} of ", approve.count) } else { String::new() };
    let expires =
        approve.expires.map(|after| format!(", good for {}", duration::show(after))).unwrap_or_default();
    format!("{count}{}{expires}", role(playbook, &approve.by))
}

pub(super) fn met_by(met_by: &MetBy) -> String {
    match met_by {
        MetBy::Any(steps) => format!("any of {}", steps.join(", ")),
        MetBy::All(steps) => format!("all of {}", steps.join(", ")),
    }
}

pub(super) fn cause(cause: &Cause) -> String {
    match cause {
        Cause::Missed(objective) => format!("{objective} is missed"),
        Cause::Failed(step) => format!("{step} fails"),
        Cause::Answered { step, value } => format!("{step} is answered {value}"),
    }
}

/// All that qualifies a step beside what it does, one fact an item.
pub(super) fn terms(playbook: &Playbook, step: &Step) -> Vec<String> {
    let mut terms = Vec::new();
    terms.extend(step.when.as_ref().map(|when| format!("only when {}", when.text)));
    terms.extend(step.for_each.as_ref().map(|each| {
        let at_once = if each.at_once > 1 { format!(", {} at once", each.at_once) } else { String::new() };
        let tolerate =
            if each.tolerate > 0 { format!(", {}% may fail", each.tolerate) } else { String::new() };
        format!("for each of {}{at_once}{tolerate}", each.list.text)
    }));
    terms.extend(step.owner.as_ref().map(|owner| format!("done by {}", role(playbook, owner))));
    terms.extend(step.approve.as_ref().map(|approve| format!("approved by {}", approval(playbook, approve))));
    terms.extend(step.expected.map(|expected| format!("takes about {}", duration::show(expected))));
    terms.extend(step.timeout.map(|timeout| format!("given up after {}", duration::show(timeout))));
    if step.retry.attempts > 1 {
        terms.push(format!("tried up to {} times", step.retry.attempts));
    }
    terms.extend(step.verify.as_ref().map(|watch| format!("read back: {}", watch.holds.text)));
    terms.extend(step.undo.as_ref().map(|undo| format!("taken back by {}", undo.name())));
    match &step.on_failure {
        OnFailure::Stop => {}
        OnFailure::Continue => terms.push("a failure does not stop the run".to_owned()),
        OnFailure::Goto(target) => terms.push(format!("after a failure, on to {target}")),
    }
    terms
}

/// The objectives that a step counts towards.
pub(super) fn counts_towards<'a>(playbook: &'a Playbook, step: &'a Step) -> impl Iterator<Item = &'a str> {
    let meets = |met_by: &MetBy| match met_by {
        MetBy::Any(steps) | MetBy::All(steps) => steps.iter().any(|id| **id == *step.id),
    };
    playbook
        .objectives
        .iter()
        .filter(move |objective| meets(&objective.met_by))
        .map(|objective| &*objective.id)
}

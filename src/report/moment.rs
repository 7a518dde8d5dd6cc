//! What one entry says, in one sentence.

use serde_json::Value;

use super::words::{actor, choice, counted, deviation, instant, outcome, person, sentence, verdict_word};
use crate::run::{Answer, Decided, Event, Foresight, Place, Seen, Sent, Sight, Standing, Survey};

pub(super) fn message(event: &Event) -> String {
    match event {
        Event::Succeeded { place, .. } => format!("{place} succeeded"),
        Event::Failed { place, fault, .. } => format!("{place} failed: {}", fault.message),
        Event::Attempted { place, attempt, request, .. } => {
            format!("{place}, attempt {attempt}: {} is about to be done", request.action)
        }
        Event::Skipped { place, reason, by } => {
            let by = by.as_ref().map(|by| format!(" by {}", actor(by))).unwrap_or_default();
            format!("{place} was skipped{by}: {reason}")
        }
        Event::Listed { step, items } => {
            format!("{step} has {}", counted(items.len(), "element", "elements"))
        }
        Event::Progressed { place, done } => match done["process"]["id"].as_i64() {
            Some(id) => format!("{place} runs as process {id}"),
            None => format!("{place} did a part of its work"),
        },
        Event::Observed { place, fault: None, .. } => format!("{place} looked at the world"),
        Event::Observed { place, fault: Some(fault), .. } => {
            format!("{place} could not look at the world: {}", fault.message)
        }
        Event::Measured { place, radius, .. } => format!("{place}: {}", reach(radius)),
        Event::Outdated { place, seen_at } => {
            format!("{place}: what was seen at {} is too old to go by", instant(*seen_at))
        }
        Event::Verified { place } => format!("{place}: its effect was read back"),
        Event::Asked { place, question } => format!("{place} asked: {}", sentence(question)),
        Event::Decided(decided) => decision(decided),
        Event::Answered { place, answer } => format!("{place} was answered by {}", answered(answer)),
        Event::Settled { place, verdict, because, .. } => {
            format!("{place} is in doubt no longer, {}: {because}", verdict_word(*verdict))
        }
        Event::Unsettled { place, because, .. } => format!("{place} stays in doubt: {because}"),
        Event::Undoing { place, attempt, request } => {
            format!("{place}, attempt {attempt} to take it back: {} is about to be done", request.action)
        }
        Event::Undone { place } => format!("{place} was taken back"),
        Event::Foreseen { place, would: Foresight::Do(request) } => {
            format!("{place} would do {}", request.action)
        }
        Event::Foreseen { place, would: Foresight::Ask(question) } => {
            format!("{place} would ask: {}", sentence(question))
        }
        Event::Unknowable { place, because } => {
            format!("{place} cannot be foreseen: it needs {}", because.join(", "))
        }
        event => of_the_run(event),
    }
}

fn of_the_run(event: &Event) -> String {
    match event {
        Event::Opened(opened) => format!(
            "{} opened: {} version {} ({}) by {} on {}",
            opened.run,
            opened.document.name,
            opened.document.version,
            opened.mode,
            person(&opened.operator),
            opened.host
        ),
        Event::Surveyed(survey) => surveyed(survey),
        Event::Resumed { operator, host, .. } => format!("resumed by {} on {host}", person(operator)),
        Event::ObjectiveMet { objective, met_at } => {
            let at = met_at.map(|at| format!(" at {}", instant(at))).unwrap_or_default();
            format!("objective {objective} is met{at}")
        }
        Event::DeadlinePassed { objective, passed_at, .. } => {
            let at = passed_at.map(|at| format!(" at {}", instant(at))).unwrap_or_default();
            format!("the time of objective {objective} has passed{at}")
        }
        Event::Escalated { to, message, .. } => format!("escalated to {}: {message}", to.join(", ")),
        Event::StoodDown { to, message, .. } => format!("called off, told {}: {message}", to.join(", ")),
        Event::Notified { channel, attempt, sent, .. } => {
            let what = match sent {
                Sent::Delivered { but: None, .. } => "took the message".to_owned(),
                Sent::Delivered { but: Some(but), .. } => format!("took the message, {but}"),
                Sent::Later { why, .. } => format!("did not take the message now: {why}"),
                Sent::Never { why } => format!("did not take the message: {why}"),
                Sent::Foreseen => "would be told".to_owned(),
            };
            format!("channel {channel}, attempt {attempt}: {what}")
        }
        Event::Noted { by, text, .. } => format!("note by {}: {text}", actor(by)),
        Event::Attached { by, name, artifact, .. } => {
            format!("{} attached {name} as {}", actor(by), artifact.path)
        }
        Event::Deviated { what, detail } => format!("{}: {detail}", deviation(*what)),
        Event::HandedOver { from, to, reason } => {
            format!("command passed from {} to {}: {reason}", actor(from), actor(to))
        }
        Event::Paused { by, reason } => {
            let by = by.as_ref().map(|by| format!(" by {}", actor(by))).unwrap_or_default();
            format!("paused{by}: {reason}")
        }
        Event::Closed { outcome: how, reason, .. } => format!("closed, {}: {reason}", outcome(*how)),
        Event::TurnedBack { by, to, reason } => {
            let to = to.as_deref().unwrap_or("the beginning");
            let reason = reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            format!("{} rolls the run back to {to}{reason}", actor(by))
        }
        Event::Sealed { by, .. } => format!("sealed by {}", actor(by)),
        // All others are told of above; their names say what they are.
        other => kind(other),
    }
}

/// How far a write would reach, with the reasons of what is unknown.
fn reach(radius: &[Sight]) -> String {
    let told = radius.iter().map(|sight| match &sight.seen {
        Seen::Known(says) => format!("{}: {says}", sight.of.word()),
        Seen::Unknown(why) => format!("{}: unknown ({why})", sight.of.word()),
    });
    let told: Vec<_> = told.collect();
    if told.is_empty() {
        return "how far it reaches was not looked at".to_owned();
    }
    format!("how far it reaches was looked at: {}", told.join("; "))
}

/// What was not well, else that all was.
fn surveyed(survey: &Survey) -> String {
    let amiss = survey.checks.iter().filter(|check| check.standing != Standing::Good);
    let amiss: Vec<_> = amiss.map(|check| format!("{}: {}", check.of.word(), check.says)).collect();
    let who =
        survey.caller.as_ref().map_or_else(|| "somebody unknown".to_owned(), |caller| caller.arn.clone());
    let amiss = if amiss.is_empty() { "all is well".to_owned() } else { amiss.join("; ") };
    format!("looked around, as {who}: {amiss}")
}

/// A decision of a review, or that it was taken back.
pub(super) fn decision(decided: &Decided) -> String {
    let items = decided.items.join(", ");
    let reason = decided.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    match &decided.decision {
        Some(decision) => format!("{}: {decision} {items}{reason}", actor(&decided.by)),
        None => format!("{} took back the decision on {items}", actor(&decided.by)),
    }
}

fn answered(answer: &Answer) -> String {
    let said = match &answer.value {
        Value::Null => choice(answer.choice).to_owned(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    let reason = answer.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    format!("{}: {said}{reason}", actor(&answer.by))
}

/// The name of the event in the journal.
pub(super) fn kind(event: &Event) -> String {
    let Ok(Value::Object(tagged)) = serde_json::to_value(event) else { return String::new() };
    tagged.keys().next().cloned().unwrap_or_default()
}

/// The step or element that an event is about.
pub(super) const fn place(event: &Event) -> Option<&Place> {
    match event {
        Event::Decided(decided) => Some(&decided.place),
        Event::Skipped { place, .. }
        | Event::Attempted { place, .. }
        | Event::Progressed { place, .. }
        | Event::Succeeded { place, .. }
        | Event::Failed { place, .. }
        | Event::Observed { place, .. }
        | Event::Measured { place, .. }
        | Event::Outdated { place, .. }
        | Event::Verified { place }
        | Event::Asked { place, .. }
        | Event::Answered { place, .. }
        | Event::Settled { place, .. }
        | Event::Unsettled { place, .. }
        | Event::Undoing { place, .. }
        | Event::Undone { place }
        | Event::Foreseen { place, .. }
        | Event::Unknowable { place, .. } => Some(place),
        _ => None,
    }
}

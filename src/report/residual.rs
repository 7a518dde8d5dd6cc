//! What a run leaves behind for somebody to look at.

use serde_json::Value;

use super::model::{AttemptEnd, Exchange, Left, ObjectiveVerdict, Report, Residual, Standing, StepAccount};
use crate::run::{Choice, Delivery, DeliveryState, Place, Question, StepState, Verdict};

/// Everything that is left, the most pressing first.
pub(super) fn of(report: &Report, told: &[Residual]) -> Vec<Residual> {
    let mut left: Vec<Residual> = report.steps.iter().flat_map(step).collect();
    left.extend(report.exchanges.iter().filter_map(denied));
    left.extend(objectives(report));
    let stands = report.rollback.iter().flat_map(|rollback| &rollback.stands);
    left.extend(stands.map(|place| residual(Left::Standing, place, "it was done and was not taken back")));
    left.extend(uncollected(report));
    left.extend(told.iter().cloned());
    left.extend(unheard(report));
    left.extend(report.calls.iter().filter(|call| call.changes && call.unanswered()).map(|call| {
        let sent = format!("{} was sent and AWS gave no answer", super::words::operation(&call.call));
        residual(Left::Unanswered, &call.place, sent)
    }));
    match report.standing {
        Standing::Closed(_) => left.extend(report.steps.iter().filter_map(not_reached)),
        Standing::UnderWay | Standing::Paused { .. } => left.push(not_over(report)),
    }
    left.sort_by_key(|residual| rank(residual.what));
    left
}

/// What a step that was done tells of itself: what it could not read, and who did not get its
/// message.
pub(super) fn told(place: &Place, outputs: &Value) -> Vec<Residual> {
    let listed = |name: &str| outputs.get(name).and_then(Value::as_array).into_iter().flatten();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let unread = listed("unread").map(|what| residual(Left::NotRead, place, text(what)));
    let untold = listed("channels").filter_map(|channel| {
        let why = if channel["delivered"] == false { &channel["detail"] } else { channel.get("but")? };
        Some(residual(Left::NotTold, place, format!("{}: {}", text(channel.get("name")?), text(why))))
    });
    unread.chain(untold).collect()
}

/// Channels that an escalation did not reach, or of which not everybody got it.
fn unheard(report: &Report) -> impl Iterator<Item = Residual> {
    let closed = matches!(report.standing, Standing::Closed(_));
    let unheard = move |delivery: &&Delivery| match delivery.state {
        DeliveryState::Failed => true,
        DeliveryState::Pending { .. } => closed,
        DeliveryState::Delivered => delivery.but.is_some(),
        DeliveryState::Foreseen => false,
    };
    report.escalations.iter().flat_map(move |escalated| {
        let concerns = format!("escalation to {}", escalated.to.join(", "));
        let words = escalated.channels.iter().filter(unheard).map(Delivery::words);
        words.map(|words| residual(Left::NotTold, &concerns, words)).collect::<Vec<_>>()
    })
}

fn not_over(report: &Report) -> Residual {
    let coming = |step: &&StepAccount| {
        matches!(step.state, StepState::Waiting | StepState::Asking | StepState::Running)
    };
    let coming = report.steps.iter().filter(coming).count();
    let coming = super::words::counted(coming, "step is", "steps are");
    residual(Left::NotOver, &report.run, format!("{coming} still to be done"))
}

fn residual(what: Left, concerns: impl ToString, detail: impl Into<String>) -> Residual {
    Residual { what, concerns: concerns.to_string(), detail: detail.into() }
}

const fn rank(left: Left) -> u8 {
    match left {
        Left::NotOver | Left::InDoubt => 0,
        Left::Unanswered | Left::Standing => 1,
        Left::Failed => 2,
        Left::ElementFailed => 3,
        Left::ObjectiveNotMet => 4,
        Left::Denied => 5,
        Left::NotTold => 6,
        Left::SkippedByPerson => 7,
        Left::NotVerified => 8,
        Left::NotCollected => 9,
        Left::NotRead => 10,
        Left::NotReached => 11,
    }
}

fn step(step: &StepAccount) -> Vec<Residual> {
    let mut left = Vec::new();
    match step.state {
        StepState::InDoubt => {
            left.push(residual(
                Left::InDoubt,
                &step.id,
                "an attempt has no recorded end; it may have taken place",
            ));
        }
        StepState::Failed => left.push(residual(Left::Failed, &step.id, last_fault(step))),
        _ => {}
    }
    left.extend(failed_elements(step));
    for skipped in step.skipped.iter().filter(|skipped| skipped.by.is_some()) {
        let place = Place { step: step.id.clone(), item: skipped.item };
        left.push(residual(Left::SkippedByPerson, place, &*skipped.reason));
    }
    if step.class.changes_the_world() && step.state == StepState::Done && step.verified_after.is_none() {
        left.push(residual(Left::NotVerified, &step.id, "its effect was not read back from the world"));
    }
    left
}

fn last_fault(step: &StepAccount) -> String {
    let fault = step.attempts.iter().rev().find_map(|attempt| match &attempt.end {
        AttemptEnd::Failed(fault) => Some(fault.message.clone()),
        _ => None,
    });
    fault.unwrap_or_else(|| "it failed before anything was attempted".to_owned())
}

/// Elements whose last attempt failed, in a step that tolerated it.
fn failed_elements(step: &StepAccount) -> Vec<Residual> {
    let last = |item: usize| step.attempts.iter().rev().find(|attempt| attempt.item == Some(item));
    let place = |item: usize| Place { step: step.id.clone(), item: Some(item) };
    (0..step.items.unwrap_or(0))
        .filter_map(|item| match &last(item)?.end {
            AttemptEnd::Failed(fault) => Some(residual(Left::ElementFailed, place(item), &*fault.message)),
            AttemptEnd::Settled { verdict: Verdict::DidNot, because } => {
                Some(residual(Left::ElementFailed, place(item), format!("it did not take place: {because}")))
            }
            _ => None,
        })
        .collect()
}

fn not_reached(step: &StepAccount) -> Option<Residual> {
    let waiting = matches!(step.state, StepState::Waiting | StepState::Asking);
    waiting.then(|| residual(Left::NotReached, &step.id, &*step.title))
}

fn denied(exchange: &Exchange) -> Option<Residual> {
    let Question::Approval { title, .. } = &exchange.question else { return None };
    let answer = exchange.answer.as_ref().filter(|answer| answer.choice == Choice::Deny)?;
    let reason = answer.reason.as_deref().unwrap_or("no reason was given");
    Some(residual(
        Left::Denied,
        &exchange.place,
        format!("{} denied it as {title}: {reason}", answer.by.name),
    ))
}

/// Of several collections the last one tells: what was late for one before has come by then.
fn uncollected(report: &Report) -> impl Iterator<Item = Residual> {
    let last = report.collections.last();
    last.into_iter()
        .flat_map(|last| last.gaps.iter().map(|gap| residual(Left::NotCollected, &last.place, gap.as_str())))
}

fn objectives(report: &Report) -> impl Iterator<Item = Residual> {
    let closed = matches!(report.standing, Standing::Closed(_));
    report.objectives.iter().filter_map(move |objective| {
        let missing = match objective.verdict {
            ObjectiveVerdict::Missed => true,
            ObjectiveVerdict::Open => closed,
            ObjectiveVerdict::InTime | ObjectiveVerdict::Late => false,
        };
        missing.then(|| {
            residual(Left::ObjectiveNotMet, &objective.id, format!("{}: never met", objective.title))
        })
    })
}

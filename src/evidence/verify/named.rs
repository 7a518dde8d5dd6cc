//! The artifacts that an event names.

use crate::run::{Artifact, Event, Evidence};

pub(super) fn artifacts(event: &Event) -> Vec<&Artifact> {
    match event {
        Event::Succeeded { evidence, .. }
        | Event::Failed { evidence, .. }
        | Event::Observed { evidence, .. }
        | Event::Notified { evidence, .. }
        | Event::Measured { evidence, .. }
        | Event::Settled { evidence, .. }
        | Event::Unsettled { evidence, .. } => of_evidence(evidence),
        Event::Answered { answer, .. } => answer.attachments.iter().collect(),
        Event::Attached { artifact, .. } => vec![artifact],
        Event::Surveyed(survey) => of_evidence(&survey.evidence),
        // Every other event is listed, so that whoever gives one an artifact comes by here.
        Event::Opened(_)
        | Event::Resumed { .. }
        | Event::Skipped { .. }
        | Event::Listed { .. }
        | Event::Attempted { .. }
        | Event::Progressed { .. }
        | Event::Verified { .. }
        | Event::Asked { .. }
        | Event::Decided(_)
        | Event::TurnedBack { .. }
        | Event::Undoing { .. }
        | Event::Undone { .. }
        | Event::Foreseen { .. }
        | Event::Unknowable { .. }
        | Event::ObjectiveMet { .. }
        | Event::DeadlinePassed { .. }
        | Event::Escalated { .. }
        | Event::StoodDown { .. }
        | Event::Staffed { .. }
        | Event::Noted { .. }
        | Event::Departed { .. }
        | Event::Deviated { .. }
        | Event::HandedOver { .. }
        | Event::Paused { .. }
        | Event::Closed { .. }
        | Event::Outdated { .. }
        | Event::Sealed { .. } => Vec::new(),
    }
}

fn of_evidence(evidence: &Evidence) -> Vec<&Artifact> {
    let calls = evidence.calls.iter().flat_map(|call| call.request.iter().chain(&call.response));
    evidence.artifacts.iter().chain(calls).collect()
}

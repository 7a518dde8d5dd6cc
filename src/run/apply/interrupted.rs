//! What an interruption makes of work that was under way.

use chrono::{DateTime, Utc};

use crate::run::fault::FaultKind;
use crate::run::track::{Stage, Track, Undo, Work};

/// What a crash, a pause or a hand-over leaves behind: attempts without an end are in
/// doubt, open questions are asked anew, failures that stopped the run are tried again.
///
/// What took place and could not be proved is not done a second time, but read back again.
/// What was taken back stays so until a person says otherwise.
pub(super) fn interrupt(track: &mut Track, at: DateTime<Utc>) {
    if track.work.stage == Stage::Failed && !track.passed {
        // It is tried afresh, and what has expired by then is asked for again.
        track.begun = false;
    }
    interrupt_work(&mut track.work, at, !track.passed);
    let goes_on = track.work.stage == Stage::Waiting;
    if let Some(items) = &mut track.items {
        items.list.iter_mut().for_each(|(_, work)| interrupt_work(work, at, goes_on));
        items.recount();
    }
}

fn is_denied(work: &Work) -> bool {
    work.fault.as_ref().is_some_and(|fault| fault.kind == FaultKind::NotApproved)
}

fn interrupt_work(work: &mut Work, at: DateTime<Utc>, tried_again: bool) {
    work.asking = None;
    match work.stage {
        Stage::Attempting | Stage::Probed => work.stage = Stage::InDoubt,
        // What was seen before the pause tells nothing of the world after it.
        Stage::Backoff(..) => work.look_afresh(),
        Stage::Undo(undo) => interrupt_undo(work, undo),
        // A denial stands until a person says `again`.
        Stage::Failed if is_denied(work) => {}
        Stage::Failed if tried_again && work.unproven => {
            work.restart();
            work.stage = Stage::Acted(at);
        }
        Stage::Failed if tried_again => work.restart(),
        _ => {}
    }
}

/// The same in the middle of a rollback: nothing is begun again but what is taken back.
pub(super) fn interrupt_back(track: &mut Track) {
    let items = track.items.iter_mut().flat_map(|items| &mut items.list).map(|(_, work)| work);
    for work in std::iter::once(&mut track.work).chain(items) {
        work.asking = None;
        match work.stage {
            Stage::Attempting => work.stage = Stage::InDoubt,
            Stage::Undo(undo) => interrupt_undo(work, undo),
            _ => {}
        }
    }
}

/// An undo without an end is in doubt; one that failed is tried again.
fn interrupt_undo(work: &mut Work, undo: Undo) {
    match undo {
        Undo::Announced | Undo::Probed => work.stage = Stage::Undo(Undo::InDoubt),
        Undo::Failed => work.take_back(),
        Undo::Due | Undo::InDoubt | Undo::Acted | Undo::Taken => {}
    }
}

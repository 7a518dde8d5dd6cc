//! What an interruption makes of work that was under way.

use crate::run::fault::FaultKind;
use crate::run::track::{Stage, Track, Undo, Work};

/// What a crash, a pause or a hand-over leaves behind: attempts without an end are in
/// doubt, open questions are asked anew, failures that stopped the run are tried again.
pub(super) fn interrupt(track: &mut Track) {
    let passed = track.passed;
    if matches!(track.work.stage, Stage::Failed | Stage::Undone) && !passed {
        // It is tried afresh, and what has expired by then is asked for again.
        track.begun = false;
    }
    interrupt_work(&mut track.work, passed);
    if let Some(items) = &mut track.items {
        items.list.iter_mut().for_each(|(_, work)| interrupt_work(work, true));
        if track.work.stage == Stage::Waiting && items.failed > 0 {
            let failed = items.list.iter_mut().filter(|(_, work)| work.stage == Stage::Failed);
            failed.for_each(|(_, work)| work.restart());
            (items.cursor, items.failed) = (0, 0);
        }
    }
}

fn is_denied(work: &Work) -> bool {
    work.fault.as_ref().is_some_and(|fault| fault.kind == FaultKind::NotApproved)
}

fn interrupt_work(work: &mut Work, passed: bool) {
    work.asking = None;
    match work.stage {
        Stage::Attempting => work.stage = Stage::InDoubt,
        Stage::Undo(undo) => work.stage = Stage::Undo(interrupted(undo)),
        // A denial stands until a person says `again`.
        Stage::Failed if is_denied(work) => {}
        Stage::Failed | Stage::Undone if !passed => work.restart(),
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
            Stage::Undo(undo) => work.stage = Stage::Undo(interrupted(undo)),
            _ => {}
        }
    }
}

/// An undo without an end is in doubt; one that failed is tried again.
const fn interrupted(undo: Undo) -> Undo {
    match undo {
        Undo::Announced => Undo::InDoubt,
        Undo::Failed => Undo::Due,
        undo => undo,
    }
}

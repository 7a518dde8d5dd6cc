//! What an interruption makes of work that was under way.

use chrono::{DateTime, Utc};

use crate::run::track::{Stage, Track, Work};

/// What a crash, a pause or a hand-over leaves behind: attempts without an end are in
/// doubt, open questions are asked anew, failures that stopped the run are tried again.
///
/// What took place and could not be proved is not done a second time, but read back again.
/// What was taken back stays so until a person says otherwise.
pub(super) fn interrupt(track: &mut Track, at: DateTime<Utc>) {
    interrupt_work(&mut track.work, at, !track.passed);
    let goes_on = track.work.stage == Stage::Waiting;
    if let Some(items) = &mut track.items {
        items.list.iter_mut().for_each(|(_, work)| interrupt_work(work, at, goes_on));
        items.recount();
    }
}

fn interrupt_work(work: &mut Work, at: DateTime<Utc>, tried_again: bool) {
    work.asking = None;
    match work.stage {
        Stage::Attempting | Stage::Undoing | Stage::Probed => work.stage = Stage::InDoubt,
        Stage::Failed if tried_again && work.unproven => {
            work.restart();
            work.stage = Stage::Acted(at);
        }
        Stage::Failed if tried_again => work.restart(),
        _ => {}
    }
}

//! The look around before the first step of this turn.

use super::desk::Desk;
use super::ledger::Ledger;
use super::ports::Executor;
use crate::error::{Error, Kind, Result};
use crate::run::{Event, Place};

/// Looks around, and records what was found. Documents that need nothing from outside are
/// not held up, and leave no entry.
///
/// # Errors
/// When the record does not take it, or nothing can be done before something is mended.
pub async fn look_around(ledger: &Ledger<'_>, executor: &dyn Executor) -> Result<()> {
    if ledger.run().outcome().is_some() {
        return Ok(());
    }
    // There is no step yet: the desk's place only names what would be shown of progress.
    let place = Place::step("preflight");
    let Some(survey) = executor.survey(&Desk::new(ledger, &place)).await? else { return Ok(()) };
    let broken = survey.broken().map(|check| check.says.clone());
    ledger.record(Event::Surveyed(Box::new(survey)))?;
    match broken {
        None => Ok(()),
        Some(says) => Err(Error::new(Kind::Refused, format!("nothing was begun: {says}"))
            .hint(format!("mend it, then `playbook resume {}`", ledger.run().id()))),
    }
}

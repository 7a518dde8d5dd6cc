//! An approval from another machine, at the prompt: what is to be signed is shown, and the
//! signature that comes back is weighed as one that is handed in elsewhere.

use super::question::operator;
use crate::engine::Desk;
use crate::error::Result;
use crate::evidence::inbox::{Says, entry_of};
use crate::evidence::{HandedIn, hand_out as made};
use crate::run::{Event, Place, Wanted};

/// Makes a challenge, keeps it beside the record, and shows it.
///
/// # Errors
/// When the machine gives no random numbers, or the disk does not take it.
pub(super) fn hand_out(place: &Place, desk: &Desk<'_>) -> Result<()> {
    let Some((wanted, inbox)) = wanted(place, desk).zip(desk.inbox()) else {
        desk.tell("No approval is waited for here.");
        return Ok(());
    };
    let challenge = made(&desk.run(), &place.step, &wanted, inbox, desk.now())?;
    let until = challenge.expires.format("%Y-%m-%dT%H:%M:%SZ");
    desk.tell(&format!(
        "To be signed before {until}, on any machine, as challenge.txt:\n\n{}\n  ssh-keygen -Y sign -n playbook-approval -f KEY challenge.txt\n\n\
         Bring challenge.txt.sig: paste it here, or name its file.",
        challenge.text
    ));
    Ok(())
}

/// The approval that a signature is; where it is none, it is told why, and the question stands.
///
/// # Errors
/// When the disk does not take what proves it.
pub(super) fn take_in(place: &Place, handed: HandedIn, desk: &Desk<'_>) -> Result<Option<Event>> {
    let Some((wanted, inbox)) = wanted(place, desk).zip(desk.inbox()) else {
        desk.tell("No approval is waited for here.");
        return Ok(None);
    };
    let over = handed.over((&desk.run(), &place.step, &wanted), None, inbox, desk.now());
    let admitted = match over {
        Ok(word) => {
            let (step, request) = (place.step.clone(), wanted.request.digest());
            let says = Says::Approve { step, request, signed: Some(word) };
            entry_of(says, operator(desk), &desk.run(), desk.artifacts(), desk.now())?
        }
        Err(why) => Err(why),
    };
    match admitted {
        Ok(approved) => Ok(Some(approved)),
        Err(why) => {
            desk.tell(&format!("{why}. Nothing was approved."));
            Ok(None)
        }
    }
}

fn wanted(place: &Place, desk: &Desk<'_>) -> Option<Wanted> {
    desk.run().wanted(&place.step).cloned()
}

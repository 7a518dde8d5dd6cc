//! A compromised key is switched on behind its fence or not at all. That the document puts the
//! fence first is checked before the run; that it was put, and stands, is asked when the key is
//! about to be switched on: a policy is quickly set back by somebody, or by a program that
//! keeps the account as it is written down elsewhere.

use chrono::{DateTime, Utc};

use super::{key, refused};
use crate::actions::Probed;
use crate::document::action::{Action, Fence, operation};
use crate::document::{Species, Step};
use crate::run::{Fault, Place, Request, Run, Verdict};

/// The fence that has to stand: the step that put it, and as what.
pub(in crate::executor) struct Behind {
    step: String,
    pub(in crate::executor) fence: Request,
}

/// What has to be asked of the world before an act; nothing unless it switches a key on that
/// the playbook fences first. What is taken back is switched on as it was before.
///
/// # Errors
/// When the fence was never put.
pub(in crate::executor) fn behind(
    run: &Run,
    place: &Place,
    request: &Request,
    now: DateTime<Utc>,
) -> Result<Option<Behind>, Fault> {
    let playbook = run.playbook();
    let opens = uses(&request.action, Fence::Needs);
    if !opens || playbook.species != Species::Playbook || run.is_being_undone(place) {
        return Ok(None);
    }
    let Some((at, own)) = playbook.step(&place.step) else { return Ok(None) };
    let fences =
        |step: &&Step| uses(step.action.name(), Fence::Builds) && of_one_key(&own.action, &step.action);
    let meant = |step: &&Step| !run.is_left_out(step, now);
    let mut fences = playbook.steps.iter().take(at).rev().filter(fences).filter(meant).peekable();
    let Some(last) = fences.peek().map(|step| &*step.id) else { return Ok(None) };
    match fences.find_map(|step| Some(Behind { step: step.id.to_string(), fence: run.done(&step.id)?.clone() })) {
        Some(behind) => Ok(Some(behind)),
        None => Err(refused(format!(
            "step {last} was to put a fence around the key first, and did not: switched on, it works for the attacker, too"
        ))
        .hint("skip this step, too, or put the fence by hand and switch the key on by hand")),
    }
}

impl Behind {
    /// Why the key is not switched on, by what its policy says now.
    pub(in crate::executor) fn missing(&self, probed: &Probed) -> Option<Fault> {
        let step = &self.step;
        match probed {
            Probed::Settled { verdict: Verdict::TookPlace, .. } => None,
            Probed::Settled { because, .. } => Some(
                refused(format!("the fence that step {step} put around the key does not stand: {because}"))
                    .hint("find out who changed the policy: CloudTrail tells it as PutKeyPolicy")
                    .hint(format!(
                        "put it back by hand: it is the output `policy` of step {step}; then try again"
                    )),
            ),
            Probed::Unsettled { because, .. } => Some(
                refused(format!(
                    "whether the fence that step {step} put around the key stands cannot be read: {because}"
                ))
                .hint("try again once it can"),
            ),
        }
    }
}

fn uses(action: &str, fence: Fence) -> bool {
    operation(action).is_some_and(|spec| spec.keys.iter().any(|used| used.fence == Some(fence)))
}

/// Whether two steps name their key alike.
fn of_one_key(one: &Action, other: &Action) -> bool {
    key(one).is_some_and(|name| key(other) == Some(name))
}

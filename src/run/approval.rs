//! Approvals: who may give one, and which of them count.
//!
//! - Somebody who runs the program holds one role: the commander's, or the one that he took.
//!   For that role he may approve at his own terminal; for any other, somebody else has to.
//! - One person counts once, by name and by key; answers files are one voice together.
//! - An approval counts for the request that was asked about, for as long as it holds.
//! - For a role with allowed signers only signatures of theirs count. Any other name is what
//!   somebody said that it is.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::deadline::delta;
use super::effect::{Hands, Request};
use super::event::{Actor, Place, Via};
use super::state::Run;
use super::track::{Asking, Track};
use crate::document::action::Class;
use crate::document::{Approve, Step};
use crate::text::Digest;

/// The role that whoever runs the program takes, where he names none.
pub const COMMANDER: &str = "commander";

/// What no single person lets happen.
const DELETION: &str = "kms.schedule_key_deletion";

/// An approval that is waited for.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    pub request: Request,
    /// A role's id.
    pub role: String,
    pub title: String,
    /// When it was asked for first.
    pub asked_at: DateTime<Utc>,
}

/// An approval that was given.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub at: DateTime<Utc>,
    pub by: Actor,
    /// Of the request that it is for.
    pub request: Digest,
    /// Whether whoever gave it might.
    pub counts: bool,
}

impl Given {
    fn is_by_the_same(&self, other: &Self) -> bool {
        let keys = |one: &Via, other: &Via| match (one, other) {
            (Via::Signed(one), Via::Signed(other)) => one.key == other.key,
            // Whatever names they give: a file that is changed between two turns is no second person.
            (Via::Answers(_), Via::Answers(_)) => true,
            _ => false,
        };
        same_person(&self.by.name, &other.by.name) || keys(&self.by.via, &other.by.via)
    }
}

/// Whether two names are one person's, however they are typed.
#[must_use]
pub fn same_person(one: &str, other: &str) -> bool {
    let plain = |name: &str| name.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>();
    plain(one) == plain(other)
}

impl Run {
    /// The approval that is waited for at a step; none where that question does not stand.
    #[must_use]
    pub fn wanted(&self, step: &str) -> Option<&Wanted> {
        let track = self.track(step)?;
        track.wanted.as_ref().filter(|_| track.work.asking == Some(Asking::Approval))
    }

    /// The steps whose approval is waited for.
    pub fn wanting(&self) -> impl Iterator<Item = &str> {
        let steps = self.playbook.steps.iter().map(|step| &*step.id);
        steps.filter(|step| self.wanted(step).is_some())
    }

    /// How many have approved what a step waits for, and of how many.
    #[must_use]
    pub fn approved(&self, step: &str, now: DateTime<Utc>) -> Option<(usize, u32)> {
        let (index, track) = (self.index(step)?, self.track(step)?);
        let request = &track.wanted.as_ref()?.request;
        let approve = approve_of(self.playbook.steps.get(index)?, request)?;
        Some((in_hand(&approve, track, request.digest(), now).given.len(), approve.count))
    }

    /// Whether somebody has approved what a step waits for, and the approval still holds.
    #[must_use]
    pub fn has_approved(&self, step: &str, by: &Actor, now: DateTime<Utc>) -> bool {
        let found = self.index(step).and_then(|index| self.step_at(index));
        let Some((approve, track, wanted)) = found.and_then(|(step, track)| {
            let wanted = track.wanted.as_ref()?;
            Some((approve_of(step, &wanted.request)?, track, wanted))
        }) else {
            return false;
        };
        let request = wanted.request.digest();
        let theirs = Given { at: now, by: by.clone(), request, counts: true };
        let holds =
            |given: &&Given| !expired(&approve, given, now) && given.counts && given.request == request;
        track.approvals.iter().filter(holds).any(|given| given.is_by_the_same(&theirs))
    }

    /// Whose approvals a step went on with, and since when; the earliest first.
    #[must_use]
    pub fn approvals(&self, step: &str) -> Vec<(&Actor, DateTime<Utc>)> {
        let Some(track) = self.track(step) else { return Vec::new() };
        let Some(request) = track.wanted.as_ref().map(|wanted| wanted.request.digest()) else {
            return Vec::new();
        };
        let mut theirs: Vec<&Given> = Vec::new();
        // The newest first: whoever gave it again gave it then.
        for given in track.approvals.iter().rev().filter(|given| given.counts && given.request == request) {
            if !theirs.iter().any(|other| other.is_by_the_same(given)) {
                theirs.push(given);
            }
        }
        theirs.iter().rev().map(|given| (&given.by, given.at)).collect()
    }

    /// Whether an approval by `by` counts for a role.
    ///
    /// # Errors
    /// Says why it does not.
    pub fn weigh(&self, role: &str, by: &Actor) -> Result<(), String> {
        let title = self.playbook.role(role).map_or(role, |role| role.title.as_str());
        if self.takes_signatures_only(role) && !matches!(by.via, Via::Signed(_)) {
            return Err(format!("for {title} only signatures of its allowed signers count"));
        }
        match by.via {
            // The document lets a file approve, whoever it names.
            Via::Answers(_) | Via::Document => Ok(()),
            _ if self.runs_it(&by.name) && !self.operator_holds(role) => Err(format!(
                "{} runs this and does not hold the role {title}: somebody else has to approve",
                by.name
            )),
            _ => Ok(()),
        }
    }

    /// Whether the document names the keys that may approve for a role.
    #[must_use]
    pub fn takes_signatures_only(&self, role: &str) -> bool {
        self.playbook.role(role).is_some_and(|role| role.allowed_signers.is_some())
    }

    fn runs_it(&self, name: &str) -> bool {
        let operator = self.operator().map(|operator| operator.name.as_ref().unwrap_or(&operator.user));
        operator.is_some_and(|operator| same_person(operator, name))
    }

    fn operator_holds(&self, role: &str) -> bool {
        let took = self.operator().and_then(|operator| operator.role.as_deref()).unwrap_or(COMMANDER);
        let in_command = || self.in_command().is_some_and(|name| self.runs_it(name));
        took == role && (role != COMMANDER || in_command())
    }
}

/// Who has to agree to a request of a step. What the step was approved for does not cover an
/// undo that destroys what the step made: that takes people, whatever a file may approve, and
/// two of them where a key goes.
pub(super) fn approve_of<'s>(step: &'s Step, request: &Request) -> Option<Cow<'s, Approve>> {
    let approve = step.approve.as_ref();
    if request.class != Class::Destroy || step.action.class() == Class::Destroy {
        return approve.map(Cow::Borrowed);
    }
    let by = approve.map(|approve| &approve.by).or(step.owner.as_ref());
    let two = if request.action == DELETION { 2 } else { 1 };
    Some(Cow::Owned(Approve {
        by: by.map_or(COMMANDER, String::as_str).to_owned(),
        count: approve.map_or(1, |approve| approve.count).max(two),
        expires: approve.and_then(|approve| approve.expires),
        from_answers: false,
    }))
}

/// Which approvals count now, and which did until they expired.
pub(super) fn in_hand(approve: &Approve, track: &Track, request: Digest, now: DateTime<Utc>) -> Hands {
    let mut counted: Vec<&Given> = Vec::new();
    let (mut late, of) = (Vec::new(), approve.count);
    // The newest first: somebody whose approval expired may give it again.
    let theirs = track.approvals.iter().filter(|given| given.counts && given.request == request);
    for given in theirs.rev() {
        if counted.iter().any(|other| other.is_by_the_same(given)) {
            continue;
        }
        if expired(approve, given, now) { late.push(given.by.name.clone()) } else { counted.push(given) }
    }
    late.reverse();
    let given = counted.iter().rev().map(|given| given.by.name.clone()).collect();
    Hands { of, given, expired: late }
}

fn expired(approve: &Approve, given: &Given, now: DateTime<Utc>) -> bool {
    approve.expires.is_some_and(|expires| now >= given.at + delta(expires))
}

impl Track {
    /// An approval is asked for; the same again keeps the time of the first.
    pub(super) fn want(&mut self, at: DateTime<Utc>, request: &Request, role: &str, title: &str) {
        let known = self.wanted.take().filter(|wanted| wanted.request == *request && wanted.role == role);
        self.wanted = known.or_else(|| {
            let (role, title) = (role.to_owned(), title.to_owned());
            Some(Wanted { request: request.clone(), role, title, asked_at: at })
        });
    }

    /// Something of the step is sent. Whoever was still asked to approve is asked no more: a
    /// clock that went back can make an expired approval fresh again.
    pub(super) fn begin(&mut self) {
        self.begun = true;
        if self.work.asking == Some(Asking::Approval) {
            self.work.asking = None;
        }
    }

    /// Nobody has approved: what stood for an earlier attempt is no word on the next.
    pub(super) fn forget_approvals(&mut self) {
        self.approvals.clear();
        self.wanted = None;
        self.begun = false;
    }
}

impl Run {
    pub(super) fn approve(&mut self, at: DateTime<Utc>, place: &Place, by: &Actor) -> super::apply::Legal {
        let Some(index) = self.index(&place.step) else { return super::apply::no_such_step(place) };
        let Some(wanted) = self.tracks[index].wanted.clone() else {
            return super::apply::illegal(format!("`{place}` is approved and no approval was asked for"));
        };
        let counts = self.weigh(&wanted.role, by).is_ok();
        if let Via::Signed(signature) = &by.via {
            self.people.spent.insert(signature.challenge);
        }
        let request = wanted.request.digest();
        self.tracks[index].approvals.push(Given { at, by: by.clone(), request, counts });
        let open = self.approved(&place.step, at).is_none_or(|(given, of)| given >= of as usize);
        if !open {
            // The question stands until enough have answered it.
            self.tracks[index].work.asking = Some(Asking::Approval);
        }
        Ok(())
    }
}

//! How far a write reaches, looked at before anybody is asked for a word on it: what state
//! its target is in, what hangs on it, and who used it last.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::context::Told;
use super::effect::{Effect, Request};
use super::event::Place;
use super::scope::Local;
use super::state::Run;
use super::track::Track;
use crate::document::Step;

/// One thing that the target of a write was looked at for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sight {
    pub of: Aspect,
    pub seen: Seen,
}

/// What can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    State,
    Aliases,
    Grants,
    LastUse,
    Policies,
    Encryption,
}

/// What came of looking, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    Known(String),
    /// It could not be read, for this reason, which is no reason to hold anything up.
    Unknown(String),
}

impl Aspect {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Aliases => "aliases",
            Self::Grants => "grants",
            Self::LastUse => "last used",
            Self::Policies => "policies",
            Self::Encryption => "encryption",
        }
    }
}

impl Sight {
    /// In a few words: the reason of what is unknown is left to the record.
    #[must_use]
    pub fn brief(&self) -> String {
        match (&self.seen, self.of) {
            (Seen::Known(says), Aspect::LastUse) => format!("last used {says}"),
            (Seen::Known(says), _) => says.clone(),
            (Seen::Unknown(_), of) => format!("{} unknown", of.word()),
        }
    }
}

/// What tells the reach of an action, and the input that names its target.
fn aspects(action: &str) -> Option<(&'static str, &'static [Aspect])> {
    use Aspect::{Aliases, Encryption, Grants, LastUse, Policies, State};
    Some(match action {
        "kms.disable_key"
        | "kms.fence_key"
        | "kms.put_key_policy"
        | "kms.revoke_grant"
        | "kms.schedule_key_deletion" => ("key", &[State, Aliases, Grants, LastUse]),
        "kms.update_alias" => ("alias", &[State]),
        "iam.update_access_key" => ("access_key", &[LastUse]),
        "iam.revoke_sessions" | "iam.delete_role_policy" => ("role", &[LastUse, Policies]),
        "s3.put_bucket_encryption" | "s3.reencrypt" => ("bucket", &[Encryption]),
        _ => return None,
    })
}

impl Run {
    /// How far the step at hand would reach, where that was looked at.
    #[must_use]
    pub fn radius(&self, step: &str) -> Option<&[Sight]> {
        self.track(step)?.radius.as_deref()
    }

    /// The same for a question that stands now: what was seen before something was sent says
    /// nothing of the world any more, and least of all when the step is taken back.
    #[must_use]
    pub fn reach_ahead(&self, step: &str) -> &[Sight] {
        let Some(track) = self.track(step).filter(|_| self.back.is_none()) else { return &[] };
        let sent = track.works().any(|work| work.attempts > 0);
        if sent { &[] } else { track.radius.as_deref().unwrap_or_default() }
    }

    /// The look before the first question of a step; never one after it, and never a second.
    /// Where no approval is wanted and nobody sits there to be asked, there is nobody to look
    /// for, and the act is not held up.
    pub(super) fn measuring(&self, step: &Step, track: &Track, now: DateTime<Utc>) -> Option<Effect> {
        let attended = self.operator.as_ref().is_some_and(|operator| operator.attends);
        let asked = track.wanted.is_some() || track.work.asking.is_some();
        if track.radius.is_some() || asked || !(attended || step.approve.is_some()) {
            return None;
        }
        let (target, aspects) = aspects(step.action.name())?;
        let request = self.request_of_one_target(step, track, target, now)?;
        Some(Effect::Measure { place: Place::step(&*step.id), request, aspects })
    }

    /// The request, if it is known whole and all elements of the step mean the same target.
    fn request_of_one_target(
        &self,
        step: &Step,
        track: &Track,
        target: &str,
        now: DateTime<Utc>,
    ) -> Option<Request> {
        let known = |item: Option<&Value>| match self.request(&step.action, Local { item, result: None }, now)
        {
            Told::Known(request) => Some(request),
            Told::Unknown(_) | Told::Wrong(_) => None,
        };
        let Some(items) = &track.items else { return known(None) };
        let mut list = items.list.iter();
        let first = known(list.next().map(|(item, _)| item))?;
        let same = |(item, _): &(Value, _)| {
            known(Some(item)).is_some_and(|other| other.input.get(target) == first.input.get(target))
        };
        list.all(same).then_some(first)
    }
}

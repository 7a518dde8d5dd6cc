//! How far a write reaches, looked at before it is sent, and before anybody is asked for a
//! word on it: what state its target is in, what hangs on it, and who used it last.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::context::Told;
use super::effect::{Effect, Request};
use super::event::{Event, Place};
use super::next::Next;
use super::scope::Local;
use super::state::Run;
use super::track::{Track, Work};
use crate::document::Step;
use crate::document::action::{Aspect, reach};

/// For how long a look stands for what is asked and sent: 15 minutes, and as long where the
/// clock went back. A question may wait overnight, and in the morning the key has other grants.
const HOLDS: TimeDelta = TimeDelta::minutes(15);

/// One thing that the target of a write was looked at for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sight {
    pub of: Aspect,
    pub seen: Seen,
}

/// What came of looking, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    Known(String),
    /// It could not be read, for this reason, which is no reason to hold anything up.
    Unknown(String),
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

/// What is known of the reach of one piece of work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Look {
    /// Nobody looked. For an element the look of its step stands, where that was taken.
    #[default]
    Untaken,
    /// Whatever was seen says nothing of the world any more.
    Stale,
    /// Nothing was sent since. When it was taken, and what was seen.
    Ahead(DateTime<Utc>, Vec<Sight>),
    /// Something was sent since. It stands for the retries of that, and for nothing else.
    Behind(Vec<Sight>),
}

impl Look {
    pub(super) const fn is_ahead(&self) -> bool {
        matches!(self, Self::Ahead(..))
    }

    const fn seen_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Ahead(at, _) => Some(*at),
            _ => None,
        }
    }

    const fn is_taken(&self) -> bool {
        matches!(self, Self::Ahead(..) | Self::Behind(_))
    }

    /// Something is sent.
    pub(super) fn pass(&mut self) {
        if let Self::Ahead(_, seen) = self {
            *self = Self::Behind(std::mem::take(seen));
        }
    }
}

impl Run {
    /// How far the step at hand would reach, where that was looked at.
    #[must_use]
    pub fn radius(&self, step: &str) -> Option<&[Sight]> {
        match &self.track(step)?.work.look {
            Look::Ahead(_, seen) | Look::Behind(seen) => Some(seen),
            Look::Untaken | Look::Stale => None,
        }
    }

    /// The same for a question that stands now: what was seen before something was sent says
    /// nothing of the world any more.
    #[must_use]
    pub fn reach_ahead(&self, step: &str) -> &[Sight] {
        match self.track(step).map(|track| &track.work.look) {
            Some(Look::Ahead(_, seen)) => seen,
            _ => &[],
        }
    }

    /// The look before the first question of a step; never one after it, and never a second.
    /// Where the elements of a step mean different targets, each is looked at by itself, when
    /// it is about to be sent.
    pub(super) fn measuring(&self, step: &Step, track: &Track, now: DateTime<Utc>) -> Option<Effect> {
        if track.work.asking.is_some() || track.work.look.is_taken() {
            return None;
        }
        let reach = reach(step.action.name())?;
        let request = self.request_of_one_target(step, track, reach.target, now)?;
        Some(Effect::Measure { place: Place::step(&*step.id), request, aspects: reach.aspects })
    }

    /// What comes before a request is asked about or sent, there or back, until a look stands
    /// for it that is new enough.
    pub(super) fn seeing(&self, place: &Place, request: &Request, now: DateTime<Utc>) -> Option<Next> {
        self.outdated(place, now).or_else(|| self.look_before(place, request).map(Next::Perform))
    }

    fn look_before(&self, place: &Place, request: &Request) -> Option<Effect> {
        let aspects = reach(&request.action)?.aspects;
        let measure = || Effect::Measure { place: place.clone(), request: request.clone(), aspects };
        (!self.is_looked_at(place)).then(measure)
    }

    /// That the look which stands for a place is too old to ask or to send anything on it. A
    /// question that stands keeps what it was put with.
    pub(super) fn outdated(&self, place: &Place, now: DateTime<Utc>) -> Option<Next> {
        let own = self.work(place).map(|work| &work.look)?;
        let place = match own {
            Look::Untaken => Place::step(&*place.step),
            _ => place.clone(),
        };
        let work = self.work(&place).filter(|work| work.asking.is_none())?;
        let seen_at = work.look.seen_at().filter(|seen_at| (now - *seen_at).abs() > HOLDS)?;
        Some(Next::Record(Event::Outdated { place, seen_at }))
    }

    /// Whether a look stands for what is sent next at a place.
    pub(super) fn is_looked_at(&self, place: &Place) -> bool {
        match (self.work(place).map(|work| &work.look), place.item) {
            (Some(Look::Untaken), Some(_)) => {
                self.track(&place.step).is_some_and(|track| track.work.look.is_taken())
            }
            (Some(look), _) => look.is_taken(),
            (None, _) => false,
        }
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

impl Track {
    /// What was seen of the step, or of one of its elements.
    pub(super) fn see(&mut self, at: DateTime<Utc>, item: Option<usize>, radius: &[Sight]) {
        let seen = Look::Ahead(at, radius.to_vec());
        match (item, &mut self.items) {
            (Some(item), Some(items)) => {
                if let Some((_, work)) = items.list.get_mut(item) {
                    work.look = seen;
                }
            }
            // It stands for all elements.
            (_, items) => {
                self.work.look = seen;
                let elements = items.iter_mut().flat_map(|items| &mut items.list);
                elements.for_each(|(_, work)| work.look = Look::Untaken);
            }
        }
    }
}

impl Work {
    /// The world may be another by now: before anything is sent it is looked at afresh.
    pub(super) fn look_afresh(&mut self) {
        self.look = Look::Stale;
    }
}

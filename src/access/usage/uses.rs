//! What all sources together say of somebody.

use chrono::{DateTime, Utc};

use super::LastUse;
use super::key::KeyUse;
use super::{Confidence, shown};

/// What every source says of one principal, the nearest to the question first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    pub all: Vec<LastUse>,
    no_use_after: Option<DateTime<Utc>>,
}

impl Uses {
    pub(super) fn of(mut all: Vec<LastUse>, key: Option<&KeyUse>) -> Self {
        all.sort_by_key(|it| (std::cmp::Reverse(it.confidence), std::cmp::Reverse(it.at)));
        let seen =
            |least: Confidence| all.iter().filter(|it| it.confidence >= least).filter_map(|it| it.at).max();
        // What was seen happened: a source that has not heard of it yet lags behind ("recent
        // activity usually appears within four hours").
        let bound = |it: &LastUse| it.no_later_than().max(it.no_later_than().and(seen(it.confidence)));
        let key = key.and_then(KeyUse::no_later_than);
        let key = key.max(key.and(seen(Confidence::Exact)));
        let no_use_after = all.iter().filter_map(bound).chain(key).min();
        Self { all, no_use_after }
    }

    /// After this no use of the key took place, as far as any source that would have seen it
    /// says: the least of the times that they tell. Where a source saw nothing at all, the time
    /// at which it began to look. Nothing where no source is whole.
    #[must_use]
    pub const fn no_use_after(&self) -> Option<DateTime<Utc>> {
        self.no_use_after
    }

    /// The best known time of a use: of the nearest source that tells one. A time that a
    /// nearer source rules out is that of something else.
    #[must_use]
    pub fn best(&self) -> Option<&LastUse> {
        let can_be = |at: DateTime<Utc>| self.no_use_after.is_none_or(|bound| at <= bound);
        self.all.iter().find(|it| it.at.is_some_and(can_be))
    }

    /// The time of [`Uses::best`], RFC 3339; empty where none is known.
    #[must_use]
    pub fn last_used(&self) -> String {
        self.best().and_then(|best| best.at).map(shown).unwrap_or_default()
    }

    /// [`Uses::no_use_after`], RFC 3339; empty where nobody can say.
    #[must_use]
    pub fn bound(&self) -> String {
        self.no_use_after.map(shown).unwrap_or_default()
    }
}

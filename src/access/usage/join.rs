//! Everything that is known of uses, joined to people once.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::accessed::{Accessed, uncollected};
use super::credentials::Report;
use super::key::KeyUse;
use super::trail::{ANYBODY, Trail, account};
use super::{LastUse, Sight, Uses, role};

/// What was collected of uses.
#[derive(Debug, Default)]
pub struct Usage {
    pub key: Option<KeyUse>,
    pub credentials: Option<Arc<Report>>,
    pub trail: Option<Trail>,
    /// By the unique ids of users and roles.
    pub accessed: Arc<HashMap<String, Accessed>>,
}

/// Somebody whose uses are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// As the population names it.
    pub name: &'a str,
    pub kind: &'a str,
    /// The account, where it is another than the key's.
    pub foreign: Option<&'a str>,
    pub unique_id: Option<&'a str>,
    /// What IAM says of a role: when and in which Region.
    pub role: Option<(Option<&'a str>, Option<&'a str>)>,
    pub via: Via,
}

/// What the access rests on: IAM does not count what other policies than identity policies allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    Identity,
    Elsewhere,
}

impl Usage {
    /// When IAM was asked, as its reports and the search of CloudTrail say: the youngest of their
    /// times.
    #[must_use]
    pub fn as_of(&self) -> Option<DateTime<Utc>> {
        let reports = self.accessed.values().filter_map(Accessed::as_of);
        reports.chain(self.trail.as_ref().and_then(Trail::until)).max()
    }

    /// What every source says of somebody, the nearest first. `region` is the key's, `as_of`
    /// from [`Usage::as_of`].
    #[must_use]
    pub fn of(
        &self,
        subject: &Subject<'_>,
        action: &str,
        region: &str,
        as_of: Option<DateTime<Utc>>,
    ) -> Uses {
        let mut all: Vec<LastUse> = Vec::new();
        all.extend(self.trail.as_ref().map(|trail| exact(trail, subject, action)));
        all.extend(self.accessed(subject, action, region));
        if let Some(report) = &self.credentials {
            all.extend(report.uses(subject.name));
        }
        all.extend(subject.role.map(|(at, place)| role::last_use(at, place, as_of, region)));
        Uses::of(all, self.key.as_ref().filter(|_| super::is_use(action)))
    }

    /// Of whoever is denied only a use of the very key is worth a word: it may do so no more, or
    /// the denial is wrong.
    #[must_use]
    pub fn of_denied(&self, subject: &Subject<'_>, action: &str) -> Uses {
        let seen = self.trail.as_ref().map(|trail| exact(trail, subject, action));
        Uses::of(seen.filter(|seen| seen.at.is_some()).into_iter().collect(), None)
    }

    fn accessed(&self, subject: &Subject<'_>, action: &str, region: &str) -> Vec<LastUse> {
        match subject.unique_id.map(|id| self.accessed.get(id)) {
            Some(Some(accessed)) => accessed.uses(action, region, subject.via),
            // Where nobody was asked for, one sentence for all stands with what is missing.
            Some(None) if !self.accessed.is_empty() => vec![uncollected()],
            _ => Vec::new(),
        }
    }
}

fn exact(trail: &Trail, subject: &Subject<'_>, action: &str) -> LastUse {
    let wider = subject.foreign.map(account);
    match subject.kind {
        "anybody" => trail.use_of(ANYBODY, None, action),
        "account" => trail.use_of(wider.as_deref().unwrap_or(subject.name), None, action),
        "service" => service(trail, subject.name, action),
        _ => trail.use_of(subject.name, wider.as_deref(), action),
    }
}

/// A grant may name `rds.us-east-1.amazonaws.com` where CloudTrail says `rds.amazonaws.com`, or no
/// more than `AWS Internal`: that a service is not found says nothing.
fn service(trail: &Trail, name: &str, action: &str) -> LastUse {
    let own = trail.use_of(name, None, action);
    let parts: Vec<_> = name.split('.').collect();
    let found = match parts.as_slice() {
        [service, _region, "amazonaws", "com"] if own.at.is_none() => {
            trail.use_of(&format!("{service}.amazonaws.com"), None, action)
        }
        _ => own,
    };
    LastUse { sees_all: Sight::Partial, ..found }
}

//! A review as JSON.

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::{Value, json};

use super::card::risk;
use super::{Excluded, Finding, Key, Review, Route};
use crate::access::simulate::reason_as_json;
use crate::access::usage::key::KeyUse;
use crate::access::usage::{LastUse, shown};

/// The state of a key that is not enabled: what is allowed there waits until it is.
#[must_use]
pub fn dormant(key: &Key) -> Option<&str> {
    key.state.as_deref().filter(|state| *state != "Enabled")
}

/// A review as one JSON object that is written as it is made: everybody, the denied too.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    pub action: &'a str,
    pub key: &'a Key,
    pub review: &'a Review,
    pub missing: &'a [String],
    pub last_usage: Option<&'a Value>,
}

impl Serialize for Told<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { action, key, review, missing, last_usage } = self;
        let mut told = serializer.serialize_map(None)?;
        told.serialize_entry("action", action)?;
        told.serialize_entry("key", &key_as_json(key))?;
        told.serialize_entry("key_last_usage", last_usage)?;
        told.serialize_entry("key_last_used", &review.key_use.as_ref().map(KeyUse::words))?;
        told.serialize_entry("principals", &Each(&review.findings, finding_as_json))?;
        told.serialize_entry("excluded", &Each(&review.excluded, excluded_as_json))?;
        told.serialize_entry("population", &population(review))?;
        told.serialize_entry("missing", missing)?;
        told.end()
    }
}

/// The same as one value.
#[must_use]
pub fn told(
    action: &str,
    key: &Key,
    review: &Review,
    missing: &[String],
    last_usage: Option<&Value>,
) -> Value {
    json!(Told { action, key, review, missing, last_usage })
}

/// A list of which one element is held at a time.
struct Each<'a, T>(&'a [T], fn(&T) -> Value);

impl<T> Serialize for Each<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(self.1))
    }
}

fn key_as_json(key: &Key) -> Value {
    json!({ "arn": key.arn, "account": key.account, "state": key.state, "dormant": dormant(key).is_some() })
}

fn excluded_as_json(excluded: &Excluded) -> Value {
    json!({ "principal": excluded.name, "reason": excluded.why })
}

fn population(review: &Review) -> Value {
    json!({
        "total": review.population(),
        "reviewed": review.reviewed(),
        "excluded": review.excluded.len(),
        "unknown": review.unknown(),
    })
}

pub(super) fn route_as_json(route: &Route) -> Value {
    json!({
        "by": route.by,
        "via": route.via,
        "verdict": route.verdict.word(),
        "conditions": route.conditions,
    })
}

fn finding_as_json(finding: &Finding) -> Value {
    let Finding { person, answer, self_service, routes, uses } = finding;
    json!({
        "principal": person.name,
        "kind": person.kind,
        "origin": person.origin,
        "owner": person.owner,
        "risk": risk(finding),
        "verdict": answer.verdict.word(),
        "conditions": answer.conditions,
        "because": answer.because.iter().map(reason_as_json).collect::<Vec<_>>(),
        "could_give_it_to_itself": self_service,
        "assumed_by": routes.told.iter().map(route_as_json).collect::<Vec<_>>(),
        "assumed_by_others": routes.more,
        "role_last_used": person.role_last_used.as_ref().and_then(|(at, _)| at.as_deref()),
        "last_used": uses.last_used(),
        "no_use_after": uses.bound(),
        "last_uses": uses.all.iter().map(use_as_json).collect::<Vec<_>>(),
    })
}

/// Instants as RFC 3339, or null where there is none; `confidence` says how near it is to the
/// question.
fn use_as_json(told: &LastUse) -> Value {
    json!({
        "source": told.source.word(),
        "at": told.at.map(shown),
        "what": told.what,
        "confidence": told.confidence.words(),
        "tracked_since": told.tracked_since.map(shown),
        "words": told.words,
    })
}

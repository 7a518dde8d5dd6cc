//! A review as JSON.

use serde_json::{Value, json};

use super::card::risk;
use super::{Finding, Key, Review, Route};
use crate::access::simulate::reason_as_json;
use crate::access::usage::key::KeyUse;
use crate::access::usage::{LastUse, shown};

/// The state of a key that is not enabled: what is allowed there waits until it is.
#[must_use]
pub fn dormant(key: &Key) -> Option<&str> {
    key.state.as_deref().filter(|state| *state != "Enabled")
}

/// Everybody, the denied too.
#[must_use]
pub fn told(
    action: &str,
    key: &Key,
    review: &Review,
    missing: &[String],
    last_usage: Option<&Value>,
) -> Value {
    json!({
        "action": action,
        "key": { "arn": key.arn, "account": key.account, "state": key.state, "dormant": dormant(key).is_some() },
        "key_last_usage": last_usage,
        "key_last_used": review.key_use.as_ref().map(KeyUse::words),
        "principals": review.findings.iter().map(finding_as_json).collect::<Vec<_>>(),
        "excluded": review.excluded.iter()
            .map(|excluded| json!({ "principal": excluded.name, "reason": excluded.why }))
            .collect::<Vec<_>>(),
        "population": {
            "total": review.population(),
            "reviewed": review.reviewed(),
            "excluded": review.excluded.len(),
            "unknown": review.unknown(),
        },
        "missing": missing,
    })
}

fn finding_as_json(finding: &Finding) -> Value {
    let Finding { person, answer, self_service, routes, uses } = finding;
    let route = |route: &Route| json!({ "by": route.by, "verdict": route.verdict.word(), "conditions": route.conditions });
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
        "assumed_by": routes.iter().map(route).collect::<Vec<_>>(),
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

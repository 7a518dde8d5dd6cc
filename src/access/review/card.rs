//! One card a finding: what a reviewer needs to decide, as plain values.

use serde_json::{Value, json};

use super::told::route_as_json;
use super::{Finding, Key, Review, dormant};
use crate::access::evaluate::{Answer, Reason, Verdict};
use crate::access::usage::key::KeyUse;

/// A card for everybody who is not denied, the doubtful too.
#[must_use]
pub fn cards(key: &Key, review: &Review) -> Vec<Value> {
    let open =
        |finding: &&Finding| !matches!(finding.answer.verdict, Verdict::ExplicitDeny | Verdict::ImplicitDeny);
    let key_use = review.key_use.as_ref().map(KeyUse::words).unwrap_or_default();
    review.findings.iter().filter(open).map(|finding| card(key, finding, &key_use)).collect()
}

fn card(key: &Key, finding: &Finding, key_use: &str) -> Value {
    let Finding { person, answer, self_service, routes, uses } = finding;
    json!({
        "id": person.name,
        "kind": person.kind,
        "origin": person.origin,
        "verdict": answer.verdict.word(),
        "conditions": answer.conditions,
        "because": answer.because.iter().map(because).collect::<Vec<_>>(),
        "grants_itself": self_service,
        "reached_by": routes.told.iter().map(route_as_json).collect::<Vec<_>>(),
        "reached_by_others": (routes.more > 0).then_some(routes.more),
        "last_used": uses.last_used(),
        "no_use_after": uses.bound(),
        "last_used_by": uses.all.iter().map(|it| it.words.as_str()).collect::<Vec<_>>(),
        "key_last_used": key_use,
        "owner": person.owner.clone().unwrap_or_default(),
        "risk": risk(finding),
        "dormant": dormant(key).unwrap_or_default(),
        "statements": fingerprint(answer),
    })
}

/// What could go wrong if it stays: whoever can give more to itself, whoever has no name
/// here, and whoever nobody can speak for, comes first.
pub(super) fn risk(finding: &Finding) -> &'static str {
    let Finding { person, answer, self_service, .. } = finding;
    let outside = matches!(person.kind, "anybody" | "account");
    match answer.verdict {
        _ if !self_service.is_empty() || outside => "high",
        Verdict::Unknown => "high",
        Verdict::Allowed => "medium",
        _ => "low",
    }
}

/// A statement in words, with where it stands.
#[must_use]
pub fn because(reason: &Reason) -> String {
    match reason {
        Reason::Statement(cited) => {
            let place = cited.position.map(|at| format!(" ({}:{})", at.line, at.column)).unwrap_or_default();
            let effect = cited.effect.word().to_lowercase();
            format!("{effect} {}: {}, {}{place}", cited.layer, cited.policy, cited.statement)
        }
        Reason::Silent { says, .. } => says.clone(),
        Reason::Missing(what) => format!("unknown: {what}"),
    }
}

/// What decided, without the places, which move when something else is written before it: a
/// decision of an earlier review is carried only while this is the same.
fn fingerprint(answer: &Answer) -> Value {
    let one = |reason: &Reason| match reason {
        Reason::Statement(cited) => format!("{}/{}/{}", cited.layer, cited.policy, cited.statement),
        Reason::Silent { layer, .. } => layer.to_string(),
        Reason::Missing(what) => what.to_string(),
    };
    let mut all: Vec<_> = answer.because.iter().map(one).chain(answer.conditions.clone()).collect();
    all.sort_unstable();
    all.into()
}

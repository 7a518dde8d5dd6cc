//! A review as text and as JSON.

use serde_json::{Value, json};

use crate::access::evaluate::{Answer, Reason, Verdict};
use crate::access::review::{Finding, Key, Review, Route};
use crate::access::simulate::reason_as_json;
use crate::report::escape;

/// Everybody who is not denied, the excluded, and the sum.
pub(super) fn as_text(action: &str, key: &Key, review: &Review, last_usage: Option<&Value>) -> String {
    let mut lines = vec![format!("{action} with {}", key.arn)];
    lines.extend(dormant(key).map(|state| format!("the key is dormant: {state}")));
    lines.extend(last_usage.map(|usage| format!("last use of the key: {}", used(usage))));
    lines.push(String::new());
    for finding in review.findings.iter().filter(|finding| !denied(&finding.answer)) {
        lines.extend(card(finding));
    }
    lines.extend(
        review.excluded.iter().map(|excluded| format!("{}  excluded: {}", excluded.name, excluded.why)),
    );
    lines.push(counts(review));
    lines.iter().map(|line| escape::plain(line) + "\n").collect()
}

fn card(finding: &Finding) -> Vec<String> {
    let Finding { person, answer, self_service, routes } = finding;
    let mut lines = vec![format!("{}  {}", person.name, answer.verdict.word())];
    lines.extend(answer.conditions.iter().map(|condition| format!("    if {condition}")));
    lines.extend(answer.because.iter().map(|reason| format!("    {}", told(reason))));
    if !self_service.is_empty() {
        lines.push(format!("    could give it to itself: {}", self_service.join(", ")));
    }
    lines.extend(routes.iter().map(|route| format!("    {}", by(route))));
    lines.extend(
        person.last_used.iter().map(|at| format!("    role last used {at} (RoleLastUsed, any service)")),
    );
    lines
}

fn by(route: &Route) -> String {
    let conditions = match route.conditions.as_slice() {
        [] => String::new(),
        conditions => format!(", if {}", conditions.join(", and ")),
    };
    format!("can be assumed by {} ({}{conditions})", route.by, route.verdict.word())
}

fn told(reason: &Reason) -> String {
    match reason {
        Reason::Statement(cited) => {
            let place = cited.position.map(|at| format!(" ({}:{})", at.line, at.column)).unwrap_or_default();
            format!(
                "{} {}: {}, {}{place}",
                cited.effect.word().to_lowercase(),
                cited.layer,
                cited.policy,
                cited.statement
            )
        }
        Reason::Silent { says, .. } => says.clone(),
        Reason::Missing(what) => format!("unknown: {what}"),
    }
}

fn counts(review: &Review) -> String {
    let with = |verdict| review.findings.iter().filter(|finding| finding.answer.verdict == verdict).count();
    format!(
        "{} principals: {} reviewed ({} allowed, {} allowed if, {} denied), {} excluded, {} unknown",
        review.population(),
        review.reviewed(),
        with(Verdict::Allowed),
        with(Verdict::AllowedIf),
        with(Verdict::ExplicitDeny) + with(Verdict::ImplicitDeny),
        review.excluded.len(),
        review.unknown(),
    )
}

fn denied(answer: &Answer) -> bool {
    matches!(answer.verdict, Verdict::ExplicitDeny | Verdict::ImplicitDeny)
}

fn dormant(key: &Key) -> Option<&str> {
    key.state.as_deref().filter(|state| *state != "Enabled")
}

/// "GetKeyLastUsage": an empty answer says only that nothing was recorded since tracking
/// began.
fn used(usage: &Value) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let since = usage.get("TrackingStartDate").map_or_else(|| "an unknown date".to_owned(), text);
    match usage.get("KeyLastUsage").filter(|last| last.as_object().is_some_and(|fields| !fields.is_empty())) {
        Some(last) => {
            let field = |name: &str| last.get(name).map(text).unwrap_or_default();
            format!(
                "{} at {} (GetKeyLastUsage, tracked since {since})",
                field("Operation"),
                field("Timestamp")
            )
        }
        None => format!("none recorded since {since}, when tracking began; that is not never"),
    }
}

/// Everybody, the denied too.
pub(super) fn as_json(
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
    let Finding { person, answer, self_service, routes } = finding;
    let route = |route: &Route| json!({ "by": route.by, "verdict": route.verdict.word(), "conditions": route.conditions });
    json!({
        "principal": person.name,
        "kind": person.kind,
        "origin": person.origin,
        "verdict": answer.verdict.word(),
        "conditions": answer.conditions,
        "because": answer.because.iter().map(reason_as_json).collect::<Vec<_>>(),
        "could_give_it_to_itself": self_service,
        "assumed_by": routes.iter().map(route).collect::<Vec<_>>(),
        "role_last_used": person.last_used,
    })
}

//! A review as text.

use serde_json::Value;

use crate::access::evaluate::{Answer, Verdict};
use crate::access::review::{Finding, Key, Review, Route, because, dormant};
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
    lines.extend(answer.because.iter().map(|reason| format!("    {}", because(reason))));
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

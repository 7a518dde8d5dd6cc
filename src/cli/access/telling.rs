//! A review as text.

use crate::access::evaluate::{Answer, Verdict};
use crate::access::review::{Finding, Key, Review, Route, because, dormant};
use crate::report::escape;

/// Everybody who is not denied, the excluded, and the sum.
pub(super) fn as_text(action: &str, key: &Key, review: &Review) -> String {
    let mut lines = vec![format!("{action} with {}", key.arn)];
    lines.extend(dormant(key).map(|state| format!("the key is dormant: {state}")));
    lines.extend(review.key_use.as_ref().map(|last| format!("last use of the key: {}", last.words())));
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
    let Finding { person, answer, self_service, routes, uses } = finding;
    let mut lines = vec![format!("{}  {}", person.name, answer.verdict.word())];
    lines.extend(answer.conditions.iter().map(|condition| format!("    if {condition}")));
    lines.extend(answer.because.iter().map(|reason| format!("    {}", because(reason))));
    if !self_service.is_empty() {
        lines.push(format!("    could give it to itself: {}", self_service.join(", ")));
    }
    lines.extend(routes.iter().map(|route| format!("    {}", by(route))));
    lines.extend(uses.all.iter().map(|told| format!("    {}", told.words)));
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

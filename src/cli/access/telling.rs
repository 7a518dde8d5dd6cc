//! A review as text.

use crate::access::evaluate::{Answer, Verdict};
use crate::access::review::{Finding, Key, Review, Route, because, dormant};
use crate::report::{counted, escape};

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
    lines.push(Counts::of(review).words("principals"));
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
    lines.extend(routes.told.iter().map(|route| format!("    {}", by(route))));
    if routes.more > 0 {
        lines.push(format!(
            "    and by {}, over no fewer roles",
            counted(routes.more, "other way", "other ways")
        ));
    }
    lines.extend(uses.all.iter().map(|told| format!("    {}", told.words)));
    lines
}

fn by(route: &Route) -> String {
    let conditions = match route.conditions.as_slice() {
        [] => String::new(),
        conditions => format!(", if {}", conditions.join(", and ")),
    };
    let verdict = route.verdict.word();
    if route.via.is_empty() {
        return format!("can be assumed by {} ({verdict}{conditions})", route.by);
    }
    let way = route.via.join(" → ");
    format!("can be reached by {} → {way} → this role ({verdict}{conditions})", route.by)
}

/// How many got which answer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    all: usize,
    allowed: usize,
    allowed_if: usize,
    denied: usize,
    excluded: usize,
    unknown: usize,
}

impl Counts {
    pub(super) fn of(review: &Review) -> Self {
        let with =
            |verdict| review.findings.iter().filter(|finding| finding.answer.verdict == verdict).count();
        Self {
            all: review.population(),
            allowed: with(Verdict::Allowed),
            allowed_if: with(Verdict::AllowedIf),
            denied: with(Verdict::ExplicitDeny) + with(Verdict::ImplicitDeny),
            excluded: review.excluded.len(),
            unknown: review.unknown(),
        }
    }

    pub(super) const fn add(&mut self, other: Self) {
        self.all += other.all;
        self.allowed += other.allowed;
        self.allowed_if += other.allowed_if;
        self.denied += other.denied;
        self.excluded += other.excluded;
        self.unknown += other.unknown;
    }

    /// The sum; `what` names those of whom there are so many.
    pub(super) fn words(self, what: &str) -> String {
        let Self { all, allowed, allowed_if, denied, excluded, unknown } = self;
        let reviewed = allowed + allowed_if + denied;
        format!(
            "{all} {what}: {reviewed} reviewed ({allowed} allowed, {allowed_if} allowed if, {denied} denied), \
             {excluded} excluded, {unknown} unknown"
        )
    }
}

fn denied(answer: &Answer) -> bool {
    matches!(answer.verdict, Verdict::ExplicitDeny | Verdict::ImplicitDeny)
}

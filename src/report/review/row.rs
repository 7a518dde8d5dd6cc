//! One person's place in the record: what every format for people tells of them, as lines.

use crate::access::record::{Decision, Finding, REVOKE, ReviewRecord, Route, UNDECIDED, because};
use crate::report::counted;

/// So many lines of one kind are told of one person; the JSON has all of them.
const TOLD: usize = 12;

/// The columns that a table of people has.
pub(super) const HEAD: [&str; 6] = ["Who", "How", "Last used", "Decision", "Last review", "Proof"];

pub(super) struct Row<'r> {
    pub principal: &'r str,
    /// The columns of [`HEAD`]; the first without the principal.
    pub cells: [Vec<String>; 6],
}

impl<'r> Row<'r> {
    pub fn of(finding: &'r Finding) -> Self {
        let used = Some(finding.last_used()).filter(|used| !used.is_empty());
        let cells = [
            who(finding),
            how(finding),
            used.unwrap_or_else(|| vec!["not known".to_owned()]),
            decision(finding),
            finding.last_decision.as_ref().map(last).unwrap_or_default(),
            proof(finding),
        ];
        Self { principal: &finding.principal, cells }
    }
}

/// People by what was decided on them, what changes something first.
pub(super) fn by_decision(record: &ReviewRecord) -> Vec<(&str, Vec<&Finding>)> {
    let mut groups: Vec<(&str, Vec<&Finding>)> = Vec::new();
    for finding in &record.findings {
        let Some(decided) = finding.decided() else { continue };
        match groups.iter_mut().find(|(known, _)| *known == decided) {
            Some((_, people)) => people.push(finding),
            None => groups.push((decided, vec![finding])),
        }
    }
    let order = |decided: &str| match decided {
        REVOKE => 0,
        "narrow" => 1,
        "delegate" => 2,
        UNDECIDED => 4,
        "keep" => 5,
        _ => 3,
    };
    groups.sort_by_key(|(decided, _)| order(decided));
    groups
}

/// The denied by their verdict and the reason for it, the many first.
pub(super) fn denied(record: &ReviewRecord) -> Vec<(String, Vec<&str>)> {
    let mut groups: std::collections::BTreeMap<String, Vec<&str>> = std::collections::BTreeMap::new();
    for finding in record.findings.iter().filter(|finding| finding.is_denied()) {
        let why = capped(finding.because.iter().map(because).collect());
        let lead = format!("{}: {}", finding.verdict.word(), why.join("; "));
        groups.entry(lead).or_default().push(&finding.principal);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, names)| std::cmp::Reverse(names.len()));
    groups
}

/// Those who are denied, and may do what changes that.
pub(super) fn self_service(record: &ReviewRecord) -> impl Iterator<Item = (&str, String)> {
    let denied = record.findings.iter().filter(|finding| finding.is_denied());
    denied
        .filter(|finding| !finding.could_give_it_to_itself.is_empty())
        .map(|finding| (&*finding.principal, finding.could_give_it_to_itself.join(", ")))
}

fn who(finding: &Finding) -> Vec<String> {
    let mut lines = vec![format!("{}, {}", finding.kind, finding.origin)];
    lines.extend(finding.owner.as_ref().map(|owner| format!("owner {owner}")));
    lines.extend(finding.risk.as_ref().map(|risk| format!("{risk} risk")));
    lines
}

fn how(finding: &Finding) -> Vec<String> {
    let mut lines = vec![finding.verdict.word().to_owned()];
    lines.extend(capped(finding.conditions.iter().map(|condition| format!("if {condition}")).collect()));
    lines.extend(capped(finding.because.iter().map(because).collect()));
    if !finding.could_give_it_to_itself.is_empty() {
        lines.push(format!("could give it to itself: {}", finding.could_give_it_to_itself.join(", ")));
    }
    lines.extend(capped(finding.assumed_by.iter().map(route).collect()));
    lines
}

pub(super) fn route(route: &Route) -> String {
    let conditions = match route.conditions.as_slice() {
        [] => String::new(),
        conditions => format!(", if {}", conditions.join(", and ")),
    };
    format!("can be assumed by {} ({}{conditions})", route.by, route.verdict)
}

fn decision(finding: &Finding) -> Vec<String> {
    match &finding.decision {
        Some(decision) => [vec![decision.decision.clone()], made(decision)].concat(),
        None => finding.decided().map(|decided| vec![decided.to_owned()]).unwrap_or_default(),
    }
}

fn last(decision: &Decision) -> Vec<String> {
    [vec![decision.decision.clone()], made(decision)].concat()
}

/// Why, by whom, when, in which time.
fn made(decision: &Decision) -> Vec<String> {
    let mut lines = Vec::new();
    if !decision.reason.is_empty() {
        lines.push(decision.reason.clone());
    }
    if !decision.by.is_empty() {
        let seconds = decision.seconds.map(|seconds| format!(" in {seconds} s")).unwrap_or_default();
        let others = decision.together.filter(|together| *together > 1).map(|together| together - 1);
        let others = others.map(|others| format!(", together with {}", counted(others, "other", "others")));
        lines.push(format!("{} at {}{seconds}{}", decision.by, decision.at, others.unwrap_or_default()));
    }
    lines
}

/// Of a revocation: what the plan expected, and what AWS said afterwards.
fn proof(finding: &Finding) -> Vec<String> {
    let mut lines = Vec::new();
    match &finding.proof {
        Some(proof) if proof.proven => {
            lines.push(format!("proven: {} then, {} now", finding.verdict.word(), proof.verdict));
        }
        Some(proof) => {
            lines.push(format!("NOT PROVEN: {} then, {} now", finding.verdict.word(), proof.verdict));
            lines.extend(capped(proof.because.clone()));
        }
        None if finding.is_revoked() => lines.push("NOT PROVEN: nobody asked AWS again".to_owned()),
        None => {}
    }
    if let Some(planned) = &finding.planned {
        let would = if planned.would_hold { "the plan expected" } else { "the plan expected no denial, but" };
        lines.push(format!("{would} {}", planned.after));
        lines.extend(capped(planned.obstacles.clone()));
    }
    lines
}

pub(super) fn capped(mut lines: Vec<String>) -> Vec<String> {
    let more = lines.len().saturating_sub(TOLD);
    if more > 0 {
        lines.truncate(TOLD);
        lines.push(format!("and {more} more; the JSON has all of them"));
    }
    lines
}

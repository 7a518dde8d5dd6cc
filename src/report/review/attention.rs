//! What a second person looks at before anything else.

use super::row;
use crate::access::evaluate::Verdict;
use crate::access::record::{Finding, ReviewRecord, UNDECIDED};

/// So many are named in one line; the tables have all of them.
const NAMED: usize = 10;

pub(super) fn lines(record: &ReviewRecord) -> Vec<String> {
    let mut lines: Vec<String> = record.findings.iter().filter_map(unproven).collect();
    lines.extend(QUESTIONS.iter().filter_map(|(what, concerns)| {
        let names = record.findings.iter().filter(|finding| concerns(finding));
        some(what, names.map(|finding| finding.principal.clone()))
    }));
    let left = record.edits_left().map(|edit| format!("{} ({})", edit.words, edit.state));
    lines.extend(some("edits that do not stand", left));
    if let Some(pace) = record.pace.filter(|pace| pace.rushed) {
        lines.push(format!("the decisions were made in a rush: {} s in all", pace.seconds));
    }
    if record.signed_off.is_empty() {
        lines.push("a second person has not signed off".to_owned());
    }
    lines
}

fn unproven(finding: &Finding) -> Option<String> {
    let proof = finding.proof.as_ref().filter(|proof| finding.is_revoked() && !proof.proven)?;
    let still = row::capped(proof.because.clone()).join("; ");
    Some(format!("revocation not proven: {} is {}: {still}", finding.principal, proof.verdict))
}

/// A line, and whom it names.
type Question = (&'static str, fn(&Finding) -> bool);

const QUESTIONS: [Question; 5] = [
    ("revoked, and nobody asked AWS again", |finding| finding.is_revoked() && finding.proof.is_none()),
    ("undecided", |finding| finding.decided() == Some(UNDECIDED)),
    ("nobody can say whether they may", |finding| {
        finding.verdict == Verdict::Unknown && finding.proof.as_ref().is_none_or(|proof| !proof.proven)
    }),
    ("stay at high risk", |finding| {
        finding.decided() == Some("keep") && finding.risk.as_deref() == Some("high")
    }),
    ("wait for somebody to narrow them, or to decide", |finding| {
        matches!(finding.decided(), Some("narrow" | "delegate"))
    }),
];

fn some(what: &str, names: impl Iterator<Item = String>) -> Option<String> {
    let names: Vec<_> = names.collect();
    let more = names.len().saturating_sub(NAMED);
    let told = names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join("; ");
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    (!names.is_empty()).then(|| format!("{what} ({}): {told}{more}", names.len()))
}

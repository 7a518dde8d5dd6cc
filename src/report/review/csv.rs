//! The record as CSV (RFC 4180): one row for everybody, the excluded too, so that the
//! population adds up in a spreadsheet by itself.
//!
//! Texts of the world stand in it, and a spreadsheet takes some of them for formulas (OWASP,
//! "CSV Injection"). Every cell is quoted, and an apostrophe stands before what could begin a
//! formula, also behind the separators by which other locales split a line. What begins with
//! an apostrophe there gets another, so that taking one away gives the text back.

use crate::access::evaluate::Verdict;
use crate::access::record::{Decision, Excluded, Finding, ReviewRecord, because};
use crate::report::escape;

use super::row;

const HEAD: [&str; 33] = [
    "run",
    "quarter",
    "key",
    "action",
    "standing",
    "principal",
    "kind",
    "origin",
    "verdict",
    "conditions",
    "statements",
    "could_give_it_to_itself",
    "assumed_by",
    "last_used",
    "owner",
    "risk",
    "decision",
    "reason",
    "decided_by",
    "decided_at",
    "seconds",
    "decided_together",
    "last_decision",
    "last_reason",
    "last_decided_by",
    "last_decided_at",
    "planned_verdict",
    "obstacles",
    "proof",
    "verdict_after",
    "still_because",
    "excluded_because",
    "signed_off",
];

pub(super) fn render(record: &ReviewRecord) -> String {
    let mut sheet = String::new();
    line(&mut sheet, HEAD.iter().map(|name| (*name).to_owned()));
    for finding in &record.findings {
        line(&mut sheet, with_frame(record, found(finding)));
    }
    for excluded in &record.excluded {
        line(&mut sheet, with_frame(record, left_out(excluded)));
    }
    sheet
}

/// The cells of a row between what is the same in all of them.
fn with_frame(record: &ReviewRecord, row: Vec<String>) -> impl Iterator<Item = String> {
    let asked = &record.asked;
    let before = [&asked.run, &asked.quarter, &asked.key.arn, &asked.action].map(Clone::clone);
    let signed = record.signed_off.iter().map(super::words::word_of).collect::<Vec<_>>().join("; ");
    before.into_iter().chain(row).chain([signed])
}

fn found(finding: &Finding) -> Vec<String> {
    let joined = |lines: Vec<String>| lines.join("; ");
    let standing = if finding.verdict == Verdict::Unknown { "unknown" } else { "reviewed" };
    let (decision, last) = (finding.decision.as_ref(), finding.last_decision.as_ref());
    let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    let said = |decision: Option<&Decision>, part: fn(&Decision) -> &String| {
        decision.map(part).cloned().unwrap_or_default()
    };
    let planned = finding.planned.as_ref();
    let proof = finding.proof.as_ref();
    vec![
        standing.to_owned(),
        finding.principal.clone(),
        finding.kind.clone(),
        finding.origin.clone(),
        finding.verdict.word().to_owned(),
        joined(finding.conditions.clone()),
        joined(finding.because.iter().map(because).collect()),
        joined(finding.could_give_it_to_itself.clone()),
        joined(finding.assumed_by.iter().map(row::route).collect()),
        joined(finding.last_used()),
        finding.owner.clone().unwrap_or_default(),
        finding.risk.clone().unwrap_or_default(),
        finding.decided().unwrap_or_default().to_owned(),
        said(decision, |decision| &decision.reason),
        said(decision, |decision| &decision.by),
        said(decision, |decision| &decision.at),
        number(decision.and_then(|decision| decision.seconds)),
        number(decision.and_then(|decision| decision.together)),
        said(last, |last| &last.decision),
        said(last, |last| &last.reason),
        said(last, |last| &last.by),
        said(last, |last| &last.at),
        planned.map(|planned| planned.after.clone()).unwrap_or_default(),
        planned.map(|planned| joined(planned.obstacles.clone())).unwrap_or_default(),
        proven(finding).to_owned(),
        proof.map(|proof| proof.verdict.clone()).unwrap_or_default(),
        proof.map(|proof| joined(proof.because.clone())).unwrap_or_default(),
        String::new(),
    ]
}

fn proven(finding: &Finding) -> &'static str {
    match &finding.proof {
        Some(proof) if proof.proven => "proven",
        Some(_) => "not proven",
        None if finding.is_revoked() => "not asked again",
        None => "",
    }
}

/// Cells between standing and the sign-off, all empty but for the name and the reason.
fn left_out(excluded: &Excluded) -> Vec<String> {
    let mut row = vec!["excluded".to_owned(), excluded.principal.clone()];
    // The frame has five cells: four before, one behind. The reason is the last of the row.
    row.resize(HEAD.len() - 6, String::new());
    row.push(excluded.reason.clone());
    row
}

/// CRLF ends every line (RFC 4180, section 2, rule 1).
fn line(sheet: &mut String, cells: impl Iterator<Item = String>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            sheet.push(',');
        }
        sheet.push('"');
        sheet.push_str(&guarded(&escape::plain(&cell)).replace('"', "\"\""));
        sheet.push('"');
    }
    sheet.push_str("\r\n");
}

/// The text with apostrophes where a spreadsheet could take it for a formula.
fn guarded(text: &str) -> String {
    let mut guarded = String::with_capacity(text.len() + 1);
    let mut begins = true;
    for c in text.chars() {
        if begins && (c == '\'' || is_trigger(c)) {
            guarded.push('\'');
        }
        begins = matches!(c, ',' | ';');
        guarded.push(c);
    }
    guarded
}

/// Tabs and line ends are escaped before. Excel takes the full-width forms as well.
const fn is_trigger(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As the record says how.
    fn unguarded(text: &str) -> String {
        let (mut plain, mut begins) = (String::new(), true);
        for c in text.chars() {
            if begins && c == '\'' {
                begins = false;
                continue;
            }
            begins = matches!(c, ',' | ';');
            plain.push(c);
        }
        plain
    }

    #[test]
    fn what_could_begin_a_formula_stands_behind_an_apostrophe() {
        for (text, wanted) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2+3", "'-2+3"),
            ("a,=1;+2", "a,'=1;'+2"),
            ("'=1", "''=1"),
            ("arn:aws:iam::1:user/a+b=c@d", "arn:aws:iam::1:user/a+b=c@d"),
            ("one; two", "one; two"),
            ("", ""),
        ] {
            assert_eq!(guarded(text), wanted);
        }
    }

    proptest! {
        #[test]
        fn taking_the_apostrophes_away_gives_the_text_back(text in "[,;'=+@a \\-]{0,12}") {
            prop_assert_eq!(unguarded(&guarded(&text)), text);
        }
    }
}

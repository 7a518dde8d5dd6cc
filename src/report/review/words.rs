//! The words that all formats share.

use crate::access::record::{Counts, ReviewRecord, SignOff, UNDECIDED};
use crate::report::counted;

pub(super) fn title(record: &ReviewRecord) -> String {
    match record.asked.quarter.as_str() {
        "" => "Access review".to_owned(),
        quarter => format!("Access review {quarter}"),
    }
}

pub(super) fn question(record: &ReviewRecord) -> String {
    format!("Who can call {} with {}", record.asked.action, record.asked.key.arn)
}

/// How it stands, in a few words each.
pub(super) fn marks(record: &ReviewRecord) -> Vec<String> {
    let key = &record.asked.key;
    let mut marks = vec![record.asked.run.clone()];
    marks.extend(key.state.as_ref().map(|state| format!("key {state}")));
    if record.pace.is_some_and(|pace| pace.rushed) {
        marks.push("decided in a rush".to_owned());
    }
    marks.push(if record.signed_off.is_empty() { "not signed off" } else { "signed off" }.to_owned());
    marks
}

/// What somebody knows who reads no further.
pub(super) fn summary(record: &ReviewRecord) -> Vec<String> {
    let Counts { population, verdicts, revocations, .. } = &record.counts;
    let mut lines = vec![
        format!(
            "{}: {} reviewed, {} excluded with a reason, {} unknown.",
            counted(population.total, "principal", "principals"),
            population.reviewed,
            population.excluded,
            population.unknown
        ),
        format!(
            "{} may, {} more only under conditions, {} may not; of {} nobody can say.",
            verdicts.allowed,
            verdicts.allowed_if,
            verdicts.implicit_deny + verdicts.explicit_deny,
            verdicts.unknown
        ),
        decided(&record.counts),
    ];
    if revocations.decided() > 0 {
        lines.push(proven(&record.counts));
    }
    if !record.edits.is_empty() {
        lines.push(edited(record));
    }
    lines.push(format!("Last use of the key: {}.", record.asked.key_last_used));
    lines.extend(
        record
            .asked
            .key
            .dormant
            .then(|| "The key is dormant: what is allowed waits until it is enabled.".to_owned()),
    );
    lines.push(signed(record));
    lines
}

fn decided(counts: &Counts) -> String {
    let made = counts.decisions.iter().filter(|(decision, many)| **many > 0 && *decision != UNDECIDED);
    let mut made: Vec<_> = made.map(|(decision, many)| format!("{many} {decision}")).collect();
    made.push(format!("{} {UNDECIDED}", counts.decisions.get(UNDECIDED).copied().unwrap_or_default()));
    format!("Decided: {}.", made.join(", "))
}

fn proven(counts: &Counts) -> String {
    let revocations = &counts.revocations;
    let decided = counted(revocations.decided(), "revocation", "revocations");
    let mut line = format!("Of {decided} {} proven by asking AWS again", revocations.proven);
    if revocations.not_proven > 0 {
        line += &format!(", {} NOT PROVEN", revocations.not_proven);
    }
    if revocations.not_asked_again > 0 {
        line += &format!(", {} not asked about again", revocations.not_asked_again);
    }
    line + "."
}

fn edited(record: &ReviewRecord) -> String {
    let edits = &record.counts.edits;
    let approved = match record.edits_approved.as_slice() {
        [] => String::new(),
        approved => {
            let approved: Vec<_> = approved.iter().map(word_of).collect();
            format!("; approved by {}", approved.join(", and by "))
        }
    };
    format!("{} of {} made{approved}.", edits.made, counted(edits.planned, "planned edit", "planned edits"))
}

fn signed(record: &ReviewRecord) -> String {
    match record.signed_off.as_slice() {
        [] => "Nobody has signed off yet.".to_owned(),
        signed => {
            let signed: Vec<_> = signed.iter().map(word_of).collect();
            format!("Signed off by {}.", signed.join(", and by "))
        }
    }
}

/// Who, as what, when, and by which way.
pub(super) fn word_of(sign: &SignOff) -> String {
    let role = if sign.role.is_empty() { String::new() } else { format!(" as {}", sign.role) };
    let how = if sign.how.is_empty() { String::new() } else { format!(" ({})", sign.how) };
    format!("{}{role} at {}{how}", sign.by, sign.at)
}

/// Every count, by its name.
pub(super) fn numbers(record: &ReviewRecord) -> Vec<(String, usize)> {
    let Counts { population, verdicts, decisions, revocations, edits } = &record.counts;
    let fixed =
        |names: &[(&str, usize)]| names.iter().map(|(name, many)| ((*name).to_owned(), *many)).collect();
    let groups: [Vec<(String, usize)>; 4] = [
        fixed(&[
            ("everybody", population.total),
            ("reviewed", population.reviewed),
            ("excluded", population.excluded),
            ("unknown", population.unknown),
        ]),
        fixed(&[
            ("Allowed", verdicts.allowed),
            ("AllowedIf", verdicts.allowed_if),
            ("Unknown", verdicts.unknown),
            ("ImplicitDeny", verdicts.implicit_deny),
            ("ExplicitDeny", verdicts.explicit_deny),
        ]),
        decisions.iter().map(|(name, many)| (name.clone(), *many)).collect(),
        fixed(&[
            ("revocations proven", revocations.proven),
            ("revocations not proven", revocations.not_proven),
            ("revocations not asked again", revocations.not_asked_again),
            ("edits planned", edits.planned),
            ("edits made", edits.made),
        ]),
    ];
    groups.into_iter().flatten().collect()
}

/// Where it comes from: names and values.
pub(super) fn origin(record: &ReviewRecord) -> Vec<(&'static str, String)> {
    let asked = &record.asked;
    let mut facts = vec![
        ("run", asked.run.clone()),
        ("action", asked.action.clone()),
        ("key", asked.key.arn.clone()),
        ("account", asked.key.account.clone()),
        ("key state", asked.key.state.clone().unwrap_or_else(|| "not collected".to_owned())),
        ("collected at", asked.collected_at.clone()),
        ("decided by", asked.reviewer.clone()),
        ("findings", asked.findings.path.clone()),
        ("SHA-256 of the findings", asked.findings.digest.clone()),
    ];
    facts.extend(
        record
            .signed_off
            .iter()
            .filter(|sign| !sign.of.is_empty())
            .map(|sign| ("SHA-256 of the record that was signed off", sign.of.clone())),
    );
    facts.retain(|(_, value)| !value.is_empty());
    facts
}

/// How anybody can check this record without a word of ours.
pub(super) const HOW_TO_CHECK: [&str; 3] = [
    "The JSON beside this file is the record; `playbook access record FILE.json --format csv|markdown|html|json` renders every other form again, byte for byte.",
    "`playbook verify FOLDER` checks the sealed record of the run, in which all of them lie.",
    "In the CSV an apostrophe stands before = + - @ or an apostrophe where a spreadsheet could begin a cell: at the start of a cell, and after a comma or a semicolon. Taken away there, the text is as it was.",
];

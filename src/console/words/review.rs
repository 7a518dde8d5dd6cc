//! The cards of a review, and what stands around them.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::text::{one_line, safe, wrapped};
use crate::console::line::{Line, Tone};
use crate::run::{Decision, Sheet, Since, asks_why};

/// Columns of the names of fields.
const NAMES: usize = 14;

/// Fields that stand elsewhere on the card, or nowhere.
const ELSEWHERE: &[&str] = &["id", "risk", "statements"];

/// What is to be decided, and how it stands to the last review.
#[must_use]
pub fn opening(sheet: &Sheet, columns: usize) -> Vec<Line> {
    let mut lines: Vec<_> = wrapped(&one_line(&sheet.question), columns)
        .into_iter()
        .map(|text| Line::of(Tone::Strong, text))
        .collect();
    lines.push(Line::plain(counts(sheet)));
    let gone: Vec<_> = sheet.gone().map(one_line).collect();
    if !gone.is_empty() {
        let text = format!("Gone since the last review: {}", gone.join(", "));
        lines.extend(wrapped(&text, columns).into_iter().map(Line::plain));
    }
    let own = sheet.items.iter().filter(|item| sheet.is_oneself(item)).count();
    if own > 0 {
        lines.push(Line::of(Tone::Warning, "One of them is you: somebody else has to decide on it."));
    }
    lines
}

/// `13 to decide: 2 new, 1 widened, 10 unchanged since the last review.`
fn counts(sheet: &Sheet) -> String {
    let open: Vec<_> = sheet.to_decide().into_iter().map(|id| sheet.since(id)).collect();
    if open.is_empty() || sheet.last.is_empty() {
        return format!("{} to decide.", open.len());
    }
    let of = |since: Since| open.iter().filter(|one| **one == since).count();
    let counts = Since::ALL.into_iter().map(|since| (of(since), since.word()));
    let counts: Vec<_> =
        counts.filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    format!("{} to decide: {} since the last review.", open.len(), counts.join(", "))
}

/// One item, and the decision of the last review as a proposal.
#[must_use]
pub fn card(
    sheet: &Sheet,
    id: &str,
    (number, of): (usize, usize),
    filter: &str,
    due: Line,
    columns: usize,
) -> Vec<Line> {
    let Some(item) = sheet.item(id) else { return Vec::new() };
    let risk = item.get("risk").and_then(Value::as_str).unwrap_or_default();
    let tone = if risk == "high" { Tone::Danger } else { Tone::Quiet };
    let mut place = Line::of(Tone::Quiet, format!("{number} of {of}"));
    if !sheet.last.is_empty() {
        place = place.and(Tone::Quiet, format!(" · {} since the last review", sheet.since(id).word()));
    }
    if due.width() > 0 {
        place = place.and(Tone::Quiet, " · ").then(due);
    }
    if !filter.is_empty() {
        place = place.and(Tone::Quiet, format!(" · only what holds `{}`", one_line(filter)));
    }
    let mut lines = vec![
        Line::new(),
        place,
        Line::of(Tone::Strong, one_line(id))
            .and(tone, if risk.is_empty() { String::new() } else { format!("  risk {}", one_line(risk)) }),
    ];
    let fields = item.as_object().into_iter().flatten();
    for (name, value) in fields.filter(|(name, _)| !ELSEWHERE.contains(&name.as_str())) {
        lines.extend(field(&name.replace('_', " "), &text(value), columns));
    }
    if let Some(earlier) = sheet.earlier(id) {
        let reason =
            if earlier.reason.is_empty() { String::new() } else { format!(", \"{}\"", earlier.reason) };
        let stale = if earlier.still_stands { "" } else { "; what it rested on has changed" };
        lines.extend(field("last time", &format!("{}{reason}{stale}", earlier.decision), columns));
    }
    lines
}

/// A name and its value, the value wrapped beside it.
fn field(name: &str, value: &str, columns: usize) -> Vec<Line> {
    let room = columns.saturating_sub(NAMES + 4).max(20);
    let pieces = wrapped(value, room);
    let line = |(at, text): (usize, String)| {
        let name = if at == 0 { name } else { "" };
        // A name that fills its column still stands apart from its value.
        let apart = if name.len() < NAMES { "" } else { "  " };
        Line::plain("  ").and(Tone::Quiet, format!("{name:NAMES$}{apart}")).and(Tone::Plain, text)
    };
    pieces.into_iter().filter(|text| !text.is_empty()).enumerate().map(line).collect()
}

/// A value in one line: lists by semicolons, and of maps what they hold.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => one_line(text),
        Value::Array(items) => {
            items.iter().map(text).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ")
        }
        Value::Object(fields) => {
            fields.values().map(text).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

/// The whole item, for whoever wants to know.
#[must_use]
pub fn whole(item: &Value) -> Vec<Line> {
    let json = serde_json::to_string_pretty(item).unwrap_or_default();
    safe(&json).lines().map(|line| Line::plain(format!("    {line}"))).collect()
}

/// The keys of a card: each decision by its first letter, and the last one where it is a
/// proposal.
#[must_use]
pub fn menu(sheet: &Sheet, id: &str) -> Vec<String> {
    let decisions = &sheet.decisions;
    let proposal = sheet.proposal(id).map(|_| "[=] as last time".to_owned());
    let decisions = decisions.iter().map(|decision| {
        let mut letters = decision.chars();
        let first = letters.next().unwrap_or_default();
        format!("[{first}]{}…", letters.as_str())
    });
    let others = ["[?] explain", "[s]kip", "[u]ndo", "[/] filter", "[b]atch", "[l]ist", "[q]uit"];
    decisions.chain(proposal).chain(others.map(str::to_owned)).collect()
}

/// The decision that a word means: the whole of it, or its first letter.
#[must_use]
pub fn decision<'a>(decisions: &'a [String], word: &str) -> Option<&'a str> {
    let word = word.to_lowercase();
    let whole = decisions.iter().find(|decision| **decision == word);
    let first = || decisions.iter().find(|decision| word.chars().count() == 1 && decision.starts_with(&word));
    whole.or_else(first).map(String::as_str)
}

/// Whether a decision has to say why: what stays and is risky or unused, and what is neither
/// let be nor taken away.
#[must_use]
pub fn wants_reason(sheet: &Sheet, ids: &[&str], decision: &str, now: DateTime<Utc>) -> bool {
    let stays = sheet.decisions.first().is_some_and(|first| first == decision);
    let plain = sheet.decisions.iter().take(2).any(|known| known == decision);
    !plain || (stays && ids.iter().any(|id| sheet.item(id).is_some_and(|item| asks_why(item, now))))
}

/// What a batch is about.
#[must_use]
pub fn names(ids: &[&str], columns: usize) -> Vec<Line> {
    const SHOWN: usize = 20;
    let mut names: Vec<_> = ids.iter().take(SHOWN).map(|id| one_line(id)).collect();
    names.extend(ids.len().checked_sub(SHOWN + 1).map(|more| format!("and {} more", more + 1)));
    names.into_iter().map(|name| Line::plain(format!("    {name}")).fit(columns)).collect()
}

/// How many were decided how.
#[must_use]
pub fn tally(sheet: &Sheet, decisions: &[(&str, &Decision)], filter: &str) -> Vec<Line> {
    let of = |decision: &String| decisions.iter().filter(|(_, made)| made.decision == *decision).count();
    let counts: Vec<_> =
        sheet.decisions.iter().map(|decision| format!("{} {}", of(decision), one_line(decision))).collect();
    let text = if filter.is_empty() {
        "Everything is decided"
    } else {
        "Everything that the filter shows is decided"
    };
    vec![Line::new(), Line::of(Tone::Strong, format!("{text}: {}.", counts.join(", ")))]
}

/// Every item with its decision.
#[must_use]
pub fn list(sheet: &Sheet, decisions: &[(&str, &Decision)], columns: usize) -> Vec<Line> {
    let row = |id: &str| {
        let made = decisions.iter().find(|(decided, _)| *decided == id).map(|(_, made)| made);
        let (tone, word) = match made {
            Some(made) => (Tone::Good, made.decision.as_str()),
            None if !sheet.is_to_be_decided(id) => (Tone::Quiet, "(yourself)"),
            None => (Tone::Warning, "open"),
        };
        Line::plain("  ").and(tone, format!("{word:12}")).and(Tone::Plain, one_line(id)).fit(columns)
    };
    sheet.in_order().into_iter().map(row).collect()
}

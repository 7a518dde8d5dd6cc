//! What was collected of CloudTrail, what was not, and why.

use serde::Serialize;
use serde_json::Value;

use super::counted;
use crate::run::Place;

/// One collection, as its step told it; the artifact that it names tells it in full.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Collection {
    pub seq: u64,
    pub place: Place,
    /// The window that was asked for, RFC 3339.
    pub from: String,
    pub to: String,
    pub log_files: u64,
    pub digests: u64,
    /// Events that LookupEvents told beside the files.
    pub events: u64,
    pub bytes: u64,
    /// Whether nothing is missing that the step knew to look for.
    pub complete: bool,
    /// What is missing, and why.
    pub gaps: Vec<String>,
    /// What a reader of the rest should know.
    pub notes: Vec<String>,
    /// The artifact with the whole account.
    pub coverage: String,
}

impl Collection {
    /// What a step told, where it tells of a collection at all.
    pub(super) fn of(seq: u64, place: &Place, outputs: &Value) -> Option<Self> {
        let text = |name: &str| outputs.get(name).and_then(Value::as_str).map(str::to_owned);
        let count = |name: &str| outputs.get(name).and_then(Value::as_u64).unwrap_or(0);
        Some(Self {
            seq,
            place: place.clone(),
            coverage: text("coverage")?,
            complete: outputs.get("complete").and_then(Value::as_bool)?,
            gaps: texts(outputs, "gaps")?,
            notes: texts(outputs, "notes").unwrap_or_default(),
            from: text("from")?,
            to: text("to")?,
            log_files: count("objects"),
            digests: count("digests"),
            events: count("events"),
            bytes: count("bytes"),
        })
    }

    /// The window, and how much was found in it.
    pub(super) fn sentence(&self) -> String {
        let whole = if self.complete { "nothing is known to be missing" } else { "not all of it is there" };
        format!(
            "Step {}, from {} to {}: {}, {} and {} by LookupEvents; {whole}.",
            self.place,
            self.from,
            self.to,
            counted(self.log_files, "log file", "log files"),
            counted(self.digests, "digest", "digests"),
            counted(self.events, "event", "events"),
        )
    }

    /// What is missing, and what else is to be known, each in a line of its own.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> {
        let missing = self.gaps.iter().map(|gap| format!("missing: {gap}"));
        missing.chain(self.notes.iter().map(|note| format!("note: {note}")))
    }
}

fn texts(outputs: &Value, name: &str) -> Option<Vec<String>> {
    let texts = outputs.get(name)?.as_array()?;
    texts.iter().map(|text| text.as_str().map(str::to_owned)).collect()
}

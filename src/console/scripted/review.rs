//! A review that a file answers: a map from items to decisions.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::console::words::text::one_line;
use crate::run::Sheet;

/// What a file has to say to a table, as it stands.
#[derive(Debug, PartialEq)]
pub enum Next {
    Decide {
        item: String,
        decision: String,
        reason: Option<String>,
    },
    /// Everything is decided.
    End,
    /// The file says nothing about the next item.
    Nothing,
}

/// The decision on the first item that has none.
///
/// # Errors
/// Says what would be a decision, where the file means one and gives another thing.
pub fn next(
    answers: &Map<String, Value>,
    sheet: &Sheet,
    is_decided: impl Fn(&str) -> bool,
    now: DateTime<Utc>,
) -> Result<Next, String> {
    let unknown = answers.keys().find(|id| sheet.item(id).is_none());
    if let Some(id) = unknown {
        return Err(format!("there is no item {} in this review", one_line(id)));
    }
    let Some(item) = sheet.to_decide().into_iter().find(|id| !is_decided(id)) else {
        return Ok(Next::End);
    };
    let Some(given) = answers.get(item) else { return Ok(Next::Nothing) };
    let text = |field: &str| given.get(field).and_then(Value::as_str);
    let (decision, reason) = match given {
        Value::String(decision) => (decision.as_str(), None),
        _ => (text("decision").unwrap_or_default(), text("reason")),
    };
    sheet.permits(&[item], decision, reason, now).map_err(|objection| {
        format!("{objection}; write {{ {}: {{ decision: ..., reason: ... }} }}", one_line(item))
    })?;
    Ok(Next::Decide {
        item: item.to_owned(),
        decision: decision.to_owned(),
        reason: reason.map(str::to_owned),
    })
}

//! Values of the findings in words. What a later version of the collection adds is told as
//! it stands, and never left out.

use serde_json::{Map, Value};

/// A statement, a layer that is silent, or what is missing, as the evaluator tells it.
#[must_use]
pub fn because(reason: &Value) -> String {
    let text = |name: &str| reason.get(name).and_then(Value::as_str);
    if let Some(missing) = text("unknown") {
        return format!("unknown: {missing}");
    }
    if let Some(says) = text("missing") {
        return says.to_owned();
    }
    match (text("effect"), text("layer"), text("policy"), text("statement")) {
        (Some(effect), Some(layer), Some(policy), Some(statement)) => {
            let place = |name| reason.get(name).and_then(Value::as_u64);
            let place = place("line").zip(place("column"));
            let place = place.map(|(line, column)| format!(" ({line}:{column})")).unwrap_or_default();
            format!("{} {layer}: {policy}, {statement}{place}", effect.to_lowercase())
        }
        _ => plain(reason),
    }
}

/// A use: its words, an instant, or an instant with its source, its confidence and since when anybody
/// would know; or a list of them.
#[must_use]
pub fn used(value: &Value) -> String {
    match value {
        Value::Array(uses) => {
            uses.iter().filter(|one| !is_empty(one)).map(used).collect::<Vec<_>>().join("; ")
        }
        Value::Object(fields) => match fields.get("words") {
            Some(words) => plain(words),
            None => one_use(fields),
        },
        other => plain(other),
    }
}

fn one_use(fields: &Map<String, Value>) -> String {
    const INSTANTS: [&str; 4] = ["at", "time", "when", "last_used"];
    let at = INSTANTS.iter().find_map(|name| fields.get(*name).map(|at| (*name, at)));
    let lead = match at {
        Some((_, at)) if !is_empty(at) => plain(at),
        _ => "none known".to_owned(),
    };
    let rest =
        fields.iter().filter(|(name, value)| Some(name.as_str()) != at.map(|at| at.0) && !is_empty(value));
    let rest: Vec<_> =
        rest.map(|(name, value)| format!("{} {}", name.replace('_', " "), plain(value))).collect();
    if rest.is_empty() { lead } else { format!("{lead} ({})", rest.join(", ")) }
}

/// "GetKeyLastUsage": an empty answer says only that nothing was recorded since tracking
/// began.
pub(super) fn key_use(usage: &Value) -> String {
    if usage.is_null() {
        return "not collected".to_owned();
    }
    let since = usage.get("TrackingStartDate").map_or_else(|| "an unknown date".to_owned(), plain);
    match usage.get("KeyLastUsage").filter(|last| !is_empty(last)) {
        Some(last) => {
            let field = |name: &str| last.get(name).map(plain).unwrap_or_default();
            let (operation, at) = (field("Operation"), field("Timestamp"));
            format!("{operation} at {at} (GetKeyLastUsage, tracked since {since})")
        }
        None => format!("none recorded since {since}, when tracking began; that is not never"),
    }
}

pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.iter().all(is_empty),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

//! Redaction of values: every text in them, and the texts of fields whose name says secret.

use serde_json::{Map, Value};

use super::mark::Name;
use super::{Redaction, fields};

pub(super) fn redact(redaction: &Redaction, value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(redaction.text(text).into_owned()),
        Value::Array(items) => Value::Array(redact_items(redaction, items)),
        Value::Object(members) => Value::Object(redact_members(redaction, members)),
        Value::Number(number) => match redaction.named(&number.to_string()) {
            Some(name) => replaced(redaction, Name::Secret(name)),
            None => value.clone(),
        },
        Value::Null | Value::Bool(_) => value.clone(),
    }
}

/// In a list of arguments, `--password` announces what comes next.
fn redact_items(redaction: &Redaction, items: &[Value]) -> Vec<Value> {
    let announced = |index: usize| {
        let before = index.checked_sub(1).and_then(|before| items.get(before)).and_then(Value::as_str);
        before.and_then(|before| before.strip_prefix("--")).and_then(|flag| fields::kind_of(flag.as_bytes()))
    };
    items.iter().enumerate().map(|(index, item)| redact_field(redaction, announced(index), item)).collect()
}

fn redact_members(redaction: &Redaction, members: &Map<String, Value>) -> Map<String, Value> {
    let member = |(key, value): (&String, &Value)| {
        (redaction.text(key).into_owned(), redact_field(redaction, fields::kind_of(key.as_bytes()), value))
    };
    members.iter().map(member).collect()
}

fn redact_field(redaction: &Redaction, kind: Option<&'static str>, value: &Value) -> Value {
    match (kind, value) {
        (Some(kind), Value::String(text)) if fields::is_worth(text.as_bytes()) => {
            replaced(redaction, redaction.named(text).map_or(Name::Shape(kind), Name::Secret))
        }
        _ => redact(redaction, value),
    }
}

fn replaced(redaction: &Redaction, name: Name<'_>) -> Value {
    redaction.count(1);
    Value::String(name.marker())
}

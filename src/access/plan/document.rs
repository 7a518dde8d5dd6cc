//! A policy document as a value: which of its statements speak for an action, and what is
//! left without them.

use serde_json::{Map, Value};

use crate::access::account::decoded;
use crate::access::policy::{Effect, Kind, Policy};

/// IAM gives documents as objects, as texts, or as texts in percent-encoding.
pub(super) fn opened(document: &Value) -> Option<Value> {
    match document {
        Value::String(text) => serde_json::from_str(&decoded(text)).ok(),
        Value::Object(_) => Some(document.clone()),
        _ => None,
    }
}

/// Which statements may allow the action on the resource, by number; none where the document
/// cannot be read.
pub(super) fn allowing(document: &Value, kind: Kind, action: &str, resource: &str) -> Option<Vec<usize>> {
    let policy = Policy::read("", &document.to_string(), kind);
    if policy.broken.is_some() || policy.statements.len() != statements(document).len() {
        return None;
    }
    let concerned = policy.statements.iter().enumerate().filter(|(_, statement)| {
        statement.effect == Effect::Allow && statement.may_concern(action, resource)
    });
    Some(concerned.map(|(at, _)| at).collect())
}

/// One statement may stand without a list around it.
pub(super) fn statements(document: &Value) -> Vec<Value> {
    match document.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(statement) => vec![statement.clone()],
        None => Vec::new(),
    }
}

/// The document with other statements.
pub(super) fn with_statements(document: &Value, statements: Vec<Value>) -> Value {
    let mut members = document.as_object().cloned().unwrap_or_else(Map::new);
    members.insert("Statement".to_owned(), Value::Array(statements));
    Value::Object(members)
}

/// What statements allow, in short, to say what else goes with them.
pub(super) fn allowed(statement: &Value) -> String {
    let element = |name: &str| match statement.get(name) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Array(texts)) => {
            Some(texts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "))
        }
        _ => None,
    };
    let action = element("Action").or_else(|| element("NotAction").map(|but| format!("all but {but}")));
    let resource = element("Resource").or_else(|| element("NotResource").map(|but| format!("all but {but}")));
    format!("{} on {}", action.unwrap_or_default(), resource.unwrap_or_else(|| "its resource".to_owned()))
}

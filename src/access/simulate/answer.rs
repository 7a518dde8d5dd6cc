//! An answer as JSON.

use serde_json::{Value, json};

use crate::access::evaluate::{Answer, Reason};

/// The id as it was given, the verdict, all conditions, and what decided.
#[must_use]
pub fn as_json(id: &Value, answer: &Answer, dormant: Option<&str>) -> Value {
    let mut because: Vec<Value> = answer.because.iter().map(reason_as_json).collect();
    because.extend(dormant.map(|state| json!({ "layer": "key state", "dormant": state })));
    json!({
        "id": id,
        "verdict": answer.verdict.word(),
        "conditions": answer.conditions,
        "because": because,
    })
}

#[must_use]
pub fn reason_as_json(reason: &Reason) -> Value {
    match reason {
        Reason::Statement(cited) => {
            let mut told = json!({
                "layer": cited.layer.to_string(),
                "policy": &*cited.policy,
                "statement": &*cited.statement,
                "effect": cited.effect.word(),
            });
            if let (Some(position), Some(fields)) = (cited.position, told.as_object_mut()) {
                fields.insert("line".to_owned(), position.line.into());
                fields.insert("column".to_owned(), position.column.into());
            }
            told
        }
        Reason::Silent { layer, says } => json!({ "layer": layer.to_string(), "missing": says }),
        Reason::Missing(what) => json!({ "unknown": &**what }),
    }
}

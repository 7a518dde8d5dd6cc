//! Values between JSON and the template engine.

use minijinja::Value as Inner;
use minijinja::value::{Serde, ValueKind};
use serde_json::{Map, Number, Value};

/// Data for the template engine.
pub(super) fn to_inner(value: &Value) -> Inner {
    Inner::from(Serde(value))
}

/// What came out of the template engine, as data.
///
/// # Errors
/// Says so for what is no data: undefined, a function, a number that is not finite.
pub(super) fn to_json(value: &Inner) -> Result<Value, String> {
    match value.kind() {
        ValueKind::Undefined => Err("it gives nothing: a name in it is undefined".to_owned()),
        ValueKind::None => Ok(Value::Null),
        ValueKind::Bool => Ok(Value::Bool(value.is_true())),
        ValueKind::Number => number(value).map(Value::Number),
        ValueKind::String => Ok(Value::String(value.as_str().unwrap_or_default().to_owned())),
        ValueKind::Seq | ValueKind::Iterable => items(value)?.iter().map(to_json).collect(),
        ValueKind::Map => items(value)?
            .iter()
            .map(|key| field(value, key))
            .collect::<Result<Map<_, _>, _>>()
            .map(Value::Object),
        kind => Err(format!("it gives {kind}, which is no data")),
    }
}

fn number(value: &Inner) -> Result<Number, String> {
    let whole = value.is_integer();
    if whole && let Some(number) = value.as_i64() {
        return Ok(Number::from(number));
    }
    let unsigned = whole.then(|| u64::try_from(value.clone()).ok()).flatten();
    if let Some(number) = unsigned {
        return Ok(Number::from(number));
    }
    let float = (!whole).then(|| f64::try_from(value.clone()).ok()).flatten();
    float
        .and_then(Number::from_f64)
        .ok_or_else(|| format!("it gives {value}, which is no finite number of 64 bits"))
}

fn items(value: &Inner) -> Result<Vec<Inner>, String> {
    value.try_iter().map(Iterator::collect).map_err(|error| error.to_string())
}

fn field(map: &Inner, key: &Inner) -> Result<(String, Value), String> {
    let name = key.as_str().ok_or_else(|| format!("it gives a map whose key {key} is no text"))?;
    let value = map.get_item(key).map_err(|error| error.to_string())?;
    Ok((name.to_owned(), to_json(&value)?))
}

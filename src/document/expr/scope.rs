//! What names stand for while a run goes on.

use serde_json::{Map, Value};

use super::tree::Use;

/// Gives the top-level names: `params`, `steps`, `item`, `result`, `run`, `roles`.
pub trait Scope {
    fn root(&self, name: &str) -> Option<&Value>;
}

impl Scope for Value {
    fn root(&self, name: &str) -> Option<&Value> {
        self.get(name)
    }
}

impl Scope for Map<String, Value> {
    fn root(&self, name: &str) -> Option<&Value> {
        self.get(name)
    }
}

/// The value of a dotted name.
pub(super) fn look_up<'s>(scope: &'s dyn Scope, name: &str) -> Option<&'s Value> {
    let mut parts = name.split('.');
    let root = scope.root(parts.next()?)?;
    parts.try_fold(root, |value, part| value.get(part))
}

/// Only what these names need of the scope: an evaluation costs what it looks at, not what
/// the run has gathered so far.
///
/// # Errors
/// Says which name is not there, unless the expression asks whether it is.
pub(super) fn part(scope: &dyn Scope, uses: &[Use]) -> Result<Value, String> {
    let mut part = Map::new();
    for used in uses {
        match look_up(scope, used.name()) {
            Some(value) => put(&mut part, used.name(), value),
            None if used.tested => make_askable(&mut part, used.name(), uses),
            None => return Err(undefined(scope, used.name())),
        }
    }
    Ok(Value::Object(part))
}

fn put(part: &mut Map<String, Value>, name: &str, value: &Value) {
    let Some((first, rest)) = name.split_once('.') else {
        part.insert(name.to_owned(), value.clone());
        return;
    };
    let inner = part.entry(first).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(inner) = inner {
        put(inner, rest, value);
    }
}

/// Strict evaluation refuses to look inside of what is undefined. So that `steps.a.answer
/// is defined` can be asked when `a` did not run, what lies around the name is made empty,
/// unless the expression asks about that too.
fn make_askable(part: &mut Map<String, Value>, name: &str, uses: &[Use]) {
    let mut around = &mut *part;
    for (at, _) in name.match_indices('.') {
        if uses.iter().any(|used| used.tested && used.name() == &name[..at]) {
            return;
        }
        let first = name[..at].rsplit('.').next().unwrap_or_default();
        let inner = around.entry(first).or_insert_with(|| Value::Object(Map::new()));
        let Value::Object(inner) = inner else { return };
        around = inner;
    }
}

fn undefined(scope: &dyn Scope, name: &str) -> String {
    let ends = name.match_indices('.').map(|(at, _)| at).chain([name.len()]);
    let missing =
        ends.map(|end| &name[..end]).find(|prefix| look_up(scope, prefix).is_none()).unwrap_or(name);
    match missing.strip_prefix("steps.") {
        Some(step) if !step.contains('.') => {
            format!("`{name}` is undefined: step `{step}` was skipped, failed, or has not run")
        }
        _ => format!("`{missing}` is undefined"),
    }
}

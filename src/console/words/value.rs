//! Values of steps in a few words.

use serde_json::{Map, Value};

use super::super::line::{fitted, width};
use super::text::{count, grouped, one_line};
pub use crate::text::arn::Arn;

/// How long a text may be to be shown in a list of facts.
const SHORT: usize = 64;

/// What is longer is told by its size, or in parts.
const LONG: usize = 240;

/// A value on one line, whole where it is short. A text that is long or has lines is
/// told by its size: the request shows it.
#[must_use]
pub fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.is_empty() => "empty".to_owned(),
        Value::String(text) if text.len() > LONG || text.contains('\n') => {
            format!("text of {} bytes", grouped(text.len() as u64))
        }
        Value::String(text) => one_line(text),
        Value::Array(items) => items_shown(items),
        Value::Object(fields) => match fields.get("$secret") {
            Some(Value::String(name)) => format!("‹secret {}›", one_line(name)),
            _ => map_shown(value, fields),
        },
    }
}

/// A map that is long is told by its fields, and maps within it by their size.
fn map_shown(value: &Value, fields: &Map<String, Value>) -> String {
    let whole = value.to_string();
    if whole.len() <= LONG {
        return one_line(&whole);
    }
    let field = |(name, value): (&String, &Value)| match value {
        Value::Object(inner) => {
            format!("{} of {}", one_line(name), count(inner.len() as u64, "field", "fields"))
        }
        other => format!("{} {}", one_line(name), shown(other)),
    };
    fields.iter().map(field).collect::<Vec<_>>().join(", ")
}

fn items_shown(items: &[Value]) -> String {
    const AT_MOST: usize = 5;
    if items.is_empty() {
        return "none".to_owned();
    }
    let first: Vec<_> = items.iter().take(AT_MOST).map(shown).collect();
    let rest = if items.len() > AT_MOST { format!(", … {} in all", items.len()) } else { String::new() };
    format!("{}{rest}", first.join(", "))
}

/// What a step found, each fact in a few words, the telling first: `key/79c50f57-…`,
/// `7 grants`.
#[must_use]
pub fn facts(outputs: &Value) -> Vec<String> {
    let Value::Object(fields) = outputs else { return Vec::new() };
    if let Some(answer) = fields.get("answer") {
        return vec![shown(answer)];
    }
    if fields.contains_key("stdout") {
        return printed(fields);
    }
    if let (Some(Value::Array(channels)), true) = (fields.get("channels"), fields.contains_key("delivered")) {
        return told(channels);
    }
    let arn = fields.get("arn").and_then(Value::as_str);
    let rest = fields.iter().filter(|(name, value)| *name != "arn" && !tells_the_arn(value, arn));
    arn.map(brief).into_iter().chain(rest.filter_map(|(name, value)| fact(name, value))).collect()
}

/// As many of the facts as fit, and `…` for those that do not.
#[must_use]
pub fn fitting(facts: &[String], columns: usize) -> String {
    let all = facts.join(", ");
    if width(&all) <= columns {
        return all;
    }
    let whole = (1..facts.len()).rev().map(|count| format!("{}, …", facts[..count].join(", ")));
    whole.into_iter().find(|text| width(text) <= columns).unwrap_or_else(|| fitted(&all, columns))
}

/// Whether a field says what stands in the ARN anyway: id, account, Region.
fn tells_the_arn(value: &Value, arn: Option<&str>) -> bool {
    matches!((value, arn), (Value::String(text), Some(arn)) if arn.contains(text.as_str()))
}

/// What a program printed first.
fn printed(fields: &Map<String, Value>) -> Vec<String> {
    let text = |name| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let first = |text: &str| text.lines().map(one_line).find(|line| !line.is_empty());
    let code = fields.get("code").and_then(Value::as_i64).filter(|&code| code != 0);
    let code = code.map(|code| format!("exit code {code}"));
    code.into_iter().chain(first(text("stdout")).or_else(|| first(text("stderr")))).collect()
}

/// How many channels took a message, and of each of the others why not.
fn told(channels: &[Value]) -> Vec<String> {
    let text = |channel: &Value, name: &str| one_line(channel[name].as_str().unwrap_or_default());
    let (took, not): (Vec<_>, Vec<_>) = channels.iter().partition(|channel| channel["delivered"] == true);
    let why = |channel: &Value| format!("{} not told: {}", text(channel, "name"), text(channel, "detail"));
    let but = took.iter().filter(|channel| channel["but"].is_string());
    let but = but.map(|channel| format!("{} {}", text(channel, "name"), text(channel, "but")));
    let took_it = (!took.is_empty()).then(|| format!("{} delivered", took.len()));
    took_it.into_iter().chain(not.into_iter().map(why)).chain(but).collect()
}

fn fact(name: &str, value: &Value) -> Option<String> {
    let name = name.replace('_', " ");
    match value {
        Value::Null => None,
        Value::Bool(true) => Some(name),
        Value::Bool(false) => Some(format!("not {name}")),
        Value::Number(number) => Some(match number.as_u64() {
            Some(number) => counted(number, &name),
            None => format!("{name} {number}"),
        }),
        Value::String(text) if text.is_empty() => None,
        Value::String(text) if text.len() > SHORT || text.contains('\n') => Some(name),
        Value::String(text) => Some(format!("{name} {}", brief(text))),
        Value::Array(items) if items.is_empty() => None,
        Value::Array(items) => Some(counted(items.len() as u64, &name)),
        Value::Object(fields) => (!fields.is_empty()).then_some(name),
    }
}

fn counted(number: u64, name: &str) -> String {
    let name = match name.strip_suffix("es").filter(|stem| stem.ends_with('s')) {
        _ if number != 1 => name,
        Some(stem) => stem,
        None => name.strip_suffix('s').unwrap_or(name),
    };
    format!("{} {name}", grouped(number))
}

/// An ARN as its resource, a UUID as its first group.
#[must_use]
pub fn brief(text: &str) -> String {
    let resource = Arn::parse(text).map_or(text, |arn| arn.resource);
    let (lead, last) = resource.rsplit_once('/').map_or(("", resource), |(lead, last)| (lead, last));
    let last = if is_uuid(last) { format!("{}-…", &last[..8]) } else { last.to_owned() };
    one_line(&if lead.is_empty() { last } else { format!("{lead}/{last}") })
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/79c50f57-3f27-4d2b-8e6f-0a1b2c3d4e5f";

    #[test]
    fn an_arn_is_told_by_its_resource() {
        let arn = Arn::parse(KEY).unwrap();
        assert_eq!((arn.region, arn.account), ("us-east-1", "111122223333"));
        assert_eq!(arn.resource, "key/79c50f57-3f27-4d2b-8e6f-0a1b2c3d4e5f");
        // IAM user guide, "IAM ARNs": a session's resource has colons and slashes of its own.
        let role = "arn:aws:sts::111122223333:assumed-role/responder/on-call";
        assert_eq!(brief(role), "assumed-role/responder/on-call");
        assert_eq!(brief(KEY), "key/79c50f57-…");
        assert_eq!(brief("my-bucket"), "my-bucket");
        assert_eq!(Arn::parse("arn:aws:kms"), None);
        assert_eq!(Arn::parse("a:b:c:d:e:f"), None);
    }

    #[test]
    fn outputs_become_a_few_words_and_say_nothing_twice() {
        let key = json!({
            "id": "79c50f57-3f27-4d2b-8e6f-0a1b2c3d4e5f", "arn": KEY, "account": "111122223333",
            "region": "us-east-1", "state": "Enabled", "multi_region": false, "aliases": ["alias/pii"],
        });
        assert_eq!(facts(&key).join(", "), "key/79c50f57-…, state Enabled, not multi region, 1 alias");
    }

    #[test]
    fn programs_and_answers_speak_for_themselves() {
        assert_eq!(
            facts(&json!({"code": 0, "stdout": "\nrolled out\nmore", "stderr": ""})).join(", "),
            "rolled out"
        );
        assert_eq!(
            facts(&json!({"code": 2, "stdout": "", "stderr": "denied"})).join(", "),
            "exit code 2, denied"
        );
        assert_eq!(facts(&json!({"answer": true})).join(", "), "yes");
        assert_eq!(facts(&json!({"answer": ["a", "b"]})).join(", "), "a, b");
        assert_eq!(facts(&Value::Null).join(", "), "");
    }

    #[test]
    fn as_many_facts_are_told_as_fit_whole() {
        let facts = ["policy".to_owned(), "7 grants".to_owned(), "2 aliases".to_owned()];
        assert_eq!(fitting(&facts, 27), "policy, 7 grants, 2 aliases");
        assert_eq!(fitting(&facts, 26), "policy, 7 grants, …");
        assert_eq!(fitting(&facts, 9), "policy, …");
        assert_eq!(fitting(&facts, 4), "pol…");
        assert_eq!(fitting(&[], 4), "");
    }

    #[test]
    fn what_is_long_secret_or_hostile_is_not_spread_out() {
        assert_eq!(shown(&json!({"$secret": "token"})), "‹secret token›");
        assert_eq!(shown(&json!("a\nb")), "text of 3 bytes");
        assert_eq!(shown(&json!("\u{1b}[31m")), "\\u{1b}[31m");
        assert_eq!(shown(&json!([1, 2, 3, 4, 5, 6])), "1, 2, 3, 4, 5, … 6 in all");
        assert_eq!(
            facts(&json!({"policy": "x".repeat(100), "grants": [1, 2], "unread": []})),
            ["policy", "2 grants"]
        );
    }
}

//! An event of CloudTrail in the words of the Open Cybersecurity Schema Framework, 1.5.0
//! (schema.ocsf.io; the mapping of AWS CloudTrail in the framework's own examples was the
//! starting point).
//!
//! Every event is an API Activity, but for those whose own class says more: signing in
//! and assuming a role, changes of users, roles, groups and policies, and grants. Where an
//! event lacks what such a class requires, which is so for most that were refused, it
//! stays an API Activity: nothing is made up.

mod actor;
mod class;
mod parts;
#[cfg(test)]
mod tests;
mod verb;

use serde_json::{Map, Value, json};

use super::event::Event;
use class::Class;

/// The version of the schema.
pub const VERSION: &str = "1.5.0";

type Fields = Map<String, Value>;

/// The event, with the files of the record that hold it as labels. `None` where the event
/// has no time that can be read, for the schema requires one.
#[must_use]
pub fn of(event: &Event, found_in: &[&str]) -> Option<Value> {
    let time = event.time()?;
    let class = Class::of(event);
    let mut told = Fields::new();
    told.insert("time".into(), time.timestamp_millis().into());
    told.insert("message".into(), event.sentence().into());
    classify(&mut told, &class, event);
    status(&mut told, event);
    told.insert("metadata".into(), parts::metadata(event, found_in));
    told.insert("actor".into(), actor::actor(event));
    told.insert("api".into(), parts::api(event));
    told.insert("cloud".into(), parts::cloud(event));
    told.insert("src_endpoint".into(), parts::source(event));
    if let Some(agent) = event.text(&["userAgent"]) {
        told.insert("http_request".into(), json!({ "user_agent": agent }));
    }
    let resources = parts::resources(event);
    if class.has_resources() && !resources.is_empty() {
        told.insert("resources".into(), resources.into());
    }
    let unmapped = parts::unmapped(event, &class);
    if !unmapped.is_empty() {
        told.insert("unmapped".into(), unmapped.into());
    }
    told.extend(class.own);
    Some(Value::Object(told))
}

fn classify(told: &mut Fields, class: &Class, event: &Event) {
    let (uid, activity) = (class.kind.uid(), class.activity);
    let name = if activity.uid == verb::OTHER { event.name() } else { activity.name };
    for (field, value) in [
        ("category_uid", json!(uid / 1_000)),
        ("category_name", json!(class.kind.category())),
        ("class_uid", json!(uid)),
        ("class_name", json!(class.kind.name())),
        ("activity_id", json!(activity.uid)),
        ("activity_name", json!(if name.is_empty() { activity.name } else { name })),
        ("type_uid", json!(uid * 100 + activity.uid)),
        ("type_name", json!(format!("{}: {}", class.kind.name(), activity.name))),
        // CloudTrail gives no severity, and it is not for a mapping to judge.
        ("severity_id", json!(1)),
        ("severity", json!("Informational")),
    ] {
        told.insert(field.into(), value);
    }
}

/// A call without an error code took place; a sign-in tells of its failure elsewhere
/// (CloudTrail user guide, "AWS Management Console sign-in events").
fn status(told: &mut Fields, event: &Event) {
    let signed_in = event.text(&["responseElements", "ConsoleLogin"]);
    let failed = event.error().is_some() || signed_in == Some("Failure");
    let (id, word) = if failed { (2, "Failure") } else { (1, "Success") };
    told.insert("status_id".into(), id.into());
    told.insert("status".into(), word.into());
    told.extend(texts(event, &[("status_code", &["errorCode"]), ("status_detail", &["errorMessage"])]));
}

/// Texts that are there, under the names that the schema gives them.
fn texts(event: &Event, wanted: &[(&str, &[&str])]) -> Fields {
    let told = wanted.iter().filter_map(|(name, way)| Some(((*name).to_owned(), event.text(way)?.into())));
    told.collect()
}

fn account(id: &str) -> Value {
    json!({ "uid": id, "type_id": 10, "type": "AWS Account" })
}

//! What people are told on their channels, as a request that an executor can answer.

use serde_json::{Map, Value, json};

use super::context::{Resolve, Told};
use super::messages::Delivery;
use super::state::Run;
use crate::document::action::{Gravity, Notify, Signal};
use crate::document::{Channel, Input, Setting, Text, variable};

/// What an alert is about where the document does not say.
const INCIDENT: &str = "incident";

/// The inputs of `notify`, rendered; who is behind the names is added by
/// [`Run::addressed`].
pub(super) fn input(notify: &Notify, resolve: Resolve<'_>) -> Told<Value> {
    let text = |text: &Text| resolve(&Input::Text(text.clone()));
    let optional = |given: &Option<Text>| given.as_ref().map_or(Told::Known(Value::Null), text);
    let (subject, about) = (optional(&notify.subject), optional(&notify.about));
    text(&notify.message).and(subject.and(about)).map(|(message, (subject, about))| {
        let to: Vec<&str> = notify.to.iter().map(|recipient| recipient.name.as_str()).collect();
        json!({
            "to": to,
            "subject": subject,
            "message": message,
            "event": notify.signal.word(),
            "severity": notify.gravity.word(),
            "about": about.as_str().unwrap_or(INCIDENT),
        })
    })
}

impl Run {
    /// The inputs of a message with all that sending it takes: the channels behind roles
    /// and names, which run it is, and the key of the alert.
    pub(super) fn addressed(&self, notify: &Notify, mut input: Value) -> Value {
        let names = notify.to.iter().map(|recipient| recipient.name.as_str());
        let channels = self.playbook.channels_of(names).into_iter().map(described).collect();
        self.complete(&mut input, channels);
        input
    }

    /// The inputs of the message that an escalation sends over one channel.
    pub(super) fn escalating(&self, about: &str, owed: &Delivery, channel: &Channel) -> Value {
        let gravity = if owed.event == Signal::Trigger { Gravity::Critical } else { Gravity::Info };
        let mut input = json!({
            "to": owed.to,
            "subject": null,
            "message": owed.message,
            "event": owed.event.word(),
            "severity": gravity.word(),
            "about": about,
        });
        self.complete(&mut input, vec![described(channel)]);
        input
    }

    fn complete(&self, input: &mut Value, channels: Vec<Value>) {
        let Value::Object(fields) = input else { return };
        let about = fields.get("about").and_then(Value::as_str).unwrap_or(INCIDENT);
        let key = format!("{}/{about}", self.id());
        if fields.get("subject").is_none_or(Value::is_null) {
            fields.insert("subject".to_owned(), format!("{}: {}", self.id(), self.playbook.title).into());
        }
        fields.insert("run".to_owned(), self.id().into());
        fields.insert("document".to_owned(), self.playbook.name.as_str().into());
        fields.insert("key".to_owned(), key.into());
        fields.insert("channels".to_owned(), Value::Array(channels));
    }
}

/// A channel as data: what is secret about it stays a reference.
#[must_use]
pub fn described(channel: &Channel) -> Value {
    let mut fields = Map::new();
    fields.insert("name".to_owned(), channel.name.as_str().into());
    fields.insert("medium".to_owned(), channel.medium.name().into());
    for (key, setting) in &channel.settings {
        let value = match setting {
            Setting::Plain(texts) => texts.iter().map(String::as_str).collect::<Value>(),
            Setting::Environment { name, .. } => json!({ "$secret": variable(name) }),
            Setting::Parameter { name, .. } => json!({ "$secret": name }),
        };
        fields.insert((*key).to_owned(), value);
    }
    Value::Object(fields)
}

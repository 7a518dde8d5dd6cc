//! The moments of a run, one line each, as Timesketch reads them (Timesketch guide, "Import
//! from JSON or CSV": `message`, `datetime` and `timestamp_desc` are required, `timestamp`
//! counts microseconds since 1970).

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use super::moment;
use super::words::{actor, operation};
use crate::cloudtrail::event::Event as Recorded;
use crate::journal::Entry;
use crate::run::{Call, Event, Evidence, Place};

/// One line of a timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    pub at: DateTime<Utc>,
    told: Map<String, Value>,
}

impl Moment {
    fn new(at: DateTime<Utc>, desc: &str, message: String) -> Self {
        let told = json!({
            "message": message,
            "datetime": at.to_rfc3339_opts(SecondsFormat::Micros, true),
            "timestamp": at.timestamp_micros(),
            "timestamp_desc": desc,
        });
        let Value::Object(told) = told else { return Self { at, told: Map::new() } };
        Self { at, told }
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        if !value.is_null() {
            self.told.insert(name.to_owned(), value);
        }
        self
    }

    /// The line, without its newline.
    #[must_use]
    pub fn line(&self) -> String {
        // Texts and numbers under text keys: nothing in it can fail to be written.
        serde_json::to_string(&self.told).unwrap_or_default()
    }
}

/// What an entry of the journal tells: the entry itself, the requests that went to AWS
/// before it, and when a fact was seen that was recorded later.
#[must_use]
pub fn of_entry(entry: &Entry) -> Vec<Moment> {
    let mut moments: Vec<Moment> = evidence(&entry.event)
        .into_iter()
        .flat_map(|(place, evidence)| evidence.calls.iter().map(move |call| sent(place, call)))
        .collect();
    if let Event::Noted { by, text, observed_at: Some(seen) } = &entry.event {
        let message = format!("seen, and noted later by {}: {text}", actor(by));
        moments.push(Moment::new(*seen, "Observed", message));
    }
    let mut told = Moment::new(entry.at, "Recorded", moment::message(&entry.event));
    if let Some(place) = moment::place(&entry.event) {
        told = told.with("step", place.step.as_str()).with("element", place.item);
    }
    moments.push(told.with("event", moment::kind(&entry.event)));
    let named = |moment: Moment| {
        moment.with("source", "journal").with("data_type", "playbook:journal").with("seq", entry.seq)
    };
    moments.into_iter().map(named).collect()
}

/// An event of CloudTrail and the files of the record that hold it. `None` where it has no
/// time that can be read.
#[must_use]
pub fn of_event(event: &Recorded, found_in: &[&str]) -> Option<Moment> {
    let text = |way: &[&str]| event.text(way).map(str::to_owned);
    let moment = Moment::new(event.time()?, "CloudTrail event time", event.sentence())
        .with("source", "cloudtrail")
        .with("data_type", "aws:cloudtrail:event")
        .with("files", found_in.iter().map(|file| Value::from(*file)).collect::<Value>())
        .with("event_id", text(&["eventID"]))
        .with("event_source", text(&["eventSource"]))
        .with("event_name", text(&["eventName"]))
        .with("user", event.who())
        .with("access_key", text(&["userIdentity", "accessKeyId"]))
        .with("src_ip", text(&["sourceIPAddress"]))
        .with("user_agent", text(&["userAgent"]))
        .with("region", text(&["awsRegion"]))
        .with("error_code", text(&["errorCode"]))
        .with("request_id", text(&["requestID"]));
    Some(moment)
}

fn sent(place: &Place, call: &Call) -> Moment {
    let outcome = match (&call.error, call.status) {
        (Some(error), _) => error.clone(),
        (None, Some(status)) => status.to_string(),
        (None, None) => "no answer".to_owned(),
    };
    let message = format!("{} was sent to {}: {outcome}", operation(call), call.region);
    Moment::new(call.sent_at, "Request sent", message)
        .with("step", place.step.as_str())
        .with("element", place.item)
        .with("region", call.region.as_str())
        .with("request_id", call.request_id.as_deref())
        .with("error_code", call.error.as_deref())
}

const fn evidence(event: &Event) -> Option<(&Place, &Evidence)> {
    match event {
        Event::Succeeded { place, evidence, .. }
        | Event::Failed { place, evidence, .. }
        | Event::Observed { place, evidence, .. }
        | Event::Measured { place, evidence, .. }
        | Event::Settled { place, evidence, .. }
        | Event::Unsettled { place, evidence, .. } => Some((place, evidence)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn lines() -> Vec<Value> {
        let moments = sample::entries().iter().flat_map(of_entry).collect::<Vec<_>>();
        moments.iter().map(|moment| serde_json::from_str(&moment.line()).unwrap()).collect()
    }

    #[test]
    fn every_line_has_the_fields_that_timesketch_asks_for() {
        for line in lines() {
            assert!(line["message"].as_str().is_some_and(|message| !message.is_empty()), "{line}");
            assert!(line["timestamp_desc"].is_string());
            let at = DateTime::parse_from_rfc3339(line["datetime"].as_str().unwrap()).unwrap();
            assert_eq!(line["timestamp"], at.timestamp_micros(), "{line}");
            assert!(line["seq"].is_u64());
        }
    }

    #[test]
    fn requests_and_sightings_stand_at_their_own_time() {
        let lines = lines();
        let sent = lines.iter().find(|line| line["request_id"] == "req-DisableKey").unwrap();
        assert_eq!((&sent["timestamp_desc"], &sent["step"]), (&json!("Request sent"), &json!("disable_key")));
        assert_eq!(sent["timestamp"], sample::after(191).timestamp_micros());
        let seen = lines.iter().find(|line| line["timestamp_desc"] == "Observed").unwrap();
        assert_eq!(seen["timestamp"], sample::after(-60).timestamp_micros());
        assert_eq!(lines.len(), sample::entries().len() + 5 + 1, "five requests and one sighting");
    }

    #[test]
    fn an_event_tells_which_files_hold_it() {
        let event = Recorded::read(br#"{"eventTime":"2026-11-22T03:10:00Z","eventName":"Decrypt"}"#).unwrap();
        let line: Value = serde_json::from_str(&of_event(&event, &["a", "b"]).unwrap().line()).unwrap();
        assert_eq!(
            (&line["datetime"], &line["files"]),
            (&json!("2026-11-22T03:10:00.000000Z"), &json!(["a", "b"]))
        );
        assert!(line.get("error_code").is_none());
        assert!(of_event(&Recorded::read(b"{}").unwrap(), &[]).is_none());
    }
}

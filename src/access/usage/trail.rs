//! Events of CloudTrail about one key and one action (CloudTrail user guide, "CloudTrail
//! userIdentity element"; AWS KMS developer guide, "Logging AWS KMS API calls with AWS
//! CloudTrail"): who made the call, and when. Only calls that succeeded are uses.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Confidence, LastUse, Sight, Source, instant, operation, parsed, shown};

/// A search of CloudTrail, in the form that LookupEvents returns, with the times that it was
/// asked for: without them nobody knows whether the events are all.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Found {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Value>,
    pub events: Vec<Told>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// One event as LookupEvents tells it: the record itself stands in it as a text.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Told {
    pub cloud_trail_event: Option<String>,
}

/// The key, its account and the action in question.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    pub key: &'a str,
    pub account: &'a str,
    pub action: &'a str,
}

/// What an event is to the question.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    Use(Sighting),
    /// About something else, or refused.
    Other,
    /// Nobody can say.
    Unreadable,
}

/// A use of the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    pub at: DateTime<Utc>,
    region: String,
    /// The service that called in the caller's name.
    through: Option<String>,
    /// By which names whoever called may be known: [`account`] for one of another account.
    pub callers: Vec<String>,
}

/// The name under which every caller of another account is known as well, for CloudTrail
/// often tells the owner of a key no more than the account.
#[must_use]
pub fn account(number: &str) -> String {
    format!("account {number}")
}

/// The name under which a caller of whatever other account is known.
pub const ANYBODY: &str = "any other account";

impl Question<'_> {
    /// Reads one record of CloudTrail.
    #[must_use]
    pub fn of(&self, record: &str) -> Event {
        let Ok(record) = serde_json::from_str::<Value>(record) else { return Event::Unreadable };
        let text = |name: &str| record.get(name).and_then(Value::as_str).unwrap_or_default();
        // ReEncryptFrom and ReEncryptTo are two halves of one operation.
        let name = operation(self.action);
        let name = name.strip_suffix("From").or_else(|| name.strip_suffix("To")).unwrap_or(name);
        if text("eventSource") != "kms.amazonaws.com" || !text("eventName").eq_ignore_ascii_case(name) {
            return if record.is_object() { Event::Other } else { Event::Unreadable };
        }
        if !text("errorCode").is_empty() || !self.is_about_the_key(&record) {
            return Event::Other;
        }
        let Some(at) = parsed(text("eventTime")) else { return Event::Unreadable };
        let identity = record.get("userIdentity").unwrap_or(&Value::Null);
        let invoked = identity.get("invokedBy").and_then(Value::as_str);
        let is_service = identity.get("type").and_then(Value::as_str) == Some("AWSService");
        Event::Use(Sighting {
            at,
            region: text("awsRegion").to_owned(),
            through: invoked.filter(|_| !is_service).map(str::to_owned),
            callers: self.callers(identity),
        })
    }

    fn is_about_the_key(&self, record: &Value) -> bool {
        let resources = record.get("resources").and_then(Value::as_array);
        let mut arns = resources.into_iter().flatten().filter_map(|it| it.get("ARN").and_then(Value::as_str));
        let named = record.get("requestParameters").and_then(|it| it.get("keyId")).and_then(Value::as_str);
        arns.any(|arn| arn == self.key) || named == Some(self.key)
    }

    /// An assumed role is known by the role and by the session; a federated user also by whoever
    /// called GetFederationToken.
    fn callers(&self, identity: &Value) -> Vec<String> {
        let text = |way: &str| identity.pointer(way).and_then(Value::as_str).filter(|text| !text.is_empty());
        let is_service = text("/type") == Some("AWSService");
        let service = text("/invokedBy").filter(|_| is_service);
        let own = [text("/arn"), text("/sessionContext/sessionIssuer/arn"), service];
        let number = text("/accountId").filter(|number| *number != self.account);
        let foreign = number.map(|number| [account(number), ANYBODY.to_owned()]);
        own.into_iter().flatten().map(str::to_owned).chain(foreign.into_iter().flatten()).collect()
    }
}

/// The last use by each caller.
#[derive(Debug, Default)]
pub struct Trail {
    /// Since when every use is among the events.
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    last: HashMap<String, Sighting>,
}

impl Trail {
    /// Adds what one search found.
    pub fn add(&mut self, found: &Found, question: &Question<'_>) {
        let time = |told: &Option<Value>| told.as_ref().and_then(instant);
        self.until = self.until.max(time(&found.end_time));
        let mut unreadable = 0;
        for told in &found.events {
            match told.cloud_trail_event.as_deref().map_or(Event::Unreadable, |record| question.of(record)) {
                Event::Use(sighting) => self.take(&sighting),
                Event::Other => {}
                Event::Unreadable => unreadable += 1,
            }
        }
        // Each search that is whole looked since it says so; the one that reaches back furthest counts.
        let start = time(&found.start_time).filter(|_| found.next_token.is_none() && unreadable == 0);
        self.since = self.since.into_iter().chain(start).min();
    }

    fn take(&mut self, sighting: &Sighting) {
        for caller in &sighting.callers {
            match self.last.get_mut(caller) {
                Some(known) if known.at >= sighting.at => {}
                Some(known) => known.clone_from(sighting),
                None => drop(self.last.insert(caller.clone(), sighting.clone())),
            }
        }
    }

    /// When the search ended.
    #[must_use]
    pub const fn until(&self) -> Option<DateTime<Utc>> {
        self.until
    }

    /// What it says of somebody, who is known by a name, and by another where that one is not
    /// found.
    #[must_use]
    pub fn use_of(&self, name: &str, or: Option<&str>, action: &str) -> LastUse {
        let own = self.last.get(name).map(|sighting| (sighting, String::new()));
        let wider = || {
            let or = or?;
            Some((self.last.get(or)?, format!(", by somebody of {or}, whom CloudTrail does not name")))
        };
        let seen = own.or_else(wider);
        let (name, since) = (operation(action), self.since);
        let words = match (&seen, since) {
            (Some((sighting, whom)), _) => {
                let limits = since.map_or_else(
                    || ", whose events may not be all".to_owned(),
                    |since| format!(", searched since {}", shown(since)),
                );
                format!(
                    "{name} with this key {}{}{whom} (CloudTrail{limits})",
                    shown(sighting.at),
                    sighting.place()
                )
            }
            (None, Some(since)) => format!(
                "no {name} with this key since {}, where the search of CloudTrail begins, which is not never",
                shown(since)
            ),
            (None, None) => format!(
                "no {name} with this key among the events of CloudTrail that are here, which may not be all"
            ),
        };
        LastUse {
            source: Source::CloudTrail,
            confidence: Confidence::Exact,
            at: seen.as_ref().map(|(sighting, _)| sighting.at),
            what: seen
                .map(|(sighting, whom)| format!("{name}{}{whom}", sighting.place()))
                .unwrap_or_default(),
            tracked_since: since,
            sees_all: if since.is_some() { Sight::Whole } else { Sight::Partial },
            words,
        }
    }
}

impl Sighting {
    fn place(&self) -> String {
        let region = if self.region.is_empty() { String::new() } else { format!(" in {}", self.region) };
        let through = self.through.as_deref().map(|service| format!(" through {service}"));
        format!("{region}{}", through.unwrap_or_default())
    }
}

//! Who used the key: each principal with its calls, since when, from where, with what
//! (CloudTrail user guide, "CloudTrail userIdentity element").

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::event::Event;

/// Every list of a user ends here, and so does the list of users: a caller chooses what it
/// calls itself, and may choose anew for each of a million calls.
const MOST: usize = 1_000;

/// Stands for all who came when the list of users was full.
const OTHERS: &str = "others, beyond the first 1000 callers";

/// The users of a key while events are counted in. Memory is bounded whatever they say.
#[derive(Debug, Default)]
pub struct Users(BTreeMap<String, User>);

/// One principal and what it did.
///
/// Of addresses, operations, agents, access keys, Regions and error codes the first 1000
/// different ones are listed; the counts are of all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct User {
    /// The principal's ARN, or the service, account or id that called.
    pub who: String,
    pub calls: u64,
    /// How many of them failed.
    pub errors: u64,
    /// RFC 3339, as CloudTrail wrote it.
    pub first_at: String,
    pub last_at: String,
    pub addresses: BTreeSet<String>,
    /// Calls by operation.
    pub operations: BTreeMap<String, u64>,
    /// Failed calls by error code.
    pub error_codes: BTreeMap<String, u64>,
    pub agents: BTreeSet<String>,
    pub access_keys: BTreeSet<String>,
    pub regions: BTreeSet<String>,
}

impl Users {
    /// Counts one event in.
    pub fn take(&mut self, event: &Event) {
        self.named(event.who()).take(event);
    }

    /// What could not be read is a call all the same, of nobody known.
    pub fn take_unreadable(&mut self) {
        let user = self.named("unknown");
        user.calls += 1;
        count(&mut user.operations, "");
    }

    /// Those with as many calls stay in the order of their names.
    #[must_use]
    pub fn most_calls_first(self) -> Vec<User> {
        let mut users: Vec<User> = self.0.into_values().collect();
        users.sort_by_key(|user| std::cmp::Reverse(user.calls));
        users
    }

    fn named(&mut self, who: &str) -> &mut User {
        let who = if self.0.len() < MOST || self.0.contains_key(who) { who } else { OTHERS };
        let blank = || User { who: who.to_owned(), ..User::default() };
        self.0.entry(who.to_owned()).or_insert_with(blank)
    }
}

impl User {
    fn take(&mut self, event: &Event) {
        self.calls += 1;
        if let Some(code) = event.error() {
            self.errors += 1;
            count(&mut self.error_codes, code);
        }
        let at = event.text(&["eventTime"]).unwrap_or_default();
        // CloudTrail writes UTC to the second, so that the order of texts is that of time.
        if self.first_at.is_empty() || (!at.is_empty() && at < self.first_at.as_str()) {
            at.clone_into(&mut self.first_at);
        }
        if at > self.last_at.as_str() {
            at.clone_into(&mut self.last_at);
        }
        count(&mut self.operations, event.name());
        list(&mut self.addresses, event.address());
        list(&mut self.agents, event.text(&["userAgent"]));
        list(&mut self.access_keys, event.text(&["userIdentity", "accessKeyId"]));
        list(&mut self.regions, event.region());
    }
}

fn count(counts: &mut BTreeMap<String, u64>, name: &str) {
    if counts.len() < MOST || counts.contains_key(name) {
        *counts.entry(name.to_owned()).or_default() += 1;
    }
}

fn list(set: &mut BTreeSet<String>, value: Option<&str>) {
    if let Some(value) = value.filter(|_| set.len() < MOST) {
        set.insert(value.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(at: &str, name: &str, error: &str) -> Event {
        let text = format!(
            r#"{{"eventTime":"{at}","eventName":"{name}","sourceIPAddress":"203.0.113.7","userAgent":"boto3",{error}
               "awsRegion":"eu-west-1",
               "userIdentity":{{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/etl/i-1","accessKeyId":"ASIAEXAMPLE"}}}}"#
        );
        Event::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn callers_are_told_by_how_much_they_called() {
        let mut users = Users::default();
        users.take(&event("2026-11-22T03:00:00Z", "Decrypt", ""));
        users.take(&event("2026-11-22T02:00:00Z", "Decrypt", r#""errorCode":"AccessDenied","#));
        for text in [
            r#"{"eventTime":"2026-11-22T01:00:00Z","eventName":"GenerateDataKey","userIdentity":{"type":"AWSService","invokedBy":"s3.amazonaws.com"}}"#,
            r#"{"eventTime":"2026-11-22T01:00:00Z","eventName":"Decrypt","userIdentity":{"type":"AWSAccount","accountId":"999988887777","principalId":"AIDA"}}"#,
        ] {
            users.take(&Event::read(text.as_bytes()).unwrap());
        }
        users.take_unreadable();
        let told = users.most_calls_first();
        let names: Vec<_> = told.iter().map(|user| user.who.as_str()).collect();
        assert_eq!(
            names,
            ["arn:aws:sts::111122223333:assumed-role/etl/i-1", "999988887777", "s3.amazonaws.com", "unknown"]
        );
        let first = &told[0];
        assert_eq!((first.calls, first.errors), (2, 1));
        assert_eq!((&*first.first_at, &*first.last_at), ("2026-11-22T02:00:00Z", "2026-11-22T03:00:00Z"));
        assert_eq!(first.operations, [("Decrypt".to_owned(), 2)].into());
        assert_eq!(first.error_codes, [("AccessDenied".to_owned(), 1)].into());
        assert_eq!(first.access_keys, ["ASIAEXAMPLE".to_owned()].into());
        assert_eq!(first.regions, ["eu-west-1".to_owned()].into());
        assert_eq!((told[3].calls, &*told[3].first_at), (1, ""));
    }

    #[test]
    fn an_event_without_a_time_moves_neither_end() {
        let mut users = Users::default();
        users.take(&event("2026-11-22T03:00:00Z", "Decrypt", ""));
        users.take(&event("", "Decrypt", ""));
        let told = users.most_calls_first();
        assert_eq!((&*told[0].first_at, &*told[0].last_at), ("2026-11-22T03:00:00Z", "2026-11-22T03:00:00Z"));
    }

    #[test]
    fn callers_without_number_fill_no_memory_and_are_counted_all_the_same() {
        let mut users = Users::default();
        for n in 0..3_000 {
            let text =
                format!(r#"{{"eventName":"E{n}","userIdentity":{{"arn":"arn:{n}"}},"userAgent":"{n}"}}"#);
            users.take(&Event::read(text.as_bytes()).unwrap());
            let text =
                format!(r#"{{"eventName":"E{n}","userIdentity":{{"arn":"arn:0"}},"userAgent":"{n}"}}"#);
            users.take(&Event::read(text.as_bytes()).unwrap());
        }
        let told = users.most_calls_first();
        assert_eq!(told.len(), MOST + 1);
        assert_eq!(told.iter().map(|user| user.calls).sum::<u64>(), 6_000);
        assert_eq!((told[0].calls, told[0].agents.len(), told[0].operations.len()), (3_001, MOST, MOST));
        assert!(told.iter().any(|user| user.who == OTHERS));
    }
}

//! Who called, from where, how often: a summary of CloudTrail events (CloudTrail user
//! guide, "CloudTrail userIdentity element").

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

#[derive(Debug, Default)]
pub(super) struct Users(BTreeMap<String, User>);

#[derive(Debug, Default)]
struct User {
    calls: u64,
    errors: u64,
    first_at: String,
    last_at: String,
    addresses: BTreeSet<String>,
    operations: BTreeMap<String, u64>,
    agents: BTreeSet<String>,
    access_keys: BTreeSet<String>,
}

impl Users {
    /// Counts one event in. What is no event counts as a call of nobody known.
    pub(super) fn take(&mut self, event: &str) {
        let event: Value = serde_json::from_str(event).unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let user = self.0.entry(who(&event)).or_default();
        user.calls += 1;
        user.errors += u64::from(!event["errorCode"].is_null());
        let at = text(&event["eventTime"]);
        if user.first_at.is_empty() || at < user.first_at {
            user.first_at.clone_from(&at);
        }
        if at > user.last_at {
            user.last_at = at;
        }
        *user.operations.entry(text(&event["eventName"])).or_default() += 1;
        for (set, value) in [
            (&mut user.addresses, &event["sourceIPAddress"]),
            (&mut user.agents, &event["userAgent"]),
            (&mut user.access_keys, &event["userIdentity"]["accessKeyId"]),
        ] {
            set.extend(value.as_str().filter(|value| !value.is_empty()).map(str::to_owned));
        }
    }

    pub(super) fn most_calls_first(self) -> Vec<Value> {
        let mut users: Vec<_> = self.0.into_iter().collect();
        // A stable sort: those with as many calls stay in the order of their names.
        users.sort_by_key(|(_, user)| std::cmp::Reverse(user.calls));
        users.into_iter().map(|(who, user)| user.told(&who)).collect()
    }
}

impl User {
    fn told(self, who: &str) -> Value {
        json!({
            "who": who,
            "calls": self.calls,
            "errors": self.errors,
            "first_at": self.first_at,
            "last_at": self.last_at,
            "addresses": self.addresses,
            "operations": self.operations,
            "agents": self.agents,
            "access_keys": self.access_keys,
        })
    }
}

/// A principal's ARN; for calls without one the service, the account or the id that called.
fn who(event: &Value) -> String {
    let identity = &event["userIdentity"];
    let told = ["arn", "invokedBy", "accountId", "principalId", "userName"];
    let told = told.iter().find_map(|field| identity[*field].as_str().filter(|text| !text.is_empty()));
    told.unwrap_or("unknown").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_are_told_by_how_much_they_called() {
        let mut users = Users::default();
        let event = |at: &str, name: &str, error: &str| {
            format!(
                r#"{{"eventTime":"{at}","eventName":"{name}","sourceIPAddress":"203.0.113.7","userAgent":"boto3",{error}
                   "userIdentity":{{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/etl/i-1","accessKeyId":"ASIAEXAMPLE"}}}}"#
            )
        };
        users.take(&event("2026-11-22T03:00:00Z", "Decrypt", ""));
        users.take(&event("2026-11-22T02:00:00Z", "Decrypt", r#""errorCode":"AccessDenied","#));
        users.take(r#"{"eventTime":"2026-11-22T01:00:00Z","eventName":"GenerateDataKey","userIdentity":{"type":"AWSService","invokedBy":"s3.amazonaws.com"}}"#);
        users.take(r#"{"eventTime":"2026-11-22T01:00:00Z","eventName":"Decrypt","userIdentity":{"type":"AWSAccount","accountId":"999988887777","principalId":"AIDA"}}"#);
        users.take("no event");
        let told = users.most_calls_first();
        let names: Vec<_> = told.iter().map(|user| user["who"].as_str().unwrap_or_default()).collect();
        assert_eq!(
            names,
            ["arn:aws:sts::111122223333:assumed-role/etl/i-1", "999988887777", "s3.amazonaws.com", "unknown"]
        );
        assert_eq!((&told[0]["calls"], &told[0]["errors"]), (&json!(2), &json!(1)));
        assert_eq!(
            (&told[0]["first_at"], &told[0]["last_at"]),
            (&json!("2026-11-22T02:00:00Z"), &json!("2026-11-22T03:00:00Z"))
        );
        assert_eq!(told[0]["operations"], json!({ "Decrypt": 2 }));
        assert_eq!(told[0]["access_keys"], json!(["ASIAEXAMPLE"]));
    }
}

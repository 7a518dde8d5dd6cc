//! What the world is asked once more when the deletion of a key is about to be sent. Where it
//! does not answer, nothing is sent: a disabled key is safe meanwhile.

use serde_json::{Value, json};

use super::{DELETION, about, known, made_here, refused};
use crate::document::action::Class;
use crate::run::{Fault, Place, Request, Run};

/// How many users a sentence names, and how many of their operations.
const SHOWN: usize = 5;

/// Something that may speak against a deletion.
pub(in crate::executor) enum Doubt {
    /// The key was used after the run read its last use, which was this one.
    UsedSince(String),
    /// Somebody wanted the key after it was disabled.
    Wanted,
    /// Somebody else has used a key that the run itself made.
    Adopted(Adoption),
}

/// Where it shows that a key has got users: in its last use, whenever that was, or behind a
/// later use of the run itself, in the event history of the last day.
#[derive(Clone, Copy)]
pub(in crate::executor) enum Adoption {
    LastUse,
    Lately,
}

/// What there is to be asked about an act: nothing, unless it deletes a key.
pub(in crate::executor) fn doubts(run: &Run, place: &Place, request: &Request) -> Vec<Doubt> {
    let Some(key) = request.input["key"].as_str().filter(|_| request.action == DELETION) else {
        return Vec::new();
    };
    let last_use = about(run, place, "kms.get_key_last_usage").and_then(|(_, found)| found["at"].as_str());
    let used_since = last_use.map(|at| Doubt::UsedSince(at.to_owned()));
    // A key that the run made itself was in nobody's hands before, but may be by now.
    let users = if made_here(run, key) {
        vec![Doubt::Adopted(Adoption::LastUse), Doubt::Adopted(Adoption::Lately)]
    } else {
        vec![Doubt::Wanted]
    };
    used_since.into_iter().chain(users).collect()
}

impl Doubt {
    /// The reading that tells, about the key that is to be deleted.
    pub(in crate::executor) fn reading(&self, deletion: &Request) -> Request {
        let action = match self {
            Self::UsedSince(_) | Self::Adopted(Adoption::LastUse) => "kms.get_key_last_usage",
            Self::Wanted | Self::Adopted(Adoption::Lately) => "cloudtrail.late_uses",
        };
        let input = json!({ "key": deletion.input["key"] });
        Request { action: action.to_owned(), class: Class::Read, input }
    }

    /// Why nothing is sent, by what the reading found.
    pub(in crate::executor) fn confirmed_by(&self, run: &Run, told: Result<Value, Fault>) -> Option<Fault> {
        match (self, told) {
            (Self::UsedSince(before), Ok(found)) => used_since(before, &found),
            (Self::UsedSince(_), Err(fault)) => {
                let why = format!(
                    "whether the key was used since this run last looked cannot be read: {}",
                    fault.message
                );
                Some(refused(why).hint("try again once it can"))
            }
            (Self::Wanted, told) => wanted(told),
            (Self::Adopted(Adoption::LastUse), Ok(found)) => used_by_others(run, &found),
            (Self::Adopted(Adoption::Lately), Ok(found)) => wanted_by_others(&found),
            (Self::Adopted(_), Err(fault)) => Some(adoption_unknown(&fault.message)),
        }
    }
}

fn used_since(before: &str, now: &Value) -> Option<Fault> {
    let (at, event) = (now["at"].as_str()?, now["event_id"].as_str().unwrap_or_default());
    if at == before {
        return None;
    }
    let why =
        format!("the key was used at {at}, after this run last looked (last use then: {})", known(before));
    Some(refused(why).hint(format!(
        "find out who used it and for what: CloudTrail event {}; move what is left, then watch again",
        known(event)
    )))
}

fn wanted(told: Result<Value, Fault>) -> Option<Fault> {
    match told {
        Ok(found) => still_wanted(&found),
        Err(fault) => Some(uses_unknown(&fault.message)),
    }
}

/// A key that is not disabled is in use, for all that anybody knows.
fn still_wanted(found: &Value) -> Option<Fault> {
    let text = |name: &str| found[name].as_str().unwrap_or_default();
    if text("state") != "Disabled" {
        let why = format!("the key is {}, and so nobody knows who would miss it", known(text("state")));
        return Some(refused(why).hint("disable it with kms.disable_key, and see who tries to use it"));
    }
    if let Some(unread) = found["unread"].as_array().and_then(|unread| unread.first()?.as_str()) {
        return Some(uses_unknown(unread));
    }
    if let Some(replica) = replica_in_use(found) {
        return Some(replica);
    }
    let Some(count) = found["count"].as_u64() else { return Some(uses_unknown("it was not counted")) };
    (count > 0).then(|| {
        let why =
            format!("the key is disabled, and was wanted all the same, {count} times {}", since(found));
        refused(format!("{why}: {}", wanting(&found["users"]))).hint(format!(
            "find out what they need it for, and move that; the events lie in {}; then watch for another soak period",
            known(text("events"))
        ))
    })
}

/// A primary key goes when its last replica has gone: both have to be off, so that whoever
/// needs what lies under any of them shows.
fn replica_in_use(found: &Value) -> Option<Fault> {
    let regions = found["regions"].as_array().into_iter().flatten().skip(1);
    let is_off = |state: &str| matches!(state, "Disabled" | "PendingDeletion");
    let mut states = regions.map(|there| {
        (there["region"].as_str().unwrap_or_default(), there["state"].as_str().unwrap_or_default())
    });
    let (region, state) = states.find(|(_, state)| !is_off(state))?;
    let why = format!(
        "its replica in {region} is {}, and so nobody knows who would miss the key when both are gone",
        known(state)
    );
    Some(
        refused(why)
            .hint("disable the replica, too, with kms.disable_key and its ARN, and see who tries to use it")
            .hint(
                "if the replica shall stay, make its Region the primary one first (kms:UpdatePrimaryRegion)",
            ),
    )
}

/// Since when, and how much of the time before nobody can see.
fn since(found: &Value) -> String {
    let text = |name: &str| found[name].as_str().unwrap_or_default();
    match text("disabled_at") {
        "" => format!(
            "since {}, where CloudTrail's event history begins; it does not tell when the key was disabled: longer ago, or only minutes",
            known(text("from"))
        ),
        at => format!("since {at}"),
    }
}

fn used_by_others(run: &Run, found: &Value) -> Option<Fault> {
    let text = |name: &str| known(found[name].as_str().unwrap_or_default());
    let by_others = !found["at"].as_str()?.is_empty() && !run.sent(text("request_id"));
    by_others.then(|| adopted(&format!("used at {} for {}", text("at"), text("operation"))))
}

fn wanted_by_others(found: &Value) -> Option<Fault> {
    if let Some(unread) = found["unread"].as_array().and_then(|unread| unread.first()?.as_str()) {
        return Some(adoption_unknown(unread));
    }
    match found["count"].as_u64() {
        None => Some(adoption_unknown("it was not counted")),
        Some(0) => None,
        Some(count) => Some(adopted(&format!("used {count} times: {}", wanting(&found["users"])))),
    }
}

fn adopted(how: &str) -> Fault {
    refused(format!("this run made the key, and others took it up since: {how}")).hint(
        "what they encrypted with it would be lost; bring that under another key first, or leave the key",
    )
}

fn adoption_unknown(why: &str) -> Fault {
    refused(format!("whether others have used the key since this run made it cannot be read: {why}"))
        .hint("try again once it can, or leave the key")
}

/// Who it was, with what, and when last.
fn wanting(users: &Value) -> String {
    let users = users.as_array().map(Vec::as_slice).unwrap_or_default();
    let one = |user: &Value| {
        let text = |name: &str| known(user[name].as_str().unwrap_or_default()).to_owned();
        let operations = user["operations"].as_object().into_iter().flatten();
        let operations: Vec<_> = operations.map(|(name, _)| name.as_str()).take(SHOWN).collect();
        format!("{} ({}, last at {})", text("who"), operations.join(", "), text("last_at"))
    };
    let mut told: Vec<_> = users.iter().take(SHOWN).map(one).collect();
    told.extend(users.len().checked_sub(SHOWN).filter(|more| *more > 0).map(|more| format!("{more} more")));
    told.join("; ")
}

fn uses_unknown(why: &str) -> Fault {
    refused(format!("whether somebody wanted the key since it was disabled cannot be read: {why}"))
        .hint("try again once it can")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(state: &str, users: Value) -> Value {
        let count = users.as_array().map_or(0, Vec::len);
        json!({
            "state": state, "disabled_at": "2026-11-01T09:00:00Z", "from": "2026-11-01T09:00:00Z",
            "count": count, "users": users, "events": "artifacts/9-late-uses.jsonl", "unread": [],
        })
    }

    fn says(found: Result<Value, Fault>) -> Option<String> {
        wanted(found).map(|fault| fault.message)
    }

    #[test]
    fn only_a_disabled_key_that_nobody_wanted_is_let_go() {
        assert_eq!(says(Ok(told("Disabled", json!([])))), None);
        assert!(says(Ok(told("Enabled", json!([])))).unwrap().contains("the key is Enabled"));
        assert!(says(Ok(json!({}))).is_some(), "silence is no proof");
        let mut unread = told("Disabled", json!([]));
        unread["unread"] = json!(["aliases of a replica: denied"]);
        assert!(says(Ok(unread)).unwrap().contains("aliases of a replica: denied"));
        let denied = Fault::new(crate::run::FaultKind::Denied, "not allowed");
        assert!(says(Err(denied)).unwrap().contains("cannot be read: not allowed"));
    }

    #[test]
    fn a_primary_key_is_not_let_go_before_all_its_replicas_are_off() {
        let region = |name: &str, state: &str| json!({ "region": name, "state": state });
        let with = |state: &str| {
            let mut found = told("Disabled", json!([]));
            found["regions"] = json!([region("us-east-1", "Disabled"), region("eu-west-1", state)]);
            says(Ok(found))
        };
        assert_eq!(with("Disabled"), None);
        assert_eq!(with("PendingDeletion"), None);
        for state in ["Enabled", "Updating", "Creating", ""] {
            assert!(with(state).unwrap().contains("its replica in eu-west-1 is"), "{state}");
        }
    }

    #[test]
    fn where_the_event_history_does_not_reach_back_it_is_said() {
        let mut found = told("Disabled", json!([{ "who": "arn:1" }]));
        found["disabled_at"] = json!("");
        found["from"] = json!("2026-08-27T09:00:00Z");
        let message = says(Ok(found)).unwrap();
        assert!(
            message.contains("1 times since 2026-08-27T09:00:00Z, where CloudTrail's event history begins"),
            "{message}"
        );
    }

    #[test]
    fn whoever_wanted_it_is_named_with_what_and_when_and_many_are_counted() {
        let user = |n: usize| json!({ "who": format!("arn:{n}"), "operations": { "Decrypt": 2 }, "last_at": "2026-11-02T10:00:00Z" });
        let message = says(Ok(told("Disabled", (0..8).map(user).collect()))).unwrap();
        assert!(message.contains("8 times since 2026-11-01T09:00:00Z"), "{message}");
        assert!(message.contains("arn:0 (Decrypt, last at 2026-11-02T10:00:00Z); arn:1"), "{message}");
        assert!(
            message.contains("arn:4") && !message.contains("arn:5") && message.contains("3 more"),
            "{message}"
        );
    }
}

//! Who acted: the user, its session, and who vouched for it.

use serde_json::{Value, json};

use super::{Fields, account, texts};
use crate::cloudtrail::event::{self, Event};

pub(super) fn actor(event: &Event) -> Value {
    let mut actor = Fields::new();
    actor.insert("user".into(), user(event));
    let session = session(event);
    if !session.is_empty() {
        actor.insert("session".into(), session.into());
    }
    // `invoked_by` is deprecated since 1.2.0 in favour of this name.
    actor.extend(texts(event, &[("app_name", &["userIdentity", "invokedBy"])]));
    let provider = event.text(&["userIdentity", "identityProvider"]).or_else(|| {
        event.text(&["userIdentity", "sessionContext", "webIdFederationData", "federatedProvider"])
    });
    if let Some(provider) = provider {
        actor.insert("idp".into(), json!({ "name": provider }));
    }
    actor.into()
}

/// The principal. At least a name is told, for the schema requires one of name, id and
/// account.
pub(super) fn user(event: &Event) -> Value {
    let kind = event.text(&["userIdentity", "type"]);
    let mut user = texts(event, &[("type", &["userIdentity", "type"])]);
    user.insert("type_id".into(), kind_id(kind).into());
    let principal = event.text(&["userIdentity", "principalId"]);
    match (event.text(&["userIdentity", "arn"]), principal) {
        (Some(arn), principal) => {
            user.insert("uid".into(), arn.into());
            user.extend(principal.map(|id| ("uid_alt".to_owned(), id.into())));
        }
        (None, Some(id)) => {
            user.insert("uid".into(), id.into());
        }
        (None, None) => {}
    }
    if let Some(id) = event.text(&["userIdentity", "accountId"]) {
        user.insert("account".into(), account(id));
    }
    user.extend(texts(event, &[("credential_uid", &["userIdentity", "accessKeyId"])]));
    let name = name(event, kind);
    if name.is_some() || !(user.contains_key("uid") || user.contains_key("account")) {
        user.insert("name".into(), name.unwrap_or("unknown").into());
    }
    user.into()
}

/// The role that a session is opened for.
pub(super) fn role(arn: &str) -> Value {
    let mut role = json!({ "uid": arn, "type": "Role", "type_id": 1 });
    if let Some(name) = arn.rsplit('/').next().filter(|name| *name != arn && !name.is_empty()) {
        role["name"] = name.into();
    }
    if let Some(id) = arn.split(':').nth(4).filter(|id| !id.is_empty()) {
        role["account"] = account(id);
    }
    role
}

pub(super) fn mfa(event: &Event) -> Option<bool> {
    let said = event.text(&["userIdentity", "sessionContext", "attributes", "mfaAuthenticated"])?;
    said.parse().ok()
}

fn kind_id(kind: Option<&str>) -> u64 {
    match kind {
        None | Some("Unknown") => 0,
        Some("Root") => 2,
        Some("AWSService") => 3,
        Some("AWSAccount") => 99,
        Some(_) => 1,
    }
}

/// The user's name; of a session of a role, the name that the session was given.
fn name<'a>(event: &'a Event, kind: Option<&str>) -> Option<&'a str> {
    let session = || {
        let arn = event.text(&["userIdentity", "arn"])?;
        arn.contains(":assumed-role/").then(|| arn.rsplit('/').next())?.filter(|name| !name.is_empty())
    };
    let root = (kind == Some("Root")).then_some("root");
    event
        .text(&["userIdentity", "userName"])
        .or_else(session)
        .or(root)
        .or_else(|| event.text(&["userIdentity", "invokedBy"]))
}

/// Temporary credentials have an id of their own, which is all that names a session
/// (IAM user guide, "IAM identifiers": those of STS begin with `ASIA`).
fn session(event: &Event) -> Fields {
    let context = |way: [&'static str; 2]| event.text(&["userIdentity", "sessionContext", way[0], way[1]]);
    let mut session = Fields::new();
    let key = event.text(&["userIdentity", "accessKeyId"]).filter(|key| key.starts_with("ASIA"));
    session.extend(key.map(|key| ("uid".to_owned(), key.into())));
    session.extend(context(["sessionIssuer", "arn"]).map(|arn| ("issuer".to_owned(), arn.into())));
    let created = context(["attributes", "creationDate"]).and_then(event::instant);
    session.extend(created.map(|at| ("created_time".to_owned(), at.timestamp_millis().into())));
    session.extend(mfa(event).map(|mfa| ("is_mfa".to_owned(), mfa.into())));
    session
}

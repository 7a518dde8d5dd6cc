//! What is known of a request before anybody makes it (AWS global condition context keys;
//! Condition keys for AWS KMS). Everything else stays unknown.

use super::Key;
use crate::access::account::{Entity, EntityKind};
use crate::access::condition::{Beyond, Context};
use crate::access::evaluate::{Caller, Who};
use crate::access::matching::Arn;

/// Whether a context key, in lower case, differs from one principal to the other.
#[must_use]
pub fn is_personal(key: &str) -> bool {
    ["aws:principal", "aws:user", "kms:calleraccount"].iter().any(|beginning| key.starts_with(beginning))
}

#[must_use]
pub fn context(key: &Key, caller: &Caller, entity: Option<&Entity>) -> Context {
    let mut context = Context::new(Beyond::Unknown).with("aws:ResourceAccount", key.account.as_str());
    for (name, value) in &key.facts {
        context.set(name, vec![value.clone()]);
    }
    let Some(account) = &caller.account else {
        return context.with("aws:PrincipalIsAWSService", (caller.who == Who::Service).to_string());
    };
    context.set("aws:PrincipalIsAWSService", vec!["false".to_owned()]);
    context.set("aws:PrincipalAccount", vec![account.clone()]);
    context.set("kms:CallerAccount", vec![account.clone()]);
    match caller.who {
        Who::Root => {
            let partition = Arn::parse(&key.arn).map_or("aws", |arn| arn.partition);
            context.set("aws:PrincipalArn", vec![format!("arn:{partition}:iam::{account}:root")]);
            context.set("aws:PrincipalType", vec!["Account".to_owned()]);
        }
        Who::User | Who::Role { .. } | Who::Session { .. } => of_entity(&mut context, caller, entity),
        _ => {}
    }
    context
}

/// Anybody in any other account: of the account nothing is known but that it is another one.
#[must_use]
pub fn of_anybody(key: &Key) -> Context {
    let mut context = Context::new(Beyond::Unknown)
        .with("aws:ResourceAccount", key.account.as_str())
        .with("aws:PrincipalIsAWSService", "false")
        .but_not("aws:PrincipalAccount", &key.account)
        .but_not("kms:CallerAccount", &key.account);
    for (name, value) in &key.facts {
        context.set(name, vec![value.clone()]);
    }
    context
}

/// A session of a role may bring tags of its own, so that only those of users are known.
fn of_entity(context: &mut Context, caller: &Caller, entity: Option<&Entity>) {
    let arn = entity.map_or(caller.name.as_str(), |entity| entity.arn.as_str());
    if entity.is_some() || !matches!(caller.who, Who::Session { .. }) {
        context.set("aws:PrincipalArn", vec![arn.to_owned()]);
    }
    let Some(entity) = entity else { return };
    match entity.kind {
        EntityKind::User => {
            context.set("aws:PrincipalType", vec!["User".to_owned()]);
            context.set("aws:username", vec![entity.name.clone()]);
            context.set("aws:userid", vec![entity.id.clone()]);
            context.close("aws:PrincipalTag/");
            for (name, value) in &entity.tags {
                context.set(&format!("aws:PrincipalTag/{name}"), vec![value.clone()]);
            }
        }
        EntityKind::Role => {
            context.set("aws:PrincipalType", vec!["AssumedRole".to_owned()]);
            context.set("aws:username", Vec::new());
        }
    }
    if let Who::Session { session, .. } = &caller.who {
        context.set("aws:userid", vec![format!("{}:{session}", entity.id)]);
    }
}

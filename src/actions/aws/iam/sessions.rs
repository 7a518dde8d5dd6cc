//! The end of a role's sessions: an inline policy that denies everything to those issued
//! before an instant, as the console does (IAM user guide, "Revoke IAM role temporary
//! security credentials").

use aws_sdk_iam::Client;
use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use serde_json::{Value, json};

use super::role_policy::{document, role};
use crate::actions::aws::fault::clock_offset;
use crate::actions::aws::operation::{Act, Probed};
use crate::actions::aws::order::Order;
use crate::actions::aws::own::{own, refused};
use crate::actions::aws::stop::Stop;
use crate::actions::aws::when::show;
use crate::engine::Soon;
use crate::run::{Fault, FaultKind};

/// The name that the console gives it.
pub(super) const NAME: &str = "AWSRevokeOlderSessions";

pub(in crate::actions::aws) struct RevokeSessions;

impl Act for RevokeSessions {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let (role, wanted) = (role(order)?, order.inputs().optional_time("issued_before")?);
            spare_own(order, role).await?;
            let now = order.paper.now()
                + order
                    .last_exchange()
                    .as_ref()
                    .and_then(clock_offset)
                    .map_or_else(TimeDelta::zero, TimeDelta::seconds);
            let iam = order.iam().await?;
            changeable(order, &iam, role).await?;
            let before = document(order, &iam, role, NAME).await?;
            order.found_before(json!({ "role": role, "policy_name": NAME, "document": before }));
            // A policy that reaches further already is not cut back.
            let earlier = before.as_deref().and_then(issued_before);
            let instant = next_second(wanted.unwrap_or(now)).max(earlier.unwrap_or(DateTime::<Utc>::MIN_UTC));
            // Were the answer lost, no reading could tell any more what stood there.
            let known = order.progress.and_then(|progress| progress["revoked_before"].as_str());
            let revoked_before = known.map_or_else(|| earlier.map(show).unwrap_or_default(), str::to_owned);
            order.paper.progress(json!({ "revoked_before": revoked_before }))?;
            let policy = revocation(instant).to_string();
            let asked = iam.put_role_policy().role_name(role).policy_name(NAME).policy_document(policy);
            order.heard(asked.send().await)?;
            Ok(json!({
                "policy_name": NAME, "issued_before": show(instant), "revoked_before": revoked_before
            }))
        })
    }

    fn probe<'a>(&'a self, order: &'a Order<'a>, since: DateTime<Utc>) -> Soon<'a, Result<Probed, Stop>> {
        Box::pin(async move {
            let (role, wanted) = (role(order)?, order.inputs().optional_time("issued_before")?);
            let found = document(order, &order.iam().await?, role, NAME).await?;
            let reaches = found.as_deref().and_then(issued_before);
            let says = reaches.map_or_else(
                || "GetRolePolicy finds no revocation".to_owned(),
                |instant| {
                    format!("GetRolePolicy shows sessions revoked that were issued before {}", show(instant))
                },
            );
            Ok(match reaches {
                Some(instant) if instant >= wanted.unwrap_or(since) => {
                    Probed::took_place(says, json!({ "policy_name": NAME, "issued_before": show(instant) }))
                }
                _ => Probed::did_not(says),
            })
        })
    }
}

/// Nobody saws at the branch that the run sits on: a session of the role would end itself.
async fn spare_own(order: &Order<'_>, role: &str) -> Result<(), Stop> {
    if !own(order).await?.is_role(role) {
        return Ok(());
    }
    let why = "revoking the role's sessions would end the run";
    Err(refused(format!("this run works with a session of {role}; {why}")))
}

/// Roles of services belong to the service, which alone may change them.
async fn changeable(order: &Order<'_>, iam: &Client, role: &str) -> Result<(), Stop> {
    let said = order.heard(iam.get_role().role_name(role).send().await)?;
    let path = said.role().map(aws_sdk_iam::types::Role::path).unwrap_or_default();
    if path.starts_with("/aws-service-role/") {
        let why = format!("{role} is a service-linked role; its sessions cannot be revoked");
        return Err(Fault::new(FaultKind::Refused, why).into());
    }
    Ok(())
}

/// Sessions are issued at whole seconds, and those of the second that runs are meant too.
fn next_second(at: DateTime<Utc>) -> DateTime<Utc> {
    let whole = at.duration_trunc(TimeDelta::seconds(1)).unwrap_or(at);
    if whole == at { at } else { whole + TimeDelta::seconds(1) }
}

fn revocation(before: DateTime<Utc>) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Deny",
            "Action": ["*"],
            "Resource": ["*"],
            "Condition": { "DateLessThan": { "aws:TokenIssueTime": show(before) } },
        }],
    })
}

/// The instant in such a policy.
fn issued_before(policy: &str) -> Option<DateTime<Utc>> {
    let policy: Value = serde_json::from_str(policy).ok()?;
    let statement = policy["Statement"].get(0).unwrap_or(&policy["Statement"]);
    let instant = &statement["Condition"]["DateLessThan"]["aws:TokenIssueTime"];
    let instant = instant.get(0).unwrap_or(instant).as_str()?;
    DateTime::parse_from_rfc3339(instant).ok().map(|at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_revocation_is_the_one_that_the_console_writes() {
        let at = DateTime::parse_from_rfc3339("2026-11-22T03:10:00Z").expect("an instant").to_utc();
        let documented: Value = serde_json::from_str(
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["*"],"Resource":["*"],
                "Condition":{"DateLessThan":{"aws:TokenIssueTime":"2026-11-22T03:10:00Z"}}}]}"#,
        )
        .expect("JSON");
        assert_eq!(revocation(at), documented);
        assert_eq!(issued_before(&documented.to_string()), Some(at));
    }

    #[test]
    fn the_second_that_runs_is_revoked_too() {
        let at = |text: &str| DateTime::parse_from_rfc3339(text).expect("an instant").to_utc();
        assert_eq!(next_second(at("2026-11-22T03:10:00.001Z")), at("2026-11-22T03:10:01Z"));
        assert_eq!(next_second(at("2026-11-22T03:10:00Z")), at("2026-11-22T03:10:00Z"));
    }
}

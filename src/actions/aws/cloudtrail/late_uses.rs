//! Who used a key, or tried to, since it was disabled: what CloudTrail's event history tells
//! of those who would miss it. It tells each Region's events in that Region alone.

use aws_sdk_cloudtrail::types::LookupAttributeKey as Key;
use aws_sdk_kms::types::KeyMetadata;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::lookup::{Haul, REACH, collect};
use crate::actions::aws::arn::Arn;
use crate::actions::aws::kms::{arn, describe, forms_at_home, replicas_of_primary, state};
use crate::actions::aws::operation::Act;
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::actions::aws::when::show;
use crate::cloudtrail::event::Event;
use crate::cloudtrail::late::{SWITCHES, came_after, disabled_since, is_use};
use crate::cloudtrail::users::Users;
use crate::engine::Soon;

/// So far back is looked for the uses of a key that is not disabled, which has many.
const LATELY: TimeDelta = TimeDelta::days(1);

pub(in crate::actions::aws) struct LateUses;

impl Act for LateUses {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(look(order))
    }
}

/// Looks where the key is, and where its replicas are if it is the primary of them: it is
/// deleted when the last of them is gone, and all that any of them encrypted is lost then. A
/// replica can be made again from its primary, so that only its own Region tells who would
/// miss it (AWS KMS developer guide, "Deleting multi-Region keys").
async fn look(order: &Order<'_>) -> Result<Value, Stop> {
    let name = order.key("key")?;
    let key = describe(order, &order.kms_of(name).await?, name).await?;
    let to = order.paper.now();
    order.expect_many_calls();
    let (mut haul, mut late) = (Haul::default(), Late::default());
    let here = look_at(order, &key, to, &mut haul, &mut late).await?;
    let (disabled_at, from) = (here["disabled_at"].clone(), here["from"].clone());
    let mut regions = vec![here];
    for arn in replicas_of_primary(&key) {
        match look_abroad(order, arn, to, &mut haul, &mut late).await {
            Ok(there) => regions.push(there),
            Err(Stop::Fault(fault)) => late.unread.push(format!("{arn}: {}", fault.message)),
            Err(stop) => return Err(stop),
        }
    }
    let artifact = order.keep("late-uses.jsonl", &haul.lines())?;
    Ok(json!({
        "state": state(&key),
        "disabled_at": disabled_at,
        "from": from,
        "to": show(to),
        "regions": regions,
        "count": late.count,
        "own": late.own,
        "users": late.users.most_calls_first(),
        "events": artifact.path,
        "unread": late.unread,
    }))
}

async fn look_abroad(
    order: &Order<'_>,
    arn: &str,
    to: DateTime<Utc>,
    haul: &mut Haul,
    late: &mut Late,
) -> Result<Value, Stop> {
    let replica = describe(order, &order.kms_of(arn).await?, arn).await?;
    look_at(order, &replica, to, haul, late).await
}

/// Looks in one Region, at the key there: since when it is off, and who wanted it since.
async fn look_at(
    order: &Order<'_>,
    key: &KeyMetadata,
    to: DateTime<Utc>,
    haul: &mut Haul,
    late: &mut Late,
) -> Result<Value, Stop> {
    let arn = arn(key);
    let region = Arn::parse(arn).map(|arn| arn.region);
    let (forms, unread) = forms_at_home(order, &order.kms_of(arn).await?, key).await?;
    late.unread.extend(unread);
    let cloudtrail = order.cloudtrail(region).await?;
    let is_off = matches!(state(key), "Disabled" | "PendingDeletion" | "PendingReplicaDeletion");
    let disabled_at =
        if is_off { switched_off(order, &cloudtrail, [key.key_id(), arn], to).await? } else { None };
    // Where the event history does not tell of it, all that it holds counts as later.
    let from = disabled_at.unwrap_or(to - if is_off { REACH } else { LATELY });
    let before = haul.events.len();
    for form in &forms {
        collect(order, &cloudtrail, (Key::ResourceName, form), (from, to), haul).await?;
    }
    late.take(haul.texts().skip(before), from, order);
    Ok(json!({
        "region": region.unwrap_or_default(),
        "state": state(key),
        "disabled_at": disabled_at.map(show).unwrap_or_default(),
        "from": show(from),
    }))
}

/// Since when the key is off, as far as the event history tells.
async fn switched_off(
    order: &Order<'_>,
    cloudtrail: &aws_sdk_cloudtrail::Client,
    names: [&str; 2],
    to: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Stop> {
    let mut haul = Haul::default();
    for switch in SWITCHES {
        collect(order, cloudtrail, (Key::EventName, switch), (to - REACH, to), &mut haul).await?;
    }
    let events: Vec<_> = haul.texts().filter_map(|text| Event::read(text.as_bytes())).collect();
    Ok(disabled_since(events.iter().filter(|event| is_of(event, names))))
}

/// These operations take a key by its id or ARN, and no alias.
fn is_of(event: &Event, names: [&str; 2]) -> bool {
    let asked = event.text(&["requestParameters", "keyId"]);
    let touched = event.field(&["resources"]).and_then(Value::as_array).into_iter().flatten();
    let touched = touched.filter_map(|resource| resource.get("ARN").and_then(Value::as_str));
    asked.into_iter().chain(touched).any(|name| names.contains(&name))
}

/// What others did with the key, or tried to.
#[derive(Default)]
struct Late {
    count: u64,
    /// Calls that this very run sent, or the run whose record it verified, by their request
    /// ids. A name or a user agent would not do: anybody can take these.
    own: u64,
    users: Users,
    unread: Vec<String>,
}

impl Late {
    fn take<'t>(&mut self, texts: impl Iterator<Item = &'t str>, since: DateTime<Utc>, order: &Order<'_>) {
        for text in texts {
            match Event::read(text.as_bytes()) {
                // It names the key, and nobody can say what it is.
                None => {
                    self.count += 1;
                    self.users.take_unreadable();
                }
                Some(event) if !is_use(&event) || !came_after(&event, since) => {}
                Some(event) if event.text(&["requestID"]).is_some_and(|id| order.paper.sent_here(id)) => {
                    self.own += 1;
                }
                Some(event) => {
                    self.count += 1;
                    self.users.take(&event);
                }
            }
        }
    }
}

//! Who used a key, or tried to, since it was disabled: what CloudTrail's event history tells
//! of those who would miss it.

use aws_sdk_cloudtrail::types::LookupAttributeKey as Key;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::lookup::{Haul, REACH, collect};
use crate::actions::aws::arn::Arn;
use crate::actions::aws::kms::{describe, every_form, state};
use crate::actions::aws::operation::Act;
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::actions::aws::when::show;
use crate::cloudtrail::event::Event;
use crate::cloudtrail::late::{came_after, disabled_since, is_use};
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

async fn look(order: &Order<'_>) -> Result<Value, Stop> {
    let name = order.key("key")?;
    let kms = order.kms_of(name).await?;
    let key = describe(order, &kms, name).await?;
    let arn = key.arn().unwrap_or(key.key_id());
    let (forms, unread) = every_form(order, name).await?;
    let cloudtrail = order.cloudtrail(Arn::parse(arn).map(|arn| arn.region)).await?;
    order.expect_many_calls();
    let to = order.paper.now();
    let is_disabled = state(&key) == "Disabled";
    let disabled_at =
        if is_disabled { switched_off(order, &cloudtrail, [key.key_id(), arn], to).await? } else { None };
    // Where the event history does not reach back to it, all that it holds came after.
    let from = disabled_at.unwrap_or(to - if is_disabled { REACH } else { LATELY });
    let mut haul = Haul::default();
    for form in &forms {
        collect(order, &cloudtrail, (Key::ResourceName, form), (from, to), &mut haul).await?;
    }
    let late = Late::among(&haul, from, order);
    let artifact = order.keep("late-uses.jsonl", &haul.lines())?;
    Ok(json!({
        "state": state(&key),
        "disabled_at": disabled_at.map(show).unwrap_or_default(),
        "from": show(from),
        "to": show(to),
        "count": late.count,
        "own": late.own,
        "users": late.users.most_calls_first(),
        "events": artifact.path,
        "unread": unread,
    }))
}

/// Since when the key is disabled, as far as the event history tells.
async fn switched_off(
    order: &Order<'_>,
    cloudtrail: &aws_sdk_cloudtrail::Client,
    names: [&str; 2],
    to: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Stop> {
    let mut haul = Haul::default();
    for switch in ["DisableKey", "EnableKey"] {
        collect(order, cloudtrail, (Key::EventName, switch), (to - REACH, to), &mut haul).await?;
    }
    let events: Vec<_> = haul.texts().filter_map(|text| Event::read(text.as_bytes())).collect();
    Ok(disabled_since(events.iter().filter(|event| is_of(event, names))))
}

/// These two operations take a key by its id or ARN, and no alias.
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
    /// Calls that this very run sent, by their request ids. A name or a user agent would not
    /// do: anybody can take these.
    own: u64,
    users: Users,
}

impl Late {
    fn among(haul: &Haul, since: DateTime<Utc>, order: &Order<'_>) -> Self {
        let mut late = Self::default();
        for text in haul.texts() {
            match Event::read(text.as_bytes()) {
                // It names the key, and nobody can say what it is.
                None => {
                    late.count += 1;
                    late.users.take_unreadable();
                }
                Some(event) if !is_use(&event) || !came_after(&event, since) => {}
                Some(event) if event.text(&["requestID"]).is_some_and(|id| order.paper.sent_here(id)) => {
                    late.own += 1;
                }
                Some(event) => {
                    late.count += 1;
                    late.users.take(&event);
                }
            }
        }
        late
    }
}

//! PagerDuty, Events API v2 ("Send an Alert Event"): 202 when the event was taken, 400 when it
//! is none, 429 when there were too many.

use serde_json::json;

use super::address::{Settings, guarded_url};
use super::notice::{Notice, cut};
use super::post::Post;
use crate::text::Digest;

const ENDPOINT: &str = "https://events.pagerduty.com/v2/enqueue";
/// The longest `payload.summary`, in characters.
const LONGEST_SUMMARY: usize = 1024;
/// The longest `dedup_key`, in characters.
const LONGEST_KEY: usize = 255;

pub(super) fn post(settings: Settings<'_>, notice: &Notice<'_>) -> Result<Post, String> {
    let routing_key = settings.text("routing_key")?;
    let endpoint = guarded_url("endpoint", settings.optional("endpoint")?.unwrap_or(ENDPOINT))?;
    let mut event = json!({
        "routing_key": routing_key,
        "event_action": notice.event,
        "dedup_key": key(&notice.key),
    });
    // An acknowledgement and a resolution need no more than the key.
    if notice.event == "trigger" {
        event["client"] = json!("playbook");
        event["payload"] = json!({
            "summary": cut(&notice.message.split_whitespace().collect::<Vec<_>>().join(" "), LONGEST_SUMMARY),
            "source": notice.run,
            "severity": notice.severity,
            "class": notice.document,
            "custom_details": { "subject": notice.subject, "message": cut(&notice.message, 20_000) },
        });
    }
    Ok(Post::json(endpoint, &event))
}

/// The key as it is, or its digest where it is too long: the same each time.
fn key(key: &str) -> String {
    if key.chars().count() <= LONGEST_KEY { key.to_owned() } else { Digest::of(key.as_bytes()).to_string() }
}

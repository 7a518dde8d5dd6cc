//! Waiting for a time.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::engine::Desk;
use crate::run::{Event, Evidence, Fault, FaultKind, Place, Request};
use crate::text::duration;

/// The reading that a `wait` polls, where it waits for the world and not for a time.
pub(super) fn reading(request: &Request) -> Option<Request> {
    serde_json::from_value(request.input.get("until")?.clone()).ok()
}

/// Sleeps until the instant that the request names, counted from `since`: a wait that was
/// interrupted goes on where it was.
pub(super) async fn sleep(place: &Place, request: &Request, since: DateTime<Utc>, desk: &Desk<'_>) -> Event {
    let place = place.clone();
    let mut since = since;
    loop {
        // A clock that was set back makes no wait longer than it was to be.
        since = since.min(desk.now());
        let until = match instant(&request.input, since) {
            Ok(until) => until,
            Err(message) => {
                let fault = Fault::new(FaultKind::Undefined, message);
                return Event::Failed { place, fault, evidence: Evidence::default() };
            }
        };
        let left = (until - desk.now()).to_std().unwrap_or_default();
        if left.is_zero() {
            break;
        }
        desk.show_waiting(until);
        tokio::time::sleep(left.min(std::time::Duration::from_secs(1))).await;
    }
    let waited = duration::show((desk.now() - since).to_std().unwrap_or_default());
    Event::Succeeded {
        place,
        outputs: json!({ "waited": waited, "result": null }),
        evidence: Evidence::default(),
    }
}

fn instant(input: &Value, since: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    if let Some(length) = input.get("for").and_then(Value::as_str) {
        let length =
            chrono::TimeDelta::from_std(duration::parse(length)?).map_err(|error| error.to_string())?;
        return Ok(since + length);
    }
    let time = input.get("time").and_then(Value::as_str).ok_or("`time` is no text")?;
    let time = DateTime::parse_from_rfc3339(time)
        .map_err(|error| format!("`{time}` is no instant ({error}); write one like 2026-11-22T03:10:00Z"))?;
    Ok(time.with_timezone(&Utc))
}

//! `notify`: people are told on their channels. A channel that is dead is told of, and
//! stops nothing.

mod address;
mod attempt;
mod email;
mod http_date;
mod notice;
mod pagerduty;
mod post;
mod reach;
mod slack;
mod sns;
mod tries;
mod webhook;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use self::address::Settings;
use self::attempt::{Came, attempt};
use self::notice::Notice;
pub use self::reach::Reach;
use self::tries::Tries;
use super::aws::{Aws, Stop};
use super::paper::Paper;
use super::together;
use crate::error::Result;
use crate::run::{Evidence, Request, Sent};

/// What sending takes beside the message.
#[derive(Clone, Copy)]
pub(super) struct Means<'a> {
    /// Values of secrets and variables, by the names that references use.
    pub(super) values: &'a BTreeMap<String, String>,
    pub(super) aws: &'a Aws,
    pub(super) paper: &'a dyn Paper,
}

/// Tells everybody, each channel by itself and all at once; tries a channel a few times.
pub(super) async fn everybody(
    request: &Request,
    means: Means<'_>,
    progress: Option<&Value>,
    timeout: Option<Duration>,
) -> (Result<Value, Stop>, Evidence) {
    let notice = match Notice::of(request, means.paper) {
        Ok(notice) => notice,
        Err(fault) => return (Err(fault.into()), Evidence::default()),
    };
    let tries = Tries::from(notice.channels, progress);
    let each =
        together::all(notice.channels.iter().map(|channel| tries.until_delivered(channel, &notice, means)));
    let ended = match timeout {
        Some(limit) => tokio::time::timeout(limit, each).await.unwrap_or_else(|_| {
            tries.break_off(limit);
            Vec::new()
        }),
        None => each.await,
    };
    let evidence = tries.evidence();
    match ended.into_iter().collect::<Result<Vec<()>>>() {
        Ok(_) => (Ok(tries.outputs()), evidence),
        Err(error) => (Err(error.into()), evidence),
    }
}

/// Tells one channel, once. Its failure is no fault: it is what came of it.
///
/// # Errors
/// When the record does not take what was sent.
pub(super) async fn once(request: &Request, number: u32, means: Means<'_>) -> Result<(Sent, Evidence)> {
    let never = |why: String| (Sent::Never { why }, Evidence::default());
    let notice = match Notice::of(request, means.paper) {
        Ok(notice) => notice,
        Err(fault) => return Ok(never(fault.message)),
    };
    let Some(channel) = notice.channels.first() else { return Ok(never("there is no channel".to_owned())) };
    let tried = attempt(channel, &notice, number, means).await?;
    let sent = match tried.came {
        Came::Delivered { detail, but } => Sent::Delivered { detail, but },
        Came::Later { why, after } => Sent::Later { why, after_seconds: after.map(|after| after.as_secs()) },
        Came::Never { why } => Sent::Never { why },
    };
    Ok((sent, Evidence { calls: tried.calls, ..Evidence::default() }))
}

/// Whether channels could be used. Connects, and sends nothing.
pub(super) async fn reach(channels: &[Value], values: &BTreeMap<String, String>) -> Vec<Reach> {
    together::all(channels.iter().map(|channel| reach::reach(Settings { channel, values }))).await
}

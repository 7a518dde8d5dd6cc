//! One try at one channel: what was sent, what was answered, and what that means.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::Means;
use super::address::Settings;
use super::notice::Notice;
use super::post::{self, Answer, Post};
use super::{email, pagerduty, slack, sns, webhook};
use crate::error::Result;
use crate::evidence::Redaction;
use crate::run::Call;

/// Without an end within this time a try is given up.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Came {
    Delivered {
        detail: String,
        /// Who of several did not get it, and why.
        but: Option<String>,
    },
    /// It may be taken later, after this time where the channel says so.
    Later { why: String, after: Option<Duration> },
    /// Trying again as it is would end the same.
    Never { why: String },
}

/// A try and the calls that it made.
pub(super) struct Tried {
    pub came: Came,
    pub calls: Vec<Call>,
}

/// How a medium was talked to, for the record.
pub(super) struct Exchange {
    pub operation: &'static str,
    pub sent: Vec<u8>,
    pub received: Vec<u8>,
    pub status: Option<u16>,
    pub request_id: Option<String>,
    pub server_date: Option<String>,
    pub came: Came,
}

/// Sends a message over one channel.
///
/// # Errors
/// When the record does not take what was sent.
pub(super) async fn attempt(
    channel: &Value,
    notice: &Notice<'_>,
    number: u32,
    means: Means<'_>,
) -> Result<Tried> {
    let settings = Settings { channel, values: means.values };
    let (began, clock) = (means.paper.now(), tokio::time::Instant::now());
    let exchange = match exchange(settings, notice, means).await {
        Ok(exchange) => exchange,
        Err(came) => return Ok(Tried { came, calls: Vec::new() }),
    };
    let call = recorded(settings, &exchange, number, began, clock.elapsed(), means)?;
    Ok(Tried { came: exchange.came, calls: vec![call] })
}

/// `Err` when nothing was sent.
async fn exchange(settings: Settings<'_>, notice: &Notice<'_>, means: Means<'_>) -> Result<Exchange, Came> {
    let never = |why| Came::Never { why };
    match settings.medium() {
        "slack" => Ok(posted("post", slack::post(settings, notice).map_err(never)?, means).await),
        "pagerduty" => Ok(posted("enqueue", pagerduty::post(settings, notice).map_err(never)?, means).await),
        "webhook" => {
            let post = webhook::post(settings, notice, means.paper.now()).map_err(never)?;
            Ok(posted("post", post, means).await)
        }
        "sns" => sns::exchange(settings, notice, means).await,
        "email" => email::exchange(settings, notice, means).await,
        medium => Err(never(format!("nothing is known of the medium `{medium}`"))),
    }
}

pub(super) async fn posted(operation: &'static str, post: Post, means: Means<'_>) -> Exchange {
    let sent = post.body.clone();
    match post::send(post, PATIENCE, means.paper.now()).await {
        Ok(answer) => Exchange {
            operation,
            sent,
            status: Some(answer.status),
            request_id: answer.request_id.clone(),
            server_date: answer.date.clone(),
            came: judged(&answer, means.paper.store_of_raw().redaction()),
            received: answer.body,
        },
        Err(why) => Exchange {
            operation,
            sent,
            received: Vec::new(),
            status: None,
            request_id: None,
            server_date: None,
            came: Came::Later { why, after: None },
        },
    }
}

/// What a status means: too many requests and a server in trouble pass, a refusal stays.
fn judged(answer: &Answer, gate: &Redaction) -> Came {
    let said = answer.words(gate);
    match answer.status {
        200..300 => Came::Delivered { detail: format!("HTTP status {}", answer.status), but: None },
        408 | 425 | 429 | 500.. => {
            Came::Later { why: format!("HTTP status {}{said}", answer.status), after: answer.retry_after }
        }
        300..400 => Came::Never {
            why: format!("HTTP status {}: it is a redirect, and none is followed", answer.status),
        },
        status => Came::Never { why: format!("HTTP status {status}{said}") },
    }
}

fn recorded(
    settings: Settings<'_>,
    exchange: &Exchange,
    number: u32,
    began: DateTime<Utc>,
    took: Duration,
    means: Means<'_>,
) -> Result<Call> {
    let name = |of: &str| format!("notify-{}-{of}.txt", settings.name());
    let stored = |of: &str, bytes: &[u8]| {
        (!bytes.is_empty()).then(|| means.paper.store_api(&name(of), bytes)).transpose()
    };
    Ok(Call {
        service: settings.medium().to_owned(),
        operation: exchange.operation.to_owned(),
        region: String::new(),
        attempt: number,
        sent_at: began,
        seconds: took.as_secs_f64(),
        status: exchange.status,
        request_id: exchange.request_id.clone(),
        error: match &exchange.came {
            Came::Delivered { .. } => None,
            Came::Later { why, .. } | Came::Never { why } => Some(why.clone()),
        },
        server_date: exchange.server_date.clone(),
        request: stored("request", &exchange.sent)?,
        response: stored("response", &exchange.received)?,
    })
}

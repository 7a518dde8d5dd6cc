//! A POST through the one HTTP client of the program. Redirects are not followed: a message
//! goes where the document says, or nowhere.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use chrono::{DateTime, Utc};

use super::http_date;
use super::notice::cut;
use crate::actions::aws::{causes, door};
use crate::evidence::Redaction;

/// So much of an answer is read and kept; none of the media says more.
const LONGEST_ANSWER: usize = 16 << 10;
/// So long the body of an answer is waited for. Its status tells what became of the message.
const BODY: Duration = Duration::from_secs(2);
/// The longest that a channel may ask an alarm to wait: whoever asks for more is asked hourly.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

pub(super) struct Post {
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

pub(super) struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
    pub retry_after: Option<Duration>,
    pub request_id: Option<String>,
    pub date: Option<String>,
}

impl Post {
    pub(super) fn json(url: &str, body: &serde_json::Value) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self { url: url.to_owned(), headers, body: body.to_string().into_bytes() }
    }
}

impl Answer {
    /// What it says of a failure, in one short line. It passes the gate before it is cut: half
    /// a secret would pass unknown.
    pub(super) fn words(&self, gate: &Redaction) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let text = gate.text(&text);
        let line =
            text.split(char::is_control).map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        if line.is_empty() { String::new() } else { format!(": {}", cut(line, 200)) }
    }
}

/// Sends, waits this long for an answer, and reads it as far as it is short and comes soon.
///
/// # Errors
/// Why there was no answer.
pub(super) async fn send(post: Post, patience: Duration, now: DateTime<Utc>) -> Result<Answer, String> {
    let length = post.body.len();
    let mut request = HttpRequest::new(SdkBody::from(post.body));
    // The error of the URL's parser may show the URL.
    request.set_uri(post.url).map_err(|_| "its URL is none".to_owned())?;
    request.set_method("POST").map_err(|error| error.to_string())?;
    let headers = request.headers_mut();
    for (name, value) in post.headers {
        headers.try_insert(name, value).map_err(|error| error.to_string())?;
    }
    headers.insert("content-length", length.to_string());
    headers.insert("user-agent", concat!("playbook/", env!("CARGO_PKG_VERSION")));
    let answer = tokio::time::timeout(patience, door().call(request)).await;
    let answer = answer.map_err(|_| format!("no answer within {} s", patience.as_secs()))?;
    let answer = answer.map_err(|error| causes(&error))?;
    let header = |name: &str| answer.headers().get(name).map(str::to_owned);
    let (status, date) = (answer.status().as_u16(), header("date"));
    let retry_after = header("retry-after").and_then(|value| wait(&value, now));
    let request_id =
        header("x-amzn-requestid").or_else(|| header("x-request-id")).or_else(|| header("x-slack-req-id"));
    let body = read(answer.into_body()).await;
    Ok(Answer { status, body, retry_after, request_id, date })
}

/// A body, or what came of it: the status has come, and what is missing changes nothing. A
/// message that was taken must not be sent again because its receipt stalls.
async fn read(body: SdkBody) -> Vec<u8> {
    let mut stream = ByteStream::new(body);
    let mut read = Vec::new();
    let reading = async {
        while let Some(Ok(piece)) = stream.next().await {
            let room = LONGEST_ANSWER - read.len();
            read.extend_from_slice(piece.get(..room).unwrap_or(&piece));
            if read.len() == LONGEST_ANSWER {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(BODY, reading).await;
    read
}

/// `Retry-After`: seconds or a date (RFC 9110, section 10.2.3).
pub(super) fn wait(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    let value = value.trim();
    let wait = match value.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => (http_date::parse(value, now)? - now).to_std().ok()?,
    };
    Some(wait.min(LONGEST_WAIT))
}

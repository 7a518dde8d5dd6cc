//! Asking a time-stamp authority over HTTP (RFC 3161, section 3.4), through the one HTTP
//! client of the program.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

use super::aws::door;
use crate::error::{Error, Result};

/// Without the whole answer within this time the authority is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// What an authority answers to a question, whatever that is worth; at most `limit` bytes.
///
/// # Errors
/// When the URL is none, nobody answers in time, or not with an answer of an authority.
pub async fn ask_the_time(url: &str, question: &[u8], limit: u64) -> Result<Vec<u8>> {
    let request = request(url, question)?;
    let asked = async {
        let answer = door().call(request).await;
        let answer = answer.map_err(|error| unreachable(url, &super::aws::causes(&error)))?;
        read(url, answer, limit).await
    };
    tokio::time::timeout(PATIENCE, asked)
        .await
        .unwrap_or_else(|_| Err(unreachable(url, &format!("no answer within {} s", PATIENCE.as_secs()))))
}

/// Random bytes, so that an answer is to this question and no other.
///
/// # Errors
/// When the operating system has none.
pub fn nonce() -> Result<[u8; 16]> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| Error::failure("the operating system gives no randomness"))?;
    Ok(bytes)
}

fn request(url: &str, question: &[u8]) -> Result<HttpRequest> {
    let none = || {
        Error::usage(format!("`{url}` is no URL of a time-stamp authority"))
            .hint("write it as https://example.com/tsr; http works as well, since answers are signed")
    };
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(none());
    }
    let mut request = HttpRequest::new(SdkBody::from(question.to_vec()));
    request.set_uri(url).map_err(|error| none().caused_by(error))?;
    request.set_method("POST").map_err(|error| none().caused_by(error))?;
    request.headers_mut().insert("content-type", "application/timestamp-query");
    request.headers_mut().insert("content-length", question.len().to_string());
    request.headers_mut().insert("accept", "application/timestamp-reply");
    Ok(request)
}

async fn read(url: &str, answer: HttpResponse, limit: u64) -> Result<Vec<u8>> {
    let status = answer.status().as_u16();
    if status != 200 {
        return Err(Error::failure(format!("{url} answered with HTTP status {status}"))
            .hint("check that the URL is that of the authority, and whether it wants a login"));
    }
    let mut body = ByteStream::new(answer.into_body());
    let mut bytes = Vec::new();
    while let Some(piece) = body.next().await {
        bytes.extend_from_slice(&piece.map_err(|error| unreachable(url, &error.to_string()))?);
        if bytes.len() as u64 > limit {
            return Err(Error::failure(format!(
                "{url} answered with more than {limit} bytes, which is no token"
            )));
        }
    }
    Ok(bytes)
}

fn unreachable(url: &str, why: &str) -> Error {
    Error::failure(format!("{url} gave no answer: {why}"))
        .hint("check the network and the URL; HTTPS_PROXY and NO_PROXY are heeded")
}

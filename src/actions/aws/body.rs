//! The bodies of requests and answers that go into the record: JSON, XML and forms, never
//! the content of an object.

use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use serde_json::Value;

/// Larger bodies are not kept: 256 KiB.
const LIMIT: usize = 256 * 1024;

/// A body with the extension that its content calls for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Body {
    pub(super) bytes: Vec<u8>,
    pub(super) extension: &'static str,
}

/// What a request said. Where the method and the path say it, as with S3, these stand
/// above the body, with the `x-amz-` headers that are no part of the signature.
pub(super) fn of_request(request: &HttpRequest) -> Option<Body> {
    let body = request.body().bytes().unwrap_or_default();
    let extension = request.headers().get("content-type").and_then(extension);
    if let Some(extension @ ("json" | "txt")) = extension {
        kept(body, extension)
    } else {
        let mut text = format!("{} {}\n", request.method(), request.uri());
        for (name, value) in request.headers().iter().filter(|(name, _)| is_told(name)) {
            text.push_str(&format!("{name}: {value}\n"));
        }
        let mut bytes = text.into_bytes();
        if extension.is_some() && !body.is_empty() {
            bytes.push(b'\n');
            bytes.extend_from_slice(body);
        }
        kept(&bytes, "txt")
    }
}

/// What AWS answered.
pub(super) fn of_response(response: &HttpResponse) -> Option<Body> {
    let extension = response.headers().get("content-type").and_then(extension)?;
    kept(response.body().bytes()?, extension)
}

/// The error code in an answer: header, JSON or XML, as the three protocols put it.
pub(super) fn error_code(response: &HttpResponse) -> Option<String> {
    if let Some(header) = response.headers().get("x-amzn-errortype") {
        return Some(bare(header));
    }
    code_in(response.body().bytes()?)
}

/// The same, where nothing but the body is at hand.
pub(super) fn code_in(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    if text.trim_start().starts_with('{') {
        let json: Value = serde_json::from_str(text).ok()?;
        return json.get("__type").or_else(|| json.get("code"))?.as_str().map(bare);
    }
    let (_, rest) = text.split_once("<Code>")?;
    rest.split_once("</Code>").map(|(code, _)| code.trim().to_owned())
}

/// `com.amazon…#AccessDeniedException:http://…` without what stands around the name.
fn bare(code: &str) -> String {
    let code = code.split(':').next().unwrap_or(code);
    code.rsplit('#').next().unwrap_or(code).trim().to_owned()
}

fn kept(bytes: &[u8], extension: &'static str) -> Option<Body> {
    (!bytes.is_empty() && bytes.len() <= LIMIT).then(|| Body { bytes: bytes.to_vec(), extension })
}

fn extension(content_type: &str) -> Option<&'static str> {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    match kind {
        "application/x-www-form-urlencoded" => Some("txt"),
        _ if kind.contains("json") => Some("json"),
        _ if kind.ends_with("xml") => Some("xml"),
        _ => None,
    }
}

fn is_told(header: &str) -> bool {
    const SIGNATURE: &[&str] =
        &["x-amz-security-token", "x-amz-content-sha256", "x-amz-date", "x-amz-user-agent"];
    header.starts_with("x-amz-") && !header.contains("customer-key") && !SIGNATURE.contains(&header)
}

//! Anything that takes JSON by POST. Where a key is given the body is signed: HMAC-SHA256
//! (RFC 2104, FIPS 198-1) in hex, behind `sha256=`.

use std::fmt::Write as _;

use aws_lc_rs::hmac;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;

use super::address::{Settings, guarded_url};
use super::notice::{Notice, cut};
use super::post::Post;

const SIGNATURE_HEADER: &str = "x-playbook-signature";
const LONGEST: usize = 100_000;

pub(super) fn post(settings: Settings<'_>, notice: &Notice<'_>, now: DateTime<Utc>) -> Result<Post, String> {
    let url = guarded_url("url", settings.text("url")?)?;
    let mut post = Post::json(
        url,
        &json!({
            "run": notice.run,
            "document": notice.document,
            "event": notice.event,
            "severity": notice.severity,
            "key": notice.key,
            "subject": notice.subject,
            "message": cut(&notice.message, LONGEST),
            "sent_at": now.to_rfc3339_opts(SecondsFormat::Secs, true),
        }),
    );
    if let Some(key) = settings.optional("signing_key")? {
        let header = settings.optional("signature_header")?.unwrap_or(SIGNATURE_HEADER);
        post.headers.push((header.to_ascii_lowercase(), signature(key.as_bytes(), &post.body)));
    }
    Ok(post)
}

pub(super) fn signature(key: &[u8], body: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), body);
    tag.as_ref().iter().fold("sha256=".to_owned(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

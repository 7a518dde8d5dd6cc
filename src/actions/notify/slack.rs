//! An incoming webhook of Slack ("Sending messages using incoming webhooks"): 200 and `ok`,
//! or a status and a word that says why not.

use serde_json::json;

use super::address::{Settings, guarded_url};
use super::notice::{Notice, cut};
use super::post::Post;

/// Slack cuts a text off at 40,000 characters and advises 4,000 ("chat.postMessage").
const LONGEST: usize = 4_000;

pub(super) fn post(settings: Settings<'_>, notice: &Notice<'_>) -> Result<Post, String> {
    let url = guarded_url("url", settings.text("url")?)?;
    Ok(Post::json(url, &json!({ "text": text(notice) })))
}

fn text(notice: &Notice<'_>) -> String {
    let what = if notice.event == "trigger" { String::new() } else { format!("[{}] ", notice.event) };
    let whole = format!("{what}{}\n{}", notice.subject, notice.message);
    escaped(&cut(&whole, LONGEST))
}

/// The three characters that have a meaning ("Formatting text for app surfaces"): without
/// them nobody can be mentioned and no link can be hidden.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

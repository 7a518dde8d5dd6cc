//! The message, as every medium needs it.

use serde_json::Value;

use crate::actions::inputs::Inputs;
use crate::actions::paper::Paper;
use crate::run::{Fault, Request};

/// A message without anything secret in it, and the channels that carry it.
pub(super) struct Notice<'a> {
    pub run: &'a str,
    pub document: &'a str,
    pub subject: String,
    pub message: String,
    /// `trigger`, `acknowledge` or `resolve`.
    pub event: &'a str,
    /// `critical`, `error`, `warning` or `info`.
    pub severity: &'a str,
    /// The same for all messages about one alert.
    pub key: String,
    pub channels: &'a [Value],
}

impl<'a> Notice<'a> {
    /// Reads a request. Texts pass the gate that stands before the disk: what is not
    /// written down is not sent either.
    ///
    /// # Errors
    /// When the request is not one of `notify`.
    pub(super) fn of(request: &'a Request, paper: &dyn Paper) -> Result<Self, Fault> {
        let inputs = Inputs::of(request);
        let gate = paper.store_of_raw().redaction();
        let clear = |name: &str| inputs.text(name).map(|text| gate.text(text).into_owned());
        let channels = inputs.get("channels").and_then(Value::as_array);
        Ok(Self {
            run: inputs.text("run")?,
            document: inputs.text("document")?,
            subject: one_line(&clear("subject")?),
            message: clear("message")?,
            event: inputs.text("event")?,
            severity: inputs.text("severity")?,
            key: clear("key")?,
            channels: channels.ok_or_else(|| inputs.fault("channels", "should be a list"))?,
        })
    }
}

/// Control characters have no place in a line that becomes a header or a headline.
fn one_line(text: &str) -> String {
    text.split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The beginning of a text, at most so many characters; what is cut off is marked.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
    }
}

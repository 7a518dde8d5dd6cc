//! One record read: its text on one line, and what it is put in order by.

use std::borrow::Cow;

use chrono::DateTime;
use serde::Deserialize;
use serde_json::Value;

use crate::text::Digest;

/// When and which. Events are told in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// `eventTime` in microseconds since 1970; events without one come last.
    pub at: i64,
    /// `eventID` in 16 bytes that are in the order of the ids: a UUID as its number, a text
    /// that is as short as itself. Others, and events without one, have a digest.
    pub id: [u8; 16],
}

/// What matters of a record, be it an event or an entry of a LookupEvents answer around it.
#[derive(Debug, Default, Deserialize)]
struct Head<'a> {
    #[serde(borrow, rename = "eventTime")]
    time: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "eventID")]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "CloudTrailEvent")]
    inner: Option<Cow<'a, str>>,
}

/// The event in a record: its own bytes, or those in a string. `None` where the record is no
/// JSON.
///
/// The bytes are the original ones, but for line breaks: a JSON text can hold these between
/// its tokens only, and each becomes one space there, for one line holds one event.
pub(super) fn read(record: &[u8]) -> Option<(Mark, Cow<'_, [u8]>)> {
    if record.first() == Some(&b'"') {
        let text: String = serde_json::from_slice(record).ok()?;
        let (mark, _) = head(text.as_bytes())?;
        return Some((mark, Cow::Owned(on_one_line(text.as_bytes()).into_owned())));
    }
    let (mark, inner) = head(record)?;
    let Some(inner) = inner else { return Some((mark, on_one_line(record))) };
    let mark = head(inner.as_bytes()).map_or(mark, |(mark, _)| mark);
    Some((mark, Cow::Owned(on_one_line(inner.as_bytes()).into_owned())))
}

/// The `eventID` of an event, as it is written.
pub fn event_id(event: &[u8]) -> Option<String> {
    fields(event)?.id.map(Cow::into_owned)
}

fn head(text: &[u8]) -> Option<(Mark, Option<String>)> {
    let head = fields(text)?;
    let at = head.time.as_deref().and_then(|time| DateTime::parse_from_rfc3339(time).ok());
    let id = head.id.as_deref().map_or_else(|| digest(text), |id| in_order(id.as_bytes()));
    let mark = Mark { at: at.map_or(i64::MAX, |at| at.timestamp_micros()), id };
    Some((mark, head.inner.map(Cow::into_owned)))
}

/// Quickly where the fields are texts and told once; else as any JSON, where the last one counts.
fn fields(text: &[u8]) -> Option<Head<'_>> {
    if let Ok(head) = serde_json::from_slice(text) {
        return Some(head);
    }
    let value: Value = serde_json::from_slice(text).ok()?;
    let field = |name: &str| value.get(name).and_then(Value::as_str).map(|text| Cow::Owned(text.to_owned()));
    Some(Head { time: field("eventTime"), id: field("eventID"), inner: field("CloudTrailEvent") })
}

fn on_one_line(text: &[u8]) -> Cow<'_, [u8]> {
    let breaks = |byte: u8| matches!(byte, b'\n' | b'\r');
    if memchr::memchr2(b'\n', b'\r', text).is_none() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.iter().map(|byte| if breaks(*byte) { b' ' } else { *byte }).collect())
}

fn in_order(id: &[u8]) -> [u8; 16] {
    uuid(id).unwrap_or_else(|| match id.len() {
        1..=16 => std::array::from_fn(|at| id.get(at).copied().unwrap_or_default()),
        _ => digest(id),
    })
}

fn uuid(id: &[u8]) -> Option<[u8; 16]> {
    const HYPHENS: [usize; 4] = [8, 13, 18, 23];
    if id.len() != 36 || HYPHENS.iter().any(|at| id.get(*at) != Some(&b'-')) {
        return None;
    }
    let digits = id.iter().enumerate().filter(|(at, _)| !HYPHENS.contains(at));
    let mut digits = digits.map(|(_, digit)| char::from(*digit).to_digit(16));
    let number = digits.try_fold(0_u128, |number, digit| Some(number << 4 | u128::from(digit?)));
    number.map(u128::to_be_bytes)
}

/// Enough of a SHA-256 to tell texts apart for their order; nothing else hangs on it.
fn digest(bytes: &[u8]) -> [u8; 16] {
    let hex = Digest::of(bytes).to_string();
    std::array::from_fn(|at| hex.as_bytes().get(at).copied().unwrap_or_default())
}

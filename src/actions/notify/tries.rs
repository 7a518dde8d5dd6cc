//! How each channel of a message stands while it is tried, and when it is tried again.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::attempt::{Came, attempt};
use super::notice::Notice;
use super::{Means, told};
use crate::error::Result;
use crate::run::{Call, Evidence};

/// How often a channel is tried by a step; who is told may be told late, but the steps
/// that follow are not to wait for it.
const ATTEMPTS: u32 = 3;
/// Before the second try; doubled before each further one.
const BACKOFF: Duration = Duration::from_secs(1);
/// A channel that asks to wait longer is given up.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The channels of a message, in their order.
pub(super) struct Tries {
    channels: RefCell<Vec<Standing>>,
    calls: RefCell<Vec<Call>>,
}

struct Standing {
    name: String,
    medium: String,
    delivered: bool,
    attempts: u32,
    detail: String,
}

impl Tries {
    /// What an interrupted attempt had delivered stays delivered.
    pub(super) fn from(channels: &[Value], progress: Option<&Value>) -> Self {
        let before: BTreeMap<&str, &Value> = progress
            .and_then(Value::as_object)
            .map(|fields| fields.iter().map(|(name, standing)| (name.as_str(), standing)).collect())
            .unwrap_or_default();
        let standing = |channel: &Value| {
            let text = |key: &str| channel.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            let name = text("name");
            let known = before.get(name.as_str()).filter(|known| known["delivered"] == true);
            let detail = known.and_then(|known| known["detail"].as_str()).unwrap_or("not tried").to_owned();
            let attempts = known.and_then(|known| known["attempts"].as_u64()).unwrap_or_default();
            let attempts = u32::try_from(attempts).unwrap_or(u32::MAX);
            Standing { delivered: known.is_some(), medium: text("medium"), name, attempts, detail }
        };
        Self { channels: RefCell::new(channels.iter().map(standing).collect()), calls: RefCell::default() }
    }

    /// Tries one channel until it takes the message, never will, or was tried often enough.
    ///
    /// # Errors
    /// When the record does not take what was sent.
    pub(super) async fn until_delivered(
        &self,
        channel: &Value,
        notice: &Notice<'_>,
        means: Means<'_>,
    ) -> Result<()> {
        let name = channel.get("name").and_then(Value::as_str).unwrap_or_default();
        if self.is_delivered(name) {
            return Ok(());
        }
        for number in 1..=ATTEMPTS {
            let tried = attempt(channel, notice, number, means).await?;
            self.calls.borrow_mut().extend(tried.calls);
            self.remember(name, number, &tried.came);
            means.paper.progress(self.progress())?;
            let pause = BACKOFF * 2_u32.pow(number - 1);
            match tried.came {
                Came::Later { after, .. }
                    if after.is_none_or(|after| after <= LONGEST_WAIT) && number < ATTEMPTS =>
                {
                    tokio::time::sleep(after.unwrap_or(pause).max(pause)).await;
                }
                _ => break,
            }
        }
        Ok(())
    }

    fn is_delivered(&self, name: &str) -> bool {
        self.channels.borrow().iter().any(|standing| standing.name == name && standing.delivered)
    }

    fn remember(&self, name: &str, number: u32, came: &Came) {
        let mut channels = self.channels.borrow_mut();
        let Some(standing) = channels.iter_mut().find(|standing| standing.name == name) else { return };
        standing.attempts = number;
        (standing.delivered, standing.detail) = match came {
            Came::Delivered { detail } => (true, detail.clone()),
            Came::Later { why, .. } | Came::Never { why } => (false, why.clone()),
        };
    }

    fn progress(&self) -> Value {
        let channels = self.channels.borrow();
        let each = channels.iter().map(|it| {
            (
                it.name.clone(),
                json!({ "delivered": it.delivered, "attempts": it.attempts, "detail": it.detail }),
            )
        });
        Value::Object(each.collect::<Map<_, _>>())
    }

    pub(super) fn outputs(&self) -> Value {
        let channels = self.channels.borrow();
        let named = |delivered: bool| {
            channels
                .iter()
                .filter(|it| it.delivered == delivered)
                .map(|it| it.name.as_str())
                .collect::<Vec<_>>()
        };
        let each =
            channels.iter().map(|it| told(&it.name, &it.medium, it.delivered, it.attempts, &it.detail));
        json!({ "delivered": named(true), "failed": named(false), "channels": each.collect::<Vec<_>>() })
    }

    pub(super) fn evidence(&self) -> Evidence {
        Evidence { calls: self.calls.take(), ..Evidence::default() }
    }
}

//! How each channel of a message stands while it is tried, and when it is tried again.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::Means;
use super::attempt::{Came, attempt};
use super::notice::Notice;
use crate::error::Result;
use crate::run::{Call, Evidence};
use crate::text::duration::show;

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
    /// In all, also before the run was resumed.
    attempts: u32,
    detail: String,
    /// Who of several did not get it, and why.
    but: Option<String>,
    /// A try was begun, and nothing came of it so far.
    under_way: bool,
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
            let known = before.get(name.as_str());
            let delivered = known.is_some_and(|known| known["delivered"] == true);
            let detail = known.and_then(|known| known["detail"].as_str()).unwrap_or("not tried").to_owned();
            let attempts = known.and_then(|known| known["attempts"].as_u64()).unwrap_or_default();
            let attempts = u32::try_from(attempts).unwrap_or(u32::MAX);
            let but = known.and_then(|known| known["but"].as_str()).map(str::to_owned);
            Standing { delivered, medium: text("medium"), name, attempts, detail, but, under_way: false }
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
        for tries in 1..=ATTEMPTS {
            let number = self.begin(name);
            let tried = attempt(channel, notice, number, means).await?;
            self.calls.borrow_mut().extend(tried.calls);
            self.remember(name, number, &tried.came);
            means.paper.progress(self.progress())?;
            let pause = BACKOFF * 2_u32.pow(tries - 1);
            match tried.came {
                Came::Later { after, .. }
                    if after.is_none_or(|after| after <= LONGEST_WAIT) && tries < ATTEMPTS =>
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

    /// The number of the try that begins.
    fn begin(&self, name: &str) -> u32 {
        let mut channels = self.channels.borrow_mut();
        let Some(standing) = channels.iter_mut().find(|standing| standing.name == name) else { return 1 };
        standing.under_way = true;
        standing.attempts.saturating_add(1)
    }

    /// The time of the step is over. Of a try that was under way nobody knows what came of it.
    pub(super) fn break_off(&self, limit: Duration) {
        for standing in self.channels.borrow_mut().iter_mut().filter(|standing| standing.under_way) {
            standing.attempts = standing.attempts.saturating_add(1);
            standing.detail =
                format!("no answer within {}, the time of the step; it may have been delivered", show(limit));
        }
    }

    fn remember(&self, name: &str, number: u32, came: &Came) {
        let mut channels = self.channels.borrow_mut();
        let Some(standing) = channels.iter_mut().find(|standing| standing.name == name) else { return };
        (standing.attempts, standing.under_way) = (number, false);
        (standing.delivered, standing.detail, standing.but) = match came {
            Came::Delivered { detail, but } => (true, detail.clone(), but.clone()),
            Came::Later { why, .. } | Came::Never { why } => (false, why.clone(), None),
        };
    }

    fn progress(&self) -> Value {
        let channels = self.channels.borrow();
        Value::Object(channels.iter().map(|it| (it.name.clone(), it.told())).collect())
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
        let each = channels.iter().map(|it| {
            let mut told = it.told();
            (told["name"], told["medium"]) = (it.name.as_str().into(), it.medium.as_str().into());
            told
        });
        json!({ "delivered": named(true), "failed": named(false), "channels": each.collect::<Vec<_>>() })
    }

    pub(super) fn evidence(&self) -> Evidence {
        Evidence { calls: self.calls.take(), ..Evidence::default() }
    }
}

impl Standing {
    /// What became of it, for outputs and for what a resumed attempt starts from.
    fn told(&self) -> Value {
        let mut told =
            json!({ "delivered": self.delivered, "attempts": self.attempts, "detail": self.detail });
        if let Some(but) = &self.but {
            told["but"] = but.as_str().into();
        }
        told
    }
}

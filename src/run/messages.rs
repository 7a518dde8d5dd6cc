//! What escalations owe to channels: who is still to be told, and when it is tried again.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::apply::Illegal;
use super::deadline::delta;
use super::effect::{Effect, Request};
use super::event::{Place, Sent};
use super::state::Run;
use crate::document::action::{Class, Signal};
use crate::document::{Channel, Medium};

/// How often a channel is tried before it is given up, until the run is resumed.
const MOST_TRIES: u32 = 12;
/// Before the second try; doubled before each further one.
const BACKOFF: Duration = Duration::from_secs(2);
/// Between two tries at most, unless the channel asks for more.
const LONGEST_BACKOFF: Duration = Duration::from_mins(5);

/// A message that an escalation owes to one channel.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Delivery {
    /// Which escalation of the document it is.
    #[serde(skip)]
    pub escalation: usize,
    pub channel: String,
    /// Whether it gives the alarm, or calls it off.
    pub event: Signal,
    #[serde(flatten)]
    pub state: DeliveryState,
    /// In all.
    pub attempts: u32,
    /// What the channel said last, or why it said nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Who of several did not get it, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub but: Option<String>,
    /// Since the start, or since the run was resumed.
    #[serde(skip)]
    tries: u32,
    /// When it was owed or tried last: from here on it waits for its next try.
    #[serde(skip)]
    since: DateTime<Utc>,
    #[serde(skip)]
    pub(super) to: Vec<String>,
    #[serde(skip)]
    pub(super) message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum DeliveryState {
    /// To be tried at this instant.
    Pending {
        next_at: DateTime<Utc>,
    },
    Delivered,
    /// Given up; tried again when the run is resumed.
    Failed,
    /// It would have been sent.
    Foreseen,
}

impl DeliveryState {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending { .. } => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Foreseen => "would be sent",
        }
    }
}

impl Delivery {
    fn of(
        at: DateTime<Utc>,
        escalation: usize,
        channel: String,
        event: Signal,
        (to, message): (&[String], &str),
    ) -> Self {
        Self {
            escalation,
            channel,
            event,
            state: DeliveryState::Pending { next_at: at },
            attempts: 0,
            detail: None,
            but: None,
            tries: 0,
            since: at,
            to: to.to_vec(),
            message: message.to_owned(),
        }
    }

    fn is_about_the_same(&self, other: &Self) -> bool {
        self.escalation == other.escalation && self.channel == other.channel
    }

    /// `on_call pending after 2 attempts: HTTP status 500`, or
    /// `mail delivered, not by lead@example.com: no such box`.
    #[must_use]
    pub fn words(&self) -> String {
        let tries = match self.attempts {
            0 | 1 => String::new(),
            attempts => format!(" after {attempts} attempts"),
        };
        let detail = self.detail.as_ref().filter(|_| self.state != DeliveryState::Delivered);
        let detail = detail.map(|detail| format!(": {detail}")).unwrap_or_default();
        let off = if self.event == Signal::Trigger { "" } else { " called off:" };
        let but = self.but.as_ref().map(|but| format!(", {but}")).unwrap_or_default();
        format!("{}{off} {}{tries}{detail}{but}", self.channel, self.state.word())
    }

    fn came(&mut self, at: DateTime<Utc>, attempt: u32, sent: &Sent) {
        self.attempts = attempt;
        self.tries += 1;
        self.since = at;
        if let Sent::Delivered { but, .. } = sent {
            self.but.clone_from(but);
        }
        (self.state, self.detail) = match sent {
            Sent::Delivered { detail, .. } => (DeliveryState::Delivered, Some(detail.clone())),
            Sent::Later { why, .. } if self.tries >= MOST_TRIES => (DeliveryState::Failed, Some(why.clone())),
            Sent::Later { why, after_seconds } => {
                let backoff = BACKOFF * 2_u32.pow(self.tries.saturating_sub(1).min(16));
                let asked = Duration::from_secs(after_seconds.unwrap_or_default());
                let next_at = at + delta(backoff.min(LONGEST_BACKOFF).max(asked));
                (DeliveryState::Pending { next_at }, Some(why.clone()))
            }
            Sent::Never { why } => (DeliveryState::Failed, Some(why.clone())),
            Sent::Foreseen => (DeliveryState::Foreseen, None),
        };
    }
}

impl Run {
    /// Every message that escalations owe or owed, in the order in which they fired.
    #[must_use]
    pub fn deliveries(&self) -> &[Delivery] {
        &self.messages
    }

    /// A message whose time has come, and that is not on its way. The run decides what is
    /// next without it: who is told does not hold up what is done. A clock that went back
    /// behind the last try does not make the wait longer.
    #[must_use]
    pub fn message_due(&self, now: DateTime<Utc>, on_the_way: &[Place]) -> Option<Effect> {
        self.message(on_the_way, |since, next_at| !(since..next_at).contains(&now))
    }

    /// A message that is still owed, whenever its time may come, and that is not on its way:
    /// for the last try before a run ends.
    #[must_use]
    pub fn message_owed(&self, on_the_way: &[Place]) -> Option<Effect> {
        self.message(on_the_way, |_, _| true)
    }

    fn message(
        &self,
        on_the_way: &[Place],
        due: impl Fn(DateTime<Utc>, DateTime<Utc>) -> bool,
    ) -> Option<Effect> {
        let owed = |delivery: &&Delivery| {
            let pending =
                matches!(delivery.state, DeliveryState::Pending { next_at } if due(delivery.since, next_at));
            pending && !on_the_way.contains(&place(delivery)) && !self.follows_another(delivery)
        };
        let delivery = self.messages.iter().filter(|_| !self.sealed).find(owed)?;
        let escalation = self.playbook.escalations.get(delivery.escalation)?;
        let channel = self.playbook.channel(&delivery.channel)?;
        let about = escalation.when.to_string();
        Some(Effect::Tell {
            place: place(delivery),
            escalation: delivery.escalation,
            channel: delivery.channel.clone(),
            attempt: delivery.attempts + 1,
            request: Request {
                action: "notify".to_owned(),
                class: Class::Write,
                input: self.escalating(&about, delivery, channel),
            },
        })
    }

    /// An alarm is called off after it was given, or was given up: the other way round it
    /// would stand for ever.
    fn follows_another(&self, delivery: &Delivery) -> bool {
        let before = self.messages.iter().take_while(|other| !std::ptr::eq(*other, delivery));
        let mut before = before.filter(|other| other.is_about_the_same(delivery));
        before.any(|other| matches!(other.state, DeliveryState::Pending { .. }))
    }

    /// The channels on which an escalation is called off: all of them where the document says
    /// what to tell, else those whose alerts stay open until they are resolved.
    pub(super) fn to_be_called_off(&self, escalation: usize) -> Vec<&Channel> {
        let Some(escalation) = self.playbook.escalations.get(escalation) else { return Vec::new() };
        let mut channels = self.playbook.channels_of(escalation.to.iter().map(String::as_str));
        channels.retain(|channel| escalation.met_late.is_some() || channel.medium == Medium::PagerDuty);
        channels
    }

    /// An escalation fired: each channel of its roles is owed the message.
    pub(super) fn owe(&mut self, at: DateTime<Utc>, escalation: usize, to: &[String], message: &str) {
        let channels = self.playbook.channels_of(to.iter().map(String::as_str));
        let owed = channels.into_iter().map(|channel| channel.name.clone());
        let owed = owed.map(|channel| Delivery::of(at, escalation, channel, Signal::Trigger, (to, message)));
        self.messages.extend(owed.collect::<Vec<_>>());
    }

    /// An escalation is called off, once, and after it fired.
    pub(super) fn stand_down(
        &mut self,
        at: DateTime<Utc>,
        escalation: usize,
        to: &[String],
        message: &str,
    ) -> Result<(), Illegal> {
        let fired = self.deadlines.escalated.get(escalation).copied().unwrap_or_default();
        match self.deadlines.stood_down.get_mut(escalation) {
            Some(stood_down) if fired && !*stood_down => *stood_down = true,
            _ => {
                let message = format!("escalation {escalation} is called off and does not stand");
                return Err(Illegal { message });
            }
        }
        let owed = self.to_be_called_off(escalation).into_iter().map(|channel| channel.name.clone());
        let owed = owed.map(|channel| Delivery::of(at, escalation, channel, Signal::Resolve, (to, message)));
        let owed: Vec<_> = owed.collect();
        self.messages.extend(owed);
        Ok(())
    }

    pub(super) fn notified(
        &mut self,
        at: DateTime<Utc>,
        escalation: usize,
        channel: &str,
        attempt: u32,
        sent: &Sent,
    ) -> Result<(), Illegal> {
        let mut owed = self.messages.iter_mut();
        let owed = owed.find(|it| {
            it.escalation == escalation
                && it.channel == channel
                && matches!(it.state, DeliveryState::Pending { .. })
        });
        match owed {
            Some(delivery) => {
                delivery.came(at, attempt, sent);
                Ok(())
            }
            None => Err(Illegal {
                message: format!("escalation {escalation} owes nothing to the channel `{channel}`"),
            }),
        }
    }

    /// The run goes on: what was not delivered is tried anew.
    pub(super) fn owe_again(&mut self, at: DateTime<Utc>) {
        for delivery in &mut self.messages {
            // Nobody is woken for what is over.
            let over = delivery.event == Signal::Trigger
                && delivery.state == DeliveryState::Failed
                && self.deadlines.stood_down.get(delivery.escalation).copied().unwrap_or_default();
            if over {
                continue;
            }
            if matches!(delivery.state, DeliveryState::Pending { .. } | DeliveryState::Failed) {
                (delivery.tries, delivery.since) = (0, at);
                delivery.state = DeliveryState::Pending { next_at: at };
            }
        }
    }
}

/// Where a message is at work. No step has such a name.
fn place(delivery: &Delivery) -> Place {
    let what = match delivery.event {
        Signal::Trigger => "escalation",
        Signal::Acknowledge | Signal::Resolve => "stand-down",
    };
    Place { step: format!("{what}:{}", delivery.channel), item: Some(delivery.escalation) }
}

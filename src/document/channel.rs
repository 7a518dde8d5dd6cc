//! Channels: ways to people, and where what must stay secret about them comes from.

use crate::text::Span;

/// A way to reach people.
#[derive(Clone, Debug)]
pub struct Channel {
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    pub medium: Medium,
    /// What the document says about it, by the keys of the medium's noun.
    pub settings: Vec<(&'static str, Setting)>,
}

/// What carries a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// An incoming webhook of Slack.
    Slack,
    /// The Events API v2 of PagerDuty.
    PagerDuty,
    /// A topic of Amazon SNS.
    Sns,
    /// A mail server (RFC 5321).
    Email,
    /// Anything that takes JSON by POST.
    Webhook,
}

/// The value of a channel's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// As it stands in the document: nothing secret.
    Plain(Vec<String>),
    /// `env(NAME)`: a variable of the environment, looked up when a run begins.
    Environment { name: String, secret: bool, span: Span },
    /// `secret(NAME)`: a parameter of type `secret`.
    Parameter { name: String, span: Span },
}

/// Who is told: a role or a channel by its name, and where that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    pub name: String,
    pub span: Span,
}

impl Medium {
    /// As documents write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::PagerDuty => "pagerduty",
            Self::Sns => "sns",
            Self::Email => "email",
            Self::Webhook => "webhook",
        }
    }

    /// The medium by its name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Slack, Self::PagerDuty, Self::Sns, Self::Email, Self::Webhook]
            .into_iter()
            .find(|medium| medium.name() == name)
    }
}

/// Under which name the value of an environment variable is known to those who send. No
/// parameter is called so: parameters have no colon in their names.
#[must_use]
pub fn variable(name: &str) -> String {
    format!("env:{name}")
}

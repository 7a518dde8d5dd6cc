//! One message, as it is written and as it is read.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::text::Digest;

/// The version of the format that this program writes, and the only one it reads.
const VERSION: u32 = 1;

/// Somebody's word from another terminal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    v: u32,
    pub sent_at: DateTime<Utc>,
    pub sender: Sender,
    pub says: Says,
}

/// Who says it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// What the person calls himself.
    pub name: String,
    /// The account, as the operating system tells.
    pub user: String,
    pub host: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Says {
    /// A late fact.
    Note {
        text: String,
        observed_at: Option<DateTime<Utc>>,
    },
    /// The procedure was departed from.
    Departed {
        text: String,
        observed_at: Option<DateTime<Utc>>,
    },
    /// A file, which lies beside the message.
    Attach {
        name: String,
        digest: Digest,
        observed_at: Option<DateTime<Utc>>,
    },
    HandOver {
        to: String,
        reason: String,
    },
    Approve {
        step: String,
        /// Of the request that was looked at.
        request: Digest,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signed: Option<SignedWord>,
    },
    Deny {
        step: String,
        reason: String,
    },
}

/// A challenge and the signature over it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedWord {
    pub challenge: String,
    pub signature: String,
    /// The signer's name among the allowed signers, where he says one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
}

impl Message {
    #[must_use]
    pub fn new(sent_at: DateTime<Utc>, sender: Sender, says: Says) -> Self {
        Self { v: VERSION, sent_at, sender, says }
    }

    pub(super) fn line(&self) -> String {
        // Texts, numbers and times: there is nothing in it that JSON cannot say.
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }

    /// # Errors
    /// Says why it is none.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let message: Self =
            serde_json::from_slice(bytes).map_err(|error| format!("it is no message: {error}"))?;
        match message.v {
            VERSION => message.sound(),
            other => Err(format!("it is of version {other}, and only {VERSION} is known")),
        }
    }

    /// # Errors
    /// Says what of it says nothing, or is no name.
    pub fn sound(self) -> Result<Self, String> {
        let Sender { name, user, host } = &self.sender;
        for (what, name) in [("name", name), ("user", user), ("host", host)] {
            named(what, name)?;
        }
        match &self.says {
            Says::Note { text, .. } | Says::Departed { text, .. } => filled("text", text)?,
            Says::Attach { name, .. } => named("name", name)?,
            Says::HandOver { to, reason } => named("to", to).and_then(|()| filled("reason", reason))?,
            Says::Deny { reason, .. } => filled("reason", reason)?,
            Says::Approve { .. } => {}
        }
        Ok(self)
    }
}

/// A name is one line of at most 200 characters.
fn named(what: &str, name: &str) -> Result<(), String> {
    let fits = !name.trim().is_empty() && name.chars().count() <= 200 && !name.contains(char::is_control);
    if fits {
        Ok(())
    } else {
        Err(format!("its `{what}` is no name: that is one line of 1 to 200 characters"))
    }
}

fn filled(what: &str, text: &str) -> Result<(), String> {
    if text.trim().is_empty() { Err(format!("its `{what}` says nothing")) } else { Ok(()) }
}

//! Somebody at another terminal, who approves, notes and attaches as soon as a question stands.

use chrono::{DateTime, TimeDelta, Utc};
use playbook::evidence::inbox::{Inbox, Message, Says, Sender};
use playbook::run::Request;

/// What comes with the file.
pub const FILE: &[u8] = b"From: vendor";

/// Lays a note, a file and an approval, in this order.
pub fn lay(inbox: &Inbox, step: &str, request: &Request, at: DateTime<Utc>) {
    let kim = || Sender { name: "Kim".to_owned(), user: "kim".to_owned(), host: "laptop".to_owned() };
    let later = |seconds| at + TimeDelta::seconds(seconds);
    let note = Says::Note { text: "Seen in the log".to_owned(), observed_at: None };
    inbox.lay(&Message::new(at, kim(), note), at).expect("a note");
    let with = |digest| {
        let says = Says::Attach { name: "mail.eml".to_owned(), digest, observed_at: None };
        Message::new(at, kim(), says)
    };
    inbox.lay_with(&mut &*FILE, with, later(1)).expect("a file");
    let approve = Says::Approve { step: step.to_owned(), request: request.digest(), signed: None };
    inbox.lay(&Message::new(at, kim(), approve), later(2)).expect("an approval");
}

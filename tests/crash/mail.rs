//! Somebody at another terminal, who notes, attaches, passes command on and approves as soon as
//! a question stands.

use chrono::{DateTime, TimeDelta, Utc};
use playbook::evidence::inbox::{Inbox, Message, Says, Sender};
use playbook::run::Request;

/// What comes with the file.
pub const FILE: &[u8] = b"From: vendor";

/// Lays a note, a file, a hand-over and an approval, in this order.
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
    let hand_over = Says::HandOver { to: "Ann".to_owned(), reason: "end of shift".to_owned() };
    inbox.lay(&Message::new(at, kim(), hand_over), later(2)).expect("a hand-over");
    inbox.lay(&Message::new(at, kim(), approve), later(3)).expect("an approval");
}

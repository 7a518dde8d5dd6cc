//! The action `notify`.

use super::findings::Findings;
use super::record::Record;
use super::{channel, scalar, templates};
use crate::document::action::{Gravity, Notify, Signal};
use crate::document::language::NOTIFY;
use crate::document::yaml::{Key, Node};

pub(super) fn notify(key: &Key, node: &Node, findings: &mut Findings<'_>) -> Option<Notify> {
    let record = Record::open(node, &NOTIFY, key.span, findings)?;
    let before = findings.count();
    let mut text = |name: &'static str| {
        record.get(name, findings).and_then(|node| templates::template(node, &format!("`{name}`"), findings))
    };
    let (message, subject, about) = (text("message"), text("subject"), text("about"));
    let mut word = |name: &'static str, words: &[&'static str]| {
        let node = record.get(name, findings)?;
        scalar::one_of(node, &format!("`{name}`"), words, findings)
    };
    let signal = word("event", &Signal::WORDS).and_then(Signal::named).unwrap_or_default();
    let gravity = word("severity", &Gravity::WORDS).and_then(Gravity::named).unwrap_or_default();
    let to = record.get("to", findings).map(|node| channel::recipients(node, "a role or channel", findings));
    if to.as_ref().is_some_and(Vec::is_empty) && findings.count() == before {
        findings.invalid("channel", key.span, "`to` names nobody");
    }
    let sound = findings.count() == before;
    sound.then_some(())?;
    Some(Notify { to: to?, message: message?, subject, about, signal, gravity })
}

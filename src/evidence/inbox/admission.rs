//! What becomes of a message: an entry, or the reason why it is none.

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use serde_json::Value;

use super::message::{Message, Says, SignedWord};
use crate::error::Result;
use crate::evidence::{Challenge, Shelf, Store, Terms, holds};
use crate::run::{Actor, Answer, Artifact, Choice, Event, Place, Run, Signature, Via, Wanted, Whence};
use crate::text::Digest;

/// How far the clocks of two machines may be apart: a minute.
const TOLERATED: TimeDelta = TimeDelta::minutes(1);

pub(super) enum Admission {
    Event(Box<Event>),
    /// The file beside it becomes an artifact first.
    Attach(Box<Attachment>),
    /// It was recorded before, and a crash left it lying.
    Heard,
    Refused(String),
}

/// A file that somebody laid.
pub(super) struct Attachment {
    pub by: Actor,
    pub name: String,
    pub digest: Digest,
    pub observed_at: Option<DateTime<Utc>>,
}

/// Decides, and stores what the entry will name.
///
/// # Errors
/// When the disk does not take an artifact.
pub(super) fn admit(
    bytes: &[u8],
    name: &str,
    run: &Run,
    store: &Store,
    now: DateTime<Utc>,
) -> Result<Admission> {
    if run.has_heard(name) {
        return Ok(Admission::Heard);
    }
    let message = match Message::parse(bytes) {
        Ok(message) => message,
        Err(why) => return Ok(Admission::Refused(why)),
    };
    let sender = message.sender;
    let whence = Whence { user: sender.user, host: sender.host, message: Some(name.to_owned()) };
    let by = Actor { name: sender.name, via: Via::Elsewhere(Box::new(whence)) };
    if let Says::Attach { name, digest, observed_at } = message.says {
        return Ok(Admission::Attach(Box::new(Attachment { by, name, digest, observed_at })));
    }
    Ok(match event(message.says, by, run, store, now)? {
        Ok(event) => Admission::Event(Box::new(event)),
        Err(why) => Admission::Refused(why),
    })
}

/// The entry that somebody's word makes, or why it makes none. The same rules hold for words
/// from another terminal and for those of whoever holds the record.
///
/// # Errors
/// When the disk does not take an artifact.
pub(crate) fn event(
    says: Says,
    by: Actor,
    run: &Run,
    store: &Store,
    now: DateTime<Utc>,
) -> Result<Result<Event, String>> {
    Ok(match says {
        Says::Note { observed_at, .. }
        | Says::Departed { observed_at, .. }
        | Says::Attach { observed_at, .. }
            if observed_at.is_some_and(|at| at > now + TOLERATED) =>
        {
            Err("it tells of a time that is still to come".to_owned())
        }
        Says::Note { text, observed_at } => Ok(Event::Noted { by, text, observed_at }),
        Says::Departed { text, observed_at } => Ok(Event::Departed { by, text, observed_at }),
        Says::Attach { .. } => Err("no file came with it".to_owned()),
        Says::HandOver { to, reason } => hand_over(to, reason, by, run),
        Says::Approve { step, request, signed } => {
            let wanted = match wanted(&step, request, run) {
                Ok(wanted) => wanted,
                Err(why) => return Ok(Err(why)),
            };
            match signed {
                None => admitted(&step, wanted, &by, run, now)
                    .map(|()| answered(&step, Choice::Yes, None, by, Vec::new())),
                Some(word) => return signed_approval(&step, wanted, &word, run, store, now),
            }
        }
        Says::Deny { step, reason } => match run.wanted(&step) {
            Some(_) => Ok(answered(&step, Choice::Deny, Some(reason), by, Vec::new())),
            None => Err(not_wanted(&step)),
        },
    })
}

/// Whoever says it, command passes from the one who has it.
fn hand_over(to: String, reason: String, by: Actor, run: &Run) -> Result<Event, String> {
    if run.outcome().is_some() {
        return Err("the run is over, and nobody is in command any more".to_owned());
    }
    let from = Actor { name: run.in_command().unwrap_or(&by.name).to_owned(), via: by.via.clone() };
    Ok(Event::HandedOver { from, to: Actor { name: to, via: by.via }, reason })
}

fn wanted<'a>(step: &str, request: Digest, run: &'a Run) -> Result<&'a Wanted, String> {
    let wanted = run.wanted(step).ok_or_else(|| not_wanted(step))?;
    if wanted.request.digest() == request {
        Ok(wanted)
    } else {
        Err(format!("what step {step} is about to do is no longer what was approved"))
    }
}

fn not_wanted(step: &str) -> String {
    format!("step {step} waits for no approval")
}

fn signed_approval(
    step: &str,
    wanted: &Wanted,
    word: &SignedWord,
    run: &Run,
    store: &Store,
    now: DateTime<Utc>,
) -> Result<Result<Event, String>> {
    let by = match signer(step, wanted, word, run, now) {
        Ok(by) => by,
        Err(why) => return Ok(Err(format!("the signature does not count: {why}"))),
    };
    let kept = [("approval-challenge.txt", &word.challenge), ("approval-challenge.txt.sig", &word.signature)]
        .map(|(name, text)| store.store(Shelf::Artifacts, name, text.as_bytes()));
    let [challenge, signature] = kept;
    let (challenge, signature) = (challenge?, signature?);
    if challenge.digest != Digest::of(word.challenge.as_bytes()) {
        return Ok(Err("the challenge holds a secret that must not be stored as it is".to_owned()));
    }
    Ok(Ok(answered(step, Choice::Yes, None, by, vec![challenge, signature])))
}

fn signer(
    step: &str,
    wanted: &Wanted,
    word: &SignedWord,
    run: &Run,
    now: DateTime<Utc>,
) -> Result<Actor, String> {
    let opened = run.opened().ok_or("the run was not opened")?;
    let terms = Terms {
        run: run.id(),
        document: &opened.document,
        step,
        request: &wanted.request,
        role: &wanted.role,
    };
    let challenge = Challenge::parse(&word.challenge, terms)?;
    if now > challenge.expires {
        return Err(format!("its challenge expired at {}", challenge.expires));
    }
    in_its_time(&challenge, holds(run, step), wanted, now)?;
    let digest = Digest::of(word.challenge.as_bytes());
    if run.is_spent(digest) {
        return Err("its challenge was signed and taken before".to_owned());
    }
    let signers = run.signers(&wanted.role);
    let signers = signers.ok_or_else(|| format!("nobody is allowed to sign for {}", wanted.title))?;
    let approver = challenge.signed_by(&word.signature, signers, word.principal.as_deref(), now)?;
    let signature = Signature { key: approver.key, challenge: digest };
    let by = Actor { name: approver.name, via: Via::Signed(Box::new(signature)) };
    admitted(step, wanted, &by, run, now)?;
    Ok(by)
}

/// The expiry is the one thing in a challenge that the run does not know: it tells when it was
/// printed. A word on what was asked before a denial is none on what is asked after it.
fn in_its_time(
    challenge: &Challenge,
    holds: TimeDelta,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<(), String> {
    if challenge.expires > now + holds + TOLERATED {
        return Err("it expires later than any challenge that is printed for this step".to_owned());
    }
    // The challenge tells whole seconds, and a clock that went back since tells nothing.
    let asked_at = wanted.asked_at.trunc_subsecs(0);
    if asked_at <= now && challenge.expires - holds < asked_at {
        return Err("its challenge was printed before this approval was asked for".to_owned());
    }
    Ok(())
}

/// Whether this is an approval that counts, and a new one.
fn admitted(step: &str, wanted: &Wanted, by: &Actor, run: &Run, now: DateTime<Utc>) -> Result<(), String> {
    run.weigh(&wanted.role, by)?;
    if run.has_approved(step, by, now) {
        return Err(format!("{} has approved step {step} already, and counts once", by.name));
    }
    Ok(())
}

fn answered(
    step: &str,
    choice: Choice,
    reason: Option<String>,
    by: Actor,
    attachments: Vec<Artifact>,
) -> Event {
    let answer = Answer { choice, value: Value::Null, reason, attachments, by };
    Event::Answered { place: Place::step(step), answer }
}

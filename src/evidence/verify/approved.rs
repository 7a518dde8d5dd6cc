//! Approvals that were signed: whether each is over what was asked, by one who might.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read as _;

use super::Verification;
use crate::evidence::approval::{Approver, Challenge, LONGEST, Terms};
use crate::evidence::folder::Folder;
use crate::journal::Entry;
use crate::run::{Answer, Artifact, Event, Opened, Place, Question, Request, Signature, Via};

/// What is known at an entry from those before it.
#[derive(Default)]
struct Known<'a> {
    opened: Option<&'a Opened>,
    signers: HashMap<&'a str, &'a [String]>,
    asked: HashMap<&'a Place, (&'a Request, &'a str)>,
}

pub(super) fn check(folder: &Folder, entries: &[Entry], found: &mut Verification) {
    let mut known = Known::default();
    for entry in entries {
        match &entry.event {
            Event::Opened(opened) => known.opened = Some(opened),
            Event::Staffed { role, signers } => drop(known.signers.insert(role, signers)),
            Event::Asked { place, question: Question::Approval { request, role, .. } } => {
                known.asked.insert(place, (request, role));
            }
            Event::Answered { place, answer } => {
                if let Via::Signed(signed) = &answer.by.via
                    && let Err(why) = holds(folder, entry, place, answer, signed, &known)
                {
                    let path = answer.attachments.get(1).map_or(String::new(), path);
                    let who = &answer.by.name;
                    let message =
                        format!("entry {}: the approval of {place} by {who} does not hold: {why}", entry.seq);
                    found.flaw("approval", path, message);
                }
            }
            _ => {}
        }
    }
}

fn holds(
    folder: &Folder,
    entry: &Entry,
    place: &Place,
    answer: &Answer,
    signed: &Signature,
    known: &Known<'_>,
) -> Result<(), String> {
    let [challenge, signature] = answer.attachments.as_slice() else {
        return Err("its challenge and its signature are not both attached".to_owned());
    };
    if challenge.digest != signed.challenge {
        return Err("another challenge is attached than the one that was signed".to_owned());
    }
    let opened = known.opened.ok_or("the run was not opened")?;
    let (request, role) = known.asked.get(place).ok_or("nobody had asked for it")?;
    let signers = known.signers.get(role).ok_or_else(|| format!("nobody is allowed to sign for `{role}`"))?;
    let terms = Terms { run: &opened.run, document: &opened.document, step: &place.step, request, role };
    let challenge = Challenge::parse(&text(folder, challenge)?, terms)?;
    if entry.at > challenge.expires {
        return Err(format!("its challenge had expired at {}", challenge.expires));
    }
    let signature = text(folder, signature)?;
    let signer = challenge.signed_by(&signature, signers, Some(&answer.by.name), entry.at)?;
    match signer {
        Approver { key, .. } if key == signed.key => Ok(()),
        Approver { key, .. } => Err(format!("it was signed with {key}, and the entry says {}", signed.key)),
    }
}

fn text(folder: &Folder, artifact: &Artifact) -> Result<String, String> {
    let unreadable = |error: std::io::Error| format!("{} cannot be read: {error}", artifact.path);
    let safe = crate::evidence::unfit(&artifact.path).is_none();
    let file = safe.then(|| File::open(folder.data().join(&artifact.path)));
    let file = file.ok_or_else(|| format!("{:?} is no place in the record", artifact.path))?;
    let mut text = String::new();
    let limit = LONGEST as u64 + 1;
    file.and_then(|file| file.take(limit).read_to_string(&mut text)).map_err(unreadable)?;
    Ok(text)
}

fn path(artifact: &Artifact) -> String {
    format!("bag/data/{}", artifact.path)
}

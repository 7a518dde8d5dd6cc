//! Many keys, one after the other: as many at once as there are cores, and no more of the
//! answers is held than that.

use std::num::NonZero;
use std::process::ExitCode;
use std::thread;

use super::telling::{self, Counts};
use crate::access::review::{Gathered, Residents, Told, unasked};
use crate::console::out;
use crate::error::{Error, Result};
use crate::report::counted;

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Json,
}

/// One key, answered.
struct Answered {
    written: Vec<u8>,
    counts: Counts,
    missing: Vec<String>,
}

pub(super) fn tell(several: &[Gathered], action: &str, form: Form) -> Result<ExitCode> {
    let (mut sum, mut notes) = (Counts::default(), Notes::default());
    let residents = residents(several);
    let mut lines = out::Lines::begin();
    let at_once = thread::available_parallelism().map_or(1, NonZero::get);
    let mut told = 0;
    for batch in several.chunks(at_once) {
        for (gathered, answered) in batch.iter().zip(answer(batch, &residents, action, form)) {
            let Answered { mut written, counts, missing } = answered?;
            sum.add(counts);
            notes.add(&gathered.collected.key.arn, missing);
            told += 1;
            if form == Form::Json {
                written.splice(0..0, if told == 1 { *b"[\n" } else { *b"\n\n" });
                written.extend_from_slice(if told == several.len() { b"\n]" } else { b"," });
            }
            if lines.write(&written)?.is_break() {
                return Ok(ExitCode::SUCCESS);
            }
        }
    }
    if form == Form::Text {
        let sum = format!("{}, {}", counted(several.len(), "key", "keys"), sum.words("answers"));
        let _ = lines.write(sum.as_bytes())?;
    }
    lines.end()?;
    notes.tell(several.len());
    Ok(ExitCode::SUCCESS)
}

/// Keys of which as much is known share the people of their account.
fn residents(several: &[Gathered]) -> Vec<Residents> {
    let mut residents: Vec<Residents> = Vec::new();
    for gathered in several {
        if !residents.iter().any(|known| known.fit(&gathered.collected)) {
            residents.push(Residents::of(&gathered.collected));
        }
    }
    residents
}

fn answer(batch: &[Gathered], residents: &[Residents], action: &str, form: Form) -> Vec<Result<Answered>> {
    thread::scope(|scope| {
        let threads: Vec<_> =
            batch.iter().map(|gathered| scope.spawn(|| one(gathered, residents, action, form))).collect();
        let died = |_| Err(Error::failure("a thread that answered for a key died"));
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(died)).collect()
    })
}

fn one(gathered: &Gathered, residents: &[Residents], action: &str, form: Form) -> Result<Answered> {
    let Gathered { collected, missing, last_usage } = gathered;
    let review = match residents.iter().find(|residents| residents.fit(collected)) {
        Some(residents) => residents.review(collected, action),
        None => Residents::of(collected).review(collected, action),
    };
    let missing: Vec<_> = missing.iter().cloned().chain(unasked(collected, &review)).collect();
    let key = &collected.key;
    let written = match form {
        Form::Text => telling::as_text(action, key, &review).into_bytes(),
        Form::Json => {
            let told =
                Told { action, key, review: &review, missing: &missing, last_usage: last_usage.as_ref() };
            serde_json::to_vec_pretty(&told)
                .map_err(|error| Error::failure("cannot write the answer as JSON").caused_by(error))?
        }
    };
    Ok(Answered { written, counts: Counts::of(&review), missing })
}

/// What was not there, said once for all keys of which that is so.
#[derive(Default)]
struct Notes(Vec<(String, Vec<String>)>);

impl Notes {
    fn add(&mut self, key: &str, missing: Vec<String>) {
        for note in missing {
            match self.0.iter_mut().find(|(known, _)| *known == note) {
                Some((_, keys)) => keys.push(key.to_owned()),
                None => self.0.push((note, vec![key.to_owned()])),
            }
        }
    }

    fn tell(&self, keys: usize) {
        for (note, of) in &self.0 {
            match of.as_slice() {
                all if all.len() == keys => out::talk(&format!("note: {note}")),
                [one] => out::talk(&format!("note: {one}: {note}")),
                [one, rest @ ..] => {
                    let others = counted(rest.len(), "other key", "other keys");
                    out::talk(&format!("note: {one} and {others}: {note}"));
                }
                [] => {}
            }
        }
    }
}

//! Everything that is wrong with digests and log files, seen together.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::chain::{self, Chain};
use super::keys::PublicKeys;
use super::place::Place;
use super::reading::{LogReading, Reading};
use super::verdict::{Code, DigestState, DigestVerdict, Fault, Span, Verdict, Window};
use super::{ends, logs, own};

/// When an object was delivered to its bucket, where that is known.
pub(super) type Delivered<'a> = &'a dyn Fn(&Place) -> Option<DateTime<Utc>>;

/// Tells what the objects are worth, in their order, and every fault: of digests first, of
/// chains, of log files. `delivered` is asked for log files only that no digest lists.
pub fn judge(
    mut readings: Vec<Reading>,
    mut logs: Vec<LogReading>,
    keys: &PublicKeys,
    window: Window,
    delivered: Delivered<'_>,
) -> Verdict {
    readings.sort_unstable_by(|a, b| a.place.cmp(&b.place));
    logs.sort_unstable_by(|a, b| a.place.cmp(&b.place));
    let mut case = Case::new(&readings);
    let chains = chain::all(&readings);
    own::check(&mut case, keys);
    for chain in &chains {
        chain.check(&mut case);
    }
    let unlisted = logs::check(&mut case, &logs, window, delivered);
    ends::check(&mut case, &chains, &unlisted, window);
    case.close(&chains)
}

/// What was found so far.
pub(super) struct Case<'a> {
    pub readings: &'a [Reading],
    /// Whether CloudTrail signed the digest: by its own signature, or its successor's copy.
    pub proven: Vec<bool>,
    pub verdict: Verdict,
    at: HashMap<&'a Place, usize>,
    codes: Vec<Vec<Code>>,
}

impl<'a> Case<'a> {
    fn new(readings: &'a [Reading]) -> Self {
        Self {
            readings,
            proven: vec![false; readings.len()],
            verdict: Verdict::default(),
            at: readings.iter().enumerate().map(|(index, reading)| (&reading.place, index)).collect(),
            codes: vec![Vec::new(); readings.len()],
        }
    }

    /// The digest that lies there.
    pub fn at(&self, place: &Place) -> Option<usize> {
        self.at.get(place).copied()
    }

    pub fn proven(&self, index: usize) -> bool {
        self.proven.get(index).copied().unwrap_or_default()
    }

    /// A fault of a digest that is there.
    pub fn digest(&mut self, index: usize, code: Code, message: impl Into<String>) {
        if let Some(codes) = self.codes.get_mut(index) {
            codes.push(code);
        }
        let place = self.readings.get(index).map(|reading| reading.place.clone());
        self.fault(code, place, None, message);
    }

    /// A digest that should be there.
    pub fn missing(&mut self, place: &Place, span: Span, message: impl Into<String>) {
        self.verdict.digests.push(DigestVerdict {
            place: place.clone(),
            state: DigestState::Missing,
            faults: vec![Code::DigestMissing],
        });
        self.fault(Code::DigestMissing, Some(place.clone()), Some(span), message);
    }

    pub fn fault(
        &mut self,
        code: Code,
        place: Option<Place>,
        span: Option<Span>,
        message: impl Into<String>,
    ) {
        self.verdict.faults.push(Fault { code, place, span, message: message.into() });
    }

    pub fn note(&mut self, note: impl Into<String>) {
        self.verdict.notes.push(note.into());
    }

    fn close(mut self, chains: &[Chain<'_>]) -> Verdict {
        let standing = self.readings.iter().zip(self.codes).zip(&self.proven);
        self.verdict.digests.extend(standing.map(|((reading, faults), proven)| DigestVerdict {
            place: reading.place.clone(),
            state: if *proven && faults.is_empty() { DigestState::Valid } else { DigestState::Invalid },
            faults,
        }));
        self.verdict.digests.sort_unstable_by(|a, b| a.place.cmp(&b.place));
        self.verdict.chains = chains.iter().filter_map(|chain| chain.verdict(&self.proven)).collect();
        self.verdict
    }
}

//! How long an attempt took, by the entries that bound it.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::journal::Entry;
use crate::run::{Event, Place};

#[derive(Debug, Default)]
pub struct Stopwatch(HashMap<Place, DateTime<Utc>>);

impl Stopwatch {
    /// The time since the attempt began, when this entry ends one.
    pub fn see(&mut self, entry: &Entry) -> Option<Duration> {
        match &entry.event {
            Event::Attempted { place, .. } | Event::Undoing { place, .. } => {
                self.0.insert(place.clone(), entry.at);
                None
            }
            Event::Succeeded { place, .. } | Event::Failed { place, .. } => {
                self.0.remove(place).and_then(|began| (entry.at - began).to_std().ok())
            }
            _ => None,
        }
    }
}

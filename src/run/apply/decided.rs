//! A decision of a review, and its end.

use chrono::{DateTime, Utc};

use super::{Legal, illegal};
use crate::run::event::{Decided, Place};
use crate::run::review::Decision;
use crate::run::state::Run;
use crate::run::track::Asking;

impl Run {
    /// Every decision holds to the rules, also one that a journal brings.
    pub(super) fn decide(&mut self, at: DateTime<Utc>, place: &Place, decided: &Decided) -> Legal {
        let work = self.at(place)?;
        let (Some(Asking::Review), Some(decisions)) = (work.asking, work.decisions.as_mut()) else {
            return illegal(format!("`{place}` is decided on and is under no review"));
        };
        let ids: Vec<_> = decided.items.iter().map(String::as_str).collect();
        let Some(decision) = &decided.decision else {
            for id in ids {
                decisions.withdraw(id);
            }
            return Ok(());
        };
        if let Err(objection) = decisions.sheet.permits(&ids, decision, decided.reason.as_deref(), at) {
            return illegal(objection.to_string());
        }
        for id in &ids {
            let made = Decision {
                decision: decision.clone(),
                reason: decided.reason.clone().unwrap_or_default(),
                by: decided.by.name.clone(),
                at,
                seconds: decided.seconds,
                together: ids.len(),
            };
            decisions.decide(id, made);
        }
        Ok(())
    }

    /// No answer is never a keep: a review ends when everything is decided.
    pub(super) fn end_review(&mut self, at: DateTime<Utc>, place: &Place) -> Legal {
        let work = self.at(place)?;
        let decisions = work.decisions.clone().unwrap_or_default();
        if let Some(open) = decisions.open() {
            work.asking = Some(Asking::Review);
            return illegal(format!("`{place}` is ended and {open} is not decided"));
        }
        self.take_place(at, place, decisions.outputs())
    }
}

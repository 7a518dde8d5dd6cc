//! The way back from one act: as the document tells it, or as the record knows it.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::back::in_doubt;
use super::context::Told;
use super::effect::Request;
use super::event::Place;
use super::reverse::{Own, own};
use super::scope::Local;
use super::state::Run;
use super::track::{Stage, Work};
use crate::document::Step;
use crate::document::action::{Action, Reversal};

/// The beginning of every mark that stands where a secret was taken out of the record.
const TAKEN_OUT: [&str; 2] = ["‹redacted:", "‹secret:"];

/// How one act is taken back.
#[derive(Clone, Debug, PartialEq)]
pub enum WayBack {
    By(Request),
    /// By a person, who is told how.
    ByHand {
        instructions: String,
        attach: Vec<String>,
    },
    /// Whether it took place at all is found out first.
    FindOut,
    /// It changed nothing.
    Nothing {
        why: String,
    },
    Never {
        action: String,
        why: String,
        hints: Vec<String>,
    },
}

impl Run {
    /// What a rollback to a step, or to the beginning, would take back: the newest first.
    #[must_use]
    pub fn ways_back(&self, to: Option<&str>, now: DateTime<Utc>) -> Vec<(Place, WayBack)> {
        let from = to.and_then(|to| self.index(to)).unwrap_or(0);
        let order = self.acts_since(from).into_iter();
        order.filter_map(|place| self.way_back(&place, now).map(|way| (place, way))).collect()
    }

    pub(super) fn request_back(&self, place: &Place, now: DateTime<Utc>) -> Option<Request> {
        match self.way_back(place, now)? {
            WayBack::By(request) => Some(request),
            _ => None,
        }
    }

    /// How what was done at a place is taken back: as the document says, else as is known of
    /// the action. `None` where there is no such place.
    pub(super) fn way_back(&self, place: &Place, now: DateTime<Utc>) -> Option<WayBack> {
        let (step, track) = self.step_at(self.index(&place.step)?)?;
        let work = self.work(place)?;
        if in_doubt(work) && !matches!(work.stage, Stage::Undo(_)) {
            return Some(WayBack::FindOut);
        }
        let outputs = work.outputs.as_ref().or_else(|| self.found.get(&place.step)).unwrap_or(&Value::Null);
        let known = work.request.as_ref().map_or(Own::Nothing, |request| own(request, outputs));
        match known {
            Own::StoodSo => {
                let why = "it stood so before the step, and is left as it was".to_owned();
                return Some(WayBack::Nothing { why });
            }
            Own::Never(why) => return Some(cannot(&step.action, why.to_owned())),
            Own::By(_) | Own::Nothing => {}
        }
        let item = place.item.and_then(|item| Some(&track.items.as_ref()?.list.get(item)?.0));
        let told = self.told_way(step, work, Local { item, result: None }, now);
        let way = told.unwrap_or_else(|| match known {
            Own::By(request) => WayBack::By(request),
            Own::StoodSo | Own::Never(_) | Own::Nothing => never(&step.action),
        });
        Some(readable(way))
    }

    /// The way that the document tells: as it was recorded with the intent, else rendered
    /// from what is known by now.
    fn told_way(&self, step: &Step, work: &Work, local: Local<'_>, now: DateTime<Utc>) -> Option<WayBack> {
        let undo = step.undo.as_ref()?;
        if let Action::Manual(manual) = undo {
            let instructions = self.sketched_words(&manual.instructions, local, now);
            return Some(WayBack::ByHand { instructions, attach: manual.attach.clone() });
        }
        if let Some(request) = &work.undo {
            return Some(WayBack::By(request.clone()));
        }
        Some(match self.request(undo, local, now) {
            Told::Known(request) => WayBack::By(request),
            Told::Unknown(_) => cannot(undo, "what its undo needs is not known".to_owned()),
            Told::Wrong(fault) => cannot(undo, format!("its undo cannot be told: {}", fault.message)),
        })
    }
}

/// What the record holds with a secret taken out cannot be sent.
fn readable(way: WayBack) -> WayBack {
    match way {
        WayBack::By(request) if holds_a_mark(&request.input) => WayBack::Never {
            action: request.action,
            why: "a secret was taken out of what the record holds of it".to_owned(),
            hints: by_hand(),
        },
        way => way,
    }
}

fn holds_a_mark(value: &Value) -> bool {
    match value {
        Value::String(text) => TAKEN_OUT.iter().any(|mark| text.contains(mark)),
        Value::Array(items) => items.iter().any(holds_a_mark),
        Value::Object(fields) => fields.values().any(holds_a_mark),
        _ => false,
    }
}

fn never(action: &Action) -> WayBack {
    match action.spec().reversal {
        Reversal::Never(why) => cannot(action, why.to_owned()),
        Reversal::By(name) => cannot(action, format!("the step has no undo; {name} takes it back, by hand")),
        Reversal::Nothing => cannot(action, "the step has no undo".to_owned()),
    }
}

fn cannot(action: &Action, why: String) -> WayBack {
    WayBack::Never { action: action.name().to_owned(), why, hints: by_hand() }
}

fn by_hand() -> Vec<String> {
    vec!["take it back by hand, or leave it; skip goes past it, with a reason that is recorded".to_owned()]
}

//! Notes, attachments, escalations and deviations, in the words that all formats share.

use super::model::Report;
use super::{elapsed, instant, words};

/// Facts of one kind.
pub(super) struct Facts {
    pub title: &'static str,
    /// What one of them is called.
    pub one: &'static str,
    pub all: Vec<Fact>,
}

/// One fact.
pub(super) struct Fact {
    /// Since the start.
    pub at: String,
    /// Who it came from, whom it went to, or what kind it is.
    pub lead: String,
    pub said: String,
    /// Where it lies in the record.
    pub path: Option<String>,
}

pub(super) fn of(report: &Report) -> [Facts; 4] {
    [
        Facts { title: "Notes", one: "note", all: notes(report) },
        Facts { title: "Attachments", one: "attachment", all: attachments(report) },
        Facts { title: "Escalations", one: "escalation", all: escalations(report) },
        Facts { title: "Deviations", one: "deviation", all: deviations(report) },
    ]
}

fn notes(report: &Report) -> Vec<Fact> {
    let note = |note: &super::Note| {
        let seen = note.observed_at.map_or_else(String::new, |seen| format!(", seen at {}", instant(seen)));
        Fact {
            at: elapsed(report.started_at, note.recorded_at),
            lead: format!("{}{seen}", words::actor(&note.by)),
            said: note.text.clone(),
            path: None,
        }
    };
    report.notes.iter().map(note).collect()
}

fn attachments(report: &Report) -> Vec<Fact> {
    let attachment = |attached: &super::Attached| Fact {
        at: elapsed(report.started_at, attached.recorded_at),
        lead: words::actor(&attached.by),
        said: attached.name.clone(),
        path: Some(attached.artifact.path.clone()),
    };
    report.attachments.iter().map(attachment).collect()
}

fn escalations(report: &Report) -> Vec<Fact> {
    let escalation = |escalated: &super::model::Escalated| Fact {
        at: elapsed(report.started_at, escalated.at),
        lead: format!("to {}", escalated.to.join(", ")),
        said: escalated.words(),
        path: None,
    };
    report.escalations.iter().map(escalation).collect()
}

fn deviations(report: &Report) -> Vec<Fact> {
    let deviation = |departure: &super::model::Departure| Fact {
        at: elapsed(report.started_at, departure.at),
        lead: words::deviation(departure.what).to_owned(),
        said: departure.detail.clone(),
        path: None,
    };
    report.deviations.iter().map(deviation).collect()
}

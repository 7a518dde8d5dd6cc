//! All runs, one a line.

use serde::Serialize;

use super::one::NOT_RUNNING;
use crate::cli::table;
use crate::evidence::Folder;
use crate::journal;
use crate::journal::Entry;
use crate::report::instant;
use crate::run::{Event, Opened, Outcome};

const UNDER_WAY: &str = "under way";

#[derive(Debug, PartialEq, Serialize)]
struct Row {
    run: String,
    state: &'static str,
    sealed: bool,
    started_at: Option<chrono::DateTime<chrono::Utc>>,
    severity: Option<String>,
    operator: Option<String>,
    detail: String,
}

pub(super) fn told(folders: &[Folder], json: bool) -> String {
    let rows: Vec<Row> = folders.iter().map(row).collect();
    if json {
        return serde_json::json!(rows).to_string();
    }
    if rows.is_empty() {
        return "no runs".to_owned();
    }
    let head = ["RUN", "STATE", "SEVERITY", "STARTED", "BY", ""].map(str::to_owned).to_vec();
    let lines = rows.iter().map(|row| {
        let sealed = if row.sealed { ", sealed" } else { "" };
        vec![
            row.run.clone(),
            format!("{}{sealed}", row.state),
            row.severity.clone().unwrap_or_default(),
            row.started_at.map(instant).unwrap_or_default(),
            row.operator.clone().unwrap_or_default(),
            row.detail.clone(),
        ]
    });
    table::columns(&std::iter::once(head).chain(lines).collect::<Vec<_>>())
}

/// A record that cannot be read is a line of its own: the others are still told.
fn row(folder: &Folder) -> Row {
    match journal::read(&folder.journal()) {
        Ok(reading) => {
            let row = summed_up(folder.id(), folder.is_sealed(), &reading.entries);
            match row.state {
                UNDER_WAY if journal::is_free(&folder.journal()) => Row { state: NOT_RUNNING, ..row },
                _ => row,
            }
        }
        Err(error) => {
            let because = error.source.as_ref().map(|cause| format!(": {cause}")).unwrap_or_default();
            let detail = format!("{error}{because}");
            Row { state: "unreadable", detail, ..blank(folder.id(), folder.is_sealed()) }
        }
    }
}

fn blank(run: String, sealed: bool) -> Row {
    Row {
        run,
        state: "empty",
        sealed,
        started_at: None,
        severity: None,
        operator: None,
        detail: String::new(),
    }
}

/// From the entries alone, so that a list of many runs needs no documents.
fn summed_up(run: String, sealed: bool, entries: &[Entry]) -> Row {
    let Some((at, opened)) = entries.first().and_then(opening) else { return blank(run, sealed) };
    let (state, detail) =
        entries.iter().rev().find_map(|entry| standing(&entry.event)).unwrap_or((UNDER_WAY, ""));
    Row {
        run,
        state,
        sealed,
        started_at: Some(at),
        severity: opened.severity.clone(),
        operator: Some(opened.operator.name.clone().unwrap_or_else(|| opened.operator.user.clone())),
        detail: detail.to_owned(),
    }
}

fn opening(entry: &Entry) -> Option<(chrono::DateTime<chrono::Utc>, &Opened)> {
    match &entry.event {
        Event::Opened(opened) => Some((entry.at, opened)),
        _ => None,
    }
}

/// What an event says of the run as a whole: an approval of what is paused leaves it paused.
fn standing(event: &Event) -> Option<(&'static str, &str)> {
    match event {
        Event::Opened(_) | Event::Resumed { .. } | Event::TurnedBack { .. } => Some((UNDER_WAY, "")),
        Event::Paused { reason, .. } => Some(("paused", reason)),
        Event::Closed { outcome, reason, .. } => Some((outcome_word(*outcome), reason)),
        _ => None,
    }
}

const fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Completed => "completed",
        Outcome::CompletedWithFailures => "completed with failures",
        Outcome::Aborted => "aborted",
        Outcome::Refused => "refused",
        Outcome::RolledBack => "rolled back",
        Outcome::RolledBackInPart => "rolled back in part",
    }
}

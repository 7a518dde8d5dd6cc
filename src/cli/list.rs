//! `playbook list`

use std::collections::HashMap;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::places::Places;
use super::table;
use crate::console::out;
use crate::document::Found;
use crate::document::{Playbook, Species};
use crate::error::Result;
use crate::evidence;
use crate::report::counted;
use crate::text::Severity;

/// List the documents that can be run
///
/// Says where each comes from: a path, or built in; and whether a document in a folder
/// differs from the one of the same name that is built in.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  playbook list
  playbook list --json | jq -r '.[].name'")]
pub(super) struct Options {
    /// Write the list as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Row {
    name: String,
    /// Absent where the document has errors.
    kind: Option<Species>,
    title: Option<String>,
    version: Option<u32>,
    origin: String,
    differs_from_built_in: bool,
    errors: usize,
    last_run: Option<String>,
}

pub(super) fn run(options: &Options, places: &Places) -> Result<ExitCode> {
    let last = last_runs(evidence::list(places.evidence())?.iter().map(evidence::Folder::id));
    let rows: Vec<Row> = places.library()?.list()?.into_iter().map(|found| row(found, &last)).collect();
    if options.json {
        out::data(&serde_json::json!(rows).to_string())?;
    } else {
        out::data(&text(&rows))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn row(found: Found, last: &HashMap<String, String>) -> Row {
    let (playbook, diagnostics) = found.load();
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    let fact = playbook.as_ref();
    Row {
        kind: fact.map(|playbook| playbook.species),
        title: fact.map(|playbook: &Playbook| playbook.title.clone()),
        version: fact.map(|playbook| playbook.version),
        last_run: last.get(&found.name.to_ascii_uppercase()).cloned(),
        name: found.name,
        origin: found.origin,
        differs_from_built_in: found.differs,
        errors,
    }
}

/// The newest run of each document, by the document's name in capitals. Ids come in order,
/// so that the last one is the newest: `INC-2026-001-NAME`, `RUN-20261122-001-NAME`.
fn last_runs(ids: impl Iterator<Item = String>) -> HashMap<String, String> {
    ids.filter_map(|id| id.splitn(4, '-').nth(3).map(str::to_owned).map(|name| (name, id))).collect()
}

fn text(rows: &[Row]) -> String {
    let head = ["NAME", "KIND", "VERSION", "LAST RUN", "FROM", "TITLE"].map(str::to_owned).to_vec();
    let lines = rows.iter().map(|row| {
        let kind = match row.kind {
            Some(Species::Playbook) => "playbook",
            Some(Species::Runbook) => "runbook",
            None => "?",
        };
        let differs = if row.differs_from_built_in { " (differs from the built-in one)" } else { "" };
        let title = row.title.clone().unwrap_or_else(|| {
            format!("{}: see `playbook check {}`", counted(row.errors, "error", "errors"), row.name)
        });
        vec![
            row.name.clone(),
            kind.to_owned(),
            row.version.map_or_else(|| "?".to_owned(), |version| version.to_string()),
            row.last_run.clone().unwrap_or_else(|| "never".to_owned()),
            format!("{}{differs}", row.origin),
            title,
        ]
    });
    table::columns(&std::iter::once(head).chain(lines).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_run_of_a_document_is_the_last_of_its_ids() {
        let ids = [
            "INC-2026-001-KEY-COMPROMISE",
            "INC-2026-002-DATA-BREACH",
            "INC-2026-003-KEY-COMPROMISE",
            "RUN-20261122-001-PATCH",
        ];
        let last = last_runs(ids.iter().map(|id| (*id).to_owned()));
        assert_eq!(last.get("KEY-COMPROMISE").map(String::as_str), Some("INC-2026-003-KEY-COMPROMISE"));
        assert_eq!(last.get("PATCH").map(String::as_str), Some("RUN-20261122-001-PATCH"));
        assert_eq!(last.get("COMPROMISE"), None);
    }
}

//! `playbook rollback`

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::places::Places;
use super::record::Record;
use super::run::{Attendance, Aws};
use super::setup::{self, Backwards};
use super::table;
use crate::console::out;
use crate::engine::{Clock as _, SystemClock};
use crate::error::{Error, Result};
use crate::run::{Place, Request, Run, WayBack};
use crate::text::nearest;

/// Undo what a run has done, the newest first
///
/// Each step is taken back as its document says, else as is known of the action from the
/// state that was recorded before. Who had to approve a step approves its undo. What cannot
/// be taken back stops the rollback: go past it with a reason, or end there. Each undo is
/// recorded before it is done; after a pause or a crash, `rollback` or `resume` goes on.
/// A run that is over can be rolled back until it is sealed. It does not go forward again.
///
/// Examples:
///   playbook rollback INC-2026-014 --dry-run
///   playbook rollback INC-2026-014 --reason 'false alarm: the key was not compromised'
///   playbook rollback INC-2026-014 fence_key
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Options {
    /// The run's id, or a beginning of it that is like no other's
    #[arg(value_name = "RUN")]
    run: String,

    /// The earliest step to take back; the whole run where absent
    #[arg(value_name = "STEP")]
    step: Option<String>,

    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,

    /// Tell what would be taken back, and touch nothing
    #[arg(long, value_name = "EYES", num_args = 0..=1, require_equals = true, default_missing_value = "blind")]
    dry_run: Option<Eyes>,

    #[command(flatten)]
    attendance: Attendance,

    #[command(flatten)]
    aws: Aws,
}

/// What a dry run may see, as with `run`: the record tells all that a plan needs.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Eyes {
    /// Nothing is sent
    Blind,
}

pub(super) fn run(options: &Options, places: &Places) -> Result<ExitCode> {
    let record = Record::open(places, &options.run)?;
    known_step(options.step.as_deref(), &record.run)?;
    let ways = record.run.ways_back(options.step.as_deref(), SystemClock.now());
    if let Some(Eyes::Blind) = options.dry_run {
        out::data(&plan(&ways))?;
        return Ok(ExitCode::SUCCESS);
    }
    if ways.is_empty() && record.run.rollback().is_none_or(|_| record.run.outcome().is_some()) {
        super::writing::unsealed(&record.folder, &record.run)?;
        out::talk(&format!("nothing that {} did is left to take back", record.folder.id()));
        return Ok(ExitCode::SUCCESS);
    }
    let backwards = Backwards { to: options.step.as_deref(), reason: options.reason.as_deref() };
    drop(record);
    setup::turn_back(&options.run, &backwards, &options.attendance, &options.aws, places)
}

fn known_step(step: Option<&str>, run: &Run) -> Result<()> {
    let Some(id) = step.filter(|id| run.playbook().step(id).is_none()) else { return Ok(()) };
    let playbook = run.playbook();
    let error = Error::usage(format!("`{id}` is no step of {}", playbook.name));
    Err(match nearest(id, playbook.steps.iter().map(|step| &*step.id)) {
        Some(meant) => error.hint(format!("did you mean `{meant}`?")),
        None => error.hint(format!("`playbook show {}` lists the steps", playbook.name)),
    })
}

fn plan(ways: &[(Place, WayBack)]) -> String {
    if ways.is_empty() {
        return "Nothing that the run did is left to take back.\n".to_owned();
    }
    let rows: Vec<_> = ways
        .iter()
        .map(|(place, way)| {
            let (verdict, told) = told(way);
            vec![format!("  {verdict}"), place.to_string(), told]
        })
        .collect();
    format!("The newest first; nothing was sent and nothing was recorded.\n\n{}", table::columns(&rows))
}

fn told(way: &WayBack) -> (&'static str, String) {
    match way {
        WayBack::By(request) => ("would undo", in_short(request)),
        WayBack::ByHand { instructions, .. } => (
            "would ask",
            instructions.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().to_owned(),
        ),
        WayBack::FindOut => ("in doubt", "whether it took place is found out first".to_owned()),
        WayBack::Nothing { why } => ("would leave", why.clone()),
        WayBack::Never { action, why, .. } => ("CANNOT UNDO", format!("{action}: {why}")),
    }
}

/// The action and its inputs, on one line of bearable length.
fn in_short(request: &Request) -> String {
    const AT_MOST: usize = 160;
    let told = match request.input.get("argv").and_then(serde_json::Value::as_array) {
        Some(words) => {
            let words =
                words.iter().map(|word| word.as_str().map_or_else(|| word.to_string(), str::to_owned));
            words.collect::<Vec<_>>().join(" ")
        }
        None => request.input.to_string(),
    };
    let cut: String = told.chars().take(AT_MOST).collect();
    let more = if cut.len() < told.len() { "…" } else { "" };
    format!("{} {cut}{more}", request.action)
}

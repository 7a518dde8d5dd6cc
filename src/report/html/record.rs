//! What follows the first screen: steps, answers, notes, files.

use super::page::{Page, Safe};
use super::summary;
use crate::report::environment::{self, Value};
use crate::report::facts::{self, Fact};
use crate::report::model::Report;
use crate::report::{account, elapsed, sentence, words};
use crate::run::Place;

pub(super) fn steps(page: &mut Page, report: &Report) {
    for phase in &report.phases {
        page.element("h3", &Safe::text(&phase.title));
        let steps = report.steps.get(phase.steps.0..phase.steps.1).unwrap_or_default();
        let rows = steps.iter().map(|step| {
            let begun = step.begun_at.map(|at| elapsed(report.started_at, at)).unwrap_or_default();
            let does = Safe::code(step.action).and(&Safe::text(&format!("({})", step.class.word())));
            vec![
                Safe::text(&step.number.to_string()).and(&Safe::code(&step.id)),
                Safe::text(&step.title),
                does,
                Safe::text(step.state.word()),
                Safe::text(&begun),
                Safe::lines(account::of(report, step).iter().map(|line| Safe::text(line))),
            ]
        });
        page.table(&["Step", "Title", "Does", "State", "Begun", "What became of it"], rows);
    }
}

pub(super) fn exchanges(page: &mut Page, report: &Report) {
    let rows = report.exchanges.iter().map(|exchange| {
        let answer = exchange.answer.as_ref();
        let files = answer.into_iter().flat_map(|answer| &answer.attachments);
        let said = answer.map_or_else(
            || "none is recorded".to_owned(),
            |answer| words::answer(&exchange.question, answer),
        );
        let at = exchange.answered_at.map(|at| elapsed(report.started_at, at)).unwrap_or_default();
        vec![
            Safe::text(&elapsed(report.started_at, exchange.asked_at)),
            Safe::code(&exchange.place.to_string()),
            Safe::text(&sentence(&exchange.question)),
            Safe::text(&at),
            Safe::text(&answer.map(|answer| words::actor(&answer.by)).unwrap_or_default()),
            Safe::text(&said),
            Safe::lines(files.map(|file| Safe::code(&file.path))),
        ]
    });
    page.table(&["Asked", "Step", "Question", "Answered", "By", "Answer", "Files"], rows);
}

pub(super) fn facts(page: &mut Page, report: &Report) {
    for kind in facts::of(report) {
        page.element("h3", &Safe::text(kind.title));
        page.list(kind.all.iter().map(|Fact { at, lead, said, path }| {
            let lead = Safe::text(&format!("{at}, {lead}:"));
            lead.and(&Safe::text(said)).and(&Safe::code(path.as_deref().unwrap_or_default()))
        }));
    }
}

pub(super) fn readings(page: &mut Page, report: &Report) {
    let rows = report.calls.iter().filter(|call| !call.changes).map(|made| {
        let mut cells = summary::call(report, made);
        cells.push(Safe::code(&made.place.to_string()));
        cells.push(Safe::code(made.call.request_id.as_deref().unwrap_or_default()));
        cells
    });
    page.table(&["When", "Call", "Region", "Result", "Step", "Request id"], rows);
}

pub(super) fn files(page: &mut Page, report: &Report) {
    let rows = report.artifacts.iter().map(|artifact| {
        let of = artifact.concerns.as_ref().map(Place::to_string).unwrap_or_default();
        vec![
            Safe::code(&artifact.file.path),
            Safe::text(&artifact.file.bytes.to_string()),
            Safe::code(&artifact.file.digest.to_string()),
            Safe::code(&of),
        ]
    });
    page.table(&["Path", "Bytes", "SHA-256", "Step"], rows);
}

pub(super) fn environment(page: &mut Page, report: &Report) {
    let rows = environment::of(report).into_iter().map(|(name, value)| {
        let value = match value {
            Value::Words(words) => Safe::text(&words),
            Value::Exact(value) => Safe::code(&value),
        };
        vec![Safe::text(&name), value]
    });
    page.table(&["Fact", "Value"], rows);
}

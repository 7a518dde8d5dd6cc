//! What follows the first screen: steps, answers, notes, files.

use super::page::{Page, Safe};
use super::summary;
use crate::report::model::Report;
use crate::report::{account, elapsed, instant, sentence, words};
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
    let at = |at| elapsed(report.started_at, at);
    page.element("h3", &Safe::text("Notes"));
    page.list(report.notes.iter().map(|note| {
        let seen = note.observed_at.map_or_else(String::new, |seen| format!(", seen at {}", instant(seen)));
        let who = format!("{}, {}{seen}:", at(note.recorded_at), words::actor(&note.by));
        Safe::text(&who).and(&Safe::text(&note.text))
    }));
    page.element("h3", &Safe::text("Attachments"));
    page.list(report.attachments.iter().map(|attached| {
        let who = format!("{}, {}:", at(attached.recorded_at), words::actor(&attached.by));
        Safe::text(&who).and(&Safe::text(&attached.name)).and(&Safe::code(&attached.artifact.path))
    }));
    page.element("h3", &Safe::text("Escalations"));
    page.list(report.escalations.iter().map(|escalated| {
        let to = escalated.to.join(", ");
        Safe::text(&format!("{}, to {to}: {}", at(escalated.at), escalated.words()))
    }));
    page.element("h3", &Safe::text("Deviations"));
    page.list(report.deviations.iter().map(|departure| {
        let what = words::deviation(departure.what);
        Safe::text(&format!("{}, {what}: {}", at(departure.at), departure.detail))
    }));
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
    let fact = |name: &str, value: Safe| vec![Safe::text(name), value];
    let document = format!("{} version {}", report.document.name, report.document.version);
    let mut facts = vec![
        fact("document", Safe::text(&format!("{document}, from {}", report.document.origin))),
        fact("its SHA-256", Safe::code(&report.document.digest.to_string())),
        fact("program", Safe::text(&format!("playbook {}", report.program.version))),
        fact("build", Safe::code(report.program.build_id.as_deref().unwrap_or_default())),
        fact("host", Safe::text(&report.host)),
        fact(
            "journal",
            Safe::text(&format!("{} entries, the last at {}", report.entries, instant(report.last_at))),
        ),
    ];
    facts.extend(
        report
            .params
            .iter()
            .map(|(name, value)| fact(&format!("parameter {name}"), Safe::code(&value.to_string()))),
    );
    facts.extend(report.identities.iter().map(|who| {
        let name = format!("AWS account {} (entry {})", who.account, who.seq);
        fact(&name, Safe::code(&who.arn))
    }));
    page.table(&["Fact", "Value"], facts);
}

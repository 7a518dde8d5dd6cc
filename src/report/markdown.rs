//! The report as Markdown (CommonMark, with the tables of GitHub's flavour).

use super::escape::{code, markdown as md, plain};
use super::model::{AttemptEnd, CallMade, Report, StepAccount};
use super::{clock, elapsed, instant, words};
use crate::run::Place;

pub(super) fn render(report: &Report) -> String {
    let mut page = Page::default();
    first_screen(&mut page, report);
    steps(&mut page, report);
    exchanges(&mut page, report);
    facts(&mut page, report);
    readings(&mut page, report);
    files(&mut page, report);
    environment(&mut page, report);
    page.0
}

fn first_screen(page: &mut Page, report: &Report) {
    page.line(&format!("# {} ({})", md(&report.run), report.standing.word()));
    page.line("");
    page.line(&md(&report.title));
    page.heading("What happened");
    page.items(words::in_five_lines(report).iter().map(|line| md(line)));
    page.heading("The clock");
    page.line(&format!("T+0 is {}.", instant(report.started_at)));
    page.line("");
    // A fence of tildes: no value in a row of the drawing can hold one at its start.
    page.line("~~~text");
    for row in clock::drawing(report) {
        page.line(plain(&row).trim_end());
    }
    page.line("~~~");
    page.heading("In command");
    page.table(
        &["From", "To", "Who", "How"],
        report.watches.iter().map(|watch| {
            let until =
                watch.until.map_or_else(|| "open".to_owned(), |until| elapsed(report.started_at, until));
            vec![elapsed(report.started_at, watch.from), until, md(&watch.who), md(&watch.how)]
        }),
    );
    page.heading("What was done to AWS");
    let changes = report.calls.iter().filter(|call| call.changes).map(|call| change(report, call));
    page.table(&["When", "Call", "Region", "Result", "Step", "In command", "Agreed", "Request id"], changes);
    page.heading("What is left");
    page.items(report.residuals.iter().map(|left| {
        format!("**{}** {}: {}", words::left(left.what), code(&left.concerns), md(&left.detail))
    }));
    page.heading("How to verify this record");
    page.items(words::HOW_TO_VERIFY.iter().map(|line| (*line).to_owned()));
}

fn change(report: &Report, made: &CallMade) -> Vec<String> {
    let agreed: Vec<String> = made
        .agreed
        .iter()
        .map(|yes| {
            let role = yes.role.as_ref().map_or_else(String::new, |role| format!(" as {}", md(role)));
            format!("{}{role} at {}", md(&words::actor(&yes.by)), elapsed(report.started_at, yes.at))
        })
        .collect();
    let mut cells = call_cells(report, made);
    cells.extend([
        code(&made.place.to_string()),
        md(&made.person),
        if agreed.is_empty() { "nobody was asked".to_owned() } else { agreed.join("; ") },
        made.call.request_id.as_deref().map(code).unwrap_or_default(),
    ]);
    cells
}

fn call_cells(report: &Report, made: &CallMade) -> Vec<String> {
    let call = &made.call;
    let result = match (&call.error, call.status) {
        (Some(error), _) => format!("refused: {}", md(error)),
        (None, Some(status)) => status.to_string(),
        (None, None) => "no answer".to_owned(),
    };
    let again = if call.attempt > 1 { format!(", try {}", call.attempt) } else { String::new() };
    vec![
        elapsed(report.started_at, call.sent_at),
        code(&words::operation(call)),
        md(&call.region),
        format!("{result}, {:.2} s{again}", call.seconds),
    ]
}

fn steps(page: &mut Page, report: &Report) {
    page.heading("Steps");
    for phase in &report.phases {
        page.separate();
        page.line(&format!("### {}", md(&phase.title)));
        page.line("");
        let steps = report.steps.get(phase.steps.0..phase.steps.1).unwrap_or_default();
        page.table(
            &["Step", "Does", "State", "Begun", "What happened"],
            steps.iter().map(|step| {
                let begun = step.begun_at.map(|at| elapsed(report.started_at, at)).unwrap_or_default();
                vec![
                    format!("{} {} {}", step.number, code(&step.id), md(&step.title)),
                    format!("{} ({})", code(step.action), step.class.word()),
                    step.state.word().to_owned(),
                    begun,
                    account(report, step),
                ]
            }),
        );
    }
}

fn account(report: &Report, step: &StepAccount) -> String {
    let element = |item: Option<usize>| item.map_or_else(String::new, |item| format!(" of element {item}"));
    let skipped = step.skipped.iter().map(|skipped| {
        let by = skipped
            .by
            .as_ref()
            .map_or_else(|| "by its condition".to_owned(), |by| format!("by {}", md(&words::actor(by))));
        format!("skipped{} {by}: {}", element(skipped.item), md(&skipped.reason))
    });
    let attempts = step.attempts.iter().map(|attempt| {
        let end = match &attempt.end {
            AttemptEnd::None => "has no recorded end".to_owned(),
            AttemptEnd::Succeeded => "succeeded".to_owned(),
            AttemptEnd::Failed(fault) => format!("failed: {}", md(&fault.message)),
            AttemptEnd::Settled { verdict, because } => {
                format!("settled, {}: {}", words::verdict_word(*verdict), md(because))
            }
        };
        let at = elapsed(report.started_at, attempt.begun_at);
        format!("attempt {}{} at {at} {end} (entry {})", attempt.attempt, element(attempt.item), attempt.seq)
    });
    let verified = step.verified_after.map(|after| format!("read back after {after:.1} s"));
    skipped.chain(attempts).chain(verified).collect::<Vec<_>>().join("; ")
}

fn exchanges(page: &mut Page, report: &Report) {
    page.heading("Questions and answers");
    page.table(
        &["Asked", "Step", "Question", "Answered", "By", "Answer", "Files"],
        report.exchanges.iter().map(|exchange| {
            let answer = exchange.answer.as_ref();
            let files =
                answer.into_iter().flat_map(|answer| &answer.attachments).map(|file| code(&file.path));
            vec![
                elapsed(report.started_at, exchange.asked_at),
                code(&exchange.place.to_string()),
                md(&super::sentence(&exchange.question)),
                exchange.answered_at.map(|at| elapsed(report.started_at, at)).unwrap_or_default(),
                answer.map(|answer| md(&words::actor(&answer.by))).unwrap_or_default(),
                answer.map_or_else(
                    || "none is recorded".to_owned(),
                    |answer| md(&words::answer(&exchange.question, answer)),
                ),
                files.collect::<Vec<_>>().join(", "),
            ]
        }),
    );
}

fn facts(page: &mut Page, report: &Report) {
    let at = |at| elapsed(report.started_at, at);
    page.heading("Notes");
    page.items(report.notes.iter().map(|note| {
        let seen = note.observed_at.map_or_else(String::new, |seen| format!(", seen at {}", instant(seen)));
        format!("{}, {}{seen}: {}", at(note.recorded_at), md(&words::actor(&note.by)), md(&note.text))
    }));
    page.heading("Attachments");
    page.items(report.attachments.iter().map(|attached| {
        let by = md(&words::actor(&attached.by));
        format!(
            "{}, {by}: {}, {}",
            at(attached.recorded_at),
            md(&attached.name),
            code(&attached.artifact.path)
        )
    }));
    page.heading("Escalations");
    page.items(report.escalations.iter().map(|escalated| {
        format!("{}, to {}: {}", at(escalated.at), md(&escalated.to.join(", ")), md(&escalated.message))
    }));
    page.heading("Deviations");
    page.items(report.deviations.iter().map(|departure| {
        format!("{}, {}: {}", at(departure.at), words::deviation(departure.what), md(&departure.detail))
    }));
}

fn readings(page: &mut Page, report: &Report) {
    page.heading("What was read from AWS");
    let readings = report.calls.iter().filter(|call| !call.changes).map(|made| {
        let mut cells = call_cells(report, made);
        cells.push(code(&made.place.to_string()));
        cells.push(made.call.request_id.as_deref().map(code).unwrap_or_default());
        cells
    });
    page.table(&["When", "Call", "Region", "Result", "Step", "Request id"], readings);
}

fn files(page: &mut Page, report: &Report) {
    page.heading("Files in the record");
    page.table(
        &["Path", "Bytes", "SHA-256", "Step"],
        report.artifacts.iter().map(|artifact| {
            vec![
                code(&artifact.file.path),
                artifact.file.bytes.to_string(),
                code(&artifact.file.digest.to_string()),
                artifact
                    .concerns
                    .as_ref()
                    .map(Place::to_string)
                    .map(|place| code(&place))
                    .unwrap_or_default(),
            ]
        }),
    );
}

fn environment(page: &mut Page, report: &Report) {
    page.heading("Environment");
    let mut facts = vec![
        format!(
            "document: {} from {}",
            code(&format!("sha256 {}", report.document.digest)),
            md(&report.document.origin)
        ),
        format!("program: playbook {}", md(&report.program.version)),
        format!("journal: {} entries, the last at {}", report.entries, instant(report.last_at)),
    ];
    facts.extend(report.program.build_id.as_ref().map(|build| format!("program build: {}", code(build))));
    facts.extend(
        report
            .params
            .iter()
            .map(|(name, value)| format!("parameter {}: {}", code(name), code(&value.to_string()))),
    );
    facts.extend(
        report
            .identities
            .iter()
            .map(|who| format!("AWS account {} as {} (entry {})", md(&who.account), code(&who.arn), who.seq)),
    );
    page.items(facts);
}

/// Lines on their way out. Values are escaped by those who put them in.
#[derive(Default)]
struct Page(String);

impl Page {
    fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    /// One empty line, however many were asked for.
    fn separate(&mut self) {
        if !self.0.ends_with("\n\n") {
            self.line("");
        }
    }

    fn heading(&mut self, text: &str) {
        self.separate();
        self.line(&format!("## {text}"));
        self.line("");
    }

    fn items(&mut self, items: impl IntoIterator<Item = String>) {
        let before = self.0.len();
        items.into_iter().for_each(|item| self.line(&format!("- {item}")));
        self.none_since(before);
    }

    fn table(&mut self, head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
        let mut rows = rows.into_iter().peekable();
        let before = self.0.len();
        if rows.peek().is_some() {
            self.line(&format!("| {} |", head.join(" | ")));
            self.line(&format!("|{}", "---|".repeat(head.len())));
        }
        rows.for_each(|row| self.line(&format!("| {} |", row.join(" | "))));
        self.none_since(before);
    }

    fn none_since(&mut self, before: usize) {
        if self.0.len() == before {
            self.line("None.");
        }
    }
}

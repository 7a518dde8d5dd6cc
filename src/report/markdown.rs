//! The report as Markdown (CommonMark, with the tables of GitHub's flavour).

use std::collections::BTreeSet;

use super::environment::Value;
use super::escape::{code, markdown as md, plain};
use super::facts::Fact;
use super::model::{CallMade, Report};
use super::section::Section;
use super::{account, clock, elapsed, environment, facts, gist, instant, key_use, words};
use crate::run::Place;

pub(super) fn render(report: &Report) -> String {
    let mut page = Page::default();
    page.line(&format!("# {} ({})", md(&report.run), report.standing.word()));
    page.line("");
    page.line(&md(&report.title));
    for section in Section::of(report) {
        if section != Section::Facts {
            page.heading(section.title());
        }
        tell(&mut page, report, section);
    }
    page.0
}

fn tell(page: &mut Page, report: &Report, section: Section) {
    match section {
        Section::Happened => page.items(gist::in_five_lines(report).iter().map(|line| md(line))),
        Section::Clock => drawing(page, report),
        Section::Command => watches(page, report),
        Section::Changes => changes(page, report),
        Section::Left => page.items(report.residuals.iter().map(|left| {
            format!("**{}** {}: {}", words::left(left.what), code(&left.concerns), md(&left.detail))
        })),
        Section::Coverage => coverage(page, report),
        Section::KeyUse => users(page, report),
        Section::Verifying => page.items(words::HOW_TO_VERIFY.iter().map(|line| (*line).to_owned())),
        Section::Steps => steps(page, report),
        Section::Exchanges => exchanges(page, report),
        // Each of these stands under a heading of its own.
        Section::Facts => facts(page, report),
        Section::Readings => readings(page, report),
        Section::Files => files(page, report),
        Section::Environment => environment(page, report),
    }
}

fn drawing(page: &mut Page, report: &Report) {
    page.line(&format!("T+0 is {}.", instant(report.started_at)));
    page.line("");
    // A fence of tildes: no value in a row of the drawing can hold one at its start.
    page.line("~~~text");
    for row in clock::drawing(report) {
        page.line(plain(&row).trim_end());
    }
    page.line("~~~");
}

fn watches(page: &mut Page, report: &Report) {
    page.table(
        &["From", "To", "Who", "How"],
        report.watches.iter().map(|watch| {
            let until =
                watch.until.map_or_else(|| "open".to_owned(), |until| elapsed(report.started_at, until));
            vec![elapsed(report.started_at, watch.from), until, md(&watch.who), md(&watch.how)]
        }),
    );
}

fn changes(page: &mut Page, report: &Report) {
    let changes = report.calls.iter().filter(|call| call.changes).map(|made| {
        let mut cells = call_cells(report, made);
        cells.extend([
            code(&made.place.to_string()),
            md(&made.person),
            md(&words::agreed(report, made)),
            made.call.request_id.as_deref().map(code).unwrap_or_default(),
        ]);
        cells
    });
    page.table(&["When", "Call", "Region", "Result", "Step", "In command", "Agreed", "Request id"], changes);
}

fn coverage(page: &mut Page, report: &Report) {
    for collection in &report.collections {
        page.separate();
        page.line(&md(&collection.sentence()));
        page.line("");
        let full = format!("told in full in {}", code(&collection.coverage));
        page.items(collection.lines().map(|line| md(&line)).chain([full]));
    }
}

fn users(page: &mut Page, report: &Report) {
    let list = |values: &BTreeSet<String>| md(&key_use::abridged(values.iter().cloned()));
    for of in report.widest_key_use() {
        page.separate();
        page.line(&md(&key_use::collection(of)));
        page.line("");
        page.table(
            &["Who", "Calls", "Failed", "First", "Last", "Did", "From", "Region", "Access keys", "With"],
            of.users.iter().take(key_use::USERS).map(|user| {
                vec![
                    code(&user.who),
                    user.calls.to_string(),
                    md(&key_use::failed(user)),
                    md(&user.first_at),
                    md(&user.last_at),
                    md(&key_use::counts(&user.operations)),
                    list(&user.addresses),
                    list(&user.regions),
                    list(&user.access_keys),
                    list(&user.agents),
                ]
            }),
        );
        if let Some(more) = key_use::further_users(of) {
            page.separate();
            page.line(&md(&more));
        }
    }
}

fn call_cells(report: &Report, made: &CallMade) -> Vec<String> {
    vec![
        elapsed(report.started_at, made.call.sent_at),
        code(&words::operation(&made.call)),
        md(&made.call.region),
        md(&words::result(made)),
    ]
}

fn steps(page: &mut Page, report: &Report) {
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
                    md(&account::of(report, step).join("; ")),
                ]
            }),
        );
    }
}

fn exchanges(page: &mut Page, report: &Report) {
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
    for kind in facts::of(report) {
        page.heading(kind.title);
        page.items(kind.all.iter().map(|Fact { at, lead, said, path }| {
            let path = path.as_ref().map(|path| format!(", {}", code(path))).unwrap_or_default();
            format!("{at}, {}: {}{path}", md(lead), md(said))
        }));
    }
}

fn readings(page: &mut Page, report: &Report) {
    let readings = report.calls.iter().filter(|call| !call.changes).map(|made| {
        let mut cells = call_cells(report, made);
        cells.push(code(&made.place.to_string()));
        cells.push(made.call.request_id.as_deref().map(code).unwrap_or_default());
        cells
    });
    page.table(&["When", "Call", "Region", "Result", "Step", "Request id"], readings);
}

fn files(page: &mut Page, report: &Report) {
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
    page.items(environment::of(report).into_iter().map(|(name, value)| match value {
        Value::Words(words) => format!("{}: {}", md(&name), md(&words)),
        Value::Exact(value) => format!("{}: {}", md(&name), code(&value)),
    }));
}

/// Lines on their way out. Values are escaped by those who put them in.
#[derive(Default)]
pub(super) struct Page(String);

impl Page {
    pub fn end(self) -> String {
        self.0
    }

    pub fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    /// One empty line, however many were asked for.
    pub fn separate(&mut self) {
        if !self.0.ends_with("\n\n") {
            self.line("");
        }
    }

    pub fn heading(&mut self, text: &str) {
        self.separate();
        self.line(&format!("## {text}"));
        self.line("");
    }

    pub fn items(&mut self, items: impl IntoIterator<Item = String>) {
        let before = self.0.len();
        items.into_iter().for_each(|item| self.line(&format!("- {item}")));
        self.none_since(before);
    }

    pub fn table(&mut self, head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
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

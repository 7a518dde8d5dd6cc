//! The report as plain text of eighty columns.

use super::environment::Value;
use super::escape::plain;
use super::facts::Fact;
use super::model::{CallMade, Exchange, Report, StepAccount};
use super::section::Section;
use super::{account, clock, elapsed, environment, facts, gist, instant, key_use, words};
use crate::run::Place;

const WIDTH: usize = 80;

pub(super) fn render(report: &Report) -> String {
    let mut page = Page::default();
    page.line(&format!("{} · {}", report.run, report.standing.word()));
    page.line(&report.title);
    for section in Section::of(report) {
        match section {
            // Each phase stands under a heading of its own.
            Section::Steps => {}
            Section::Clock => page.heading(&format!("The clock, from {}", instant(report.started_at))),
            section => page.heading(section.title()),
        }
        tell(&mut page, report, section);
    }
    page.0
}

fn tell(page: &mut Page, report: &Report, section: Section) {
    match section {
        Section::Happened => gist::in_five_lines(report).iter().for_each(|line| page.item(line)),
        Section::Clock => clock::drawing(report).iter().for_each(|row| page.drawn(row)),
        Section::Command => watches(page, report),
        Section::Changes => changes(page, report),
        Section::Left => left(page, report),
        Section::Coverage => coverage(page, report),
        Section::KeyUse => users(page, report),
        Section::Verifying => words::HOW_TO_VERIFY.iter().for_each(|line| page.item(line)),
        Section::Steps => steps(page, report),
        Section::Exchanges => exchanges(page, report),
        Section::Facts => facts(page, report),
        Section::Readings => readings(page, report),
        Section::Files => files(page, report),
        Section::Environment => environment(page, report),
    }
}

fn watches(page: &mut Page, report: &Report) {
    for watch in &report.watches {
        let until = watch.until.map_or_else(|| "open".to_owned(), |until| elapsed(report.started_at, until));
        page.item(&format!(
            "{} to {until}  {}, who {}",
            elapsed(report.started_at, watch.from),
            watch.who,
            watch.how
        ));
    }
}

fn changes(page: &mut Page, report: &Report) {
    let changes: Vec<_> = report.calls.iter().filter(|call| call.changes).collect();
    page.nothing_if(changes.is_empty(), "nothing was changed");
    for made in changes {
        page.item(&call_line(report, made));
        let agreed = words::agreed(report, made);
        let agreed = if made.agreed.is_empty() { agreed } else { format!("agreed by {agreed}") };
        let request = made.call.request_id.as_deref().unwrap_or("none");
        page.under(&format!(
            "step {}, {} in command; {agreed}; request id {request}",
            made.place, made.person
        ));
    }
}

fn left(page: &mut Page, report: &Report) {
    page.nothing_if(report.residuals.is_empty(), "nothing that the record knows of");
    for left in &report.residuals {
        page.item(&format!("{} {}: {}", words::left(left.what), left.concerns, left.detail));
    }
}

fn coverage(page: &mut Page, report: &Report) {
    for collection in &report.collections {
        page.item(&collection.sentence());
        collection.lines().for_each(|line| page.under(&line));
        page.under(&format!("told in full in {}", collection.coverage));
    }
}

fn users(page: &mut Page, report: &Report) {
    for of in report.widest_key_use() {
        page.item(&key_use::collection(of));
        page.nothing_if(of.users.is_empty(), "nobody");
        for user in of.users.iter().take(key_use::USERS) {
            page.item(&user.who);
            let failed = match user.errors {
                0 => "none failed".to_owned(),
                errors => format!("{errors} failed ({})", key_use::counts(&user.error_codes)),
            };
            let calls = words::counted(user.calls, "call", "calls");
            page.under(&format!("{calls}, {failed}, {} to {}", user.first_at, user.last_at));
            page.under(&format!("did {}", key_use::counts(&user.operations)));
            for (name, values) in [
                ("from", &user.addresses),
                ("in", &user.regions),
                ("access keys", &user.access_keys),
                ("with", &user.agents),
            ] {
                if !values.is_empty() {
                    page.under(&format!("{name} {}", key_use::abridged(values.iter().cloned())));
                }
            }
        }
        if let Some(more) = key_use::further_users(of) {
            page.item(&more);
        }
    }
}

fn call_line(report: &Report, made: &CallMade) -> String {
    let call = &made.call;
    let sent = elapsed(report.started_at, call.sent_at);
    format!("{sent}  {}  {}  {}", words::operation(call), call.region, words::result(made))
}

fn steps(page: &mut Page, report: &Report) {
    for phase in &report.phases {
        page.heading(&format!("Phase: {}", phase.title));
        for step in report.steps.get(phase.steps.0..phase.steps.1).unwrap_or_default() {
            one_step(page, report, step);
        }
    }
}

fn one_step(page: &mut Page, report: &Report, step: &StepAccount) {
    let when = step.begun_at.map_or_else(String::new, |at| format!("  {}", elapsed(report.started_at, at)));
    let took = step
        .begun_at
        .zip(step.last_at)
        .map_or_else(String::new, |(from, to)| format!("  {:.1} s", super::fold::seconds(to - from)));
    let class = step.class.word();
    page.item(&format!(
        "{:9} {} {}  {} ({class}){when}{took}",
        step.state.word(),
        step.number,
        step.id,
        step.action
    ));
    page.under(&step.title);
    for line in account::of(report, step) {
        page.under(&line);
    }
}

fn exchanges(page: &mut Page, report: &Report) {
    page.nothing_if(report.exchanges.is_empty(), "nobody was asked anything");
    for exchange in &report.exchanges {
        page.item(&format!(
            "{}  {}: {}",
            elapsed(report.started_at, exchange.asked_at),
            exchange.place,
            super::sentence(&exchange.question)
        ));
        page.under(&reply(report, exchange));
    }
}

fn reply(report: &Report, exchange: &Exchange) -> String {
    let Some((answer, at)) = exchange.answer.as_ref().zip(exchange.answered_at) else {
        return "no answer is recorded".to_owned();
    };
    let files = match answer.attachments.len() {
        0 => String::new(),
        count => format!(", with {}", words::counted(count, "file", "files")),
    };
    let said = words::answer(&exchange.question, answer);
    format!("{}  {}: {said}{files}", elapsed(report.started_at, at), words::actor(&answer.by))
}

fn facts(page: &mut Page, report: &Report) {
    let kinds = facts::of(report);
    page.nothing_if(kinds.iter().all(|kind| kind.all.is_empty()), "none");
    for kind in kinds {
        for Fact { at, lead, said, path } in kind.all {
            let path = path.map(|path| format!(", {path}")).unwrap_or_default();
            page.item(&format!("{at}  {}, {lead}: {said}{path}", kind.one));
        }
    }
}

fn readings(page: &mut Page, report: &Report) {
    let readings: Vec<_> = report.calls.iter().filter(|call| !call.changes).collect();
    page.nothing_if(readings.is_empty(), "nothing");
    for made in readings {
        let request = made.call.request_id.as_deref().unwrap_or("none");
        page.item(&call_line(report, made));
        page.under(&format!("step {}; request id {request}", made.place));
    }
}

fn files(page: &mut Page, report: &Report) {
    page.nothing_if(report.artifacts.is_empty(), "none beside the journal and the document");
    for artifact in &report.artifacts {
        let of = artifact.concerns.as_ref().map(Place::to_string).unwrap_or_default();
        page.item(&format!("{}  {} bytes  {of}", artifact.file.path, artifact.file.bytes));
        page.under(&format!("sha256 {}", artifact.file.digest));
    }
}

fn environment(page: &mut Page, report: &Report) {
    for (name, value) in environment::of(report) {
        let (Value::Words(value) | Value::Exact(value)) = value;
        page.item(&format!("{name}: {value}"));
    }
}

/// Lines on their way out. Whatever comes here is made harmless first.
#[derive(Default)]
pub(super) struct Page(String);

impl Page {
    pub fn end(self) -> String {
        self.0
    }

    pub fn line(&mut self, text: &str) {
        self.wrapped("", "", text);
    }

    pub fn heading(&mut self, text: &str) {
        self.0.push('\n');
        self.line(text);
    }

    pub fn item(&mut self, text: &str) {
        self.wrapped("  ", "      ", text);
    }

    pub fn under(&mut self, text: &str) {
        self.wrapped("      ", "      ", text);
    }

    pub fn items(&mut self, items: impl IntoIterator<Item = impl AsRef<str>>) {
        let before = self.0.len();
        items.into_iter().for_each(|text| self.item(text.as_ref()));
        self.nothing_if(self.0.len() == before, "none");
    }

    pub fn all_under(&mut self, lines: impl IntoIterator<Item = impl AsRef<str>>) {
        lines.into_iter().for_each(|text| self.under(text.as_ref()));
    }

    pub fn nothing_if(&mut self, nothing: bool, text: &str) {
        if nothing {
            self.item(text);
        }
    }

    /// A row of the drawing, whose columns must stay where they are.
    fn drawn(&mut self, row: &str) {
        let row = format!("  {}", plain(row));
        self.0.push_str(row.trim_end());
        self.0.push('\n');
    }

    /// Breaks between words; a word that is longer than the line stays whole, so that
    /// names and digests can be copied.
    fn wrapped(&mut self, first: &str, further: &str, text: &str) {
        let text = plain(text);
        let mut line = first.to_owned();
        let mut empty = true;
        for word in text.split(' ') {
            if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH && !word.is_empty() {
                self.0.push_str(line.trim_end());
                self.0.push('\n');
                further.clone_into(&mut line);
                empty = true;
            }
            if !empty {
                line.push(' ');
            }
            line.push_str(word);
            empty = false;
        }
        self.0.push_str(line.trim_end());
        self.0.push('\n');
    }
}

//! The record as plain text of eighty columns.

use super::attention;
use super::row::{self, HEAD, Row};
use super::section::Section;
use super::words;
use crate::access::record::ReviewRecord;
use crate::report::counted;
use crate::report::text::Page;

pub(super) fn render(record: &ReviewRecord) -> String {
    let mut page = Page::default();
    page.line(&format!("{} · {}", words::title(record), words::marks(record).join(" · ")));
    page.line(&words::question(record));
    for section in Section::of(record) {
        page.heading(section.title());
        tell(&mut page, record, section);
    }
    page.end()
}

fn tell(page: &mut Page, record: &ReviewRecord, section: Section) {
    match section {
        Section::Summary => page.items(words::summary(record)),
        Section::Attention => page.items(attention::lines(record)),
        Section::Decisions => decisions(page, record),
        Section::Edits => edits(page, record),
        Section::SelfService => page.items(row::self_service(record).map(|(who, by)| format!("{who}: {by}"))),
        Section::Denied => {
            for (why, names) in row::denied(record) {
                page.item(&format!("{} {why}", names.len()));
                page.all_under(names);
            }
        }
        Section::Excluded => {
            page.items(record.excluded.iter().map(|one| format!("{}: {}", one.principal, one.reason)));
        }
        Section::Missing => page.items(&record.missing),
        Section::Origin => {
            page.items(words::origin(record).into_iter().map(|(name, value)| format!("{name}: {value}")));
        }
    }
}

fn decisions(page: &mut Page, record: &ReviewRecord) {
    let groups = row::by_decision(record);
    page.nothing_if(groups.is_empty(), "nobody may");
    for (decided, people) in groups {
        page.line("");
        page.line(&format!("{decided} ({})", counted(people.len(), "principal", "principals")));
        for Row { principal, cells } in people.into_iter().map(Row::of) {
            page.item(principal);
            for (column, lines) in HEAD.iter().zip(&cells) {
                let lead = if *column == HEAD[0] { String::new() } else { format!("{column}: ") };
                page.all_under(lines.iter().take(1).map(|line| format!("{lead}{line}")));
                page.all_under(lines.iter().skip(1));
            }
        }
    }
}

fn edits(page: &mut Page, record: &ReviewRecord) {
    for edit in &record.edits {
        page.item(&format!("{}: {}", edit.state, edit.words));
        page.all_under(row::capped(edit.also.clone()).iter().map(|also| format!("also: {also}")));
        page.under(&format!("taken back: {}", edit.undo_words));
    }
}

//! The record as Markdown (CommonMark, with the tables of GitHub's flavour).

use super::attention;
use super::row::{self, HEAD, Row};
use super::section::Section;
use super::words;
use crate::access::record::{Finding, ReviewRecord};
use crate::report::counted;
use crate::report::escape::{code, markdown as md};
use crate::report::markdown::Page;

pub(super) fn render(record: &ReviewRecord) -> String {
    let mut page = Page::default();
    page.line(&format!("# {}", md(&words::title(record))));
    page.line("");
    page.line(&md(&words::question(record)));
    page.line("");
    page.line(&words::marks(record).iter().map(|mark| md(mark)).collect::<Vec<_>>().join(" · "));
    for section in Section::of(record) {
        page.heading(section.title());
        tell(&mut page, record, section);
    }
    page.end()
}

fn tell(page: &mut Page, record: &ReviewRecord, section: Section) {
    match section {
        Section::Summary => {
            page.items(words::summary(record).iter().map(|line| md(line)));
            page.separate();
            let rows =
                words::numbers(record).into_iter().map(|(name, many)| vec![md(&name), many.to_string()]);
            page.table(&["Count", "How many"], rows);
        }
        Section::Attention => page.items(attention::lines(record).iter().map(|line| md(line))),
        Section::Decisions => decisions(page, record),
        Section::Edits => edits(page, record),
        Section::SelfService => {
            page.table(&["Who", "By"], row::self_service(record).map(|(who, by)| vec![code(who), md(&by)]));
        }
        Section::Denied => page.items(row::denied(record).into_iter().map(|(why, names)| {
            let names: Vec<_> = names.into_iter().map(code).collect();
            format!("**{}** {}: {}", names.len(), md(&why), names.join(", "))
        })),
        Section::Excluded => page.table(
            &["Who", "Why"],
            record.excluded.iter().map(|excluded| vec![code(&excluded.principal), md(&excluded.reason)]),
        ),
        Section::Missing => page.items(record.missing.iter().map(|missing| md(missing))),
        Section::Origin => {
            let facts = words::origin(record).into_iter();
            let facts = facts.map(|(name, value)| format!("{name}: {}", code(&value)));
            page.items(facts.chain(words::HOW_TO_CHECK.iter().map(|line| (*line).to_owned())));
        }
    }
}

fn decisions(page: &mut Page, record: &ReviewRecord) {
    for (decided, people) in row::by_decision(record) {
        page.separate();
        page.line(&format!("### {} ({})", md(decided), counted(people.len(), "principal", "principals")));
        page.line("");
        page.table(&HEAD, people.into_iter().map(cells));
    }
}

fn cells(finding: &Finding) -> Vec<String> {
    let Row { principal, cells } = Row::of(finding);
    let mut told: Vec<_> = cells.iter().map(|lines| md(&lines.join("; "))).collect();
    if let Some(who) = told.first_mut() {
        *who = format!("{} {who}", code(principal));
    }
    told
}

fn edits(page: &mut Page, record: &ReviewRecord) {
    page.table(
        &["Edit", "Also takes away", "State", "What takes it back"],
        record.edits.iter().map(|edit| {
            let also = row::capped(edit.also.clone()).join("; ");
            vec![md(&edit.words), md(&also), md(&edit.state), md(&edit.undo_words)]
        }),
    );
}

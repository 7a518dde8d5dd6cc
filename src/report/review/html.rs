//! The record as one page of HTML: no script, nothing fetched, the summary first.

use super::attention;
use super::row::{self, HEAD, Row};
use super::section::Section;
use super::words;
use crate::access::record::ReviewRecord;
use crate::report::counted;
use crate::report::html::page::{Page, Safe};

const STYLE: &str = include_str!("style.css");

pub(super) fn render(record: &ReviewRecord) -> String {
    let title = words::title(record);
    let mut page = Page::begin(&Safe::text(&format!("{title}: {}", words::question(record))), STYLE);
    page.element("h1", &Safe::text(&title));
    page.element("p", &Safe::text(&words::question(record)));
    page.raw("<p class=\"marks\">");
    for mark in words::marks(record) {
        page.mark(&mark);
    }
    page.raw("</p>\n<nav>");
    for section in Section::of(record) {
        page.link(section.id(), section.title());
    }
    page.raw("</nav>\n</header>\n<main>\n");
    for section in Section::of(record) {
        page.begin_section(section.id(), section.title());
        tell(&mut page, record, section);
        page.raw("</section>\n");
    }
    page.raw("</main>\n</body>\n</html>\n");
    page.end()
}

fn tell(page: &mut Page, record: &ReviewRecord, section: Section) {
    match section {
        Section::Summary => {
            page.list(texts(&words::summary(record)));
            let rows = words::numbers(record).into_iter();
            page.table(
                &["Count", "How many"],
                rows.map(|(name, many)| vec![Safe::text(&name), Safe::text(&many.to_string())]),
            );
        }
        Section::Attention => page.list(texts(&attention::lines(record))),
        Section::Decisions => decisions(page, record),
        Section::Edits => edits(page, record),
        Section::SelfService => page.table(
            &["Who", "By"],
            row::self_service(record).map(|(who, by)| vec![Safe::code(who), Safe::text(&by)]),
        ),
        Section::Denied => denied(page, record),
        Section::Excluded => page.table(
            &["Who", "Why"],
            record.excluded.iter().map(|one| vec![Safe::code(&one.principal), Safe::text(&one.reason)]),
        ),
        Section::Missing => page.list(texts(&record.missing)),
        Section::Origin => {
            let facts = words::origin(record).into_iter();
            let facts = facts.map(|(name, value)| Safe::text(&format!("{name}:")).and(&Safe::code(&value)));
            page.list(facts.chain(words::HOW_TO_CHECK.iter().map(|line| Safe::with_code(line))));
        }
    }
}

fn texts(lines: &[String]) -> impl Iterator<Item = Safe> {
    lines.iter().map(|line| Safe::text(line))
}

fn decisions(page: &mut Page, record: &ReviewRecord) {
    let groups = row::by_decision(record);
    if groups.is_empty() {
        page.list([]);
    }
    for (decided, people) in groups {
        let many = counted(people.len(), "principal", "principals");
        page.element("h3", &Safe::text(&format!("{decided} ({many})")));
        // The last columns are left away where they would be empty all the way down.
        let rows: Vec<_> = people.into_iter().map(Row::of).collect();
        let wide =
            |column: usize| rows.iter().any(|row| row.cells.get(column).is_some_and(|cell| !cell.is_empty()));
        let columns: Vec<usize> = (0..HEAD.len()).filter(|column| *column < 4 || wide(*column)).collect();
        let head: Vec<_> = columns.iter().filter_map(|column| HEAD.get(*column).copied()).collect();
        page.table(&head, rows.iter().map(|row| cells(row, &columns)));
    }
}

fn cells(row: &Row<'_>, columns: &[usize]) -> Vec<Safe> {
    let cell = |column: &usize| {
        let lines = row.cells.get(*column)?;
        let told = lines.iter().enumerate().map(|(at, line)| lead(*column, at, line));
        let principal = (*column == 0).then(|| Safe::code(row.principal));
        Some(Safe::lines(principal.into_iter().chain(told)))
    };
    columns.iter().filter_map(cell).collect()
}

/// The verdict, and what was decided, stand out.
fn lead(column: usize, at: usize, line: &str) -> Safe {
    let stands_out = at == 0 && matches!(HEAD.get(column), Some(&("How" | "Decision" | "Proof")));
    if stands_out { Safe::strong(line) } else { Safe::text(line) }
}

fn edits(page: &mut Page, record: &ReviewRecord) {
    page.table(
        &["Edit", "Also takes away", "State", "What takes it back"],
        record.edits.iter().map(|edit| {
            let also = row::capped(edit.also.clone());
            vec![
                Safe::text(&edit.words),
                Safe::lines(texts(&also)),
                Safe::strong(&edit.state),
                Safe::text(&edit.undo_words),
            ]
        }),
    );
}

fn denied(page: &mut Page, record: &ReviewRecord) {
    let groups = row::denied(record);
    if groups.is_empty() {
        page.list([]);
    }
    for (why, names) in groups {
        let names: Vec<_> = names.into_iter().map(Safe::code).collect();
        let summary = Safe::strong(&names.len().to_string()).and(&Safe::text(&why));
        page.unfolded(&summary, &Safe::spaced(names));
    }
}

#[cfg(test)]
mod tests {
    use crate::report::html::tests::inspect;
    use crate::report::review::tests::{hostile, sample};
    use crate::report::review::{Form, render};

    #[test]
    fn the_page_is_well_formed_and_stands_alone() {
        inspect(&render(&sample(), Form::Html));
    }

    #[test]
    fn whatever_the_world_put_into_the_record_is_shown_and_never_obeyed() {
        let page = render(&hostile(), Form::Html);
        inspect(&page);
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "it is shown");
        assert!(!page.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'));
    }

    #[test]
    fn the_summary_is_the_first_thing_of_the_page() {
        let page = render(&sample(), Form::Html);
        let first = page.split_once("<section id=\"").unwrap().1;
        assert!(first.starts_with("summary\""), "{first:.80}");
    }
}

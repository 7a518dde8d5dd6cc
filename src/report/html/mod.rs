//! The report as one page of HTML: no script, nothing fetched, readable on paper, on a
//! telephone, in the dark.
//!
//! Everything that came from the world passes [`page::Safe`] on its way in; a page can be
//! made of nothing else. The policy in its head forbids scripts and the network all the
//! same (Content Security Policy Level 3, `default-src 'none'`).

mod clock;
pub(super) mod page;
mod record;
mod summary;
#[cfg(test)]
pub(super) mod tests;

use super::model::Report;
use super::section::Section;
use super::{gist, words};
use page::{Page, Safe};

pub(super) fn render(report: &Report) -> String {
    let mut page = Page::begin(&Safe::text(&format!("{}: {}", report.run, report.title)), "");
    head(&mut page, report);
    for section in Section::of(report) {
        page.begin_section(id(section), section.title());
        tell(&mut page, report, section);
        page.raw("</section>\n");
    }
    page.raw("</main>\n</body>\n</html>\n");
    page.end()
}

fn head(page: &mut Page, report: &Report) {
    page.element("h1", &Safe::text(&report.run));
    page.element("p", &Safe::text(&report.title));
    page.raw("<p class=\"marks\">");
    page.mark(report.standing.word());
    if let Some(severity) = &report.severity {
        page.mark(&format!("severity {severity}"));
    }
    page.mark(&report.mode);
    if let Some(incident) = &report.incident {
        page.mark(&format!("incident {incident}"));
    }
    page.raw("</p>\n<nav>");
    for section in Section::of(report) {
        page.link(id(section), section.title());
    }
    page.raw("</nav>\n</header>\n<main>\n");
}

const fn id(section: Section) -> &'static str {
    match section {
        Section::Happened => "happened",
        Section::Clock => "clock",
        Section::Command => "command",
        Section::Changes => "changes",
        Section::Left => "left",
        Section::Coverage => "coverage",
        Section::KeyUse => "users",
        Section::Verifying => "verify",
        Section::Steps => "steps",
        Section::Exchanges => "answers",
        Section::Facts => "notes",
        Section::Readings => "readings",
        Section::Files => "files",
        Section::Environment => "environment",
    }
}

fn tell(page: &mut Page, report: &Report, section: Section) {
    match section {
        Section::Happened => page.list(gist::in_five_lines(report).iter().map(|line| Safe::text(line))),
        Section::Clock => clock::drawing(page, report),
        Section::Command => summary::watches(page, report),
        Section::Changes => summary::changes(page, report),
        Section::Left => summary::left(page, report),
        Section::Coverage => summary::coverage(page, report),
        Section::KeyUse => summary::users(page, report),
        Section::Verifying => page.list(words::HOW_TO_VERIFY.iter().map(|line| Safe::with_code(line))),
        Section::Steps => record::steps(page, report),
        Section::Exchanges => record::exchanges(page, report),
        Section::Facts => record::facts(page, report),
        Section::Readings => record::readings(page, report),
        Section::Files => record::files(page, report),
        Section::Environment => record::environment(page, report),
    }
}

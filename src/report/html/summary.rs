//! The first screen: command, changes, what is left, who used the key.

use std::collections::BTreeSet;

use super::page::{Page, Safe};
use crate::report::model::{CallMade, Report};
use crate::report::{elapsed, instant, key_use, words};

pub(super) fn watches(page: &mut Page, report: &Report) {
    let rows = report.watches.iter().map(|watch| {
        let until = watch.until.map_or_else(|| "open".to_owned(), |until| elapsed(report.started_at, until));
        vec![
            Safe::text(&elapsed(report.started_at, watch.from)),
            Safe::text(&until),
            Safe::text(&watch.who),
            Safe::text(&watch.how),
            Safe::text(&instant(watch.from)),
        ]
    });
    page.table(&["From", "To", "Who", "How", "Since"], rows);
}

pub(super) fn changes(page: &mut Page, report: &Report) {
    let rows = report.calls.iter().filter(|call| call.changes).map(|made| {
        let mut cells = call(report, made);
        cells.extend([
            Safe::code(&made.place.to_string()),
            Safe::text(&made.person),
            Safe::text(&words::agreed(report, made)),
            Safe::code(made.call.request_id.as_deref().unwrap_or_default()),
        ]);
        cells
    });
    page.table(&["When", "Call", "Region", "Result", "Step", "In command", "Agreed", "Request id"], rows);
}

pub(super) fn call(report: &Report, made: &CallMade) -> Vec<Safe> {
    vec![
        Safe::text(&elapsed(report.started_at, made.call.sent_at)),
        Safe::code(&words::operation(&made.call)),
        Safe::text(&made.call.region),
        Safe::text(&words::result(made)),
    ]
}

pub(super) fn left(page: &mut Page, report: &Report) {
    page.list(report.residuals.iter().map(|left| {
        let what = Safe::strong(words::left(left.what));
        what.and(&Safe::code(&left.concerns)).and(&Safe::text(&left.detail))
    }));
}

pub(super) fn coverage(page: &mut Page, report: &Report) {
    for collection in &report.collections {
        page.element("p", &Safe::text(&collection.sentence()));
        let full = Safe::text("told in full in").and(&Safe::code(&collection.coverage));
        page.list(collection.lines().map(|line| Safe::text(&line)).chain([full]));
    }
}

pub(super) fn users(page: &mut Page, report: &Report) {
    let list = |values: &BTreeSet<String>| {
        let more = values.len().checked_sub(key_use::LISTED).filter(|more| *more > 0);
        let shown = values.iter().take(key_use::LISTED).map(|value| Safe::text(value));
        Safe::lines(shown.chain(more.map(|more| Safe::text(&format!("and {more} more")))))
    };
    for of in report.widest_key_use() {
        page.element("p", &Safe::text(&key_use::collection(of)));
        let rows = of.users.iter().take(key_use::USERS).map(|user| {
            vec![
                Safe::code(&user.who),
                Safe::text(&user.calls.to_string()),
                Safe::text(&key_use::failed(user)),
                Safe::text(&user.first_at),
                Safe::text(&user.last_at),
                Safe::text(&key_use::counts(&user.operations)),
                list(&user.addresses),
                list(&user.regions),
                list(&user.access_keys),
                list(&user.agents),
            ]
        });
        page.table(
            &["Who", "Calls", "Failed", "First", "Last", "Did", "From", "Region", "Access keys", "With"],
            rows,
        );
        if let Some(more) = key_use::further_users(of) {
            page.element("p", &Safe::text(&more));
        }
    }
}

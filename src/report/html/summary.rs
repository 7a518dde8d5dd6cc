//! The first screen: command, changes, what is left, who used the key.

use std::collections::BTreeSet;

use super::page::{Page, Safe};
use crate::report::model::{CallMade, Report};
use crate::report::{elapsed, instant, words};

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

pub(super) fn key_use(page: &mut Page, report: &Report) {
    let list = |values: &BTreeSet<String>| {
        let more = values.len().checked_sub(words::LISTED).filter(|more| *more > 0);
        let shown = values.iter().take(words::LISTED).map(|value| Safe::text(value));
        Safe::lines(shown.chain(more.map(|more| Safe::text(&format!("and {more} more")))))
    };
    for of in report.widest_key_use() {
        page.element("p", &Safe::text(&words::collection(of)));
        let rows = of.users.iter().take(words::USERS).map(|user| {
            vec![
                Safe::code(&user.who),
                Safe::text(&user.calls.to_string()),
                Safe::text(&words::failed(user)),
                Safe::text(&user.first_at),
                Safe::text(&user.last_at),
                Safe::text(&words::counts(&user.operations)),
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
        if let Some(more) = words::further_users(of) {
            page.element("p", &Safe::text(&more));
        }
    }
}

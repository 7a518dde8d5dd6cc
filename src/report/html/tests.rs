//! The page, taken apart by a reader of its own: every tag is one of ours, every tag is
//! closed, nothing is fetched and nothing runs, whatever the record holds.

use std::collections::BTreeSet;

use crate::report::model::{Report, Standing};
use crate::report::{Format, sample};

/// Elements without an end tag (HTML standard, 13.1.2 "Elements": void elements), and the
/// one of SVG that ends itself.
const VOID: [&str; 3] = ["meta", "br", "rect"];

const ELEMENTS: [&str; 33] = [
    "html", "head", "meta", "title", "style", "body", "header", "main", "nav", "section", "h1", "h2", "h3",
    "p", "a", "ul", "li", "div", "span", "strong", "code", "br", "table", "thead", "tbody", "tr", "th", "td",
    "svg", "rect", "details", "summary", "!DOCTYPE",
];

const ATTRIBUTES: [&str; 21] = [
    "lang",
    "charset",
    "http-equiv",
    "content",
    "name",
    "class",
    "id",
    "href",
    "scope",
    "data-label",
    "viewBox",
    "preserveAspectRatio",
    "role",
    "aria-label",
    "x",
    "y",
    "width",
    "height",
    "html",
    "rect",
    "open",
];

#[derive(Debug)]
struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
}

/// The tags of a page in their order. A `<` that begins no tag of this shape fails.
fn tags(page: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    for piece in page.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap();
        assert!(!text.contains('>'), "a bare > in {piece}");
        let tag = tag.strip_suffix('/').unwrap_or(tag);
        let (name, rest) = tag.split_once(' ').unwrap_or((tag, ""));
        tags.push(Tag { name: name.to_owned(), attributes: attributes(rest) });
    }
    tags
}

fn attributes(mut rest: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    while !rest.is_empty() {
        let Some((name, value)) = rest.split_once("=\"") else {
            assert_eq!(rest, "html", "only the doctype has a word of its own");
            break;
        };
        let (value, further) = value.split_once('"').unwrap();
        found.push((name.to_owned(), value.to_owned()));
        assert!(further.is_empty() || further.starts_with(' '), "{rest}");
        rest = further.trim_start();
    }
    found
}

fn without_style(page: &str) -> String {
    let (before, after) = (page.find("<style>").unwrap(), page.find("</style>").unwrap());
    [&page[..before], "<style>", &page[after..]].concat()
}

pub(in crate::report) fn inspect(page: &str) {
    let style = page.find("<style>").unwrap()..page.find("</style>").unwrap();
    for forbidden in ["url(", "@import", "expression(", "javascript:"] {
        assert!(!page[style.clone()].contains(forbidden), "{forbidden}");
    }
    let mut open: Vec<String> = Vec::new();
    for tag in tags(&without_style(page)) {
        let name = tag.name.trim_start_matches('/');
        assert!(ELEMENTS.contains(&name), "{tag:?}");
        for (attribute, value) in &tag.attributes {
            assert!(ATTRIBUTES.contains(&attribute.as_str()), "{tag:?}");
            assert!(attribute != "href" || value.starts_with('#'), "{tag:?} leads away");
        }
        if let Some(name) = tag.name.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "closed in the wrong order");
        } else if !VOID.contains(&name) && name != "!DOCTYPE" {
            open.push(tag.name);
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
    assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">\n"));
}

fn values<'a>(tags: &'a [Tag], attribute: &str) -> Vec<&'a str> {
    let all = tags.iter().flat_map(|tag| &tag.attributes);
    all.filter(|(name, _)| name == attribute).map(|(_, value)| value.as_str()).collect()
}

/// The record with something hostile wherever the world, or a person, could have put it.
fn hostile() -> Report {
    const XSS: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>&lt;`\u{202e}\u{0}";
    let mut report = sample::with_key_use();
    report.collections = sample::with_collections().collections;
    let text = || XSS.to_owned();
    (report.run, report.title, report.mode, report.host) = (text(), text(), text(), text());
    report.severity = Some(text());
    report.incident = Some(text());
    report.params = [(text(), serde_json::json!({ XSS: XSS }))].into();
    if let Standing::Closed(ending) = &mut report.standing {
        ending.reason = text();
    }
    for watch in &mut report.watches {
        (watch.who, watch.how) = (text(), text());
    }
    for objective in &mut report.objectives {
        (objective.title, objective.id) = (text(), text());
    }
    for phase in &mut report.phases {
        phase.title = text();
    }
    for step in &mut report.steps {
        (step.id, step.title) = (text(), text());
    }
    for made in &mut report.calls {
        (made.person, made.place.step) = (text(), text());
        (made.call.operation, made.call.service, made.call.region) = (text(), text(), text());
        (made.call.request_id, made.call.error) = (Some(text()), Some(text()));
    }
    for exchange in &mut report.exchanges {
        exchange.place.step = text();
        if let Some(answer) = &mut exchange.answer {
            (answer.by.name, answer.reason) = (text(), Some(text()));
        }
    }
    for left in &mut report.residuals {
        (left.concerns, left.detail) = (text(), text());
    }
    for collection in &mut report.collections {
        (collection.from, collection.coverage) = (text(), text());
        (collection.gaps, collection.notes) = (vec![text()], vec![text()]);
    }
    for moment in &mut report.milestones {
        (moment.name, moment.because) = (text(), text());
    }
    for used in &mut report.key_use {
        (used.from, used.artifact) = (text(), Some(text()));
        for user in &mut used.users {
            (user.who, user.first_at) = (text(), text());
            user.operations = [(text(), 1)].into();
            for set in [&mut user.addresses, &mut user.agents, &mut user.access_keys, &mut user.regions] {
                *set = [text()].into();
            }
        }
    }
    for artifact in &mut report.artifacts {
        artifact.file.path = text();
    }
    report
}

#[test]
fn the_page_is_well_formed_and_stands_alone() {
    for report in [sample::report(), sample::with_key_use(), sample::with_collections()] {
        inspect(&report.render(Format::Html));
    }
}

#[test]
fn whatever_the_world_put_into_the_record_is_shown_and_never_obeyed() {
    let page = hostile().render(Format::Html);
    inspect(&page);
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "it is shown");
    assert!(!page.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'));
}

#[test]
fn the_policy_of_the_page_forbids_scripts_and_the_network() {
    let tags = tags(&without_style(&sample::report().render(Format::Html)));
    let content = values(&tags, "content");
    assert!(content[0].starts_with("default-src 'none'; style-src 'unsafe-inline';"), "{content:?}");
    assert!(!content[0].contains("script"), "what is not allowed is forbidden");
}

#[test]
fn every_link_leads_to_a_part_of_the_page() {
    let page = sample::with_key_use().render(Format::Html);
    let after = &page[page.find("</style>").unwrap()..];
    let tags = tags(after);
    let ids: BTreeSet<&str> = values(&tags, "id").into_iter().collect();
    assert_eq!(ids.len(), values(&tags, "id").len(), "an id names one part");
    let links = values(&tags, "href");
    assert_eq!(links.len(), ids.len());
    assert!(links.iter().all(|link| ids.contains(&link[1..])), "{links:?}");
}

#[test]
fn the_clock_is_drawn_to_scale() {
    let page = sample::report().render(Format::Html);
    // 192 of 900 seconds, where 900 seconds are 667 thousandths; 700 of 600; 3600 of 3000.
    for bar in [
        "<rect class=\"good\" x=\"0.0\" y=\"0\" width=\"142.3\" height=\"16\"/>",
        "<rect class=\"late\" x=\"0.0\" y=\"0\" width=\"778.2\" height=\"16\"/>",
        "<rect class=\"late\" x=\"0.0\" y=\"0\" width=\"800.4\" height=\"16\"/>",
        // The first phase runs from second 1 to 240 of 3600, and its window to second 900.
        "<rect class=\"phase\" x=\"0.3\" y=\"0\" width=\"66.4\" height=\"16\"/>",
        "<rect class=\"window\" x=\"0.0\" y=\"4\" width=\"250.0\" height=\"8\"/>",
        // It was contained at second 192 of 3600.
        "<rect class=\"mark\" x=\"50.3\" y=\"0\" width=\"6.0\" height=\"16\"/>",
    ] {
        assert!(page.contains(bar), "{bar}\n{page}");
    }
}

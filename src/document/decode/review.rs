//! `review`: a table to decide on.

use super::findings::Findings;
use super::record::Record;
use super::{input, scalar, templates};
use crate::document::action::{Kind, Review};
use crate::document::language::REVIEW;
use crate::document::yaml::{Key, Node};

const DECISIONS: [&str; 2] = ["keep", "revoke"];

pub(super) fn review(key: &Key, node: &Node, findings: &mut Findings<'_>) -> Option<Review> {
    let record = Record::open(node, &REVIEW, key.span, findings)?;
    let question =
        record.get("question", findings).and_then(|node| templates::template(node, "`question`", findings));
    let items = record
        .get("items", findings)
        .and_then(|node| input::input(node, "`items`", Kind::List(&Kind::Any), findings));
    let named_by = match record.get("named_by", findings) {
        Some(node) => scalar::text(node, "`named_by`", findings)?,
        None => "id".to_owned(),
    };
    let decisions = decisions(&record, findings);
    let last = record
        .get("last", findings)
        .and_then(|node| input::input(node, "`last`", Kind::List(&Kind::Any), findings));
    let reviewer = record
        .get("reviewer", findings)
        .and_then(|node| input::input(node, "`reviewer`", Kind::Text, findings));
    Some(Review { question: question?, items: items?, named_by, decisions: decisions?, last, reviewer })
}

/// A table on which nothing can be decided is none.
fn decisions(record: &Record<'_>, findings: &mut Findings<'_>) -> Option<Vec<String>> {
    let Some(node) = record.get("decisions", findings) else {
        return Some(DECISIONS.map(str::to_owned).to_vec());
    };
    let decisions = scalar::texts(node, "`decisions`", findings);
    if decisions.len() < 2 {
        findings.invalid("choice", node.span, "there is nothing to decide between");
        return None;
    }
    Some(decisions)
}

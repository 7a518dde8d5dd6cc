//! A reading that is repeated until it satisfies: `verify`, and the `until` of a `wait`.

use std::time::Duration;

use super::findings::Findings;
use super::record::Record;
use super::{action, scalar, templates};
use crate::document::action::{Class, Watch};
use crate::document::language::VERIFY;
use crate::document::yaml::Node;
use crate::text::{Diagnostic, Span};

/// KMS and IAM are eventually consistent ("eventual consistency" in both developer guides):
/// a change may take minutes to be seen.
const VERIFY_EVERY: Duration = Duration::from_secs(2);
const VERIFY_AT_MOST: Duration = Duration::from_mins(2);

/// The watch, and where its action's name stands.
pub(super) fn verify(node: &Node, findings: &mut Findings<'_>) -> Option<(Watch, Span)> {
    let record = Record::open(node, &VERIFY, node.span, findings)?;
    let reading = record.get("do", findings).and_then(|node| action::action(node, "`do`", findings));
    if let Some(read) = &reading {
        only_reads("`verify`", read, findings);
    }
    let times = times(&record, VERIFY_EVERY, VERIFY_AT_MOST, findings);
    let holds =
        record.get("holds", findings).and_then(|node| templates::expression(node, "`holds`", findings));
    let (reading, holds) = (reading?, holds?);
    Some((Watch { action: reading.action, holds, every: times.0, at_most: times.1 }, reading.name))
}

/// How often, and how long at most.
pub(super) fn times(
    record: &Record<'_>,
    every: Duration,
    at_most: Duration,
    findings: &mut Findings<'_>,
) -> (Duration, Duration) {
    let mut time = |key: &str| {
        record.get(key, findings).and_then(|node| scalar::duration(node, &format!("`{key}`"), findings))
    };
    let (given_every, given_at_most) = (time("every"), time("at_most"));
    let at_most = given_at_most.unwrap_or_else(|| at_most.max(given_every.unwrap_or_default()));
    let every = given_every.unwrap_or_else(|| every.min(at_most));
    if every > at_most
        && let Some((key, _)) = record.entry("every")
    {
        findings.invalid("duration", key.span, "`every` is longer than `at_most`: it would read only once");
    }
    if given_every == Some(Duration::ZERO)
        && let Some((_, node)) = record.entry("every")
    {
        findings.invalid("duration", node.span, "`every` has to be at least 1s");
    }
    (every, at_most)
}

/// A watch repeats its action: it must not change the world, and needs no person.
pub(super) fn only_reads(what: &str, read: &action::Read, findings: &mut Findings<'_>) {
    let name = read.action.name();
    let reads = read.action.class() == Class::Read && (name.contains('.') || name == "shell");
    if !reads {
        let message = format!(
            "{what} repeats its action until it satisfies, so it has to be one that reads; `{name}` is not"
        );
        let fault = Diagnostic::error("not-a-reading", read.name, message);
        findings.push(match name {
            "shell" => fault.help("if the program only looks, say so with `class: read`"),
            _ => fault
                .help("use an operation that reads, such as kms.describe_key, or a `shell` of `class: read`"),
        });
    }
}

//! The actions of the language itself, but for `ask`.

use std::time::Duration;

use super::findings::Findings;
use super::record::Record;
use super::{action, input, scalar, templates, watch};
use crate::document::action::{Assert, Class, Kind, Manual, Shell, Wait, Watch};
use crate::document::language::{ASSERT, MANUAL, SHELL, WAIT};
use crate::document::value::Input;
use crate::document::yaml::{Content, Key, Node};
use crate::text::Diagnostic;

const WAIT_EVERY: Duration = Duration::from_secs(30);
const WAIT_AT_MOST: Duration = Duration::from_hours(1);

pub(super) fn manual(key: &Key, node: &Node, findings: &mut Findings<'_>) -> Option<Manual> {
    let record = Record::open(node, &MANUAL, key.span, findings)?;
    let attach = record.get("attach", findings).map(scalar::one_or_more).unwrap_or_default();
    let attach =
        attach.iter().filter_map(|node| scalar::shown(node, "an entry of `attach`", findings)).collect();
    let instructions =
        templates::template(record.get("instructions", findings)?, "`instructions`", findings)?;
    Some(Manual { instructions, attach })
}

pub(super) fn assert(key: &Key, node: &Node, findings: &mut Findings<'_>) -> Option<Assert> {
    let record = Record::open(node, &ASSERT, key.span, findings)?;
    let that = record.get("that", findings).and_then(|node| templates::expression(node, "`that`", findings));
    let message =
        record.get("message", findings).and_then(|node| templates::template(node, "`message`", findings));
    Some(Assert { that: that?, message: message? })
}

pub(super) fn shell(key: &Key, node: &Node, findings: &mut Findings<'_>) -> Option<Shell> {
    let record = Record::open(node, &SHELL, key.span, findings)?;
    let class = match record.get("class", findings) {
        Some(node) => class(node, findings)?,
        None => Class::Write,
    };
    let env = record.get("env", findings).map(|node| env(node, findings)).unwrap_or_default();
    let success = match record.get("success", findings) {
        Some(node) => {
            let codes = scalar::one_or_more(node).iter();
            codes.filter_map(|node| scalar::integer(node, "an exit code", 0, 255, findings)).collect()
        }
        None => vec![0],
    };
    let argv = argv(record.get("argv", findings)?, findings)?;
    Some(Shell { argv, env, class, success })
}

fn class(node: &Node, findings: &mut Findings<'_>) -> Option<Class> {
    match scalar::one_of(node, "`class`", &["read", "write", "destroy"], findings)? {
        "read" => Some(Class::Read),
        "destroy" => Some(Class::Destroy),
        _ => Some(Class::Write),
    }
}

fn argv(node: &Node, findings: &mut Findings<'_>) -> Option<Vec<Input>> {
    let items = match &node.content {
        Content::List(items) if !items.is_empty() => items,
        Content::List(_) => {
            findings.invalid("shell-argv", node.span, "`argv` is empty: there is no program to run");
            return None;
        }
        Content::Scalar(scalar) => {
            let words: Vec<String> = scalar.text.split_whitespace().map(|word| format!("{word:?}")).collect();
            let fault = Diagnostic::error(
                "shell-argv",
                node.span,
                "`argv` has to be a list: nothing splits a line here, so that nothing splits it wrongly",
            );
            findings.push(fault.help(format!("write argv: [{}]", words.join(", "))));
            return None;
        }
        Content::Map(_) => {
            findings.wrong_type(node, "`argv`", "a list");
            return None;
        }
    };
    let before = findings.count();
    let argv: Vec<Input> =
        items.iter().filter_map(|item| input::input(item, "an argument", Kind::Text, findings)).collect();
    (findings.count() == before).then_some(argv)
}

fn env(node: &Node, findings: &mut Findings<'_>) -> Vec<(String, Input)> {
    let Some(entries) = node.entries() else {
        findings.wrong_type(node, "`env`", "a map of names and values");
        return Vec::new();
    };
    let mut variables = Vec::with_capacity(entries.len());
    for (key, node) in entries {
        if key.text.is_empty() || key.text.contains('=') {
            findings.invalid(
                "name",
                key.span,
                "the name of an environment variable has at least one character, and no `=`",
            );
        }
        let value = input::input(node, &format!("`{}`", key.text), Kind::Text, findings);
        variables.extend(value.map(|value| (key.text.clone(), value)));
    }
    variables
}

pub(super) fn wait(key: &Key, node: &Node, findings: &mut Findings<'_>) -> Option<Wait> {
    let record = Record::open(node, &WAIT, key.span, findings)?;
    let given: Vec<&str> = ["for", "time", "until"].into_iter().filter(|key| record.has(key)).collect();
    let [way] = given.as_slice() else {
        let fault =
            Diagnostic::error("wait", key.span, "`wait` has exactly one of `for`, `time` and `until`");
        findings
            .push(fault.help(
                "{ for: 15m }, { time: 2026-11-22T04:00:00Z }, or { until: {...}, holds: EXPRESSION }",
            ));
        return None;
    };
    if *way != "until" {
        for key in ["holds", "every", "at_most"] {
            if let Some((key, _)) = record.entry(key) {
                let message = format!("`{}` belongs to `until`, and this waits with `{way}`", key.text);
                findings.push(Diagnostic::error("wait", key.span, message).help("leave it out"));
            }
        }
    }
    match *way {
        "for" => scalar::duration(record.get("for", findings)?, "`for`", findings).map(Wait::For),
        "time" => input::input(record.get("time", findings)?, "`time`", Kind::Time, findings).map(Wait::Time),
        _ => until(&record, key, findings).map(Wait::Until),
    }
}

fn until(record: &Record<'_>, key: &Key, findings: &mut Findings<'_>) -> Option<Watch> {
    let reading = record.get("until", findings).and_then(|node| action::action(node, "`until`", findings));
    if let Some(read) = &reading {
        watch::only_reads("`wait`", read, findings);
    }
    let (every, at_most) = watch::times(record, WAIT_EVERY, WAIT_AT_MOST, findings);
    if !record.has("holds") {
        let fault = Diagnostic::error("missing-key", key.span, "`wait` with `until` needs the key `holds`");
        findings.push(fault.help("`holds`: the expression over `result` that ends the wait"));
    }
    let holds =
        record.get("holds", findings).and_then(|node| templates::expression(node, "`holds`", findings));
    Some(Watch { action: reading?.action, holds: holds?, every, at_most })
}

//! `ask`: a typed question.

use super::findings::Findings;
use super::record::Record;
use super::{input, scalar, templates};
use crate::document::action::{Answering, Ask, Kind};
use crate::document::language::ASK;
use crate::document::value::Input;
use crate::document::yaml::{Key, Node};
use crate::text::Diagnostic;

pub(super) fn ask(key: &Key, node: &Node, findings: &mut Findings<'_>) -> Option<Ask> {
    let record = Record::open(node, &ASK, key.span, findings)?;
    let question =
        record.get("question", findings).and_then(|node| templates::template(node, "`question`", findings));
    let answering = answering(&record, findings);
    Some(Ask { question: question?, answering: answering? })
}

fn answering(record: &Record<'_>, findings: &mut Findings<'_>) -> Option<Answering> {
    let several =
        record.get("several", findings).and_then(|node| scalar::boolean(node, "`several`", findings));
    if record.has("choices") {
        if let Some((key, _)) = record.entry("type") {
            let fault = Diagnostic::error("choice", key.span, "a question with `choices` has no `type`");
            findings.push(fault.help("leave `type` out: the answer is one of the choices"));
        }
        let choices = choices(record.get("choices", findings)?, findings)?;
        return Some(if several == Some(true) {
            Answering::Several(choices)
        } else {
            Answering::Choice(choices)
        });
    }
    if let (Some(true), Some((key, _))) = (several, record.entry("several")) {
        let fault = Diagnostic::error("choice", key.span, "`several` needs `choices`");
        findings.push(fault.help("give `choices`, or leave this out"));
    }
    let Some(node) = record.get("type", findings) else { return Some(Answering::Text) };
    Some(match scalar::one_of(node, "`type`", &["text", "number", "time", "boolean"], findings)? {
        "number" => Answering::Number,
        "time" => Answering::Time,
        "boolean" => Answering::YesNo,
        _ => Answering::Text,
    })
}

fn choices(node: &Node, findings: &mut Findings<'_>) -> Option<Input> {
    let choices = input::input(node, "`choices`", Kind::List(&Kind::Text), findings)?;
    if let Input::List(items, span) = &choices {
        if items.is_empty() {
            findings.invalid("choice", *span, "there is nothing to choose from");
            return None;
        }
        for (at, item) in items.iter().enumerate() {
            if let Input::Literal(value, span) = item
                && items.get(..at).is_some_and(|before| {
                    before.iter().any(|other| matches!(other, Input::Literal(same, _) if same == value))
                })
            {
                findings.invalid("choice", *span, "this choice stands here twice");
            }
        }
    }
    Some(choices)
}

//! `do` and `undo`: a map of exactly one action.

use super::findings::Findings;
use super::{ask, input, native, notify, review};
use crate::document::action::{self, Action};
use crate::document::yaml::{Key, Node};
use crate::text::{Diagnostic, Span};

/// An action and where its parts stand.
pub(super) struct Read {
    pub action: Action,
    /// The action's name.
    pub name: Span,
    pub argv: Option<Span>,
}

pub(super) fn action(node: &Node, what: &str, findings: &mut Findings<'_>) -> Option<Read> {
    let Some(entries) = node.entries() else {
        match node.text().filter(|name| action::all().any(|spec| spec.name == *name)) {
            Some(name) => {
                let fault = Diagnostic::error(
                    "wrong-type",
                    node.span,
                    format!("{what} needs the inputs of `{name}`"),
                );
                findings.push(fault.help(format!("write `{name}: {{ ... }}`, with {{}} if it takes none")));
            }
            None => findings.wrong_type(node, what, "a map of one action, such as `shell: { argv: [date] }`"),
        }
        return None;
    };
    let [(key, inputs)] = entries else {
        several(entries, node, what, findings);
        return None;
    };
    named(key, inputs, findings).map(|action| Read {
        action,
        name: key.span,
        argv: inputs.get("argv").map(|argv| argv.span),
    })
}

fn named(key: &Key, inputs: &Node, findings: &mut Findings<'_>) -> Option<Action> {
    match key.text.as_str() {
        "manual" => native::manual(key, inputs, findings).map(Action::Manual),
        "ask" => ask::ask(key, inputs, findings).map(Action::Ask),
        "review" => review::review(key, inputs, findings).map(|review| Action::Review(Box::new(review))),
        "shell" => native::shell(key, inputs, findings).map(Action::Shell),
        "notify" => notify::notify(key, inputs, findings).map(|notify| Action::Notify(Box::new(notify))),
        "wait" => native::wait(key, inputs, findings).map(|wait| Action::Wait(Box::new(wait))),
        "assert" => native::assert(key, inputs, findings).map(Action::Assert),
        name => {
            if let Some(spec) = action::operation(name) {
                input::operation(spec, key, inputs, findings).map(Action::Operation)
            } else {
                findings.push(unknown(key));
                None
            }
        }
    }
}

fn unknown(key: &Key) -> Diagnostic {
    let fault = Diagnostic::error("unknown-action", key.span, format!("there is no action `{}`", key.text));
    let fault = fault.suggest(&key.text, action::all().map(|spec| spec.name));
    if fault.label.is_some() {
        return fault;
    }
    let service = key.text.split_once('.').map(|(service, _)| format!("{service}."));
    let same: Vec<&str> = action::all()
        .map(|spec| spec.name)
        .filter(|name| service.as_ref().is_some_and(|service| name.starts_with(service.as_str())))
        .collect();
    if same.is_empty() {
        fault.help("`playbook schema` lists every action; `shell` and `manual` do what none of them does")
    } else {
        fault.help(format!("there are {}", same.join(", ")))
    }
}

fn several(entries: &[(Key, Node)], node: &Node, what: &str, findings: &mut Findings<'_>) {
    let fault = match entries {
        [first, second, ..] => {
            let fault =
                Diagnostic::error("one-action", second.0.span, format!("{what} holds exactly one action"));
            fault
                .label("a second one")
                .also(first.0.span, "the first")
                .help("make two steps of them: each is recorded and resumed on its own")
        }
        _ => Diagnostic::error(
            "one-action",
            node.span,
            format!("{what} holds exactly one action, and here is none"),
        ),
    };
    findings.push(fault);
}

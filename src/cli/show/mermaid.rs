//! A document as a Mermaid flowchart (Mermaid documentation, "Flowcharts - Basic Syntax"):
//! phases are subgraphs, steps are nodes, ways on are arrows.

use std::fmt::Write as _;

use super::words;
use crate::document::action::{Action, Class};
use crate::document::{OnFailure, Phase, Playbook, Step};
use crate::report::escape::plain;

pub(super) fn render(playbook: &Playbook) -> String {
    let mut text = String::from("flowchart TD\n");
    for (at, phase) in playbook.phases.iter().enumerate() {
        subgraph(&mut text, playbook, at, phase);
    }
    for (at, step) in playbook.steps.iter().enumerate() {
        arrows(&mut text, playbook, at, step);
    }
    for (class, fill) in [("read", "#eef"), ("write", "#fec"), ("destroy", "#f99"), ("person", "#efe")] {
        let _ = writeln!(text, "  classDef {class} fill:{fill},stroke:#333,color:#000");
    }
    text
}

fn subgraph(text: &mut String, playbook: &Playbook, at: usize, phase: &Phase) {
    let window = words::window(phase).map(|window| format!(" ({window})")).unwrap_or_default();
    let _ = writeln!(text, "  subgraph phase{} [\"{}\"]", at + 1, label(&format!("{}{window}", phase.title)));
    for (index, step) in playbook.steps.iter().enumerate().filter(|(index, _)| phase.steps.contains(index)) {
        let _ = writeln!(text, "    {}", node(playbook, index, step));
    }
    text.push_str("  end\n");
}

/// Steps are numbered nodes: an id such as `end` would be a word of the language. People's
/// steps are rounded, steps with a condition are hexagons.
fn node(playbook: &Playbook, index: usize, step: &Step) -> String {
    let approve = step
        .approve
        .as_ref()
        .map(|approve| format!("<br/>approval: {}", label(&words::approval(playbook, approve))));
    let when = step.when.as_ref().map(|when| format!("<br/>when {}", label(&when.text)));
    let inner = format!(
        "{} {}<br/>{}{}{}",
        index + 1,
        label(&step.id),
        label(&step.title),
        when.clone().unwrap_or_default(),
        approve.unwrap_or_default()
    );
    let (open, close) = match (&step.action, when) {
        (_, Some(_)) => ("{{", "}}"),
        (Action::Manual(_) | Action::Ask(_) | Action::Review(_), None) => ("([", "])"),
        _ => ("[", "]"),
    };
    format!("s{}{open}\"{inner}\"{close}:::{}", index + 1, class(step))
}

const fn class(step: &Step) -> &'static str {
    match step.action {
        Action::Manual(_) | Action::Ask(_) | Action::Review(_) => "person",
        Action::Shell(ref shell) => shell.class.word(),
        Action::Operation(ref operation) => operation.spec.class.word(),
        Action::Notify(_) => Class::Write.word(),
        Action::Wait(_) | Action::Assert(_) => Class::Read.word(),
    }
}

fn arrows(text: &mut String, playbook: &Playbook, at: usize, step: &Step) {
    let this = at + 1;
    if this < playbook.steps.len() {
        let _ = writeln!(text, "  s{this} --> s{}", this + 1);
    }
    if let OnFailure::Goto(target) = &step.on_failure
        && let Some((to, _)) = playbook.step(target)
    {
        let _ = writeln!(text, "  s{this} -. failed .-> s{}", to + 1);
    }
}

/// Text inside quotes. Mermaid takes entity codes there, written with `#` in place of `&`;
/// everything that could end the quotes, be markup or be a directive becomes one.
fn label(text: &str) -> String {
    let mut label = String::with_capacity(text.len());
    for c in plain(text.trim_end()).chars() {
        if c.is_alphanumeric()
            || matches!(c, ' ' | '.' | ',' | ':' | '+' | '(' | ')' | '/' | '\'' | '?' | '=' | '-')
        {
            label.push(c);
        } else {
            let _ = write!(label, "#{};", u32::from(c));
        }
    }
    label
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_cannot_leave_its_quotes() {
        assert_eq!(label("a \"b\"] --> c"), "a #34;b#34;#93; --#62; c");
        assert_eq!(label("<img src=x>%%{init}"), "#60;img src=x#62;#37;#37;#123;init#125;");
        assert_eq!(label("steps.pin_key#"), "steps.pin#95;key#35;");
    }
}

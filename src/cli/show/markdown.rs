//! A document as Markdown.

use super::words;
use crate::document::{Phase, Playbook};
use crate::report::escape::{code, markdown as md};
use crate::text::duration;

pub(super) fn render(playbook: &Playbook) -> String {
    let mut text = format!("# {}\n\n{}\n", md(&playbook.title), md(playbook.summary.trim_end()));
    text.push_str(&format!(
        "\n- {} {}, version {}\n- owner: {}\n",
        words::species(playbook.species),
        code(&playbook.name),
        playbook.version,
        md(&playbook.owner)
    ));
    text.extend(playbook.frequency.iter().map(|frequency| format!("- due: {}\n", md(frequency))));
    text.extend(playbook.expected.map(|expected| format!("- takes about {}\n", duration::show(expected))));
    facts(&mut text, playbook);
    for phase in &playbook.phases {
        one(&mut text, playbook, phase);
    }
    list(&mut text, "At the end", playbook.success.iter().map(|success| md(success)));
    list(&mut text, "References", playbook.references.iter().map(|reference| md(reference)));
    let traces = playbook.traces.iter();
    list(
        &mut text,
        "Traces",
        traces.map(|trace| {
            format!("{} {}: {}", md(&trace.relationship), md(&trace.source), md(&trace.description))
        }),
    );
    text
}

fn facts(text: &mut String, playbook: &Playbook) {
    list(text, "Triggers", playbook.triggers.iter().map(|trigger| md(trigger)));
    list(text, "Before you start", playbook.prerequisites.iter().map(|prerequisite| md(prerequisite)));
    if let Some(severity) = &playbook.severity {
        let levels = severity.levels.iter().map(|(level, meaning)| {
            let default = if *level == severity.default { " (default)" } else { "" };
            format!("**{}**{default}: {}", md(level), md(meaning))
        });
        list(text, "Severity", levels);
    }
    list(
        text,
        "Roles",
        playbook.roles.iter().map(|role| {
            let by =
                role.staffed_by.as_ref().map(|by| format!(", staffed by {}", md(by))).unwrap_or_default();
            format!("{}: {}{by}{}", code(&role.id), md(&role.title), md(&words::told_on(role)))
        }),
    );
    let channels = playbook.channels.iter();
    list(
        text,
        "Channels",
        channels.map(|channel| format!("{}: {}", code(&channel.name), md(&words::channel(channel)))),
    );
    let params = playbook.params.iter();
    list(
        text,
        "Parameters",
        params.map(|param| format!("{}: {}", code(&param.name), md(&words::param(param)))),
    );
    list(
        text,
        "Objectives",
        playbook.objectives.iter().map(|objective| {
            let (within, met_by) = (duration::show(objective.within), md(&words::met_by(&objective.met_by)));
            format!("{} within {within}: {}, met by {met_by}", code(&objective.id), md(&objective.title))
        }),
    );
    list(
        text,
        "Escalations",
        playbook.escalations.iter().map(|escalation| {
            let to: Vec<String> = escalation.to.iter().map(|role| words::role(playbook, role)).collect();
            let (cause, message) = (words::cause(&escalation.when), &escalation.message.text);
            format!("when {}, to {}: {}", md(&cause), md(&to.join(", ")), md(message))
        }),
    );
}

fn one(text: &mut String, playbook: &Playbook, phase: &Phase) {
    let window = words::window(phase).map(|window| format!(" ({window})")).unwrap_or_default();
    text.push_str(&format!("\n## {}{}\n\n", md(&phase.title), md(&window)));
    text.push_str("| | Step | Does | Class | Terms |\n|---|---|---|---|---|\n");
    for (index, step) in playbook.steps.iter().enumerate().filter(|(index, _)| phase.steps.contains(index)) {
        let why = step.why.as_ref().map(|why| format!("why: {}", md(why.trim_end())));
        let terms = words::terms(playbook, step).into_iter().map(|term| md(&term));
        let towards = words::counts_towards(playbook, step).map(|id| format!("counts towards {}", code(id)));
        let terms: Vec<String> = terms.chain(towards).chain(why).collect();
        text.push_str(&format!(
            "| {} | {} {} | {} | {} | {} |\n",
            index + 1,
            code(&step.id),
            md(&step.title),
            code(step.action.name()),
            step.action.class().word(),
            terms.join("; ")
        ));
    }
}

fn list(text: &mut String, title: &str, items: impl Iterator<Item = String>) {
    let items: Vec<String> = items.map(|item| format!("- {item}\n")).collect();
    if !items.is_empty() {
        text.push_str(&format!("\n## {title}\n\n{}", items.concat()));
    }
}

//! A document as plain text.

use super::words;
use crate::document::{Phase, Playbook, Step};
use crate::report::escape::plain;
use crate::text::duration;

pub(super) fn render(playbook: &Playbook) -> String {
    let mut page = Page::default();
    page.line(
        0,
        &format!("{} · {} · version {}", playbook.name, words::species(playbook.species), playbook.version),
    );
    page.line(0, &playbook.title);
    page.line(0, &playbook.summary);
    page.line(0, &format!("Owner: {}", playbook.owner));
    if let Some(frequency) = &playbook.frequency {
        page.line(0, &format!("Due: {frequency}"));
    }
    if let Some(expected) = playbook.expected {
        page.line(0, &format!("Takes about {}", duration::show(expected)));
    }
    facts(&mut page, playbook);
    for (at, phase) in playbook.phases.iter().enumerate() {
        let window = words::window(phase).map(|window| format!(" ({window})")).unwrap_or_default();
        page.heading(&format!("Phase {} of {} · {}{window}", at + 1, playbook.phases.len(), phase.title));
        steps(&mut page, playbook, phase);
    }
    page.list("At the end", playbook.success.iter().cloned());
    page.list("References", playbook.references.iter().cloned());
    page.list(
        "Traces",
        playbook
            .traces
            .iter()
            .map(|trace| format!("{} {}: {}", trace.relationship, trace.source, trace.description)),
    );
    page.0
}

fn facts(page: &mut Page, playbook: &Playbook) {
    page.list("Triggers", playbook.triggers.iter().cloned());
    page.list("Before you start", playbook.prerequisites.iter().cloned());
    if let Some(severity) = &playbook.severity {
        page.list(
            &format!("Severity (default {})", severity.default),
            severity.levels.iter().map(|(level, meaning)| format!("{level}: {meaning}")),
        );
    }
    page.list(
        "Roles",
        playbook.roles.iter().map(|role| {
            let by = role.staffed_by.as_ref().map(|by| format!(", staffed by {by}")).unwrap_or_default();
            format!("{}: {}{by}{}", role.id, role.title, words::told_on(role))
        }),
    );
    page.list(
        "Channels",
        playbook.channels.iter().map(|channel| format!("{}: {}", channel.name, words::channel(channel))),
    );
    page.list(
        "Parameters",
        playbook.params.iter().map(|param| format!("{}: {}", param.name, words::param(param))),
    );
    page.list(
        "Objectives",
        playbook.objectives.iter().map(|objective| {
            let (within, met_by) = (duration::show(objective.within), words::met_by(&objective.met_by));
            format!("{} within {within}: {}, met by {met_by}", objective.id, objective.title)
        }),
    );
    page.list(
        "Escalations",
        playbook.escalations.iter().map(|escalation| {
            let to: Vec<String> = escalation.to.iter().map(|role| words::role(playbook, role)).collect();
            format!(
                "when {}, to {}: {}",
                words::cause(&escalation.when),
                to.join(", "),
                escalation.message.text
            )
        }),
    );
}

fn steps(page: &mut Page, playbook: &Playbook, phase: &Phase) {
    for index in phase.steps.clone() {
        if let Some(step) = playbook.steps.get(index) {
            one(page, playbook, index + 1, step);
        }
    }
}

fn one(page: &mut Page, playbook: &Playbook, number: usize, step: &Step) {
    let class = step.action.class().word();
    page.line(1, &format!("{number:>3} {:<22} {} · {} ({class})", step.id, step.title, step.action.name()));
    for term in words::terms(playbook, step) {
        page.line(4, &term);
    }
    for objective in words::counts_towards(playbook, step) {
        page.line(4, &format!("counts towards {objective}"));
    }
    if let Some(why) = &step.why {
        page.line(4, &format!("why: {why}"));
    }
}

#[derive(Default)]
struct Page(String);

impl Page {
    /// One line, two blanks in for each level; values are made harmless here.
    fn line(&mut self, level: usize, text: &str) {
        let text = plain(text.trim_end());
        self.0.push_str(&"  ".repeat(level));
        self.0.push_str(&text);
        self.0.push('\n');
    }

    fn heading(&mut self, text: &str) {
        self.0.push('\n');
        self.line(0, text);
    }

    fn list(&mut self, title: &str, items: impl Iterator<Item = String>) {
        let mut items = items.peekable();
        if items.peek().is_some() {
            self.heading(title);
        }
        items.for_each(|item| self.line(1, &item));
    }
}

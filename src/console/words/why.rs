//! Why a step is there, and what happens if it is left out.

use super::super::line::{Line, Tone};
use super::text::{listed, one_line, wrapped};
use crate::document::action::{Action, Answering, Wait};
use crate::document::{Input, MetBy, Playbook, Step};

/// The document's reasons, its references, and who depends on the step.
#[must_use]
pub fn lines(playbook: &Playbook, step: &Step, columns: usize) -> Vec<Line> {
    let why = step
        .why
        .as_deref()
        .map_or_else(|| "The document gives no reason for this step.".to_owned(), one_line);
    let mut facts = vec![("Why", why)];
    if !playbook.references.is_empty() {
        let references: Vec<_> = playbook.references.iter().map(|reference| one_line(reference)).collect();
        facts.push(("See", references.join("; ")));
    }
    facts.push(("If left out", left_out(playbook, step)));
    facts.extend(
        step.expected.map(|expected| ("Takes", format!("about {}", crate::text::duration::show(expected)))),
    );
    facts.into_iter().flat_map(|(label, text)| labelled(label, &text, columns)).collect()
}

fn labelled(label: &'static str, text: &str, columns: usize) -> impl Iterator<Item = Line> + use<> {
    let texts = wrapped(text, columns.saturating_sub(17).max(24));
    texts.into_iter().enumerate().map(move |(at, text)| {
        let label = if at == 0 { label } else { "" };
        Line::plain("    ").and(Tone::Strong, format!("{label:<13}")).and(Tone::Plain, text)
    })
}

fn left_out(playbook: &Playbook, step: &Step) -> String {
    let quoted = |ids: Vec<&str>| ids.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let dependants = quoted(dependants(playbook, &step.id));
    let (lost, weaker) = objectives(playbook, &step.id);
    let mut sentences = Vec::new();
    if !dependants.is_empty() {
        sentences.push(format!(
            "{} cannot run, for want of what this step would tell.",
            listed(&dependants, "and")
        ));
    }
    if !lost.is_empty() {
        sentences.push(format!("The objective {} is not met.", listed(&quoted(lost), "and")));
    }
    if !weaker.is_empty() {
        sentences
            .push(format!("The objective {} has to be met by another step.", listed(&quoted(weaker), "and")));
    }
    if sentences.is_empty() {
        sentences.push("No later step and no objective depends on it by name.".to_owned());
    }
    sentences.join(" ")
}

/// Objectives that cannot be met without the step, and those that another can meet.
fn objectives<'a>(playbook: &'a Playbook, id: &str) -> (Vec<&'a str>, Vec<&'a str>) {
    let names = |ids: &[String]| ids.iter().any(|met| met == id);
    let (mut lost, mut weaker) = (Vec::new(), Vec::new());
    for objective in &playbook.objectives {
        match &objective.met_by {
            MetBy::All(ids) if names(ids) => lost.push(objective.id.as_str()),
            MetBy::Any(ids) if names(ids) && ids.len() == 1 => lost.push(objective.id.as_str()),
            MetBy::Any(ids) if names(ids) => weaker.push(objective.id.as_str()),
            _ => {}
        }
    }
    (lost, weaker)
}

/// The ids of the steps that look up what this one tells, in order.
#[must_use]
pub fn dependants<'a>(playbook: &'a Playbook, id: &str) -> Vec<&'a str> {
    playbook.steps.iter().filter(|step| &*step.id != id && looks_up(step, id)).map(|step| &*step.id).collect()
}

fn looks_up(step: &Step, id: &str) -> bool {
    let mut found = false;
    let mut look = |name: &str| {
        let mut parts = name.split('.');
        found |= parts.next() == Some("steps") && parts.next() == Some(id);
    };
    names_of_step(step, &mut look);
    found
}

fn names_of_step(step: &Step, look: &mut dyn FnMut(&str)) {
    let exprs = step.when.iter().chain(step.for_each.as_ref().map(|each| &each.list));
    exprs.for_each(|expr| expr.names.iter().for_each(|name| look(name)));
    names_of_action(&step.action, look);
    if let Some(verify) = &step.verify {
        names_of_action(&verify.action, look);
        verify.holds.names.iter().for_each(|name| look(name));
    }
    if let Some(undo) = &step.undo {
        names_of_action(undo, look);
    }
}

fn names_of_action(action: &Action, look: &mut dyn FnMut(&str)) {
    match action {
        Action::Manual(manual) => manual.instructions.names.iter().for_each(|name| look(name)),
        Action::Ask(ask) => {
            ask.question.names.iter().for_each(|name| look(name));
            if let Answering::Choice(input) | Answering::Several(input) = &ask.answering {
                names_of_input(input, look);
            }
        }
        Action::Review(review) => {
            review.question.names.iter().for_each(|name| look(name));
            let more = review.last.iter().chain(&review.reviewer);
            std::iter::once(&review.items).chain(more).for_each(|input| names_of_input(input, look));
        }
        Action::Shell(shell) => {
            let env = shell.env.iter().map(|(_, value)| value);
            shell.argv.iter().chain(env).for_each(|input| names_of_input(input, look));
        }
        Action::Wait(wait) => match &**wait {
            Wait::For(_) => {}
            Wait::Time(input) => names_of_input(input, look),
            Wait::Until(watch) => {
                names_of_action(&watch.action, look);
                watch.holds.names.iter().for_each(|name| look(name));
            }
        },
        Action::Notify(notify) => {
            let texts = [Some(&notify.message), notify.subject.as_ref(), notify.about.as_ref()];
            texts.into_iter().flatten().flat_map(|text| text.names.iter()).for_each(|name| look(name));
        }
        Action::Assert(assert) => {
            assert.that.names.iter().chain(assert.message.names.iter()).for_each(|name| look(name));
        }
        Action::Operation(operation) => {
            operation.inputs.iter().for_each(|(_, input)| names_of_input(input, look));
        }
    }
}

fn names_of_input(input: &Input, look: &mut dyn FnMut(&str)) {
    input.names(&mut |name, _| look(name));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::rehearsal;

    #[test]
    fn it_names_the_steps_that_cannot_run_without_this_one() {
        let playbook = rehearsal::playbook();
        assert_eq!(
            dependants(&playbook, "pin"),
            ["record_state", "inventory", "disable_key", "revoke_rogue", "late", "delete_key"]
        );
        assert_eq!(dependants(&playbook, "cause"), ["disable_key"]);
        assert_eq!(dependants(&playbook, "pi"), [""; 0], "a name's beginning is another name");
    }

    #[test]
    fn it_says_what_is_lost() {
        let playbook = rehearsal::playbook();
        let text = |id| {
            let (_, step) = playbook.step(id).unwrap();
            lines(&playbook, step, 80).iter().map(Line::text).collect::<Vec<_>>()
        };
        assert_eq!(
            text("disable_key"),
            [
                "    Why          Nobody can decrypt with it from now on, the attacker included.",
                "    See          NIST SP 800-61 Rev. 2; ISO 27001 A.16.1",
                "    If left out  The objective contained is not met.",
                "    Takes        about 30s",
            ]
        );
        assert!(text("tell_team")[0].ends_with("The document gives no reason for this step."));
        assert!(text("tell_team")[2].ends_with("No later step and no objective depends on it by name."));
    }
}

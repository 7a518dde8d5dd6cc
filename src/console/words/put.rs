//! Questions in words.

use super::super::line::{Line, Tone};
use super::text::{joined, laid_out, listed, one_line};
use crate::run::{AnswerKind, Hands, Question};

/// A question in one line, for those who are not there to answer it.
#[must_use]
pub fn brief(question: &Question) -> String {
    match question {
        Question::Manual { instructions, .. } => {
            let first = instructions.lines().map(one_line).find(|line| !line.is_empty());
            format!("manual work, done or skip: {}", first.unwrap_or_default())
        }
        Question::Typed { question, answer } => format!("{} ({})", one_line(question), kind(answer)),
        Question::Review(sheet) => {
            format!("{} ({} to decide one by one)", one_line(&sheet.question), sheet.items.len())
        }
        Question::Go { request } => format!("go ahead with {}", request.action),
        Question::Approval { request, title, hands, .. } => {
            format!("approval by {} of {}", approval(title, hands.as_ref()), request.action)
        }
        Question::AfterFailure { message, .. } => {
            format!("again, skip or abort after a failure: {}", one_line(message))
        }
        Question::InDoubt { request, .. } => {
            format!("did {} take place? done, again, undo or abort", request.action)
        }
        Question::CannotUndo { action, why, .. } => {
            format!("skip or abort, for {action} cannot be taken back: {}", one_line(why))
        }
    }
}

/// Whose approval is waited for, and which are in hand.
#[must_use]
pub fn approval(title: &str, hands: Option<&Hands>) -> String {
    let names = |names: &[String]| names.iter().map(|name| one_line(name)).collect::<Vec<_>>().join(", ");
    let mut text = one_line(title);
    let Some(hands) = hands else { return text };
    if hands.of > 1 {
        text.push_str(&format!(" ({} of {} in hand", hands.given.len(), hands.of));
        let given = if hands.given.is_empty() { String::new() } else { format!(": {}", names(&hands.given)) };
        text.push_str(&format!("{given})"));
    }
    if !hands.expired.is_empty() {
        text.push_str(&format!("; EXPIRED: that of {}", names(&hands.expired)));
    }
    text
}

/// What kind of answer counts.
#[must_use]
pub fn kind(answer: &AnswerKind) -> String {
    const AT_MOST: usize = 12;
    let each = |choices: &[String]| {
        let mut words: Vec<_> = choices.iter().take(AT_MOST).map(|choice| one_line(choice)).collect();
        words.extend(choices.len().checked_sub(AT_MOST + 1).map(|more| format!("{} more", more + 1)));
        words
    };
    match answer {
        AnswerKind::Text => "a text".to_owned(),
        AnswerKind::Number => "a number".to_owned(),
        AnswerKind::Time => "a time".to_owned(),
        AnswerKind::YesNo => "yes or no".to_owned(),
        AnswerKind::Choice(choices) => listed(&each(choices), "or"),
        AnswerKind::Several(choices) => format!("any of {}", listed(&each(choices), "and")),
    }
}

/// How to answer, above the prompt.
#[must_use]
pub fn how(answer: &AnswerKind) -> &'static str {
    match answer {
        AnswerKind::Text => "One line of text.",
        AnswerKind::Number => "A number, such as 3 or 2.5.",
        AnswerKind::Time => "A time: 2026-11-22T03:10:00Z (RFC 3339), or HH:MM for today in UTC.",
        AnswerKind::YesNo => "yes or no.",
        AnswerKind::Choice(choices) if numbered(choices) => "One: its number or its name.",
        AnswerKind::Choice(_) => "One, by its name.",
        AnswerKind::Several(choices) if numbered(choices) => {
            "Any: 1,3 or 2-4 or names with commas; all; none."
        }
        AnswerKind::Several(_) => "Any: names with commas; all; none.",
    }
}

/// Whether choices can be told by number. Where one is a number itself, `2` could mean
/// two things, and then only names count.
#[must_use]
pub fn numbered(choices: &[String]) -> bool {
    choices.iter().all(|choice| !choice.trim().starts_with(|letter: char| letter.is_ascii_digit()))
}

/// A typed question with its choices.
#[must_use]
pub fn typed_lines(question: &str, answer: &AnswerKind, columns: usize) -> Vec<Line> {
    let mut lines: Vec<_> = indented(laid_out(question, columns.saturating_sub(2)), Tone::Strong);
    if let AnswerKind::Choice(choices) | AnswerKind::Several(choices) = answer {
        lines.extend(choice_lines(choices));
    }
    lines
}

fn choice_lines(choices: &[String]) -> Vec<Line> {
    let digits = choices.len().to_string().len();
    let with_number = |(at, choice): (usize, &String)| {
        Line::plain("    ")
            .and(
                Tone::Prompt,
                if numbered(choices) { format!("{:>digits$}", at + 1) } else { "-".to_owned() },
            )
            .and(Tone::Plain, format!("  {}", one_line(choice)))
    };
    choices.iter().enumerate().map(with_number).collect()
}

/// Manual work: the instructions and what has to be attached.
#[must_use]
pub fn manual_lines(instructions: &str, attach: &[String], columns: usize) -> Vec<Line> {
    let mut lines = indented(laid_out(instructions, columns.saturating_sub(2)), Tone::Plain);
    if !attach.is_empty() {
        let parts: Vec<_> = attach.iter().map(|thing| one_line(thing)).collect();
        let texts = joined(&parts, "; ", columns.saturating_sub(11));
        lines.push(Line::new());
        lines.extend(texts.into_iter().enumerate().map(|(at, text)| {
            Line::of(Tone::Strong, if at == 0 { "  Attach:  " } else { "           " }).and(Tone::Plain, text)
        }));
    }
    lines
}

/// Lines of people stand two columns in; commands stand where their author put them.
fn indented(texts: Vec<String>, tone: Tone) -> Vec<Line> {
    texts
        .into_iter()
        .map(|text| if text.is_empty() { Line::new() } else { Line::plain("  ").and(tone, text) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::rehearsal;

    #[test]
    fn a_question_that_nobody_hears_is_told_in_one_line() {
        let choice = AnswerKind::Choice(vec!["disable".into(), "fence".into()]);
        let typed = Question::Typed { question: "Contain\nhow?".into(), answer: choice };
        assert_eq!(brief(&typed), "Contain how? (disable or fence)");
        let manual = Question::Manual { instructions: "\nTell the team.\nThen wait.".into(), attach: vec![] };
        assert_eq!(brief(&manual), "manual work, done or skip: Tell the team.");
        assert_eq!(brief(&rehearsal::approval()), "approval by Incident Commander of kms.disable_key");
    }

    #[test]
    fn choices_have_numbers_unless_a_number_could_mean_two_things() {
        let texts = |answer: &AnswerKind| {
            typed_lines("Which?", answer, 80).iter().map(Line::text).collect::<Vec<_>>()
        };
        let words = AnswerKind::Choice(vec!["disable".into(), "fence".into()]);
        assert_eq!(texts(&words), ["  Which?", "    1  disable", "    2  fence"]);
        let days = AnswerKind::Several(vec!["7 days".into(), "30 days".into()]);
        assert_eq!(texts(&days), ["  Which?", "    -  7 days", "    -  30 days"]);
        assert_eq!(how(&days), "Any: names with commas; all; none.");
    }

    #[test]
    fn a_long_list_of_choices_is_told_by_its_beginning() {
        let choices = |count: usize| (1..=count).map(|at| format!("c{at}")).collect::<Vec<_>>();
        assert!(kind(&AnswerKind::Choice(choices(12))).ends_with("c11 or c12"));
        assert!(kind(&AnswerKind::Choice(choices(14))).ends_with("c12 or 2 more"));
    }

    #[test]
    fn manual_work_says_what_to_attach() {
        let attach = ["a screenshot".to_owned(), "the ticket".to_owned()];
        let texts: Vec<_> = manual_lines("Do it.", &attach, 80).iter().map(Line::text).collect();
        assert_eq!(texts, ["  Do it.", "", "  Attach:  a screenshot; the ticket"]);
    }
}

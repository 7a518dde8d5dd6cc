//! Secrets: none in plain sight, and those that are given go only where nothing is recorded.

use super::uses;
use crate::document::ParamKind;
use crate::document::action::Action;
use crate::document::draft::Draft;
use crate::document::expr::Use;
use crate::document::value::Input;
use crate::text::{Diagnostic, Span};

pub(super) fn check(draft: &Draft, found: &mut Vec<Diagnostic>) {
    in_plain_sight(&draft.playbook.source.text, found);
    given_to_programs(draft, found);
    let secrets = draft.playbook.params.iter().filter(|param| param.kind == ParamKind::Secret);
    let secrets: Vec<String> = secrets.map(|param| format!("params.{}", param.name)).collect();
    if secrets.is_empty() {
        return;
    }
    let mut look = |used: &Use, env: bool| {
        let leaks = used.path == "params" || secrets.contains(&used.path);
        if leaks && !env {
            let message = format!("the secret `{}` would be shown or recorded here", used.path);
            let fault = Diagnostic::error("secret", used.span, message);
            found.push(fault.help(
                "give it to a program as a whole environment variable: env: { NAME: \"{{ params.NAME }}\" }",
            ));
        }
    };
    for step in &draft.playbook.steps {
        uses::of_step(step, &mut |site| look(site.used, site.env));
    }
    for escalation in &draft.playbook.escalations {
        uses::of_escalation(escalation, &mut |used| look(used, false));
    }
}

/// Known shapes of secrets, anywhere in the text: comments can be read too.
fn in_plain_sight(text: &str, found: &mut Vec<Diagnostic>) {
    for (at, _) in text.match_indices("-----BEGIN ") {
        let line = text.get(at..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        if line.contains("PRIVATE KEY") {
            found.push(shown(Span::new(at, at + line.trim_end().len()), "a private key"));
        }
    }
    let mut start = 0;
    for part in text.split(|c: char| !is_token(c)) {
        if let Some(what) = shape(part) {
            found.push(shown(Span::new(start, start + part.len()), what));
        }
        start += part.len()
            + text.get(start + part.len()..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    }
}

fn shown(span: Span, what: &str) -> Diagnostic {
    let fault = Diagnostic::error("secret", span, format!("this looks like {what}, in plain sight"));
    fault.help("make it a parameter of type `secret`, and change it: whoever read this document has it")
}

const fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/' | '+' | '.')
}

/// What a word looks like. The examples of the AWS documentation end in EXAMPLE and are none.
fn shape(word: &str) -> Option<&'static str> {
    if word.len() < 16 || word.contains("EXAMPLE") {
        return None;
    }
    let upper_or_digit =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let after = |prefix: &str| word.strip_prefix(prefix).is_some_and(|rest| rest.len() >= 16);
    if word.len() == 20 && (word.starts_with("AKIA") || word.starts_with("ASIA")) && upper_or_digit(word) {
        return Some("an AWS access key id");
    }
    if ["ghp_", "gho_", "ghs_", "github_pat_"].into_iter().any(after) {
        return Some("a GitHub token");
    }
    if ["xoxb-", "xoxp-", "xoxa-", "xapp-"].into_iter().any(after) {
        return Some("a Slack token");
    }
    if word
        .trim_start_matches('/')
        .strip_prefix("hooks.slack.com/services/")
        .is_some_and(|rest| rest.len() >= 16)
    {
        return Some("the URL of a Slack webhook");
    }
    if after("glpat-") {
        return Some("a GitLab token");
    }
    if ["sk_live_", "rk_live_"].into_iter().any(after) {
        return Some("a payment key");
    }
    if word.starts_with("eyJ") && word.split('.').count() == 3 && word.len() > 60 {
        return Some("a signed token");
    }
    (word.len() == 40 && is_random(word)).then_some("an AWS secret access key")
}

/// Forty characters of base64 with all its kinds, spread as chance does.
fn is_random(word: &str) -> bool {
    let base64 = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'/' || byte == b'+');
    let kinds = [u8::is_ascii_uppercase, u8::is_ascii_lowercase, u8::is_ascii_digit];
    let mixed = kinds.iter().all(|kind| word.bytes().filter(kind).count() >= 3);
    let mut seen = [false; 256];
    word.bytes().for_each(|byte| {
        if let Some(seen) = seen.get_mut(usize::from(byte)) {
            *seen = true;
        }
    });
    base64 && mixed && seen.iter().filter(|&&seen| seen).count() >= 22
}

/// A password written out as an environment variable or an argument of a program.
fn given_to_programs(draft: &Draft, found: &mut Vec<Diagnostic>) {
    for step in &draft.playbook.steps {
        for action in std::iter::once(&step.action).chain(&step.undo) {
            let Action::Shell(shell) = action else { continue };
            for (name, value) in &shell.env {
                if let (true, Some((text, span))) = (is_secret_name(name), literal(value))
                    && !text.is_empty()
                {
                    found.push(shown(span, &format!("the secret `{name}`")));
                }
            }
            let words: Vec<_> = shell.argv.iter().map(literal).collect();
            for pair in words.windows(2) {
                if let [Some((option, _)), Some((text, span))] = pair
                    && option.starts_with("--")
                    && is_secret_name(option)
                    && !text.starts_with('-')
                {
                    found.push(shown(*span, &format!("the secret of `{option}`")));
                }
            }
            for (text, span) in words.iter().flatten() {
                if let Some((option, value)) = text.split_once('=')
                    && option.starts_with("--")
                    && is_secret_name(option)
                    && !value.is_empty()
                {
                    found.push(shown(*span, &format!("the secret of `{option}`")));
                }
            }
        }
    }
}

fn literal(input: &Input) -> Option<(&str, Span)> {
    match input {
        Input::Literal(value, span) => value.as_str().map(|text| (text, *span)),
        _ => None,
    }
}

/// Names that end in what one keeps to oneself; not `secret-id`, which only names one.
fn is_secret_name(name: &str) -> bool {
    let name = name.trim_start_matches('-').to_ascii_lowercase().replace('-', "_");
    [
        "password",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "api_key",
        "apikey",
        "secret_access_key",
        "private_key",
    ]
    .iter()
    .any(|word| name == *word || name.ends_with(&format!("_{word}")))
}

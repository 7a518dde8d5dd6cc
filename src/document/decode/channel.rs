//! `channels`: ways to reach people.

use super::findings::Findings;
use super::record::Record;
use super::{names, scalar};
use crate::document::channel::{Channel, Medium, Recipient, Setting};
use crate::document::draft::Broken;
use crate::document::language::{CHANNEL, Form, Noun};
use crate::document::param;
use crate::document::yaml::{Key, Node};
use crate::text::Diagnostic;

pub(super) fn channels(
    document: &Record<'_>,
    broken: &mut Broken,
    findings: &mut Findings<'_>,
) -> Vec<Channel> {
    let Some(node) = document.get("channels", findings) else { return Vec::new() };
    let Some(entries) = node.entries() else {
        findings.wrong_type(node, "`channels`", "a map of channels");
        broken.all_channels = true;
        return Vec::new();
    };
    let mut channels = Vec::with_capacity(entries.len());
    for (key, node) in entries {
        names::snake_key(key, "the name of a channel", findings);
        match channel(key, node, findings) {
            Some(channel) => channels.push(channel),
            None => broken.channels.extend([key.text.clone()]),
        }
    }
    channels
}

fn channel(key: &Key, node: &Node, findings: &mut Findings<'_>) -> Option<Channel> {
    Record::open(node, &CHANNEL, key.span, findings)?;
    let [(medium, settings)] = node.entries()? else {
        let fault = Diagnostic::error("channel", key.span, "a channel has exactly one medium");
        findings.push(fault.help("for example: { slack: { url: env(SLACK_WEBHOOK_URL) } }"));
        return None;
    };
    let Form::Noun(noun) = CHANNEL.key(&medium.text)?.form else { return None };
    let before = findings.count();
    let settings = self::settings(noun, medium, settings, findings)?;
    let medium = Medium::named(noun.name.rsplit(' ').next()?)?;
    (findings.count() == before).then(|| Channel { name: key.text.clone(), span: key.span, medium, settings })
}

fn settings(
    noun: &'static Noun,
    medium: &Key,
    node: &Node,
    findings: &mut Findings<'_>,
) -> Option<Vec<(&'static str, Setting)>> {
    let record = Record::open(node, noun, medium.span, findings)?;
    let mut settings = Vec::with_capacity(noun.keys.len());
    for key in noun.keys.iter().filter(|key| record.has(key.name)) {
        let Some(node) = record.get(key.name, findings) else { continue };
        settings.extend(setting(key.name, key.form, node, findings).map(|setting| (key.name, setting)));
    }
    Some(settings)
}

fn setting(name: &'static str, form: Form, node: &Node, findings: &mut Findings<'_>) -> Option<Setting> {
    let hidden = is_hidden(name);
    if let Some(setting) = reference(node, hidden) {
        return Some(setting);
    }
    if hidden {
        let fault =
            Diagnostic::error("secret", node.span, format!("`{name}` would stand here in plain sight"));
        findings.push(fault.help(format!(
            "write `{name}: env(NAME)` for a variable of the environment, or `{name}: secret(PARAM)` for a parameter of type `secret`"
        )));
        return None;
    }
    let items = if matches!(form, Form::OneOrMore(_)) {
        scalar::one_or_more(node)
    } else {
        std::slice::from_ref(node)
    };
    let what = format!("`{name}`");
    let texts: Vec<String> = items.iter().filter_map(|item| scalar::shown(item, &what, findings)).collect();
    for (item, text) in items.iter().zip(&texts) {
        if let Err(why) = fits(name, text) {
            findings.invalid("channel", item.span, format!("{what} {why}"));
        }
    }
    Some(Setting::Plain(texts))
}

/// What whoever has it could write to the channel with.
fn is_hidden(name: &str) -> bool {
    matches!(name, "url" | "routing_key" | "password" | "signing_key")
}

/// `env(NAME)` or `secret(PARAM)`.
fn reference(node: &Node, secret: bool) -> Option<Setting> {
    let (word, name) = node.text()?.trim().strip_suffix(')')?.split_once('(')?;
    let name = name.trim().to_owned();
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    match word.trim() {
        "env" if is_name => Some(Setting::Environment { name, secret, span: node.span }),
        "secret" if is_name => Some(Setting::Parameter { name, span: node.span }),
        _ => None,
    }
}

/// What can be said of a value before anything is sent.
fn fits(name: &str, text: &str) -> Result<(), &'static str> {
    let address = |text: &str| {
        text.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
            && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>,;\"".contains(&byte))
    };
    match name {
        "topic" if !param::is_arn(text) => Err("has to be the ARN of a topic, or env(NAME)"),
        "server" if !["smtp://", "smtps://"].iter().any(|scheme| text.starts_with(scheme)) => {
            Err("has to begin with smtps:// or smtp://, or be env(NAME)")
        }
        "endpoint" if !text.starts_with("https://") && !text.starts_with("http://127.0.0.1") => {
            Err("has to begin with https://")
        }
        "from" | "to" if !address(text) => {
            Err("has to be an address such as oncall@example.com, or env(NAME)")
        }
        "signature_header"
            if text.is_empty()
                || text.len() > 64
                || !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') =>
        {
            Err("has to be the name of a header: letters, digits and `-`")
        }
        _ => Ok(()),
    }
}

/// Names of roles and channels, one or a list of them.
pub(super) fn recipients(node: &Node, what: &str, findings: &mut Findings<'_>) -> Vec<Recipient> {
    let names = scalar::one_or_more(node).iter();
    names
        .filter_map(|node| Some(Recipient { name: names::snake(node, what, findings)?, span: node.span }))
        .collect()
}

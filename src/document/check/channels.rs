//! Channels: that those that are named exist, and that their secrets can be had.

use crate::document::ParamKind;
use crate::document::action::Action;
use crate::document::channel::{Recipient, Setting};
use crate::document::draft::Draft;
use crate::text::{Diagnostic, Span};

pub(super) fn check(draft: &Draft, found: &mut Vec<Diagnostic>) {
    let playbook = &draft.playbook;
    for channel in &playbook.channels {
        if playbook.role(&channel.name).is_some() {
            let message = format!("`{}` is a role as well: `to` could mean either", channel.name);
            found.push(
                Diagnostic::error("name", channel.span, message).help("give the channel a name of its own"),
            );
        }
        for (_, setting) in &channel.settings {
            if let Setting::Parameter { name, span } = setting {
                found.extend(secret(draft, name, *span));
            }
        }
    }
    if draft.broken.all_channels {
        return;
    }
    for role in &playbook.roles {
        found.extend(role.notify.iter().filter_map(|channel| unknown_channel(draft, channel)));
    }
    for step in &playbook.steps {
        for action in std::iter::once(&step.action).chain(&step.undo) {
            if let Action::Notify(notify) = action {
                found.extend(notify.to.iter().filter_map(|recipient| unreachable(draft, recipient)));
            }
        }
    }
}

/// `secret(NAME)` names a parameter, and one whose value is kept out of the record.
fn secret(draft: &Draft, name: &str, span: Span) -> Option<Diagnostic> {
    if draft.broken.all_params || draft.broken.params.contains(name) {
        return None;
    }
    match draft.playbook.param(name) {
        Some(param) if param.kind == ParamKind::Secret => None,
        Some(param) => {
            let message = format!("`{name}` is a {}: it would be recorded in plain sight", param.kind.name());
            Some(Diagnostic::error("secret", span, message).help("make it a parameter of type `secret`"))
        }
        None => {
            let secrets = draft.playbook.params.iter().filter(|param| param.kind == ParamKind::Secret);
            let fault =
                Diagnostic::error("unknown-parameter", span, format!("there is no parameter `{name}`"));
            let fault = fault.suggest(name, secrets.map(|param| &param.name));
            Some(match fault.label {
                Some(_) => fault,
                None => fault.help(format!("declare it: params: {{ {name}: secret }}")),
            })
        }
    }
}

fn is_known(draft: &Draft, channel: &str) -> bool {
    draft.playbook.channel(channel).is_some() || draft.broken.channels.contains(channel)
}

fn unknown_channel(draft: &Draft, channel: &Recipient) -> Option<Diagnostic> {
    if is_known(draft, &channel.name) {
        return None;
    }
    let message = format!("there is no channel `{}`", channel.name);
    let fault = Diagnostic::error("unknown-channel", channel.span, message);
    let fault = fault.suggest(&channel.name, draft.playbook.channels.iter().map(|channel| &channel.name));
    Some(match fault.label {
        Some(_) => fault,
        None => fault.help(format!(
            "declare it: channels: {{ {}: {{ slack: {{ url: env(SLACK_WEBHOOK_URL) }} }} }}",
            channel.name
        )),
    })
}

fn unreachable(draft: &Draft, recipient: &Recipient) -> Option<Diagnostic> {
    let playbook = &draft.playbook;
    if is_known(draft, &recipient.name) || draft.broken.all_roles {
        return None;
    }
    match playbook.role(&recipient.name) {
        Some(role) if !role.notify.is_empty() => None,
        Some(role) => {
            let message = format!("nobody would be told: the role `{}` has no channel", role.id);
            let warning = Diagnostic::warning("no-channel", recipient.span, message);
            Some(warning.help(format!("give it one: {}: {{ title: ..., notify: [CHANNEL] }}", role.id)))
        }
        None => {
            let names = playbook.channels.iter().map(|channel| &channel.name);
            let names: Vec<&String> = names.chain(playbook.roles.iter().map(|role| &role.id)).collect();
            let message = format!("there is no role or channel `{}`", recipient.name);
            let fault = Diagnostic::error("unknown-channel", recipient.span, message);
            let fault = fault.suggest(&recipient.name, &names);
            Some(match fault.label {
                Some(_) => fault,
                None => fault.help("`to` names roles and channels that the document declares"),
            })
        }
    }
}

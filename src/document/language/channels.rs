//! Channels: one noun for each medium.

use super::{Form, Key, Noun};

/// A value that never stands in the document itself.
const HIDDEN: Form = Form::Pattern("^\\s*(env\\([A-Za-z_][A-Za-z0-9_]*\\)|secret\\([a-z][a-z0-9_]*\\))\\s*$");

pub static CHANNEL: Noun = Noun {
    name: "a channel",
    about: "A way to reach people, of exactly one medium; what is secret about it comes from env(NAME) or secret(PARAM)",
    keys: &[
        Key::optional("slack", Form::Noun(&SLACK), "An incoming webhook of Slack"),
        Key::optional("pagerduty", Form::Noun(&PAGERDUTY), "A service of PagerDuty, by the Events API v2"),
        Key::optional("sns", Form::Noun(&SNS), "A topic of Amazon SNS, with the AWS identity of the run"),
        Key::optional("email", Form::Noun(&EMAIL), "Mail, through a server that takes it from this machine"),
        Key::optional("webhook", Form::Noun(&WEBHOOK), "Anything that takes JSON by POST"),
    ],
};

pub static SLACK: Noun = Noun {
    name: "the channel slack",
    about: "An incoming webhook of Slack",
    keys: &[Key::required("url", HIDDEN, "The webhook's URL: env(NAME) or secret(PARAM)")],
};

pub static PAGERDUTY: Noun = Noun {
    name: "the channel pagerduty",
    about: "A service of PagerDuty, by the Events API v2",
    keys: &[
        Key::required("routing_key", HIDDEN, "The integration key: env(NAME) or secret(PARAM)"),
        Key::optional(
            "endpoint",
            Form::Text,
            "https://events.pagerduty.com/v2/enqueue where absent; accounts in the EU have their own",
        ),
    ],
};

pub static SNS: Noun = Noun {
    name: "the channel sns",
    about: "A topic of Amazon SNS",
    keys: &[Key::required("topic", Form::Text, "The topic's ARN, or env(NAME)")],
};

pub static EMAIL: Noun = Noun {
    name: "the channel email",
    about: "Mail",
    keys: &[
        Key::required(
            "server",
            Form::Text,
            "smtps://HOST[:465], or smtp://HOST[:587] which has to offer STARTTLS unless it is this machine; or env(NAME)",
        ),
        Key::required("from", Form::Text, "The sender's address, or env(NAME)"),
        Key::required(
            "to",
            Form::OneOrMore(&Form::Text),
            "The addresses, or env(NAME) with commas between them",
        ),
        Key::optional("username", Form::Text, "Who logs in to the server, or env(NAME)"),
        Key::optional("password", HIDDEN, "With what: env(NAME) or secret(PARAM)"),
    ],
};

pub static WEBHOOK: Noun = Noun {
    name: "the channel webhook",
    about: "Anything that takes JSON by POST",
    keys: &[
        Key::required("url", HIDDEN, "Where to: env(NAME) or secret(PARAM)"),
        Key::optional(
            "signing_key",
            HIDDEN,
            "The body is signed with it (HMAC-SHA256): env(NAME) or secret(PARAM)",
        ),
        Key::optional(
            "signature_header",
            Form::Pattern("^[A-Za-z0-9-]{1,64}$"),
            "The header that carries sha256=HEX; X-Playbook-Signature where absent",
        ),
    ],
};

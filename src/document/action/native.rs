//! The actions of the language itself.

use std::time::Duration;

use super::Watch;
use super::spec::{Class, Field, Kind, Probe, READ, Reversal, Spec};
use crate::document::channel::Recipient;
use crate::document::value::{Expr, Input, Text};

/// Instructions for a person.
#[derive(Clone, Debug)]
pub struct Manual {
    pub instructions: Text,
    /// What the responder has to attach, each in a few words.
    pub attach: Vec<String>,
}

/// A typed question to a person.
#[derive(Clone, Debug)]
pub struct Ask {
    pub question: Text,
    pub answering: Answering,
}

/// A table of items that are decided one by one.
#[derive(Clone, Debug)]
pub struct Review {
    pub question: Text,
    /// A list of maps, each with a name of its own.
    pub items: Input,
    /// The field that names an item.
    pub named_by: String,
    /// The decisions to choose from; the first lets an item be as it is.
    pub decisions: Vec<String>,
    /// The decisions of an earlier review, as its step gave them.
    pub last: Option<Input>,
    /// Who decides, as the items name people: nobody decides on themselves.
    pub reviewer: Option<Input>,
}

/// What counts as an answer.
#[derive(Clone, Debug)]
pub enum Answering {
    Text,
    Number,
    Time,
    YesNo,
    /// One of these. The list is literal, or an expression that gives a list of texts.
    Choice(Input),
    /// Any number of these, none included.
    Several(Input),
}

/// A program with its arguments; never a line for a shell to split.
#[derive(Clone, Debug)]
pub struct Shell {
    pub argv: Vec<Input>,
    pub env: Vec<(String, Input)>,
    pub class: Class,
    /// Exit codes that mean success.
    pub success: Vec<i64>,
}

/// Something that people are told on their channels.
#[derive(Clone, Debug)]
pub struct Notify {
    /// Roles and channels.
    pub to: Vec<Recipient>,
    pub message: Text,
    pub subject: Option<Text>,
    /// Which alert of the run it is about.
    pub about: Option<Text>,
    pub signal: Signal,
    pub gravity: Gravity,
}

/// What a message means for an alert (PagerDuty, Events API v2, `event_action`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    #[default]
    Trigger,
    Acknowledge,
    Resolve,
}

impl Signal {
    pub const WORDS: [&'static str; 3] = ["trigger", "acknowledge", "resolve"];

    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [Self::Trigger, Self::Acknowledge, Self::Resolve].into_iter().find(|signal| signal.word() == word)
    }

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Trigger => "trigger",
            Self::Acknowledge => "acknowledge",
            Self::Resolve => "resolve",
        }
    }
}

/// How grave an alert is (PagerDuty, Events API v2, `payload.severity`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gravity {
    #[default]
    Critical,
    Error,
    Warning,
    Info,
}

impl Gravity {
    pub const WORDS: [&'static str; 4] = ["critical", "error", "warning", "info"];

    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [Self::Critical, Self::Error, Self::Warning, Self::Info]
            .into_iter()
            .find(|gravity| gravity.word() == word)
    }

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

#[derive(Clone, Debug)]
pub enum Wait {
    For(Duration),
    /// Until an instant, RFC 3339.
    Time(Input),
    Until(Watch),
}

/// An expression that must hold.
#[derive(Clone, Debug)]
pub struct Assert {
    pub that: Expr,
    pub message: Text,
}

pub(super) const MANUAL: Spec = Spec {
    name: "manual",
    summary: "Show instructions; the responder says done, or skips with a reason",
    inputs: &[
        Field::required("instructions", Kind::Text, "what the person shall do, step by step"),
        Field::optional(
            "attach",
            Kind::List(&Kind::Text),
            "files to ask for, each in a few words; they go into the evidence",
        ),
    ],
    outputs: &[
        Field::required("note", Kind::Text, "what the responder noted; empty where nothing"),
        Field::required("attachments", Kind::List(&Kind::Text), "artifacts that were attached"),
    ],
    probe: Probe::Operator,
    ..READ
};

pub(super) const ASK: Spec = Spec {
    name: "ask",
    summary: "Ask a typed question",
    inputs: &[
        Field::required("question", Kind::Text, "the question"),
        Field::optional("choices", Kind::List(&Kind::Text), "the answers to choose from"),
        Field::optional("several", Kind::Boolean, "whether more than one may be chosen"),
        Field::optional("type", Kind::Text, "text, number, time or boolean where there are no choices")
            .one_of(&["text", "number", "time", "boolean"]),
    ],
    outputs: &[Field::required("answer", Kind::Any, "the answer")],
    ..READ
};

pub(super) const REVIEW: Spec = Spec {
    name: "review",
    summary: "Decide on each item of a table: with filters, batches and reasons; every decision is an entry",
    inputs: &[
        Field::required("question", Kind::Text, "what is decided on each item"),
        Field::required("items", Kind::List(&Kind::Any), "maps with an `id`, and whatever helps to decide"),
        Field::optional("named_by", Kind::Text, "the field that names an item; id where absent"),
        Field::optional(
            "decisions",
            Kind::List(&Kind::Text),
            "what can be decided, the one that changes nothing first; keep and revoke where absent",
        ),
        Field::optional(
            "last",
            Kind::List(&Kind::Any),
            "decisions of an earlier review, which are proposals",
        ),
        Field::optional("reviewer", Kind::Text, "the id of whoever decides; nobody decides on themselves"),
    ],
    outputs: &[
        Field::required("decisions", Kind::List(&Kind::Record(DECIDED)), "one an item, in the items' order"),
        Field::required("seconds", Kind::Integer, "how long the decisions took, all together"),
        Field::required("rushed", Kind::Boolean, "whether they were too quick to be thought through"),
    ],
    ..READ
};

const DECIDED: &[Field] = &[
    Field::required("id", Kind::Text, "the item"),
    Field::required("decision", Kind::Text, "one of `decisions`"),
    Field::required("reason", Kind::Text, "why; empty where none was asked for"),
    Field::required("by", Kind::Text, "who decided"),
    Field::required("at", Kind::Text, "when, RFC 3339"),
    Field::required("seconds", Kind::Integer, "how long it took"),
    Field::required("together", Kind::Integer, "how many were decided at once, itself counted"),
    Field::required("statements", Kind::Any, "what the item said that its answer rests on"),
    Field::optional("verdict", Kind::Text, "the same, where the item has it"),
    Field::optional("conditions", Kind::Any, "the same"),
    Field::optional("grants_itself", Kind::Any, "the same"),
];

pub(super) const SHELL: Spec = Spec {
    name: "shell",
    summary: "Run a program with its arguments; never a line for a shell to split",
    class: Class::Write,
    inputs: &[
        Field::required("argv", Kind::List(&Kind::Text), "program and arguments"),
        Field::optional("env", Kind::Any, "environment variables, beside those of this process"),
        Field::optional("class", Kind::Text, "read or write (or destroy); write where absent")
            .one_of(&["read", "write", "destroy"]),
        Field::optional(
            "success",
            Kind::List(&Kind::Integer),
            "exit codes that mean success; 0 where absent",
        ),
    ],
    outputs: &[
        Field::required("code", Kind::Integer, "exit code"),
        Field::required("stdout", Kind::Text, "standard output, at most 1 MiB; whole as an artifact"),
        Field::required("stderr", Kind::Text, "standard error, at most 1 MiB; whole as an artifact"),
        Field::required("artifacts", Kind::List(&Kind::Text), "artifacts that hold both"),
    ],
    reversal: Reversal::Never("what a program did is not known here; give the step an `undo`"),
    probe: Probe::Operator,
    ..READ
};

pub(super) const NOTIFY: Spec = Spec {
    name: "notify",
    summary: "Tell people on their channels; a channel that is dead is told of and stops nothing",
    class: Class::Write,
    inputs: &[
        Field::required("to", Kind::List(&Kind::Text), "roles and channels"),
        Field::required("message", Kind::Text, "what to tell them"),
        Field::optional("subject", Kind::Text, "in one line; the run and the title where absent"),
        Field::optional("event", Kind::Text, "what it means for an alert; trigger where absent")
            .one_of(&Signal::WORDS),
        Field::optional("about", Kind::Text, "which alert of the run it is; `incident` where absent"),
        Field::optional("severity", Kind::Text, "how grave the alert is; critical where absent")
            .one_of(&Gravity::WORDS),
    ],
    outputs: &[
        Field::required("delivered", Kind::List(&Kind::Text), "channels that took the message"),
        Field::required("failed", Kind::List(&Kind::Text), "channels that did not"),
        Field::required(
            "channels",
            Kind::List(&Kind::Record(&[
                Field::required("name", Kind::Text, "name of the channel"),
                Field::required("medium", Kind::Text, "slack, pagerduty, sns, email or webhook"),
                Field::required("delivered", Kind::Boolean, "whether it took the message"),
                Field::required("attempts", Kind::Integer, "how often it was tried"),
                Field::required("detail", Kind::Text, "what it answered, or why it did not"),
                Field::optional("but", Kind::Text, "who of several did not get it, and why"),
            ])),
            "each channel",
        ),
    ],
    reversal: Reversal::Never("what people were told cannot be untold"),
    probe: Probe::Again("a message that comes twice does less harm than one that never comes"),
    ..READ
};

pub(super) const WAIT: Spec = Spec {
    name: "wait",
    summary: "Wait for a duration, until a time, or until a reading action satisfies an expression",
    inputs: &[
        Field::optional("for", Kind::Duration, "how long"),
        Field::optional("time", Kind::Time, "until this instant, RFC 3339"),
        Field::optional("until", Kind::Any, "a reading action"),
        Field::optional("holds", Kind::Boolean, "the expression over `result` that ends the wait"),
        Field::optional("every", Kind::Duration, "how often to read; 30s where absent"),
        Field::optional("at_most", Kind::Duration, "after this the step fails; 1h where absent"),
    ],
    outputs: &[
        Field::required("waited", Kind::Text, "how long it took"),
        Field::required("result", Kind::Any, "the last reading, where there was one"),
    ],
    ..READ
};

pub(super) const ASSERT: Spec = Spec {
    name: "assert",
    summary: "Go on only if an expression holds",
    inputs: &[
        Field::required("that", Kind::Boolean, "the expression that must hold"),
        Field::required("message", Kind::Text, "what to tell the responder when it does not"),
    ],
    ..READ
};

pub(super) const SPECS: &[&Spec] = &[&MANUAL, &ASK, &REVIEW, &SHELL, &NOTIFY, &WAIT, &ASSERT];

//! Steps and the actions of the language itself.

use super::{Form, Key, Noun};
use crate::document::action::Kind;

pub static STEP: Noun = Noun {
    name: "a step",
    about: "One thing that is done, and everything about how",
    keys: &[
        Key::required("id", Form::Snake, "Name of the step; its outputs are steps.ID.NAME"),
        Key::optional("title", Form::Text, "What a person calls it; the id in words where absent"),
        Key::optional(
            "why",
            Form::Text,
            "Why it is done, and what happens if it is left out; shown with `?`",
        ),
        Key::optional("when", Form::Expression, "The step is skipped if this is false"),
        Key::optional(
            "approve",
            Form::Either(&[Form::Snake, Form::Noun(&APPROVE)]),
            "Who has to agree before it runs",
        ),
        Key::optional(
            "for_each",
            Form::Expression,
            "A list; the step runs once for each element, which is called `item`",
        ),
        Key::optional(
            "at_once",
            Form::Integer(1, 1000),
            "How many elements of `for_each` at once; 1 where absent",
        ),
        Key::optional(
            "tolerate",
            Form::Percent,
            "How many elements of `for_each` may fail before the step fails; 0% where absent",
        ),
        Key::required("do", Form::Action, "The one action of the step"),
        Key::optional("verify", Form::Noun(&VERIFY), "A reading that shows that it worked"),
        Key::optional("undo", Form::Action, "The action that takes it back"),
        Key::optional("retry", Form::Noun(&RETRY), "How often it is tried"),
        Key::optional("timeout", Form::Duration, "Of one attempt, such as 30s"),
        Key::optional(
            "on_failure",
            Form::Either(&[Form::Pattern("^(stop|continue|goto [a-z][a-z0-9_]*)$"), Form::Noun(&GOTO)]),
            "stop (where absent), continue, or `goto` a later step",
        ),
        Key::optional("owner", Form::Snake, "The role that does it"),
        Key::optional("expected", Form::Duration, "How long it takes, such as 5m"),
    ],
};

pub static APPROVE: Noun = Noun {
    name: "`approve`",
    about: "Who has to agree before a step runs",
    keys: &[
        Key::required("by", Form::Snake, "The role whose approval is needed"),
        Key::optional("count", Form::Integer(1, 20), "How many people of that role; 1 where absent"),
        Key::optional("expires", Form::Duration, "How long an approval holds"),
        Key::optional(
            "from_answers",
            Form::Boolean,
            "Whether an answers file may give it; false where absent",
        ),
    ],
};

pub static VERIFY: Noun = Noun {
    name: "`verify`",
    about: "A reading that is repeated until it shows that the step worked",
    keys: &[
        Key::required("do", Form::Reading, "An action that reads; its outputs are called `result`"),
        Key::required("holds", Form::Expression, "What has to be true of `result`"),
        Key::optional("every", Form::Duration, "How often to read; 2s where absent"),
        Key::optional("at_most", Form::Duration, "After this the step fails; 2m where absent"),
    ],
};

pub static RETRY: Noun = Noun {
    name: "`retry`",
    about: "How often a step is tried",
    keys: &[
        Key::required("attempts", Form::Integer(1, 100), "How often in all"),
        Key::optional(
            "backoff",
            Form::Duration,
            "Before the second attempt; doubled before each further one; 1s where absent",
        ),
    ],
};

pub static GOTO: Noun = Noun {
    name: "`on_failure`",
    about: "Where to go on when a step failed",
    keys: &[Key::required("goto", Form::Snake, "A later step; those between are passed over")],
};

pub static MANUAL: Noun = Noun {
    name: "the action manual",
    about: "Instructions for a person",
    keys: &[
        Key::required("instructions", Form::Template, "What the person shall do, step by step"),
        Key::optional(
            "attach",
            Form::OneOrMore(&Form::Text),
            "Files to ask for, each in a few words; they go into the evidence",
        ),
    ],
};

pub static ASK: Noun = Noun {
    name: "the action ask",
    about: "A typed question to a person",
    keys: &[
        Key::required("question", Form::Template, "The question"),
        Key::optional(
            "choices",
            Form::Value(Kind::List(&Kind::Text)),
            "The answers to choose from: a list, or an expression that gives one",
        ),
        Key::optional("several", Form::Boolean, "Whether more than one may be chosen"),
        Key::optional(
            "type",
            Form::OneOf(&["text", "number", "time", "boolean"]),
            "What is answered where there are no choices; text where absent",
        ),
    ],
};

pub static REVIEW: Noun = Noun {
    name: "the action review",
    about: "A table of items that a person decides on one by one",
    keys: &[
        Key::required("question", Form::Template, "What is decided on each item"),
        Key::required(
            "items",
            Form::Value(Kind::List(&Kind::Any)),
            "Maps with an `id`, and whatever helps to decide: a list, or an expression that gives one",
        ),
        Key::optional("named_by", Form::Text, "The field that names an item; `id` where absent"),
        Key::optional(
            "decisions",
            Form::List(&Form::Snake),
            "What can be decided, the one that changes nothing first; keep and revoke where absent",
        ),
        Key::optional(
            "last",
            Form::Value(Kind::List(&Kind::Any)),
            "Decisions of an earlier review, which are proposals",
        ),
        Key::optional(
            "reviewer",
            Form::Value(Kind::Text),
            "The id of whoever decides; nobody decides on themselves",
        ),
    ],
};

pub static SHELL: Noun = Noun {
    name: "the action shell",
    about: "A program with its arguments; never a line for a shell to split",
    keys: &[
        Key::required(
            "argv",
            Form::List(&Form::Value(Kind::Text)),
            "Program and arguments, each an element of its own",
        ),
        Key::optional(
            "env",
            Form::Map(&Form::Value(Kind::Text)),
            "Environment variables, beside those of this process",
        ),
        Key::optional(
            "class",
            Form::OneOf(&["read", "write", "destroy"]),
            "What it may do to the world; write where absent",
        ),
        Key::optional(
            "success",
            Form::OneOrMore(&Form::Integer(0, 255)),
            "Exit codes that mean success; 0 where absent",
        ),
    ],
};

pub static NOTIFY: Noun = Noun {
    name: "the action notify",
    about: "Tell people on their channels; a channel that is dead is told of and stops nothing",
    keys: &[
        Key::required("to", Form::OneOrMore(&Form::Snake), "Roles and channels"),
        Key::required("message", Form::Template, "What to tell them"),
        Key::optional(
            "subject",
            Form::Template,
            "In one line; the run and the document's title where absent",
        ),
        Key::optional(
            "event",
            Form::OneOf(&["trigger", "acknowledge", "resolve"]),
            "What it means for an alert (PagerDuty); trigger where absent",
        ),
        Key::optional(
            "about",
            Form::Template,
            "Which alert of the run it is: the same words, the same alert. `incident` where absent; an escalation's is its `when`",
        ),
        Key::optional(
            "severity",
            Form::OneOf(&["critical", "error", "warning", "info"]),
            "How grave the alert is; critical where absent",
        ),
    ],
};

pub static WAIT: Noun = Noun {
    name: "the action wait",
    about: "Wait for a duration, until a time, or until a reading satisfies an expression",
    keys: &[
        Key::optional("for", Form::Duration, "How long"),
        Key::optional("time", Form::Value(Kind::Time), "Until this instant, RFC 3339"),
        Key::optional("until", Form::Reading, "An action that reads; its outputs are called `result`"),
        Key::optional("holds", Form::Expression, "What has to be true of `result`"),
        Key::optional("every", Form::Duration, "How often to read; 30s where absent"),
        Key::optional("at_most", Form::Duration, "After this the step fails; 1h where absent"),
    ],
};

pub static ASSERT: Noun = Noun {
    name: "the action assert",
    about: "Go on only if an expression holds",
    keys: &[
        Key::required("that", Form::Expression, "The expression that must hold"),
        Key::required("message", Form::Template, "What to tell when it does not"),
    ],
};

//! The document and what stands at its top.

use super::{Form, Key, Noun};

pub const PARAM_TYPES: &[&str] = &[
    "string",
    "integer",
    "boolean",
    "duration",
    "time",
    "choice",
    "secret",
    "file",
    "arn",
    "kms_key",
    "access_key",
    "iam_principal",
    "s3_bucket",
    "account",
    "region",
];

pub static DOCUMENT: Noun = Noun {
    name: "a document",
    about: "One procedure: a playbook for an incident, or a runbook for routine and maintenance work",
    keys: &[
        Key::optional(
            "playbook",
            Form::Kebab,
            "Name of an incident playbook; the file's name without its ending",
        ),
        Key::optional("runbook", Form::Kebab, "Name of a runbook; the file's name without its ending"),
        Key::optional("title", Form::Text, "What a person calls it; the name in words where absent"),
        Key::optional(
            "version",
            Form::Integer(1, u32::MAX as i64),
            "Counts up with each change; 1 where absent",
        ),
        Key::optional("owner", Form::Text, "The team that keeps it true"),
        Key::optional("summary", Form::Text, "What this is for, in two sentences"),
        Key::optional("frequency", Form::Text, "How often routine work is due, such as: Quarterly"),
        Key::optional("expected", Form::Duration, "How long it takes, such as 4h"),
        Key::optional("prerequisites", Form::List(&Form::Text), "What has to be there before it starts"),
        Key::optional("success", Form::List(&Form::Text), "What must be true at the end"),
        Key::optional("triggers", Form::List(&Form::Text), "What tells you that this is the one"),
        Key::optional(
            "severity",
            Form::Noun(&SEVERITY),
            "How to classify; the run records the choice and who made it",
        ),
        Key::optional("roles", Form::Map(&Form::Either(&[Form::Text, Form::Noun(&ROLE)])), "Who takes part"),
        Key::optional(
            "channels",
            Form::Map(&Form::OnlyOne(&super::CHANNEL)),
            "Ways to reach people; roles and `notify` name them",
        ),
        Key::optional(
            "params",
            Form::Map(&Form::Either(&[Form::OneOf(PARAM_TYPES), Form::Noun(&PARAM)])),
            "What a run is started with",
        ),
        Key::optional(
            "objectives",
            Form::Map(&Form::Noun(&OBJECTIVE)),
            "Deadlines, counted from the start; they escalate and stop nothing",
        ),
        Key::optional(
            "escalations",
            Form::List(&Form::Noun(&ESCALATION)),
            "Who is told when something goes wrong",
        ),
        Key::optional("references", Form::List(&Form::Text), "Frameworks and standards behind it"),
        Key::optional("traces", Form::List(&Form::Noun(&TRACE)), "Which requirements it implements"),
        Key::required("phases", Form::List(&Form::Noun(&PHASE)), "What is done, in order"),
    ],
};

pub static SEVERITY: Noun = Noun {
    name: "`severity`",
    about: "How to classify an incident",
    keys: &[
        Key::required("default", Form::Text, "The level of a run that is started without one"),
        Key::required("levels", Form::Map(&Form::Text), "Each level and what it means, the gravest first"),
    ],
};

pub static ROLE: Noun = Noun {
    name: "a role",
    about: "Somebody who takes part",
    keys: &[
        Key::required("title", Form::Text, "What the role is called"),
        Key::optional("staffed_by", Form::Text, "Who takes it"),
        Key::optional(
            "notify",
            Form::OneOrMore(&Form::Snake),
            "The channels on which the role is told of escalations",
        ),
        Key::optional(
            "allowed_signers",
            Form::Either(&[Form::Text, Form::List(&Form::Text)]),
            "Whose SSH signatures approve, as lines of ssh-keygen's allowed_signers or a file of them beside the document; nothing else counts then",
        ),
    ],
};

pub static PARAM: Noun = Noun {
    name: "a parameter",
    about: "A value that a run is started with",
    keys: &[
        Key::required("type", Form::OneOf(PARAM_TYPES), "What kind of value it is"),
        Key::optional("prompt", Form::Text, "The question to ask where it is not given"),
        Key::optional("default", Form::Literal, "The value where none is given"),
        Key::optional("choices", Form::List(&Form::Text), "The values of a `choice`"),
    ],
};

pub static OBJECTIVE: Noun = Noun {
    name: "an objective",
    about: "A deadline, counted from the start of the incident",
    keys: &[
        Key::optional("title", Form::Text, "What is true once it is met; the id in words where absent"),
        Key::required("within", Form::Duration, "From the start of the incident, such as 15m"),
        Key::required("met_by", Form::MetBy, "The steps that meet it: any(a, b) or all(a, b)"),
    ],
};

pub static ESCALATION: Noun = Noun {
    name: "an escalation",
    about: "Who is told when something goes wrong",
    keys: &[
        Key::required("when", Form::Cause, "missed(objective), failed(step) or answered(step, value)"),
        Key::required("to", Form::OneOrMore(&Form::Snake), "The roles to tell"),
        Key::required("message", Form::Template, "What to tell them"),
        Key::optional(
            "met_late",
            Form::Template,
            "What to tell them when the objective that was missed is met after all; an incident of PagerDuty is resolved then in any case",
        ),
    ],
};

pub static TRACE: Noun = Noun {
    name: "a trace",
    about: "A requirement that the procedure goes back to",
    keys: &[
        Key::required("source", Form::Text, "The requirement's id, such as 5-5"),
        Key::required("relationship", Form::Text, "implements, supports, verifies, ..."),
        Key::required("description", Form::Text, "In which way"),
    ],
};

pub static PHASE: Noun = Noun {
    name: "a phase",
    about: "A stretch of the procedure",
    keys: &[
        Key::required("id", Form::Snake, "Name of the phase"),
        Key::optional("title", Form::Text, "What a person calls it; the id in words where absent"),
        Key::optional(
            "window",
            Form::Window,
            "From the start of the incident, such as 15m..1h; shown and measured, stops nothing",
        ),
        Key::required("steps", Form::List(&Form::Noun(&super::STEP)), "What is done, in order"),
    ],
};

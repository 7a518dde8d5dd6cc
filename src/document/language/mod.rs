//! The keys of the language, as tables: what `decode` accepts, what `schema` tells editors,
//! and what a mistyped key is compared with, from one source.

mod channels;
mod nouns;
mod steps;

pub use channels::{CHANNEL, EMAIL, PAGERDUTY, SLACK, SNS, WEBHOOK};
pub use nouns::{DOCUMENT, ESCALATION, OBJECTIVE, PARAM, PARAM_TYPES, PHASE, ROLE, SEVERITY, TRACE};
pub use steps::{APPROVE, ASK, ASSERT, GOTO, MANUAL, NOTIFY, RETRY, REVIEW, SHELL, STEP, VERIFY, WAIT};

use super::action::Kind;

/// Something with keys.
#[derive(Debug)]
pub struct Noun {
    /// With its article, as messages name it: `a step`.
    pub name: &'static str,
    pub about: &'static str,
    pub keys: &'static [Key],
}

/// One key of a [`Noun`].
#[derive(Debug)]
pub struct Key {
    pub name: &'static str,
    pub form: Form,
    pub required: bool,
    pub about: &'static str,
}

/// What may stand behind a key.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// Text that is shown as it is.
    Text,
    /// Text that may hold templates.
    Template,
    Expression,
    Duration,
    Window,
    /// At least, at most.
    Integer(i64, i64),
    Boolean,
    /// `10%`.
    Percent,
    /// Lower case, words joined by hyphens.
    Kebab,
    /// Lower case, words joined by underscores.
    Snake,
    /// `missed(x)`, `failed(x)`, `answered(x, value)`.
    Cause,
    /// `any(a, b)`, `all(a, b)`, `a`.
    MetBy,
    OneOf(&'static [&'static str]),
    /// Text that has a meaning of its own: a pattern (ECMA 262) and an example.
    Pattern(&'static str),
    /// A value of an input or output kind, literal or template.
    Value(Kind),
    /// Any literal.
    Literal,
    List(&'static Form),
    /// One, or a list of them.
    OneOrMore(&'static Form),
    /// Names of the author's choosing.
    Map(&'static Form),
    Noun(&'static Noun),
    /// A map of exactly one of the noun's keys.
    OnlyOne(&'static Noun),
    /// Short forms first.
    Either(&'static [Form]),
    /// A map of exactly one action.
    Action,
    /// An action of class `read`.
    Reading,
}

impl Noun {
    #[must_use]
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

impl Key {
    pub(super) const fn required(name: &'static str, form: Form, about: &'static str) -> Self {
        Self { name, form, required: true, about }
    }

    pub(super) const fn optional(name: &'static str, form: Form, about: &'static str) -> Self {
        Self { name, form, required: false, about }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::action;

    #[test]
    fn the_native_actions_have_the_keys_that_their_specs_tell() {
        for noun in [&MANUAL, &ASK, &REVIEW, &SHELL, &NOTIFY, &WAIT, &ASSERT] {
            let name = noun.name.rsplit(' ').next().unwrap();
            let spec = action::all().find(|spec| spec.name == name).unwrap();
            let keys: Vec<_> = noun.keys.iter().map(|key| (key.name, key.required)).collect();
            let inputs: Vec<_> = spec.inputs.iter().map(|field| (field.name, field.required)).collect();
            assert_eq!(keys, inputs, "{name}");
        }
    }
}

//! What is known about an action before it is ever run.

/// What an action may do to the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Looks, and changes nothing.
    Read,
    /// Changes the world in a way that can be put right again.
    Write,
    /// Changes the world for good, or puts data at risk of being lost.
    Destroy,
}

impl Class {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Destroy => "destroy",
        }
    }

    #[must_use]
    pub const fn changes_the_world(self) -> bool {
        !matches!(self, Self::Read)
    }
}

/// Which of the four responder roles needs an action, so that nobody has to hold all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    Read,
    Contain,
    Recover,
    Destroy,
}

impl Duty {
    /// From those who may do least to those who may do most harm.
    pub const ALL: [Self; 4] = [Self::Read, Self::Contain, Self::Recover, Self::Destroy];

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Contain => "contain",
            Self::Recover => "recover",
            Self::Destroy => "destroy",
        }
    }
}

/// The type of an input, an output or a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Any,
    Text,
    Integer,
    Number,
    Boolean,
    Duration,
    /// An instant, RFC 3339.
    Time,
    /// An Amazon resource name.
    Arn,
    /// A KMS key as a person names it: id, ARN, alias name or alias ARN.
    KeyName,
    /// A KMS key id or ARN. KMS takes no alias in most operations that change a key.
    KeyId,
    Record(&'static [Field]),
    List(&'static Kind),
}

impl Kind {
    /// In words, with its article.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Any => "a value",
            Self::Text => "a text",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Duration => "a duration",
            Self::Time => "an instant",
            Self::Arn => "an ARN",
            Self::KeyName => "a KMS key: id, ARN or alias",
            Self::KeyId => "a KMS key id or ARN",
            Self::Record(_) => "a map",
            Self::List(_) => "a list",
        }
    }
}

/// A named input or output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    pub kind: Kind,
    pub required: bool,
    pub about: &'static str,
    /// The texts an input may have; empty where any will do.
    pub choices: &'static [&'static str],
}

impl Field {
    #[must_use]
    pub const fn required(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self { name, kind, required: true, about, choices: &[] }
    }

    #[must_use]
    pub const fn optional(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self { name, kind, required: false, about, choices: &[] }
    }

    #[must_use]
    pub const fn one_of(mut self, choices: &'static [&'static str]) -> Self {
        self.choices = choices;
        self
    }
}

/// The state of a KMS key, as far as the order of steps depends on it
/// (AWS KMS developer guide, "Key states of AWS KMS keys").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    Enabled,
    Disabled,
    PendingDeletion,
}

impl KeyState {
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::PendingDeletion => "scheduled for deletion",
        }
    }
}

/// What an action needs of a key, and how it leaves it. `key` names the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUse {
    pub key: &'static str,
    /// The states in which the action works; empty where any will do.
    pub works_in: &'static [KeyState],
    pub leaves: Option<KeyState>,
    /// The operations behind it, which fail in every other state.
    pub calls: &'static [&'static str],
    pub fence: Option<Fence>,
}

impl KeyUse {
    /// The fact behind `works_in`, for the person who reads the refusal.
    #[must_use]
    pub fn fact(&self, state: KeyState) -> String {
        let calls = self.calls.join(" and ");
        let fail = if self.calls.len() == 1 { "fails" } else { "fail" };
        let key = match state {
            KeyState::Enabled => "an enabled key",
            KeyState::Disabled => "a disabled key",
            KeyState::PendingDeletion => "a key that is scheduled for deletion",
        };
        format!("{calls} {fail} on {key}")
    }
}

/// What an action has to do with the fence around a compromised key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fence {
    /// It denies all use but that of the recovery roles.
    Builds,
    /// It makes a key usable again, for everybody whom no fence keeps out.
    Needs,
}

/// How an action can be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reversal {
    /// There is nothing to take back.
    Nothing,
    /// By another action.
    By(&'static str),
    /// Not at all, and why.
    Never(&'static str),
}

/// How the fate of an attempt without an end is found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// Doing it again is harmless: the action has the same effect once or twice.
    Repeat,
    /// Doing it again is the lesser evil, and why.
    Again(&'static str),
    /// Asking the world: the AWS operation that tells.
    Ask(&'static str),
    /// Only a person can say.
    Operator,
}

/// The static facts of an action.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spec {
    /// As documents write it: `kms.disable_key`.
    pub name: &'static str,
    pub summary: &'static str,
    pub class: Class,
    pub inputs: &'static [Field],
    pub outputs: &'static [Field],
    /// IAM actions that the caller needs.
    pub permissions: &'static [&'static str],
    pub duty: Duty,
    pub keys: &'static [KeyUse],
    pub reversal: Reversal,
    pub probe: Probe,
}

impl Spec {
    #[must_use]
    pub fn input(&self, name: &str) -> Option<&'static Field> {
        self.inputs.iter().find(|field| field.name == name)
    }

    #[must_use]
    pub fn output(&self, name: &str) -> Option<&'static Field> {
        self.outputs.iter().find(|field| field.name == name)
    }
}

/// A reading action: class `read`, harmless to repeat, nothing to take back.
pub(super) const READ: Spec = Spec {
    name: "",
    summary: "",
    class: Class::Read,
    inputs: &[],
    outputs: &[],
    permissions: &[],
    duty: Duty::Read,
    keys: &[],
    reversal: Reversal::Nothing,
    probe: Probe::Repeat,
};

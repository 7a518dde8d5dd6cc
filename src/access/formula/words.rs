//! A formula as conditions that a person can read.

use super::{Formula, Leaf};

impl Formula {
    /// Conditions that all have to hold; none where the formula is yes.
    #[must_use]
    pub fn conditions(&self) -> Vec<String> {
        match self {
            Self::Yes => Vec::new(),
            Self::All(parts) => parts.iter().map(Self::sentence).collect(),
            part => vec![part.sentence()],
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Yes => "always".to_owned(),
            Self::No => "never".to_owned(),
            Self::Leaf(leaf) => leaf.words(true),
            Self::Not(inner) => match &**inner {
                Self::Leaf(leaf) => leaf.words(false),
                inner => format!("not so: {}", inner.sentence()),
            },
            Self::All(parts) => joined(parts, " and "),
            Self::Any(parts) => joined(parts, " or "),
            Self::Doubt(why) => format!("it is unknown whether: {why}"),
        }
    }
}

fn joined(parts: &[Formula], word: &str) -> String {
    let part = |part: &Formula| match part {
        Formula::All(_) | Formula::Any(_) => format!("({})", part.sentence()),
        part => part.sentence(),
    };
    parts.iter().map(part).collect::<Vec<_>>().join(word)
}

impl Leaf {
    fn words(&self, holds: bool) -> String {
        match (self, holds) {
            (Self::Condition(test), holds) => test.words(holds),
            (Self::Fact { holds, .. }, true) => holds.to_string(),
            (Self::Fact { fails, .. }, false) => fails.to_string(),
        }
    }
}

//! One positive test of one context key. What is negated is negated around it.

use super::compare::stands;
use super::relation::{Comparison, Relation};
use super::{Context, Lookup, Resolved, Template};
use crate::access::matching::Sign;

/// How many values of the request have to stand in the relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// No set operator: one value is expected.
    One,
    /// At least one.
    Any,
    /// Every one, which holds for none at all.
    All,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    pub quantity: Quantity,
    pub relation: Relation,
    /// As it is written.
    pub key: String,
    pub lower: String,
    pub values: Vec<Template>,
}

/// What a test comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    Holds,
    Fails,
    Unknown,
}

impl From<bool> for Outcome {
    fn from(holds: bool) -> Self {
        if holds { Self::Holds } else { Self::Fails }
    }
}

impl Test {
    /// Whether a key is absent.
    #[must_use]
    pub fn absence(key: &str) -> Self {
        let (key, lower) = (key.to_owned(), key.to_ascii_lowercase());
        Self { quantity: Quantity::One, relation: Relation::Null, key, lower, values: Vec::new() }
    }

    #[must_use]
    pub fn outcome(&self, context: &Context) -> Outcome {
        let had = match (context.lookup(&self.lower), self.relation) {
            (Lookup::Unknown, _) if self.is_ruled_out(context) => return Outcome::Fails,
            (Lookup::Unknown, _) => return Outcome::Unknown,
            (Lookup::Absent, Relation::Null) => return Outcome::Holds,
            (Lookup::Known(_), Relation::Null) => return Outcome::Fails,
            (Lookup::Absent, _) => return (self.quantity == Quantity::All).into(),
            (Lookup::Known(had), _) => had,
        };
        let (mut wanted, mut unknown) = (Vec::with_capacity(self.values.len()), false);
        for value in &self.values {
            match value.resolve(context) {
                Resolved::Signs(signs) => wanted.push(signs),
                Resolved::Missing => {}
                Resolved::Unknown => unknown = true,
            }
        }
        let fits = |had: &String| wanted.iter().any(|wanted| stands(self.relation, wanted, had));
        let holds = match self.quantity {
            Quantity::One | Quantity::Any => had.iter().any(fits),
            Quantity::All => had.iter().all(fits),
        };
        // What fits without the variables that nobody knows, fits whatever they are.
        if unknown && !holds { Outcome::Unknown } else { holds.into() }
    }

    /// Whether the test asks for nothing but what the key is known not to be.
    fn is_ruled_out(&self, context: &Context) -> bool {
        context.not(&self.lower).is_some_and(|not| {
            self.only_values().is_some_and(|values| values.iter().all(|value| value == not))
        })
    }

    /// The only values that the key can have where the test holds; nothing where there are
    /// too many to say.
    #[must_use]
    pub fn only_values(&self) -> Option<Vec<String>> {
        let exact =
            matches!(self.relation, Relation::StringEquals | Relation::StringLike | Relation::ArnLike);
        let bool = self.relation == Relation::Bool;
        if self.quantity != Quantity::One || !(exact || bool) {
            return None;
        }
        let letter = |sign: Sign| match sign {
            Sign::Plain(letter) => Some(letter),
            Sign::One | Sign::Many => None,
        };
        let only = |value: &Template| value.fixed()?.into_iter().map(letter).collect();
        self.values.iter().map(only).collect()
    }

    /// The test in words, and its opposite.
    #[must_use]
    pub fn words(&self, holds: bool) -> String {
        if self.relation == Relation::Null {
            return format!("{} is {}", self.key, if holds { "absent" } else { "present" });
        }
        let values: Vec<String> = self.values.iter().map(|value| format!("`{}`", value.raw())).collect();
        let values = match values.as_slice() {
            [one] => one.clone(),
            several => format!("one of {}", several.join(", ")),
        };
        let relation = self.relation.words();
        let key = &self.key;
        match (self.quantity, holds) {
            (Quantity::One, true) => format!("{key} {} {values}", relation.0),
            (Quantity::One, false) => format!("{key} {} {values}, or is absent", relation.1),
            (Quantity::Any, true) => format!("at least one value of {key} {} {values}", relation.0),
            (Quantity::Any, false) => format!("no value of {key} {} {values}", relation.0),
            (Quantity::All, true) => {
                format!("every value of {key} {} {values}, or there is none", relation.0)
            }
            (Quantity::All, false) => format!("at least one value of {key} {} {values}", relation.1),
        }
    }
}

impl Relation {
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::StringEquals | Self::Bool | Self::Binary => ("is", "is not"),
            Self::StringEqualsIgnoreCase => ("is (ignoring case)", "is not (ignoring case)"),
            Self::StringLike | Self::ArnLike => ("matches", "does not match"),
            Self::IpAddress => ("lies in", "does not lie in"),
            Self::Null => ("is absent", "is present"),
            Self::Numeric(comparison) | Self::Date(comparison) => comparison.words(),
        }
    }
}

impl Comparison {
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Equals => ("equals", "does not equal"),
            Self::LessThan => ("lies below", "does not lie below"),
            Self::LessThanEquals => ("is at most", "is not at most"),
            Self::GreaterThan => ("lies above", "does not lie above"),
            Self::GreaterThanEquals => ("is at least", "is not at least"),
        }
    }
}

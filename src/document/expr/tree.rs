//! The shape of an expression, as far as the checks look into it.

use serde_json::Value;

use crate::text::Span;

/// An expression. Spans are those of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tree {
    /// A dotted name.
    Name(Use),
    Literal(Value),
    List(Vec<Self>),
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Compare {
        relation: Relation,
        left: Box<Self>,
        right: Box<Self>,
    },
    /// `NAME is defined`.
    Defined(Box<Self>),
    /// Anything else: what it does, and with what.
    Other(String, Vec<Self>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    Equal,
    Unequal,
    /// Left is an element, or a part, of right.
    In,
    NotIn,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// One place where a name is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The whole dotted name; [`ELEMENT`] stands for any element of a list:
    /// `steps.list.grants.[].grantee`.
    pub path: String,
    pub span: Span,
    /// Whether the expression asks if the name is defined, or gives a default for it.
    pub tested: bool,
}

/// The part of a [`Use::path`] that stands for an element of a list.
pub const ELEMENT: &str = "[]";

impl Use {
    /// The part of the name that is there before the expression is evaluated.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.find(".[]").map_or(self.path.as_str(), |at| &self.path[..at])
    }

    /// The first part: `params`, `steps`, ...
    #[must_use]
    pub fn root(&self) -> &str {
        self.path.split('.').next().unwrap_or_default()
    }

    /// The id of the step whose outputs are looked up, if that is what this does.
    #[must_use]
    pub fn step(&self) -> Option<&str> {
        self.path.strip_prefix("steps.")?.split('.').next()
    }
}

impl Tree {
    /// The name, where the whole expression is one and holds no list element.
    #[must_use]
    pub fn as_name(&self) -> Option<&Use> {
        match self {
            Self::Name(used) if used.name().len() == used.path.len() => Some(used),
            _ => None,
        }
    }

    #[must_use]
    pub fn as_literal(&self) -> Option<&Value> {
        match self {
            Self::Literal(value) => Some(value),
            _ => None,
        }
    }

    /// Calls `look` with this expression and everything in it.
    pub fn visit<'a>(&'a self, look: &mut dyn FnMut(&'a Self)) {
        look(self);
        match self {
            Self::Name(_) | Self::Literal(_) => {}
            Self::Not(inner) | Self::Defined(inner) => inner.visit(look),
            Self::And(left, right) | Self::Or(left, right) | Self::Compare { left, right, .. } => {
                left.visit(look);
                right.visit(look);
            }
            Self::List(parts) | Self::Other(_, parts) => parts.iter().for_each(|part| part.visit(look)),
        }
    }

    /// The expression in one spelling: two that mean the same word for word are equal,
    /// wherever they stand.
    #[must_use]
    pub fn canonical(&self) -> String {
        let all = |parts: &[Self]| parts.iter().map(Self::canonical).collect::<Vec<_>>().join(", ");
        match self {
            Self::Name(used) => used.path.clone(),
            Self::Literal(value) => value.to_string(),
            Self::List(parts) => format!("[{}]", all(parts)),
            Self::Not(inner) => format!("not({})", inner.canonical()),
            Self::Defined(inner) => format!("defined({})", inner.canonical()),
            Self::And(left, right) => format!("and({}, {})", left.canonical(), right.canonical()),
            Self::Or(left, right) => format!("or({}, {})", left.canonical(), right.canonical()),
            Self::Compare { relation, left, right } => {
                format!("{relation:?}({}, {})", left.canonical(), right.canonical())
            }
            Self::Other(what, parts) => format!("{what}({})", all(parts)),
        }
    }
}

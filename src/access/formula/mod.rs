//! What an answer depends on: yes, no, or a combination of tests that nobody could make.
//!
//! Conditions of allows and of denies meet in one formula, so that an answer in discovery
//! never promises what a deny takes away.

mod clauses;
mod words;

use std::sync::Arc;

use super::condition::Test;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Formula {
    Yes,
    No,
    Leaf(Leaf),
    Not(Box<Formula>),
    All(Vec<Formula>),
    Any(Vec<Formula>),
    /// Nobody can say, because something is missing or broken.
    Doubt(Arc<str>),
}

/// Something about a request that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaf {
    Condition(Arc<Test>),
    /// Anything else that a request may be, in words, and its opposite.
    Fact {
        holds: Arc<str>,
        fails: Arc<str>,
    },
}

impl Formula {
    pub fn doubt(why: impl Into<Arc<str>>) -> Self {
        Self::Doubt(why.into())
    }

    /// Something that is not known, and its opposite, in words.
    #[must_use]
    pub fn fact(holds: &str, fails: &str) -> Self {
        Self::Leaf(Leaf::Fact { holds: holds.into(), fails: fails.into() })
    }

    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut kept: Vec<Self> = Vec::new();
        for part in parts {
            match part {
                Self::Yes => {}
                Self::No => return Self::No,
                Self::All(inner) => inner.into_iter().for_each(|part| keep(&mut kept, part)),
                part => keep(&mut kept, part),
            }
        }
        only(kept, Self::Yes, Self::All)
    }

    pub fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut kept: Vec<Self> = Vec::new();
        for part in parts {
            match part {
                Self::No => {}
                Self::Yes => return Self::Yes,
                Self::Any(inner) => inner.into_iter().for_each(|part| keep(&mut kept, part)),
                part => keep(&mut kept, part),
            }
        }
        only(kept, Self::No, Self::Any)
    }

    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Not(inner) => *inner,
            Self::All(parts) => Self::any(parts.into_iter().map(Self::opposite)),
            Self::Any(parts) => Self::all(parts.into_iter().map(Self::opposite)),
            part => Self::Not(Box::new(part)),
        }
    }

    /// The formula with every doubt settled so that it holds as rarely as can be.
    #[must_use]
    pub fn at_least(&self) -> Self {
        self.settled(&Self::No)
    }

    /// The formula with every doubt settled so that it holds as often as can be.
    #[must_use]
    pub fn at_most(&self) -> Self {
        self.settled(&Self::Yes)
    }

    /// Negations stand directly before leaves and doubts, nowhere else.
    fn settled(&self, doubt: &Self) -> Self {
        match self {
            Self::Doubt(_) => doubt.clone(),
            Self::Not(inner) if matches!(**inner, Self::Doubt(_)) => doubt.clone(),
            Self::All(parts) => Self::all(parts.iter().map(|part| part.settled(doubt))),
            Self::Any(parts) => Self::any(parts.iter().map(|part| part.settled(doubt))),
            part => part.clone(),
        }
    }

    /// Every doubt in it, each once.
    #[must_use]
    pub fn doubts(&self) -> Vec<Arc<str>> {
        let mut doubts = Vec::new();
        self.gather(&mut doubts);
        doubts
    }

    fn gather(&self, doubts: &mut Vec<Arc<str>>) {
        match self {
            Self::Doubt(why) if !doubts.contains(why) => doubts.push(Arc::clone(why)),
            Self::Not(inner) => inner.gather(doubts),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.gather(doubts)),
            _ => {}
        }
    }
}

/// Past this many, parts that say the same are kept: looking for them would take time that
/// grows with the square of their number.
const COMPARED: usize = 64;

fn keep(kept: &mut Vec<Formula>, part: Formula) {
    if kept.len() >= COMPARED || !kept.contains(&part) {
        kept.push(part);
    }
}

fn only(mut kept: Vec<Formula>, none: Formula, several: fn(Vec<Formula>) -> Formula) -> Formula {
    match kept.len() {
        0 => none,
        1 => kept.pop().unwrap_or(none),
        _ => several(kept),
    }
}

#[cfg(test)]
mod tests;

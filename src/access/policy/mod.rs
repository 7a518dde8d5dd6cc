//! Policy documents: what they say, ready to be asked (Grammar of the IAM JSON policy
//! language; AWS JSON policy elements: Principal).

mod element;
mod named;
mod parse;
mod statement;

use std::sync::Arc;

pub use named::Named;
pub use parse::{About, LARGEST};
pub use statement::{Effect, Principals, Statement};

use crate::text::Position;

/// Where a policy is attached, which decides what it has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Inline, managed, boundary, session and service control policies: nobody is named.
    Identity,
    /// Key policies, bucket policies, trust policies: a statement without a principal
    /// matches nobody.
    Resource,
    /// Resource control policies: everybody is meant.
    ResourceControl,
}

/// A policy with the name that a person knows it by.
#[derive(Clone, Debug)]
pub struct Policy {
    pub name: Arc<str>,
    pub statements: Vec<Arc<Statement>>,
    /// Why nobody can say what the document means: it may allow, and it may deny.
    pub broken: Option<Arc<str>>,
}

impl Policy {
    /// A document that cannot be read. It is never taken for an empty one.
    #[must_use]
    pub fn broken(name: &str, why: &str, position: Position) -> Self {
        let why = format!("{name} cannot be read: {}:{}: {why}", position.line, position.column);
        Self { name: name.into(), statements: Vec::new(), broken: Some(why.into()) }
    }

    /// The policy with only those statements that may concern an action and a resource, so
    /// that a policy which many share is searched once.
    #[must_use]
    pub fn about(&self, action: &str, resource: &str) -> Self {
        let concerned = self.statements.iter().filter(|statement| statement.may_concern(action, resource));
        Self {
            name: Arc::clone(&self.name),
            statements: concerned.cloned().collect(),
            broken: self.broken.clone(),
        }
    }

    /// The policy with only those statements that may concern one of some actions, on
    /// whatever resource.
    #[must_use]
    pub fn about_any(mut self, actions: &[&str]) -> Self {
        self.statements.retain(|statement| actions.iter().any(|action| statement.may_concern_action(action)));
        self
    }

    /// Whether the policy may have a say in an action, on whatever resource.
    #[must_use]
    pub fn may_concern(&self, action: &str) -> bool {
        self.broken.is_some() || self.statements.iter().any(|statement| statement.may_concern_action(action))
    }

    /// Whether nothing in it can matter.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.statements.is_empty() && self.broken.is_none()
    }
}

#[cfg(test)]
mod tests;

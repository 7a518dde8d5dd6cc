//! One statement of a policy.

use std::sync::Arc;

use super::element::Choice;
use super::named::Named;
use crate::access::condition::{Clause, Context, Outcome};
use crate::access::formula::Formula;
use crate::text::Position;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Allow,
    Deny,
}

impl Effect {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Allow => "Allow",
            Self::Deny => "Deny",
        }
    }
}

/// Whom a statement means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principals {
    /// No Principal element: everybody in an identity policy, nobody in a resource policy.
    Unsaid,
    Named(Vec<Named>),
    /// Everybody but these.
    AllBut(Vec<Named>),
}

#[derive(Clone, Debug)]
pub struct Statement {
    /// The Sid, or the number of the statement, counted from one.
    pub label: Arc<str>,
    pub position: Position,
    pub effect: Effect,
    pub principals: Principals,
    pub(super) actions: Choice,
    /// Nothing where a trust policy leaves it out: the resource that the policy is on.
    pub(super) resources: Option<Choice>,
    pub(super) clauses: Vec<Clause>,
}

impl Statement {
    /// Whether action, resource and conditions are met; who is meant is another question.
    #[must_use]
    pub fn covers(&self, action: &str, resource: &str, context: &Context) -> Formula {
        let concerned = self.concerns(action, resource, context);
        if concerned == Formula::No {
            return concerned;
        }
        Formula::all(
            std::iter::once(concerned).chain(self.clauses.iter().map(|clause| clause.evaluate(context))),
        )
    }

    fn concerns(&self, action: &str, resource: &str, context: &Context) -> Formula {
        let action = self.actions.covers(&action.to_ascii_lowercase(), context);
        if action == Formula::No {
            return action;
        }
        let resource =
            self.resources.as_ref().map_or(Formula::Yes, |resources| resources.covers(resource, context));
        Formula::all([action, resource])
    }

    /// False where no context can make the statement concern the request.
    #[must_use]
    pub fn may_concern(&self, action: &str, resource: &str) -> bool {
        let open = Context::new(crate::access::condition::Beyond::Unknown);
        self.concerns(action, resource, &open) != Formula::No
    }

    pub(super) fn may_concern_action(&self, action: &str) -> bool {
        self.actions.covers(&action.to_ascii_lowercase(), &Context::default()) != Formula::No
    }

    /// Whether a context key among some, in lower case, has a say in what it means.
    #[must_use]
    pub fn looks_at(&self, is_meant: fn(&str) -> bool) -> bool {
        let open = self.resources.iter().flat_map(Choice::open);
        let mut variables = open.flat_map(|(_, template)| template.variables());
        variables.any(is_meant) || self.clauses.iter().flat_map(Clause::keys).any(is_meant)
    }

    /// What it sees of a context: where two contexts look the same, it says the same.
    pub fn outcomes(&self, resource: &str, context: &Context) -> impl Iterator<Item = Outcome> {
        let open = self.resources.iter().flat_map(Choice::open);
        let open = open.map(|(pattern, _)| pattern.outcome(resource, context));
        open.chain(self.clauses.iter().flat_map(|clause| clause.outcomes(context)))
    }

    /// Whether the statement depends on nothing but who, what and on which.
    #[must_use]
    pub fn is_unconditional(&self) -> bool {
        self.clauses.is_empty()
    }
}

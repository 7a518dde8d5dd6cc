//! One action on one resource, asked of many. Whoever meets the same policies with the same
//! outcome of every test gets the same answer, which is decided once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::context::is_personal;
use super::people::{self, Person};
use super::{Collected, Key, borrowed};
use crate::access::condition::Outcome;
use crate::access::evaluate::{Answer, Grant, Held, Layers, Who, decide};
use crate::access::policy::{Named, Policy, Principals, Statement};

#[derive(Debug)]
pub(super) struct Question<'a> {
    action: &'a str,
    resource: &'a str,
    key: &'a Key,
    scps: &'a Held<Vec<Vec<Policy>>>,
    around: Around<'a>,
    /// Whom policy or grants name: each of them is asked alone.
    named: Names,
    /// The grants that name nobody in particular.
    open: Vec<Grant>,
    /// Statements around the principal that look at who it is.
    watched: Vec<&'a Statement>,
    concerned: HashMap<usize, bool>,
    kinds: HashMap<usize, usize>,
    known: HashMap<Meeting, usize>,
    watched_by: Vec<Vec<Arc<Statement>>>,
    answers: HashMap<(usize, Vec<Outcome>), Arc<Answer>>,
}

/// What stands around the resource.
#[derive(Clone, Debug, Default)]
struct Around<'a> {
    policy: Held<&'a Policy>,
    rcps: Held<&'a Vec<Vec<Policy>>>,
    grants: Held<&'a [Grant]>,
}

/// Everything of a principal that decides beside its context. Policies are known by where
/// they lie, for as long as the residents do.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Meeting {
    user: bool,
    service_linked: bool,
    policies: Vec<usize>,
    boundary: Option<usize>,
}

impl<'a> Question<'a> {
    pub(super) fn on_key(collected: &'a Collected, action: &'a str) -> Self {
        let around = Around {
            policy: borrowed(&collected.key_policy, |policy| policy),
            rcps: borrowed(&collected.rcps, |levels| levels),
            grants: borrowed(&collected.grants, Vec::as_slice),
        };
        Self::new(action, &collected.key.arn, &collected.key, &collected.scps, around)
    }

    /// On a role, whose trust policy decides.
    pub(super) fn on_role(
        action: &'a str,
        (arn, trust): (&'a str, &'a Policy),
        key: &'a Key,
        scps: &'a Held<Vec<Vec<Policy>>>,
    ) -> Self {
        Self::new(action, arn, key, scps, Around { policy: Held::Given(trust), ..Around::default() })
    }

    /// On something that has no policy of its own.
    pub(super) fn bare(
        action: &'a str,
        resource: &'a str,
        key: &'a Key,
        scps: &'a Held<Vec<Vec<Policy>>>,
    ) -> Self {
        Self::new(action, resource, key, scps, Around::default())
    }

    fn new(
        action: &'a str,
        resource: &'a str,
        key: &'a Key,
        scps: &'a Held<Vec<Vec<Policy>>>,
        around: Around<'a>,
    ) -> Self {
        let named = Names::of(&around);
        let grants = if let Held::Given(grants) = around.grants { grants } else { &[] };
        let open = grants.iter().filter(|grant| !names_somebody(grant)).cloned().collect();
        let guards = [given(scps), if let Held::Given(levels) = around.rcps { levels } else { &[] }];
        let guards = guards.into_iter().flatten().flatten();
        let policy = if let Held::Given(policy) = around.policy { Some(policy) } else { None };
        let statements = guards.chain(policy).flat_map(|policy| &policy.statements);
        let watched = statements.filter(|it| watches(it, action, resource)).map(|it| &**it).collect();
        Self {
            action,
            resource,
            key,
            scps,
            around,
            named,
            open,
            watched,
            concerned: HashMap::new(),
            kinds: HashMap::new(),
            known: HashMap::new(),
            watched_by: Vec::new(),
            answers: HashMap::new(),
        }
    }

    pub(super) fn ask(&mut self, person: &Person) -> Arc<Answer> {
        let Some(seat) = person.seat.filter(|_| !self.named.hold(person)) else {
            return Arc::new(self.ask_alone(person));
        };
        let kind = match self.kinds.get(&seat.circle) {
            Some(kind) => *kind,
            None => self.kind(seat.circle, person),
        };
        let seen = self.seen(kind, person);
        if let Some(answer) = self.answers.get(&(kind, seen.clone())) {
            return Arc::clone(answer);
        }
        let grants = borrowed(&self.around.grants, |_| self.open.as_slice());
        let identity = borrowed(person.policies(), |policies| {
            let concerned =
                policies.iter().filter(|policy| self.concerned.get(&place(policy)) == Some(&true));
            concerned.map(|policy| &**policy).collect()
        });
        let answer = Arc::new(self.answer(person, identity, grants));
        self.answers.insert((kind, seen), Arc::clone(&answer));
        answer
    }

    /// Where nobody else will be asked.
    pub(super) fn ask_alone(&self, person: &Person) -> Answer {
        self.answer(person, person.identity(), self.around.grants.clone())
    }

    /// Decided anew, whoever it is.
    fn answer(&self, person: &Person, identity: Held<Vec<&Policy>>, grants: Held<&[Grant]>) -> Answer {
        let layers = Layers {
            identity,
            resource: self.around.policy.clone(),
            boundary: person.boundary.as_deref().map_or(Held::Absent, Held::Given),
            sessions: Held::Absent,
            scps: person.guardrails(self.scps, self.key),
            rcps: borrowed(&self.around.rcps, |levels| people::levels(levels)),
            grants,
        };
        decide(&person.request(self.key, self.action, self.resource), &layers)
    }

    /// What is the same for everybody of a circle, and for circles that differ only in what
    /// does not concern the question.
    fn kind(&mut self, circle: usize, person: &Person) -> usize {
        let Held::Given(policies) = person.policies() else { return 0 };
        let (action, resource) = (self.action, self.resource);
        let concerned = &mut self.concerned;
        let mut concerns = |policy: &Arc<Policy>| {
            *concerned.entry(place(policy)).or_insert_with(|| {
                policy.broken.is_some() || policy.statements.iter().any(|it| it.may_concern(action, resource))
            })
        };
        let policies: Vec<_> = policies.iter().filter(|policy| concerns(policy)).collect();
        let meeting = Meeting {
            user: person.caller.who == Who::User,
            service_linked: person.caller.is_service_linked(),
            policies: policies.iter().map(|policy| place(policy)).collect(),
            boundary: person.boundary.as_ref().map(place),
        };
        let next = self.known.len();
        let kind = *self.known.entry(meeting).or_insert(next);
        if kind == next {
            let all = policies.into_iter().chain(&person.boundary).flat_map(|policy| &policy.statements);
            self.watched_by.push(all.filter(|it| watches(it, action, resource)).cloned().collect());
        }
        self.kinds.insert(circle, kind);
        kind
    }

    fn seen(&self, kind: usize, person: &Person) -> Vec<Outcome> {
        let own = self.watched_by.get(kind).map_or(&[][..], Vec::as_slice);
        if self.watched.is_empty() && own.is_empty() {
            return Vec::new();
        }
        let context = person.context(self.key);
        let statements = self.watched.iter().copied().chain(own.iter().map(|it| &**it));
        statements.flat_map(|it| it.outcomes(self.resource, context)).collect()
    }
}

fn watches(statement: &Statement, action: &str, resource: &str) -> bool {
    statement.looks_at(is_personal) && statement.may_concern(action, resource)
}

fn place(policy: &Arc<Policy>) -> usize {
    Arc::as_ptr(policy).addr()
}

fn given<T>(held: &Held<Vec<T>>) -> &[T] {
    if let Held::Given(given) = held { given } else { &[] }
}

/// Names that can mean one user or role, and no other of its account.
#[derive(Debug, Default)]
struct Names {
    arns: HashSet<String>,
    ids: HashSet<String>,
    /// Roles of which a session is named.
    roles: HashSet<String>,
}

impl Names {
    fn of(around: &Around<'_>) -> Self {
        let mut names = Self::default();
        let statements =
            if let Held::Given(policy) = around.policy { policy.statements.as_slice() } else { &[] };
        for statement in statements {
            match &statement.principals {
                Principals::Unsaid => {}
                Principals::Named(named) | Principals::AllBut(named) => {
                    for named in named {
                        names.add(named);
                    }
                }
            }
        }
        let grants = if let Held::Given(grants) = around.grants { grants } else { &[] };
        for name in grants.iter().flat_map(|grant| std::iter::once(&grant.grantee).chain(&grant.retiring)) {
            names.add(&Named::aws(name));
        }
        names
    }

    fn add(&mut self, named: &Named) {
        match named {
            Named::User { arn } | Named::Role { arn } | Named::FederatedUser { arn } => {
                self.arns.insert(arn.clone());
            }
            Named::Session { role, .. } => {
                self.roles.insert(role.clone());
            }
            Named::UniqueId(id) => {
                self.ids.insert(id.clone());
            }
            _ => {}
        }
    }

    fn hold(&self, person: &Person) -> bool {
        let id = person.caller.unique_id.as_deref();
        let role = if let Who::Role { name } = &person.caller.who { Some(name.as_str()) } else { None };
        self.arns.contains(&person.caller.name)
            || id.is_some_and(|id| self.ids.contains(id))
            || role.is_some_and(|role| self.roles.contains(role))
    }
}

/// Whether a grant is for principals that are asked alone, and says nothing to others.
fn names_somebody(grant: &Grant) -> bool {
    std::iter::once(&grant.grantee).chain(&grant.retiring).all(|name| {
        matches!(
            Named::aws(name),
            Named::User { .. }
                | Named::Role { .. }
                | Named::FederatedUser { .. }
                | Named::Session { .. }
                | Named::UniqueId(_)
        )
    })
}

//! Who gets there by assuming roles, over any number of them: the trust policy of each role
//! and the policies of whoever assumes it both decide.
//!
//! Steps from one role to the next do not depend on the key, so that each is asked for once,
//! and only those into roles that lead to somebody with access.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use super::people::Person;
use super::question::Question;
use super::residents::Residents;
use super::{ASSUME, is_open};
use crate::access::condition::{Beyond, Context};
use crate::access::evaluate::Verdict;
use crate::access::policy::{Effect, Named, Policy, Principals, Statement};

/// So many routes to one role are told; the others are counted.
pub const TOLD: usize = 50;

/// Somebody who can get to a role, and under which conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    pub by: String,
    /// The roles that are assumed on the way, in their order; none where the role itself is
    /// assumed at once.
    pub via: Vec<String>,
    /// The worst on the way: who is not sure to take one step is not sure to arrive.
    pub verdict: Verdict,
    /// All of these have to hold.
    pub conditions: Vec<String>,
}

/// The shortest routes to a role, the surest first among equals. Of longer ones by the same
/// principal only those are here that are surer.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Routes {
    pub told: Vec<Route>,
    /// How many there are besides.
    pub more: usize,
}

/// What is known so far of the steps and routes into each resident.
#[derive(Debug, Default)]
pub(super) struct Reach {
    /// Those whose policies are about assuming roles.
    by_iam: Vec<usize>,
    steps: Vec<OnceLock<Vec<Step>>>,
    routes: Vec<OnceLock<Arc<Routes>>>,
}

/// Somebody assumes a role.
#[derive(Debug)]
struct Step {
    from: Start,
    verdict: Verdict,
    conditions: Arc<[String]>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Start {
    Resident(usize),
    /// Somebody of another account, a service, a provider.
    Outside(Arc<str>),
}

/// A step of some route, and the one behind it, which is nearer to the end.
struct Hop<'a> {
    step: &'a Step,
    worst: Verdict,
    next: Option<usize>,
}

impl Reach {
    pub(super) fn among(people: &[Arc<Person>]) -> Self {
        let roles = people.iter().rposition(|person| person.trust.is_some()).map_or(0, |last| last + 1);
        let about = |at: &usize| people.get(*at).is_some_and(|person| person.may_concern(ASSUME));
        Self {
            by_iam: (0..people.len()).filter(about).collect(),
            steps: (0..roles).map(|_| OnceLock::new()).collect(),
            routes: (0..roles).map(|_| OnceLock::new()).collect(),
        }
    }
}

impl Residents {
    /// How others get to be somebody; no way but for roles.
    pub(super) fn routes(&self, person: &Person) -> Arc<Routes> {
        let cell = person
            .seat
            .filter(|_| person.trust.is_some())
            .and_then(|seat| self.reach.routes.get(seat.at).map(|cell| (seat.at, cell)));
        cell.map(|(at, cell)| Arc::clone(cell.get_or_init(|| Arc::new(self.search(at))))).unwrap_or_default()
    }

    /// Start the end backwards, step by step: all that take one step, then all that take two.
    /// Whoever was met is met again only on a surer way, so that circles end.
    fn search(&self, end: usize) -> Routes {
        let mut hops: Vec<Hop<'_>> = Vec::new();
        let mut best: HashMap<&Start, Verdict> = HashMap::new();
        let end = Start::Resident(end);
        let mut front = self.steps_into(&end, Verdict::Allowed, None);
        while !front.is_empty() {
            front.sort_by_key(|hop| hop.worst);
            let mut further = Vec::new();
            for hop in front {
                let from = &hop.step.from;
                if *from == end || best.get(from).is_some_and(|best| *best <= hop.worst) {
                    continue;
                }
                best.insert(from, hop.worst);
                further.extend(self.steps_into(from, hop.worst, Some(hops.len())));
                hops.push(hop);
            }
            front = further;
        }
        let told = (0..hops.len().min(TOLD)).map(|at| self.route(&hops, at)).collect();
        Routes { told, more: hops.len().saturating_sub(TOLD) }
    }

    fn steps_into(&self, to: &Start, worst: Verdict, next: Option<usize>) -> Vec<Hop<'_>> {
        let Start::Resident(at) = to else { return Vec::new() };
        let Some(cell) = self.reach.steps.get(*at) else { return Vec::new() };
        let steps = cell.get_or_init(|| self.steps(*at));
        steps.iter().map(|step| Hop { worst: worst.max(step.verdict), step, next }).collect()
    }

    fn route(&self, hops: &[Hop<'_>], at: usize) -> Route {
        let way: Vec<&Hop<'_>> = std::iter::successors(hops.get(at), |hop| hops.get(hop.next?)).collect();
        let (first, behind) = (way.first(), way.get(1..).unwrap_or_default());
        let via: Vec<String> = behind.iter().map(|hop| self.name(&hop.step.from)).collect();
        let mut conditions = Vec::new();
        for (at, hop) in way.iter().enumerate() {
            let role = via.get(at).map_or_else(String::new, |role| format!("to assume {role}: "));
            conditions.extend(hop.step.conditions.iter().map(|condition| format!("{role}{condition}")));
        }
        Route {
            by: first.map(|hop| self.name(&hop.step.from)).unwrap_or_default(),
            via,
            verdict: first.map_or(Verdict::Unknown, |hop| hop.worst),
            conditions,
        }
    }

    fn name(&self, from: &Start) -> String {
        match from {
            Start::Resident(at) => self.people.get(*at).map(|person| person.name.clone()).unwrap_or_default(),
            Start::Outside(name) => name.to_string(),
        }
    }

    /// Everybody who can assume a role.
    fn steps(&self, at: usize) -> Vec<Step> {
        let Some(role) = self.people.get(at) else { return Vec::new() };
        let (Some(trust), Some(arn)) = (role.trust.as_deref(), role.own_arn.as_deref()) else {
            return Vec::new();
        };
        let mut question = Question::on_role(ASSUME, (arn, trust), &self.key, &self.scps);
        let mut steps = Vec::new();
        for other in self.candidates(trust).into_iter().filter(|other| *other != at) {
            let Some(person) = self.people.get(other).filter(|person| person.seat.is_some()) else {
                continue;
            };
            let answer = question.ask(person);
            if is_open(answer.verdict) {
                let conditions = answer.conditions.as_slice().into();
                steps.push(Step { from: Start::Resident(other), verdict: answer.verdict, conditions });
            }
        }
        steps.extend(self.outsiders(trust));
        steps
    }

    /// Whom to ask: those whom the trust policy names, and where it leaves the choice to IAM,
    /// those whose policies are about assuming roles. Most roles trust a service alone. The
    /// root of an account cannot assume roles (AWS STS, the error "Roles may not be assumed by root
    /// accounts" of `AssumeRole`).
    fn candidates(&self, trust: &Policy) -> BTreeSet<usize> {
        let mut candidates = BTreeSet::new();
        if trust.broken.is_some() {
            candidates.extend(&self.reach.by_iam);
        }
        for statement in allows(trust) {
            match &statement.principals {
                Principals::Unsaid => {}
                Principals::Named(named) => {
                    for named in named {
                        self.add(named, &mut candidates);
                    }
                }
                Principals::AllBut(_) => candidates.extend(0..self.people.len()),
            }
        }
        candidates
    }

    fn add(&self, named: &Named, candidates: &mut BTreeSet<usize>) {
        match named {
            Named::Everyone | Named::Malformed(_) => candidates.extend(0..self.people.len()),
            Named::Account(account) if *account == self.key.account => candidates.extend(&self.reach.by_iam),
            Named::User { arn } | Named::Role { arn } => candidates.extend(self.seat_of(arn)),
            Named::UniqueId(id) => {
                candidates.extend(self.with_id(id).and_then(|entity| self.seat_of(&entity.arn)));
            }
            Named::Session { role, .. } => {
                candidates.extend(self.role(role).and_then(|entity| self.seat_of(&entity.arn)));
            }
            _ => {}
        }
    }

    /// Whom the trust policy names besides the users and roles of the account. Of other
    /// accounts nobody knows what they allow.
    fn outsiders(&self, trust: &Policy) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        for statement in allows(trust) {
            let Principals::Named(named) = &statement.principals else { continue };
            let conditions = statement.covers(ASSUME, "*", &Context::new(Beyond::Unknown)).conditions();
            for (name, verdict) in named.iter().filter_map(|named| self.outsider(named)) {
                let from = Start::Outside(name.into());
                if steps.iter().any(|step| step.from == from) {
                    continue;
                }
                let sure = verdict == Verdict::AllowedIf && conditions.is_empty();
                let verdict = if sure { Verdict::Allowed } else { verdict };
                steps.push(Step { from, verdict, conditions: conditions.as_slice().into() });
            }
        }
        steps
    }

    fn outsider(&self, named: &Named) -> Option<(String, Verdict)> {
        match named {
            Named::Service(name) | Named::Federated(name) => Some((name.clone(), Verdict::AllowedIf)),
            Named::Everyone => Some(("* (anybody)".to_owned(), Verdict::Unknown)),
            named => {
                let foreign = named.account().is_some_and(|account| account != self.key.account);
                foreign.then(|| (named.to_string(), Verdict::Unknown))
            }
        }
    }
}

fn allows(trust: &Policy) -> impl Iterator<Item = &Statement> {
    trust.statements.iter().map(|statement| &**statement).filter(|it| it.effect == Effect::Allow)
}

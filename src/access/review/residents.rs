//! The users and roles of an account, as every key meets them: made once, whatever number of
//! keys is reviewed.

use std::collections::HashMap;
use std::sync::Arc;

use super::people::Person;
use super::question::Question;
use super::reach::Reach;
use super::{Collected, Excluded, IAM_EDITS, Key, is_open};
use crate::access::account::{Account, Entity, EntityKind};
use crate::access::evaluate::{Caller, Held, Who};
use crate::access::matching::Arn;
use crate::access::policy::Policy;

/// Good for all keys of one account of which as much is known.
#[derive(Debug)]
pub struct Residents {
    pub(super) account: Arc<Account>,
    pub(super) scps: Arc<Held<Vec<Vec<Policy>>>>,
    /// The key for which they were made.
    pub(super) key: Key,
    /// By name.
    pub(super) people: Vec<Arc<Person>>,
    /// Those whose ARN names nobody who can call AWS.
    pub(super) excluded: Vec<Excluded>,
    /// Places among the entities of the account.
    by_arn: HashMap<String, usize>,
    by_role: HashMap<String, usize>,
    by_id: HashMap<String, usize>,
    pub(super) reach: Reach,
}

/// The place of a resident.
#[derive(Clone, Copy, Debug)]
pub struct Seat {
    pub at: usize,
    /// Those with the same policies and the same boundary.
    pub circle: usize,
}

/// Kind, whether AWS reserves it for a service, policies, boundary. Policies are known by
/// where they lie.
type Circle = (bool, bool, Vec<usize>, Option<usize>);

type Policies = Arc<[Arc<Policy>]>;

impl Residents {
    #[must_use]
    pub fn of(collected: &Collected) -> Self {
        let account = Arc::clone(&collected.account);
        let mut residents = Self {
            scps: Arc::clone(&collected.scps),
            key: collected.key.clone(),
            people: Vec::with_capacity(account.entities.len()),
            excluded: Vec::new(),
            by_arn: HashMap::with_capacity(account.entities.len()),
            by_role: HashMap::new(),
            by_id: HashMap::with_capacity(account.entities.len()),
            reach: Reach::default(),
            account,
        };
        residents.settle();
        residents
    }

    /// Whether they are those of a key, too.
    #[must_use]
    pub fn fit(&self, collected: &Collected) -> bool {
        let partition = |key: &Key| Arn::parse(&key.arn).map(|arn| arn.partition.to_owned());
        Arc::ptr_eq(&self.account, &collected.account)
            && Arc::ptr_eq(&self.scps, &collected.scps)
            && self.key.account == collected.key.account
            && self.key.facts == collected.key.facts
            && partition(&self.key) == partition(&collected.key)
    }

    fn settle(&mut self) {
        let account = Arc::clone(&self.account);
        let mut people = Vec::with_capacity(account.entities.len());
        for (at, entity) in account.entities.iter().enumerate() {
            if self.by_arn.insert(entity.arn.clone(), at).is_some() {
                continue;
            }
            self.by_id.insert(entity.id.clone(), at);
            if entity.kind == EntityKind::Role {
                self.by_role.insert(entity.name.clone(), at);
            }
            people.extend(self.person(entity));
        }
        people.sort_by(|one, other| one.name.cmp(&other.name));
        seat(&mut people);
        for person in &mut people {
            person.edits = edits(person, &self.key, &self.scps);
        }
        self.people = people.into_iter().map(Arc::new).collect();
        self.reach = Reach::among(&self.people);
    }

    fn person(&mut self, entity: &Arc<Entity>) -> Option<Person> {
        let Some(caller) = Caller::parse(&entity.arn) else {
            let why = "in the account; it is nobody who can call AWS".to_owned();
            self.excluded.push(Excluded { name: entity.arn.clone(), why });
            return None;
        };
        let ours = caller.account.as_deref() == Some(self.key.account.as_str());
        let entity = Some(entity).filter(|_| ours);
        Some(Person::new(&self.account, &self.key, caller, entity, "in the account"))
    }

    pub(super) fn entity(&self, arn: &str) -> Option<&Arc<Entity>> {
        self.account.entities.get(*self.by_arn.get(arn)?)
    }

    pub(super) fn role(&self, name: &str) -> Option<&Arc<Entity>> {
        self.account.entities.get(*self.by_role.get(name)?)
    }

    pub(super) fn with_id(&self, id: &str) -> Option<&Arc<Entity>> {
        self.account.entities.get(*self.by_id.get(id)?)
    }

    /// The seat of somebody, by ARN.
    pub(super) fn seat_of(&self, arn: &str) -> Option<usize> {
        self.people.binary_search_by(|person| (*person.name).cmp(arn)).ok()
    }
}

/// Whoever is not of the account, or is no user and no role, has no seat.
fn seat(people: &mut [Person]) {
    let mut circles: HashMap<Circle, (usize, Policies)> = HashMap::new();
    let place = |policy: &Arc<Policy>| Arc::as_ptr(policy).addr();
    for (at, person) in people.iter_mut().enumerate() {
        let Held::Given(policies) = person.policies() else { continue };
        let user = match person.caller.who {
            Who::User => true,
            Who::Role { .. } => false,
            _ => continue,
        };
        let linked = person.caller.is_service_linked();
        let lie: Vec<_> = policies.iter().map(place).collect();
        let (next, policies) = (circles.len(), Arc::clone(policies));
        let circle = (user, linked, lie, person.boundary.as_ref().map(place));
        let (circle, policies) = circles.entry(circle).or_insert((next, policies));
        person.sit(Seat { at, circle: *circle }, Arc::clone(policies));
    }
}

/// The edits of IAM by which somebody of the account gets more, where they are not denied.
pub(super) fn edits(person: &Person, key: &Key, scps: &Held<Vec<Vec<Policy>>>) -> Vec<&'static str> {
    let Some(own) = person.own_arn.as_deref() else { return Vec::new() };
    let open = |action: &&'static str| {
        let kind = if action.contains("Role") { ":role/" } else { ":user/" };
        own.contains(kind)
            && person.may_concern(action)
            && is_open(Question::bare(action, own, key, scps).ask_alone(person).verdict)
    };
    IAM_EDITS.iter().copied().filter(open).collect()
}

//! The population.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::context::context;
use super::{Collected, Excluded, Key, borrowed};
use crate::access::account::{Entity, EntityKind};
use crate::access::condition::Context;
use crate::access::evaluate::{Caller, Held, Request, Who};
use crate::access::matching::{Arn, is_account};
use crate::access::policy::{Effect, Named, Policy, Principals};

/// Somebody who is reviewed.
#[derive(Debug)]
pub struct Person {
    pub name: String,
    /// `user`, `role`, `root`, `session`, `account`, `service`, ...
    pub kind: &'static str,
    /// Why it belongs to the population.
    pub origin: &'static str,
    pub caller: Caller,
    /// The ARN of the user or role itself.
    pub own_arn: Option<String>,
    /// When IAM says that the role was last used, and in which Region; nothing for whoever is
    /// no role of the account.
    pub role_last_used: Option<(Option<String>, Option<String>)>,
    /// Whose it is, as a tag says.
    pub owner: Option<String>,
    pub trust: Option<Arc<Policy>>,
    pub boundary: Option<Arc<Policy>>,
    policies: Held<Vec<Arc<Policy>>>,
    context: Arc<Context>,
}

impl Person {
    fn new(collected: &Collected, caller: Caller, entity: Option<&Entity>, origin: &'static str) -> Self {
        let ours = caller.account.as_deref() == Some(collected.key.account.as_str());
        let kind = match &caller.who {
            Who::Root if ours => "root",
            Who::Root => "account",
            Who::User => "user",
            Who::Role { .. } => "role",
            Who::Session { .. } if is_of_aws(&caller) => "service",
            Who::Session { .. } => "session",
            Who::FederatedUser => "federated user",
            Who::Service => "service",
            Who::Provider => "provider",
        };
        let policies = match entity {
            Some(entity) => Held::Given(collected.account.identity(entity)),
            None if matches!(kind, "root" | "service") => Held::Absent,
            None => Held::Unknown(format!("the identity policies of {}", caller.name)),
        };
        Self {
            name: caller.name.clone(),
            kind,
            origin,
            own_arn: entity.map(|entity| entity.arn.clone()),
            role_last_used: entity
                .filter(|entity| entity.kind == EntityKind::Role)
                .map(|role| (role.last_used.clone(), role.last_used_in.clone())),
            owner: entity.and_then(owner),
            trust: entity.and_then(|entity| entity.trust.clone()),
            boundary: entity.and_then(|entity| collected.account.boundary(entity)),
            policies,
            context: Arc::new(context(&collected.key, &caller, entity)),
            caller: Caller { unique_id: entity.map(|entity| entity.id.clone()), ..caller },
        }
    }

    pub(super) fn request(&self, key: &Key, action: &str, resource: &str) -> Request {
        let mut request = Request::new(self.caller.clone(), action, resource);
        request.account = Some(key.account.clone());
        request.context = Arc::clone(&self.context);
        request
    }

    pub(super) fn identity(&self) -> Held<Vec<&Policy>> {
        borrowed(&self.policies, |policies| policies.iter().map(|policy| &**policy).collect())
    }

    /// Only for the key's own account are the guardrails collected.
    pub(super) fn guardrails<'a>(
        &self,
        scps: &'a Held<Vec<Vec<Policy>>>,
        key: &Key,
    ) -> Held<Vec<Vec<&'a Policy>>> {
        match &self.caller.account {
            Some(account) if *account != key.account => {
                Held::Unknown(format!("the service control policies of account {account}"))
            }
            _ => borrowed(scps, |given| levels(given)),
        }
    }

    /// Whether a policy of it may have a say in an action; most are about something else.
    pub(super) fn may_concern(&self, action: &str) -> bool {
        let Held::Given(policies) = &self.policies else { return true };
        policies.iter().any(|policy| policy.may_concern(action))
    }
}

/// Sessions that a service opens in the account by itself, such as those of
/// `aws:ec2-infrastructure`, which attach encrypted volumes (Amazon EBS user guide, "How
/// Amazon EBS encryption works"). No policy of the account is behind them.
fn is_of_aws(caller: &Caller) -> bool {
    matches!(&caller.who, Who::Session { role, .. } if role.starts_with("aws:"))
}

/// Tags by which organisations say whose something is.
const OWNER_TAGS: &[&str] = &["owner", "team", "contact"];

fn owner(entity: &Entity) -> Option<String> {
    OWNER_TAGS.iter().find_map(|wanted| {
        let tag = entity.tags.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        tag.map(|(_, value)| value.clone())
    })
}

pub(super) fn levels(given: &[Vec<Policy>]) -> Vec<Vec<&Policy>> {
    given.iter().map(|level| level.iter().collect()).collect()
}

/// Everybody once.
pub(super) fn population(collected: &Collected) -> (Vec<Person>, Vec<Excluded>) {
    let mut gathering = Gathering::new(collected);
    gathering.own_account();
    for named in collected_names(collected) {
        gathering.named(&named, "named in the key policy");
    }
    if let Held::Given(grants) = &collected.grants {
        for grant in grants {
            let grantee = if Caller::parse(&grant.grantee).is_some_and(|caller| caller.who == Who::Service) {
                Named::Service(grant.grantee.clone())
            } else {
                Named::aws(&grant.grantee)
            };
            gathering.named(&grantee, "grantee");
        }
    }
    (gathering.people, gathering.excluded)
}

/// Whom allows name. Denies can only take away.
fn collected_names(collected: &Collected) -> Vec<Named> {
    let Held::Given(policy) = &collected.key_policy else { return Vec::new() };
    let allows = policy.statements.iter().filter(|statement| statement.effect == Effect::Allow);
    let named = |principals: &Principals| match principals {
        Principals::Unsaid => Vec::new(),
        Principals::Named(named) => named.clone(),
        Principals::AllBut(_) => vec![Named::Everyone],
    };
    allows.flat_map(|statement| named(&statement.principals)).collect()
}

struct Gathering<'c> {
    collected: &'c Collected,
    by_arn: HashMap<&'c str, &'c Entity>,
    by_role: HashMap<&'c str, &'c Entity>,
    ids: HashSet<&'c str>,
    seen: HashSet<String>,
    people: Vec<Person>,
    excluded: Vec<Excluded>,
}

impl<'c> Gathering<'c> {
    fn new(collected: &'c Collected) -> Self {
        let entities = &collected.account.entities;
        let roles = entities.iter().filter(|entity| entity.trust.is_some());
        Self {
            collected,
            by_arn: entities.iter().map(|entity| (entity.arn.as_str(), entity)).collect(),
            by_role: roles.map(|entity| (entity.name.as_str(), entity)).collect(),
            ids: entities.iter().map(|entity| entity.id.as_str()).collect(),
            seen: HashSet::new(),
            people: Vec::new(),
            excluded: Vec::new(),
        }
    }

    fn own_account(&mut self) {
        let collected = self.collected;
        let partition = Arn::parse(&collected.key.arn).map_or("aws", |arn| arn.partition);
        self.caller(&format!("arn:{partition}:iam::{}:root", collected.key.account), "root of the account");
        for entity in &collected.account.entities {
            self.caller(&entity.arn, "in the account");
        }
    }

    fn named(&mut self, named: &Named, origin: &'static str) {
        let partition = Arn::parse(&self.collected.key.arn).map_or("aws", |arn| arn.partition);
        match named {
            Named::Everyone => self.anybody(origin),
            Named::Account(account) => self.caller(&format!("arn:{partition}:iam::{account}:root"), origin),
            Named::User { arn }
            | Named::Role { arn }
            | Named::FederatedUser { arn }
            | Named::Service(arn) => {
                self.caller(arn, origin);
            }
            Named::Session { account, role, session } => {
                self.caller(&format!("arn:{partition}:sts::{account}:assumed-role/{role}/{session}"), origin);
            }
            Named::UniqueId(id) if self.ids.contains(id.as_str()) => {}
            Named::UniqueId(id) => {
                self.exclude(id, &format!("{origin}; an orphan: nobody in the account has this id"));
            }
            Named::Federated(name) | Named::CanonicalUser(name) => {
                self.exclude(name, &format!("{origin}; KMS knows no callers of this kind"));
            }
            Named::Malformed(text) => {
                self.exclude(text, &format!("{origin}; it has no form of a principal that AWS documents"));
            }
        }
    }

    fn caller(&mut self, name: &str, origin: &'static str) {
        let Some(caller) = Caller::parse(name) else {
            return self.exclude(name, &format!("{origin}; it is nobody who can call AWS"));
        };
        let entity = match &caller.who {
            Who::Session { role, .. } => self.by_role.get(role.as_str()).copied(),
            _ => self.by_arn.get(name).copied(),
        };
        let ours = caller.account.as_deref() == Some(self.collected.key.account.as_str());
        let bare = matches!(caller.who, Who::Root | Who::FederatedUser) || is_of_aws(&caller);
        if ours && entity.is_none() && !bare {
            return self.exclude(name, &format!("{origin}; the account has no such user or role"));
        }
        if self.seen.insert(name.to_owned()) {
            let entity = entity.filter(|_| ours);
            self.people.push(Person::new(self.collected, caller, entity, origin));
        }
    }

    /// Anybody in any other account, who has no name; the account of all noughts is AWS's
    /// own placeholder.
    fn anybody(&mut self, origin: &'static str) {
        if !self.seen.insert("*".to_owned()) {
            return;
        }
        if let Some(caller) = Caller::parse("000000000000").filter(|_| is_account("000000000000")) {
            let mut person = Person::new(self.collected, caller, None, origin);
            "* (anybody in any other account)".clone_into(&mut person.name);
            person.kind = "anybody";
            self.people.push(person);
        }
    }

    fn exclude(&mut self, name: &str, why: &str) {
        if self.seen.insert(name.to_owned()) {
            self.excluded.push(Excluded { name: name.to_owned(), why: why.to_owned() });
        }
    }
}

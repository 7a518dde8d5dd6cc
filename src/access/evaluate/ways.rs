//! The ways in which a request can be allowed.

use super::fit::{Boundary, Fit, fits};
use super::grant::Granted;
use super::request::Side;
use super::{Cited, Held, Layer, Layers, Request, Who};
use crate::access::formula::Formula;
use crate::access::policy::{Effect, Policy, Statement};

/// A statement, and what has to hold for it to count.
#[derive(Clone, Debug)]
pub struct Found {
    pub cited: Cited,
    pub formula: Formula,
}

/// One layer that has to allow.
#[derive(Clone, Debug)]
pub struct Part {
    pub layer: Layer,
    pub formula: Formula,
    pub found: Vec<Found>,
}

/// Layers that all have to allow.
pub type Way = Vec<Part>;

impl Part {
    pub fn of(layer: Layer, found: Vec<Found>, doubts: impl IntoIterator<Item = Formula>) -> Self {
        let formula = Formula::any(found.iter().map(|found| found.formula.clone()).chain(doubts));
        Self { layer, formula, found }
    }

    fn unknown(layer: Layer, why: &str) -> Self {
        Self { layer, formula: Formula::doubt(why), found: Vec::new() }
    }

    const fn granted(layer: Layer) -> Self {
        Self { layer, formula: Formula::Yes, found: Vec::new() }
    }
}

pub fn ways(request: &Request, layers: &Layers<'_>) -> Vec<Way> {
    let named = named(request, layers);
    let through = |part: Part| [vec![part], limits(request, layers)].concat();
    let mut ways = Vec::new();
    match request.side() {
        Side::Nowhere => {
            ways.push(vec![Part::of(Layer::Resource, [named.free, named.role].concat(), named.doubts)]);
        }
        Side::Other if !request.works_across_accounts() => {
            ways.push(vec![Part::of(Layer::Resource, Vec::new(), [])]);
        }
        Side::Other => {
            let found = [named.free, named.role, named.account].concat();
            let resource = Part::of(Layer::Resource, found, named.doubts);
            ways.push([vec![resource], by_iam(request, layers)].concat());
        }
        Side::Same => {
            ways.push(vec![Part::of(Layer::Resource, named.free, named.doubts)]);
            ways.push(through(Part::of(Layer::Resource, named.role, [])));
            let by_iam = by_iam(request, layers);
            if request.resource_policy_decides() {
                let delegated = Part::of(Layer::Resource, named.account, []);
                ways.push([vec![delegated], by_iam].concat());
            } else {
                ways.push(by_iam);
            }
        }
    }
    ways.extend(grants(request, layers));
    ways
}

/// The caller's own policies, and what limits them.
fn by_iam(request: &Request, layers: &Layers<'_>) -> Way {
    [vec![identity(request, layers)], limits(request, layers)].concat()
}

fn limits(request: &Request, layers: &Layers<'_>) -> Way {
    [boundary(request, layers), sessions(request, layers)].into_iter().flatten().collect()
}

/// The allows of the resource's policy, by how they name the caller.
#[derive(Default)]
struct ByName {
    free: Vec<Found>,
    role: Vec<Found>,
    account: Vec<Found>,
    doubts: Vec<Formula>,
}

fn named(request: &Request, layers: &Layers<'_>) -> ByName {
    let mut named = ByName::default();
    let policy = match &layers.resource {
        _ if request.retires_a_grant() => return named,
        Held::Given(policy) => policy,
        Held::Absent | Held::Unknown(_) => {
            named.doubts.extend(unseen_resource(request, layers).map(Formula::doubt));
            return named;
        }
    };
    named.doubts.extend(policy.broken.iter().map(|why| Formula::Doubt(why.clone())));
    for statement in policy.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
        let covers = statement.covers(&request.action, &request.resource, &request.context);
        if covers == Formula::No {
            continue;
        }
        for fit in fits(&statement.principals, Effect::Allow, &request.caller, Boundary::Unset) {
            let formula = Formula::all([fit.formula(), covers.clone()]);
            let found = Found { cited: Cited::of(Layer::Resource, policy, statement), formula };
            match fit {
                Fit::Role => named.role.push(found),
                Fit::Account => named.account.push(found),
                _ => named.free.push(found),
            }
        }
    }
    named
}

/// What policies allow that name nobody.
pub fn allowed_by<'p>(
    layer: Layer,
    policies: impl IntoIterator<Item = &'p Policy>,
    request: &Request,
) -> Part {
    let (mut found, mut doubts) = (Vec::new(), Vec::new());
    for policy in policies {
        doubts.extend(policy.broken.iter().map(|why| Formula::Doubt(why.clone())));
        for statement in policy.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
            let formula = statement.covers(&request.action, &request.resource, &request.context);
            if formula != Formula::No {
                found.push(Found { cited: Cited::of(layer, policy, statement), formula });
            }
        }
    }
    Part::of(layer, found, doubts)
}

fn identity(request: &Request, layers: &Layers<'_>) -> Part {
    match &layers.identity {
        // The root of an account may do whatever its account may.
        _ if request.caller.who == Who::Root => Part::granted(Layer::Identity),
        Held::Given(policies) => allowed_by(Layer::Identity, policies.iter().copied(), request),
        Held::Absent | Held::Unknown(_) => match unseen_identity(request, layers) {
            Some(what) => Part::unknown(Layer::Identity, &what),
            None => Part::of(Layer::Identity, Vec::new(), []),
        },
    }
}

/// Why nobody knows what the policies of the caller allow. Roots and services have none.
fn unseen_identity(request: &Request, layers: &Layers<'_>) -> Option<String> {
    match &layers.identity {
        _ if matches!(request.caller.who, Who::Root | Who::Service | Who::Provider) => None,
        Held::Unknown(what) => Some(what.clone()),
        Held::Absent if request.side() == Side::Other => {
            let account = request.caller.account.as_deref().unwrap_or_default();
            Some(format!("the identity policies of the caller, from account {account}"))
        }
        _ => None,
    }
}

/// Why nobody knows what the policy of the resource allows.
fn unseen_resource(request: &Request, layers: &Layers<'_>) -> Option<String> {
    match &layers.resource {
        _ if request.retires_a_grant() => None,
        Held::Unknown(what) => Some(what.clone()),
        Held::Absent if request.resource_policy_decides() => {
            Some("the policy of the resource, which every such resource has".to_owned())
        }
        _ => None,
    }
}

fn boundary(request: &Request, layers: &Layers<'_>) -> Option<Part> {
    match &layers.boundary {
        _ if request.caller.who == Who::Root => None,
        Held::Given(policy) => Some(allowed_by(Layer::Boundary, [*policy], request)),
        Held::Absent => None,
        Held::Unknown(what) => Some(Part::unknown(Layer::Boundary, what)),
    }
}

fn sessions(request: &Request, layers: &Layers<'_>) -> Option<Part> {
    match &layers.sessions {
        Held::Given(policies) => Some(allowed_by(Layer::Session, policies.iter().copied(), request)),
        Held::Absent => None,
        Held::Unknown(what) => Some(Part::unknown(Layer::Session, what)),
    }
}

/// A grant needs neither the key policy nor IAM, and no boundary or session policy limits it
/// by its silence: AWS documents no such limit, and an answer must not hide access. A grant to
/// a whole account leaves the choice to that account's IAM policies, with all their limits.
fn grants(request: &Request, layers: &Layers<'_>) -> Vec<Way> {
    let grants = match &layers.grants {
        Held::Given(grants) => *grants,
        Held::Absent => return Vec::new(),
        Held::Unknown(what) if request.is_on_key() => {
            return vec![vec![Part::unknown(Layer::Grant, what)]];
        }
        Held::Unknown(_) => return Vec::new(),
    };
    let mut ways = Vec::new();
    for grant in grants {
        let (formula, by_account) = match grant.covers(request) {
            Granted::No => continue,
            Granted::Directly(formula) => (formula, Way::new()),
            Granted::ByAccount(formula) => (formula, by_iam(request, layers)),
        };
        let cited = Cited {
            layer: Layer::Grant,
            policy: grant.label(),
            statement: format!("to {}", grant.grantee).into(),
            effect: Effect::Allow,
            position: None,
        };
        let part = Part::of(Layer::Grant, vec![Found { cited, formula }], []);
        ways.push([vec![part], by_account].concat());
    }
    ways
}

impl Cited {
    pub fn of(layer: Layer, policy: &Policy, statement: &Statement) -> Self {
        Self {
            layer,
            policy: policy.name.clone(),
            statement: statement.label.clone(),
            effect: statement.effect,
            position: Some(statement.position),
        }
    }
}

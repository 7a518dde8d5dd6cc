//! What can only take away: denies of every layer, and the organisation's guardrails.

use super::fit::{Boundary, Fit, fits};
use super::ways::{Found, Part, allowed_by};
use super::{Cited, Held, Layer, Layers, Request, Who};
use crate::access::formula::Formula;
use crate::access::policy::{Effect, Policy, Statement};

/// Every level of the organisation has to allow.
pub fn guardrails(request: &Request, layers: &Layers<'_>) -> Vec<Part> {
    let scps = request.is_bound_by_scps().then_some(&layers.scps);
    let rcps = request.is_bound_by_rcps().then_some(&layers.rcps);
    let level = |held: Option<&Held<Vec<Vec<&Policy>>>>, layer: fn(usize) -> Layer| match held {
        None | Some(Held::Absent) => Vec::new(),
        Some(Held::Unknown(what)) => {
            vec![Part { layer: layer(1), formula: Formula::doubt(what.as_str()), found: Vec::new() }]
        }
        Some(Held::Given(levels)) => {
            let part = |(at, policies): (usize, &Vec<&Policy>)| {
                allowed_by(layer(at + 1), policies.iter().copied(), request)
            };
            let told = |(_, policies): &(usize, &Vec<&Policy>)| {
                layer(1) == Layer::ServiceControl(1) || !only_deny(policies)
            };
            levels.iter().enumerate().filter(told).map(part).collect()
        }
    };
    [level(scps, Layer::ServiceControl), level(rcps, Layer::ResourceControl)].concat()
}

/// Resource control policies that only deny leave out `RCPFullAWSAccess`, which AWS attaches
/// everywhere and which nobody can detach, while theirs may not allow (How AWS enforcement
/// code logic evaluates requests to allow or deny access; RCP syntax).
fn only_deny(policies: &[&Policy]) -> bool {
    let denies = |policy: &&Policy| {
        policy.broken.is_none() && policy.statements.iter().all(|statement| statement.effect == Effect::Deny)
    };
    !policies.is_empty() && policies.iter().all(denies)
}

/// Every deny that may hit, and whatever may hide one.
pub fn denies(request: &Request, layers: &Layers<'_>) -> (Vec<Found>, Vec<Formula>) {
    let mut denies = Denies { request, found: Vec::new(), doubts: Vec::new() };
    denies.all(&layers.identity, Layer::Identity);
    denies.all(&layers.sessions, Layer::Session);
    if let Held::Given(policy) = &layers.boundary {
        denies.policy(policy, Layer::Boundary);
    }
    if request.is_bound_by_scps() {
        denies.levels(&layers.scps, Layer::ServiceControl);
    }
    if request.is_bound_by_rcps() {
        denies.levels(&layers.rcps, Layer::ResourceControl);
    }
    denies.resource(layers);
    denies.unseen(layers);
    (denies.found, denies.doubts)
}

fn unknown<T>(held: &Held<T>) -> Option<&str> {
    match held {
        Held::Unknown(what) => Some(what),
        Held::Given(_) | Held::Absent => None,
    }
}

struct Denies<'r> {
    request: &'r Request,
    found: Vec<Found>,
    doubts: Vec<Formula>,
}

impl Denies<'_> {
    fn all(&mut self, held: &Held<Vec<&Policy>>, layer: Layer) {
        if let Held::Given(policies) = held {
            for policy in policies {
                self.policy(policy, layer);
            }
        }
    }

    fn levels(&mut self, held: &Held<Vec<Vec<&Policy>>>, layer: fn(usize) -> Layer) {
        let Held::Given(levels) = held else { return };
        for (at, policies) in levels.iter().enumerate() {
            for policy in policies {
                self.policy(policy, layer(at + 1));
            }
        }
    }

    fn policy(&mut self, policy: &Policy, layer: Layer) {
        self.weigh(policy, layer, |_| Formula::Yes);
    }

    /// What nobody has seen may deny, even where a grant or a name in the key policy allows. A
    /// layer that is absent is none. Roots and services have no policies that could be unseen.
    fn unseen(&mut self, layers: &Layers<'_>) {
        let bare = matches!(self.request.caller.who, Who::Root | Who::Service | Who::Provider);
        let unseen = [
            unknown(&layers.identity).filter(|_| !bare),
            unknown(&layers.resource).filter(|_| !self.request.retires_a_grant()),
            unknown(&layers.boundary).filter(|_| !bare),
            unknown(&layers.sessions),
        ];
        self.doubts.extend(unseen.into_iter().flatten().map(Formula::doubt));
    }

    fn resource(&mut self, layers: &Layers<'_>) {
        if self.request.retires_a_grant() {
            return;
        }
        let Held::Given(policy) = &layers.resource else { return };
        let boundary =
            if matches!(layers.boundary, Held::Given(_)) { Boundary::Set } else { Boundary::Unset };
        let caller = &self.request.caller;
        self.weigh(policy, Layer::Resource, |statement| {
            let fits = fits(&statement.principals, Effect::Deny, caller, boundary);
            Formula::any(fits.iter().map(Fit::formula))
        });
    }

    fn weigh(&mut self, policy: &Policy, layer: Layer, meant: impl Fn(&Statement) -> Formula) {
        self.doubts.extend(policy.broken.iter().map(|why| Formula::Doubt(why.clone())));
        let Request { action, resource, context, .. } = self.request;
        for statement in policy.statements.iter().filter(|statement| statement.effect == Effect::Deny) {
            let covers = statement.covers(action, resource, context);
            if covers == Formula::No {
                continue;
            }
            let formula = Formula::all([meant(statement), covers]);
            if formula != Formula::No {
                self.found.push(Found { cited: Cited::of(layer, policy, statement), formula });
            }
        }
    }
}

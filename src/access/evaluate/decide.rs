//! One request against all layers.

use std::collections::HashSet;

use super::guard::{denies, guardrails};
use super::ways::{Found, Part, Way, ways};
use super::{Answer, Cited, Layer, Layers, Reason, Request, Verdict};
use crate::access::formula::Formula;

/// Decides a request. Never guesses: what is missing or broken and could change the answer
/// makes it `Unknown`.
#[must_use]
pub fn decide(request: &Request, layers: &Layers<'_>) -> Answer {
    let weighed = Weighed::new(request, layers);
    if let Some(answer) = weighed.denied_outright() {
        return answer;
    }
    let (at_least, at_most) = (weighed.total.at_least(), weighed.total.at_most());
    if !at_most.is_possible() {
        return weighed.denied(request);
    }
    if at_least == at_most || at_least == Formula::Yes {
        return weighed.allowed(&at_least);
    }
    weighed.unknown(&at_least)
}

struct Weighed {
    denies: Vec<Found>,
    guards: Vec<Part>,
    ways: Vec<Way>,
    /// What would be allowed if nothing denied.
    allowed: Formula,
    total: Formula,
}

impl Weighed {
    fn new(request: &Request, layers: &Layers<'_>) -> Self {
        let (denies, doubts) = denies(request, layers);
        let (guards, ways) = (guardrails(request, layers), ways(request, layers));
        let denied = Formula::any(denies.iter().map(|found| found.formula.clone()).chain(doubts));
        let any_way = Formula::any(ways.iter().map(whole));
        let allowed = Formula::all(guards.iter().map(|part| part.formula.clone()).chain([any_way]));
        let total = Formula::all([allowed.clone(), denied.opposite()]);
        Self { denies, guards, ways, allowed, total }
    }

    /// An explicit deny anywhere wins, whatever else is unknown.
    fn denied_outright(&self) -> Option<Answer> {
        let hits: Vec<_> = self.denies.iter().filter(|found| found.formula == Formula::Yes).collect();
        (!hits.is_empty()).then(|| Answer {
            verdict: Verdict::ExplicitDeny,
            conditions: Vec::new(),
            because: hits.into_iter().map(cited).collect(),
        })
    }

    fn denied(&self, request: &Request) -> Answer {
        // Allowed but for denies that leave no room: together they are an explicit deny.
        if self.allowed.at_most().is_possible() {
            let because = self.denies.iter().map(cited).collect();
            return Answer { verdict: Verdict::ExplicitDeny, conditions: Vec::new(), because };
        }
        Answer { verdict: Verdict::ImplicitDeny, conditions: Vec::new(), because: vec![self.silent(request)] }
    }

    /// The first layer that had to allow and does not.
    fn silent(&self, request: &Request) -> Reason {
        let missing = |part: &Part| !part.formula.at_most().is_possible();
        let guard = self.guards.iter().find(|part| missing(part)).map(|part| part.layer);
        if guard.is_none()
            && let Some(layer) = self.contradiction(missing)
        {
            let says = "the conditions of the layers that have to allow exclude each other".to_owned();
            return Reason::Silent { layer, says };
        }
        // Of all ways the one that led furthest says most.
        let furthest = self.ways.iter().filter_map(|way| way.iter().position(missing).map(|at| (at, way)));
        let furthest = furthest.max_by_key(|(at, way)| (*at, way.len())).and_then(|(at, way)| way.get(at));
        let layer = guard.or(furthest.map(|part| part.layer)).unwrap_or(Layer::Identity);
        Reason::Silent { layer, says: format!("no statement of the {layer} allows {} here", request.action) }
    }

    /// A way of which every layer could allow, but not all of them together.
    fn contradiction(&self, missing: impl Fn(&Part) -> bool) -> Option<Layer> {
        let way = self.ways.iter().find(|way| !way.iter().any(&missing))?;
        way.first().map(|part| part.layer)
    }

    fn allowed(&self, total: &Formula) -> Answer {
        let verdict = if *total == Formula::Yes { Verdict::Allowed } else { Verdict::AllowedIf };
        let mut because = self.granting();
        if verdict == Verdict::AllowedIf {
            because.extend(self.conditional_guards());
        }
        Answer { verdict, conditions: total.conditions(), because }
    }

    fn unknown(&self, at_least: &Formula) -> Answer {
        let missing = self.total.doubts().into_iter().map(Reason::Missing);
        let because = missing.chain(self.granting()).chain(self.conditional_guards()).collect();
        let conditions = if at_least.is_possible() { at_least.conditions() } else { Vec::new() };
        Answer { verdict: Verdict::Unknown, conditions, because }
    }

    /// The statements of every way that is open; where one is open without conditions,
    /// only those.
    fn granting(&self) -> Vec<Reason> {
        let sure = self.ways.iter().find(|way| whole(way) == Formula::Yes);
        let open: Vec<&Way> = match sure {
            Some(way) => vec![way],
            None => self.ways.iter().filter(|way| whole(way).at_most().is_possible()).collect(),
        };
        let parts = open.into_iter().flatten();
        let found = parts.flat_map(|part| {
            let decisive = part.formula == Formula::Yes;
            part.found.iter().filter(move |found| !decisive || found.formula == Formula::Yes)
        });
        let mut seen = HashSet::new();
        let place =
            |cited: &Cited| (cited.layer, cited.policy.clone(), cited.statement.clone(), cited.position);
        found.filter(|found| seen.insert(place(&found.cited))).map(cited).collect()
    }

    fn conditional_guards(&self) -> Vec<Reason> {
        let guards =
            self.guards.iter().filter(|part| part.formula != Formula::Yes).flat_map(|part| &part.found);
        guards.chain(&self.denies).map(cited).collect()
    }
}

fn whole(way: &Way) -> Formula {
    Formula::all(way.iter().map(|part| part.formula.clone()))
}

fn cited(found: &Found) -> Reason {
    Reason::Statement(found.cited.clone())
}

//! Who gets there by assuming a role: the trust policy of the role and the policies of
//! whoever assumes it both decide.

use std::collections::{BTreeSet, HashMap};

use super::people::Person;
use super::{ASSUME, Collected, Finding};
use crate::access::condition::{Beyond, Context};
use crate::access::evaluate::{Held, Layers, Verdict, decide};
use crate::access::policy::{Effect, Named, Principals};

/// Somebody who can assume a role, and under which conditions.
#[derive(Debug)]
pub struct Route {
    pub by: String,
    pub verdict: Verdict,
    pub conditions: Vec<String>,
}

/// Routes to every role that is not denied. Principals of other accounts whom a trust
/// policy names are routes whose other side is unknown.
pub(super) fn add_routes(collected: &Collected, findings: &mut [Finding]) {
    let denied =
        |finding: &Finding| matches!(finding.answer.verdict, Verdict::ImplicitDeny | Verdict::ExplicitDeny);
    let able = |at: &usize| could_assume(&findings[*at].person) && findings[*at].person.may_concern(ASSUME);
    let by_iam: Vec<usize> = (0..findings.len()).filter(able).collect();
    let by_name: HashMap<String, usize> =
        findings.iter().enumerate().map(|(at, finding)| (finding.person.name.clone(), at)).collect();
    for at in 0..findings.len() {
        if denied(&findings[at]) || findings[at].person.trust.is_none() {
            continue;
        }
        let role = &findings[at].person;
        let mut routes: Vec<Route> = candidates(role, &by_iam, &by_name, findings.len())
            .into_iter()
            .filter(|other| *other != at && could_assume(&findings[*other].person))
            .filter_map(|other| route(collected, &findings[other].person, role))
            .collect();
        routes.extend(outsiders(collected, role));
        findings[at].routes = routes;
    }
}

/// Whom to ask: those whom the trust policy names, and where it leaves the choice to IAM,
/// those whose policies are about assuming roles. Most roles trust a service alone.
fn candidates(
    role: &Person,
    by_iam: &[usize],
    by_name: &HashMap<String, usize>,
    all: usize,
) -> BTreeSet<usize> {
    let Some(trust) = role.trust.as_deref() else { return BTreeSet::new() };
    let mut candidates = BTreeSet::new();
    if trust.broken.is_some() {
        candidates.extend(by_iam);
    }
    for statement in trust.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
        let Principals::Named(named) = &statement.principals else {
            candidates.extend(0..all);
            continue;
        };
        for named in named {
            match named {
                Named::Everyone | Named::UniqueId(_) => candidates.extend(0..all),
                Named::Account(account) => {
                    candidates.extend(by_iam);
                    candidates.extend(
                        by_name
                            .iter()
                            .filter(|(name, _)| name.ends_with(&format!("{account}:root")))
                            .map(|(_, at)| *at),
                    );
                }
                Named::User { arn } | Named::Role { arn } => candidates.extend(by_name.get(arn)),
                Named::Session { role, .. } => {
                    let suffix = format!("/{role}");
                    candidates.extend(
                        by_name.iter().filter(|(name, _)| name.ends_with(&suffix)).map(|(_, at)| *at),
                    );
                }
                _ => {}
            }
        }
    }
    candidates
}

/// Sessions are told by their role, and services assume roles by the trust policy alone.
fn could_assume(person: &Person) -> bool {
    matches!(person.kind, "user" | "role" | "root")
}

fn route(collected: &Collected, by: &Person, role: &Person) -> Option<Route> {
    let (trust, arn) = (role.trust.as_deref()?, role.own_arn.as_deref()?);
    let request = by.request(&collected.key, ASSUME, arn);
    let layers = Layers {
        identity: by.identity(),
        resource: Held::Given(trust),
        boundary: by.boundary.as_deref().map_or(Held::Absent, Held::Given),
        scps: by.guardrails(&collected.scps, &collected.key),
        ..Layers::default()
    };
    let answer = decide(&request, &layers);
    let open = matches!(answer.verdict, Verdict::Allowed | Verdict::AllowedIf | Verdict::Unknown);
    open.then(|| Route { by: by.name.clone(), verdict: answer.verdict, conditions: answer.conditions })
}

/// Whom the trust policy names besides the users and roles of the account.
fn outsiders(collected: &Collected, role: &Person) -> Vec<Route> {
    let Some(trust) = role.trust.as_deref() else { return Vec::new() };
    let mut routes: Vec<Route> = Vec::new();
    for statement in trust.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
        let Principals::Named(named) = &statement.principals else { continue };
        let conditions = statement.covers(ASSUME, "*", &Context::new(Beyond::Unknown));
        for named in named {
            let (by, verdict) = match named {
                Named::Service(service) | Named::Federated(service) => (service.clone(), Verdict::AllowedIf),
                Named::Everyone => ("* (anybody)".to_owned(), Verdict::Unknown),
                named => match named.account() {
                    Some(account) if account != collected.key.account => {
                        (named.to_string(), Verdict::Unknown)
                    }
                    _ => continue,
                },
            };
            if !routes.iter().any(|route| route.by == by) {
                let verdict = if conditions.conditions().is_empty() && verdict == Verdict::AllowedIf {
                    Verdict::Allowed
                } else {
                    verdict
                };
                routes.push(Route { by, verdict, conditions: conditions.conditions() });
            }
        }
    }
    routes
}

//! `SimulatePrincipalPolicy`: may a principal do this, as far as its identity policies go.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{EvaluationResult, PolicyEvaluationDecisionType as Decision};
use serde_json::{Value, json};

use crate::actions::aws::arn::Arn;
use crate::actions::aws::operation::Act;
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::engine::Soon;
use crate::run::{Fault, FaultKind};

/// How many actions are put at once.
const AT_ONCE: usize = 50;

pub(in crate::actions::aws) struct SimulatePrincipalPolicy;

impl Act for SimulatePrincipalPolicy {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let (principal, actions) = (order.inputs().text("principal")?, order.inputs().texts("actions")?);
            let iam = order.iam().await?;
            let source = source(&iam, principal).await;
            let mut verdicts = Verdicts::default();
            for actions in actions.chunks(AT_ONCE) {
                let resource = order.inputs().optional_text("resource")?;
                match simulate(order, &iam, &source, actions, resource).await {
                    Ok(results) => verdicts.take(actions, &results),
                    // That nobody may ask is an answer of its own, and no reason to stop.
                    Err(Stop::Fault(fault)) if is_an_answer(&fault) => {
                        verdicts.unknown(actions, &fault.message);
                    }
                    Err(stop) => return Err(stop),
                }
            }
            Ok(json!({ "allowed": verdicts.allowed, "denied": verdicts.denied, "unknown": verdicts.unknown }))
        })
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Verdicts {
    allowed: Vec<String>,
    denied: Vec<String>,
    unknown: Vec<String>,
}

impl Verdicts {
    /// Puts each action into one of three: what depends on a condition that the simulation
    /// knows nothing of is neither allowed nor denied.
    fn take(&mut self, actions: &[&str], results: &[EvaluationResult]) {
        for action in actions {
            let about: Vec<_> =
                results.iter().filter(|it| it.eval_action_name().eq_ignore_ascii_case(action)).collect();
            let missing: Vec<_> =
                about.iter().flat_map(|it| it.missing_context_values()).map(String::as_str).collect();
            if about.is_empty() {
                self.unknown(&[*action], "IAM said nothing about it");
            } else if !missing.is_empty()
                && !about.iter().any(|it| *it.eval_decision() == Decision::ExplicitDeny)
            {
                self.unknown(&[*action], &format!("it depends on {}", missing.join(", ")));
            } else if about.iter().all(|it| *it.eval_decision() == Decision::Allowed) {
                self.allowed.push((*action).to_owned());
            } else {
                self.denied.push((*action).to_owned());
            }
        }
    }

    fn unknown(&mut self, actions: &[&str], why: &str) {
        self.unknown.extend(actions.iter().map(|action| format!("{action}: {why}")));
    }
}

fn is_an_answer(fault: &Fault) -> bool {
    matches!(fault.kind, FaultKind::Denied | FaultKind::Rejected)
}

/// The ARN that IAM simulates for: of a session, its role's. The path of the role is not in
/// the session's ARN, so that IAM is asked for it; where it does not say, the path is taken
/// to be none.
pub(in crate::actions::aws) async fn source(iam: &Client, principal: &str) -> String {
    let Some((arn, role)) = Arn::parse(principal).and_then(|arn| Some((arn, arn.session_role()?))) else {
        return principal.to_owned();
    };
    let said = iam.get_role().role_name(role).send().await;
    let told = said.ok().and_then(|said| said.role).map(|role| role.arn);
    told.unwrap_or_else(|| format!("arn:{}:iam::{}:role/{role}", arn.partition, arn.account))
}

/// What IAM says about actions on a resource, or on whatever resource.
pub(in crate::actions::aws) async fn simulate(
    order: &Order<'_>,
    iam: &Client,
    source: &str,
    actions: &[&str],
    resource: Option<&str>,
) -> Result<Vec<EvaluationResult>, Stop> {
    let mut asked = iam.simulate_principal_policy().policy_source_arn(source);
    for action in actions {
        asked = asked.action_names(*action);
    }
    if let Some(resource) = resource {
        asked = asked.resource_arns(resource);
    }
    let mut pages = asked.into_paginator().send();
    let mut results = Vec::new();
    while let Some(page) = pages.next().await {
        results.extend(order.heard(page)?.evaluation_results.unwrap_or_default());
    }
    Ok(results)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(action: &str, decision: Decision, missing: &[&str]) -> EvaluationResult {
        let mut result = EvaluationResult::builder().eval_action_name(action).eval_decision(decision);
        for key in missing {
            result = result.missing_context_values(*key);
        }
        result.build().expect("a result")
    }

    #[test]
    fn an_action_is_allowed_denied_or_unknown_and_never_dropped() {
        let mut verdicts = Verdicts::default();
        let results = [
            result("kms:DisableKey", Decision::Allowed, &[]),
            result("kms:EnableKey", Decision::ImplicitDeny, &[]),
            result("kms:PutKeyPolicy", Decision::ImplicitDeny, &["aws:MultiFactorAuthPresent"]),
            result("iam:GetRole", Decision::ExplicitDeny, &["aws:SourceIp"]),
        ];
        verdicts.take(
            &["kms:DisableKey", "kms:EnableKey", "kms:PutKeyPolicy", "iam:GetRole", "kms:ListGrants"],
            &results,
        );
        assert_eq!(verdicts.allowed, ["kms:DisableKey"]);
        assert_eq!(verdicts.denied, ["kms:EnableKey", "iam:GetRole"]);
        assert_eq!(
            verdicts.unknown,
            [
                "kms:PutKeyPolicy: it depends on aws:MultiFactorAuthPresent",
                "kms:ListGrants: IAM said nothing about it"
            ]
        );
    }
}

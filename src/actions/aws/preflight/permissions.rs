//! What IAM says about the permissions that the document needs. The simulation knows the
//! caller's identity policies and no key or bucket policy (IAM API reference,
//! `SimulatePrincipalPolicy`): what it does not allow, they may; what it denies explicitly,
//! nothing can allow.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_iam::types::{EvaluationResult, PolicyEvaluationDecisionType as Decision};

use crate::actions::aws::iam::{simulate, source};
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::document::action::Duty;
use crate::document::permission::Need;
use crate::run::{Standing, Subject, Survey};

/// How many actions are put at once.
const AT_ONCE: usize = 50;
/// How many actions a sentence names.
const NAMED: usize = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Allowed,
    /// It depends on a condition, or identity policies do not allow it.
    Unsure,
    Denied,
}

/// What was told, action by action; `silence` is why nothing was told of the others.
#[derive(Debug, Default)]
pub(super) struct Told {
    verdicts: BTreeMap<String, Verdict>,
    silence: Option<String>,
}

pub(super) async fn ask(order: &Order<'_>, caller: &str, needs: &[Need], patience: Duration) -> Told {
    let mut told = Told::default();
    match tokio::time::timeout(patience, put(order, caller, needs, &mut told)).await {
        Ok(Ok(())) => {}
        Ok(Err(Stop::Fault(fault))) => told.silence = Some(fault.message),
        Ok(Err(Stop::Error(error))) => told.silence = Some(error.to_string()),
        Err(_) => told.silence = Some(format!("no answer within {} s", patience.as_secs())),
    }
    told
}

async fn put(order: &Order<'_>, caller: &str, needs: &[Need], told: &mut Told) -> Result<(), Stop> {
    let iam = order.iam().await?;
    let source = source(&iam, caller).await;
    for (resource, actions) in groups(needs) {
        let actions: Vec<_> = actions.into_iter().collect();
        for actions in actions.chunks(AT_ONCE) {
            told.take(&simulate(order, &iam, &source, actions, resource).await?);
        }
    }
    Ok(())
}

/// Actions by the one resource that they act on, where the document tells which.
fn groups(needs: &[Need]) -> BTreeMap<Option<&str>, BTreeSet<&'static str>> {
    let mut groups: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for need in needs {
        let exact = match need.resources.as_slice() {
            [one] if !one.contains('*') => Some(one.as_str()),
            _ => None,
        };
        groups.entry(exact).or_default().insert(need.action);
    }
    groups
}

impl Told {
    pub(super) fn not_asked() -> Self {
        Self { silence: Some("nobody knows who calls".to_owned()), ..Self::default() }
    }

    /// The worst of what is said about an action counts.
    fn take(&mut self, results: &[EvaluationResult]) {
        for result in results {
            let verdict = match result.eval_decision() {
                Decision::ExplicitDeny => Verdict::Denied,
                Decision::Allowed if result.missing_context_values().is_empty() => Verdict::Allowed,
                _ => Verdict::Unsure,
            };
            let known = self.verdicts.entry(result.eval_action_name().to_owned()).or_insert(verdict);
            *known = (*known).max(verdict);
        }
    }

    pub(super) fn note(&self, needs: &[Need], survey: &mut Survey) {
        let of = |verdict: Verdict| {
            let all = self.verdicts.iter().filter(move |(_, known)| **known == verdict);
            all.map(|(action, _)| action.as_str()).collect::<Vec<_>>()
        };
        let (allowed, unsure, denied) = (of(Verdict::Allowed), of(Verdict::Unsure), of(Verdict::Denied));
        if !denied.is_empty() {
            survey.note(Subject::Permissions, Standing::Warning, denial(&denied, needs));
        }
        if !unsure.is_empty() {
            let says = format!(
                "IAM alone does not allow {}: a key or bucket policy, a narrower resource or a condition may",
                named(&unsure)
            );
            survey.note(Subject::Permissions, Standing::Unknown, says);
        }
        if let Some(why) = &self.silence {
            let says = format!("what the caller may do is not known: {why}");
            survey.note(Subject::Permissions, Standing::Unknown, says);
        }
        if denied.is_empty() && unsure.is_empty() && self.silence.is_none() {
            let says = format!("IAM allows all {} actions that the document may need", allowed.len());
            survey.note(Subject::Permissions, Standing::Good, says);
        }
    }
}

/// A denial, with the containing steps that it will stop before all others.
fn denial(denied: &[&str], needs: &[Need]) -> String {
    let hit = |need: &&Need| denied.iter().any(|action| need.action.eq_ignore_ascii_case(action));
    let steps = |duty: Option<Duty>| -> BTreeSet<String> {
        let wants = needs.iter().filter(hit).filter(|need| duty.is_none_or(|duty| need.duty == duty));
        wants.map(|need| need.for_what.to_string()).collect()
    };
    let containing: Vec<_> = steps(Some(Duty::Contain)).into_iter().collect();
    let denies = format!("IAM DENIES {}", named(denied));
    if containing.is_empty() {
        let steps: Vec<_> = steps(None).into_iter().collect();
        return format!("{denies}, wanted for {}", some(&steps));
    }
    format!("{denies}: CONTAINMENT WILL FAIL, in {}; get other credentials now", some(&containing))
}

fn named(actions: &[&str]) -> String {
    some(&actions.iter().map(|action| (*action).to_owned()).collect::<Vec<_>>())
}

fn some(texts: &[String]) -> String {
    let shown = texts.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match texts.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

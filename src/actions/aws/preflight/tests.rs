//! The look around against recorded answers.

use super::*;
use crate::actions::aws::connect::Reach;
use crate::actions::aws::echo::{Answer, Echo};
use crate::actions::aws::recorded;
use crate::actions::notebook::Notebook;
use crate::document::action::Duty;
use crate::document::permission::{ForWhat, Only};
use crate::run::{Standing, Subject};

fn need(action: &'static str, duty: Duty) -> Need {
    let resources = vec!["*".to_owned()];
    Need { action, resources, only: Only::Always, duty, for_what: ForWhat::Step("disable_key".to_owned()) }
}

fn simulated(action: &str, decision: &str) -> Answer {
    Answer::xml(format!(
        "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><EvaluationResults><member><EvalActionName>{action}</EvalActionName><EvalDecision>{decision}</EvalDecision></member></EvaluationResults><IsTruncated>false</IsTruncated></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
    ))
}

async fn survey(echo: &Echo) -> Survey {
    let needs = [need("kms:DisableKey", Duty::Contain)];
    let mut survey = Survey::default();
    // The endpoints of the recorded configuration are not knocked at: there is no network.
    let aws = echo.aws(Reach::Readings);
    let book = Notebook::default();
    let (asking, simulating) = (request(IDENTITY), request(SIMULATION));
    let who = aws.order(&asking, &book).expect("an order");
    let may = aws.order(&simulating, &book).expect("an order");
    let identity = identity::ask(&who, PATIENCE).await;
    if let Some(arn) = identity.arn() {
        permissions::ask(&may, arn, &needs, PATIENCE).await.note(&needs, &mut survey);
    }
    identity.note(&mut survey);
    gather(&mut survey.evidence, [who.evidence().expect("evidence"), may.evidence().expect("evidence")]);
    survey
}

fn standing(survey: &Survey, of: Subject) -> Option<Standing> {
    survey.checks.iter().find(|check| check.of == of).map(|check| check.standing)
}

#[tokio::test]
async fn who_acts_and_what_they_may_is_told_with_the_calls_that_told_it() {
    let echo = Echo::new(|operation, _| recorded::answer(operation));
    let survey = survey(&echo).await;
    assert_eq!(
        survey.caller.as_ref().map(|caller| caller.arn.as_str()),
        Some("arn:aws:iam::111122223333:user/me")
    );
    assert_eq!(standing(&survey, Subject::Permissions), Some(Standing::Good), "{survey:?}");
    assert!(survey.clock_offset_seconds.is_some());
    assert_eq!(survey.evidence.calls.len(), 2);
}

#[tokio::test]
async fn an_explicit_denial_of_containment_is_told_loudly() {
    let echo = Echo::new(|operation, _| match operation {
        "iam:SimulatePrincipalPolicy" => simulated("kms:DisableKey", "explicitDeny"),
        other => recorded::answer(other),
    });
    let survey = survey(&echo).await;
    let loud = survey.checks.iter().find(|check| check.of == Subject::Permissions).expect("a check");
    assert_eq!(loud.standing, Standing::Warning);
    assert!(
        loud.says.contains("kms:DisableKey") && loud.says.contains("CONTAINMENT WILL FAIL"),
        "{}",
        loud.says
    );
    assert!(loud.says.contains("step disable_key"), "{}", loud.says);
}

#[tokio::test]
async fn what_iam_alone_does_not_allow_is_unknown_because_a_key_policy_may() {
    let echo = Echo::new(|operation, _| match operation {
        "iam:SimulatePrincipalPolicy" => simulated("kms:DisableKey", "implicitDeny"),
        other => recorded::answer(other),
    });
    assert_eq!(standing(&survey(&echo).await, Subject::Permissions), Some(Standing::Unknown));
    let denied = Echo::new(|operation, _| match operation {
        "iam:SimulatePrincipalPolicy" => Answer::error(403, "AccessDenied"),
        other => recorded::answer(other),
    });
    assert_eq!(standing(&survey(&denied).await, Subject::Permissions), Some(Standing::Unknown));
}

#[tokio::test]
async fn without_an_answer_about_the_identity_it_says_so_and_goes_on() {
    let echo = Echo::new(|_, _| Answer::Unreachable);
    let survey = survey(&echo).await;
    assert_eq!(standing(&survey, Subject::Identity), Some(Standing::Warning));
    assert_eq!(survey.broken(), None);
}

#[tokio::test]
async fn a_skewed_clock_whose_signatures_are_refused_is_broken() {
    // The recorded Date header lies days from this machine's clock.
    let refused = "<ErrorResponse><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code><Message>Signature expired</Message></Error></ErrorResponse>";
    let echo = Echo::new(move |_, _| Answer::Said(403, "text/xml", refused.to_owned()));
    let survey = survey(&echo).await;
    assert_eq!(survey.broken().map(|check| check.of), Some(Subject::Clock), "{survey:?}");
}

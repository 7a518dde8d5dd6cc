//! The look around before step one: only what the document needs, side by side, and for a
//! few seconds at most. It tells and does not block: what a step does not get, it is refused
//! by AWS. Only a clock that breaks every signature ends the run before it begins.

mod identity;
mod permissions;
mod reach;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Aws, Order};
use crate::actions::paper::Paper;
use crate::document::action::{Class, operation};
use crate::document::permission::Need;
use crate::error::Result;
use crate::run::{Evidence, Request, Survey};

/// Nothing is waited for longer than this, each by itself.
const PATIENCE: Duration = Duration::from_secs(3);

const IDENTITY: &str = "sts.get_caller_identity";
const SIMULATION: &str = "iam.simulate_principal_policy";

impl Aws {
    /// Asks who calls, then what IAM lets that identity do, and knocks at the services'
    /// endpoints meanwhile.
    ///
    /// # Errors
    /// When the record does not take what was read.
    pub(in crate::actions) async fn look_around(
        &self,
        needs: &[Need],
        paper: &dyn Paper,
        survey: &mut Survey,
    ) -> Result<()> {
        let (asking, simulating) = (request(IDENTITY), request(SIMULATION));
        let (Some(who), Some(may)) = (self.order(&asking, paper), self.order(&simulating, paper)) else {
            return Ok(());
        };
        let asked = async {
            let identity = identity::ask(&who, PATIENCE).await;
            let allowed = match identity.arn() {
                Some(arn) => permissions::ask(&may, arn, needs, PATIENCE).await,
                None => permissions::Told::not_asked(),
            };
            (identity, allowed)
        };
        let ((identity, allowed), reach) = tokio::join!(asked, reach::knock(self, services(needs), PATIENCE));
        identity.note(survey);
        if let Some(caller) = &survey.caller {
            self.badge.is_of(caller);
        }
        allowed.note(needs, survey);
        reach.note(survey);
        gather(&mut survey.evidence, [who.evidence()?, may.evidence()?]);
        Ok(())
    }

    fn order<'a>(&'a self, request: &'a Request, paper: &'a dyn Paper) -> Option<Order<'a>> {
        let spec = operation(&request.action)?;
        Some(Order::new(self, request, spec, paper, None, Some(PATIENCE)))
    }
}

fn request(action: &str) -> Request {
    Request { action: action.to_owned(), class: Class::Read, input: json!({}) }
}

/// The services that the document calls, beside those that the look around itself calls.
fn services(needs: &[Need]) -> BTreeSet<&'static str> {
    let called = needs.iter().filter_map(|need| need.action.split_once(':')).map(|(service, _)| service);
    called.filter(|service| !matches!(*service, "sts" | "iam")).collect()
}

fn gather(all: &mut Evidence, parts: [Evidence; 2]) {
    for part in parts {
        all.artifacts.extend(part.artifacts);
        all.calls.extend(part.calls);
    }
}

/// The text of a field; empty where there is none.
fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

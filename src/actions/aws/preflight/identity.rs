//! Who calls, and how far this machine's clock is from AWS'.

use std::time::Duration;

use serde_json::Value;

use super::text;
use crate::actions::aws::fault::clock_offset;
use crate::actions::aws::operation::Act as _;
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::actions::aws::sts::GetCallerIdentity;
use crate::run::{Caller, Fault, FaultKind, Standing, Subject, Survey};

/// From here on times in the record do not fit those in CloudTrail, in seconds.
const NOTABLE: i64 = 60;
/// From here on AWS refuses signatures, in seconds (IAM user guide, "AWS Signature Version 4
/// for API requests": a request must reach AWS within five minutes of its time stamp).
const BREAKING: i64 = 300;

pub(super) struct Identity {
    said: Result<Value, Fault>,
    offset: Option<i64>,
}

pub(super) async fn ask(order: &Order<'_>, patience: Duration) -> Identity {
    let said = match tokio::time::timeout(patience, GetCallerIdentity.act(order)).await {
        Ok(Ok(said)) => Ok(said),
        Ok(Err(Stop::Fault(fault))) => Err(*fault),
        Ok(Err(Stop::Error(error))) => Err(Fault::new(FaultKind::Unreachable, error.to_string())),
        Err(_) => {
            Err(Fault::new(FaultKind::Unreachable, format!("no answer within {} s", patience.as_secs())))
        }
    };
    let offset = order.last_exchange().as_ref().and_then(clock_offset);
    Identity { said, offset }
}

impl Identity {
    pub(super) fn arn(&self) -> Option<&str> {
        self.said.as_ref().ok()?["arn"].as_str()
    }

    pub(super) fn note(&self, survey: &mut Survey) {
        survey.clock_offset_seconds = self.offset;
        match &self.said {
            Ok(said) => {
                let caller = Caller {
                    account: text(said, "account"),
                    arn: text(said, "arn"),
                    region: text(said, "region"),
                };
                let says = format!("{} in {}, {}", caller.arn, caller.account, caller.region);
                survey.note(Subject::Identity, Standing::Good, says);
                survey.caller = Some(caller);
            }
            Err(fault) => survey.note(Subject::Identity, Standing::Warning, &*fault.message),
        }
        if let Some((standing, says)) = self.offset.map(|offset| self.clock(offset)) {
            survey.note(Subject::Clock, standing, says);
        }
    }

    /// That the clock breaks signatures is known when AWS refused one: some services and
    /// endpoints take more than others.
    fn clock(&self, offset: i64) -> (Standing, String) {
        let side = if offset > 0 { "behind" } else { "ahead of" };
        let says = format!("this machine's clock is {} s {side} AWS'", offset.abs());
        let refused = self.said.as_ref().is_err_and(|fault| fault.kind == FaultKind::Unauthenticated);
        match offset.abs() {
            off if off > BREAKING && refused => {
                (Standing::Broken, format!("{says}, and AWS refuses what it signs; set the clock"))
            }
            off if off >= NOTABLE => (
                Standing::Warning,
                format!("{says}: times in this record do not fit CloudTrail's; set the clock"),
            ),
            off => (Standing::Good, format!("{off} s from AWS'")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(kind: Option<FaultKind>, offset: i64) -> Standing {
        let said = kind.map_or(Ok(Value::Null), |kind| Err(Fault::new(kind, "no")));
        Identity { said, offset: Some(offset) }.clock(offset).0
    }

    #[test]
    fn a_clock_is_broken_only_when_aws_refused_what_it_signed() {
        assert_eq!(standing(None, 59), Standing::Good);
        assert_eq!(standing(None, -60), Standing::Warning);
        assert_eq!(standing(None, 4_000), Standing::Warning);
        assert_eq!(standing(Some(FaultKind::Unreachable), 4_000), Standing::Warning);
        assert_eq!(standing(Some(FaultKind::Unauthenticated), 300), Standing::Warning);
        assert_eq!(standing(Some(FaultKind::Unauthenticated), -301), Standing::Broken);
    }
}

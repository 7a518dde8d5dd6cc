//! How far a write would reach, looked at before the question about it.

use std::time::Duration;

use super::{Actions, Order, Stop, aws, in_time, together};
use crate::document::action::{Spec, operation};
use crate::engine::Desk;
use crate::error::Result;
use crate::run::{Aspect, Evidence, Request, Seen, Sight};

/// How long a question is held up for this, at most.
const AT_MOST: Duration = Duration::from_secs(3);

impl Actions {
    /// Looks at everything side by side. What cannot be read in time is unknown.
    ///
    /// # Errors
    /// When the record does not take what was read.
    pub async fn measure(
        &self,
        request: &Request,
        aspects: &[Aspect],
        desk: &Desk<'_>,
    ) -> Result<(Vec<Sight>, Evidence)> {
        let Some(spec) = operation(&request.action) else { return Ok(Default::default()) };
        let looks = aspects.iter().map(|of| self.sight(*of, request, spec, desk));
        let (mut radius, mut evidence) = (Vec::new(), Evidence::default());
        for looked in together::all(looks).await {
            let (sight, found) = looked?;
            radius.push(sight);
            evidence.calls.extend(found.calls);
        }
        Ok((radius, evidence))
    }

    /// One aspect, with an order of its own: a fault is told of the call that it came from.
    async fn sight(
        &self,
        of: Aspect,
        request: &Request,
        spec: &'static Spec,
        desk: &Desk<'_>,
    ) -> Result<(Sight, Evidence)> {
        let order = Order::new(&self.aws, request, spec, desk, None, Some(AT_MOST));
        let seen = match in_time(Box::pin(aws::look(of, &order)), Some(AT_MOST)).await {
            Ok(Ok(says)) => Seen::Known(says),
            Ok(Err(Stop::Fault(fault))) => Seen::Unknown(fault.message.clone()),
            Ok(Err(Stop::Error(error))) => return Err(*error),
            Err(limit) => Seen::Unknown(format!("no answer within {} s", limit.as_secs())),
        };
        Ok((Sight { of, seen }, order.evidence()?))
    }
}

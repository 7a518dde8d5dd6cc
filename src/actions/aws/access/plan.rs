//! `access.plan`: collected anew, and planned on a copy.

use serde_json::{Value, json};

use super::collection::collect;
use super::who_can::unfit;
use crate::access::plan::{Outcome, Plan, plan};
use crate::actions::aws::operation::Act;
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::engine::Soon;
use crate::run::{Fault, FaultKind};

pub(in crate::actions::aws) struct PlanRevocations;

impl Act for PlanRevocations {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let key = order.key("key")?;
            let action = order.inputs().optional_text("action")?.unwrap_or("kms:Decrypt");
            let revoke: Vec<_> = order.inputs().texts("revoke")?.into_iter().map(str::to_owned).collect();
            let collection = collect(order, key).await?;
            let planned = plan(&collection, key, action, &revoke).map_err(unfit)?;
            let told = told(&planned);
            order.keep("plan.json", format!("{told:#}").as_bytes())?;
            match planned.refusal {
                Some(why) => Err(Fault::new(FaultKind::Refused, why)
                    .hint("decide to keep one of them, or name another administrator first")
                    .into()),
                None => Ok(told),
            }
        })
    }
}

fn told(plan: &Plan) -> Value {
    let edits: Vec<_> = plan
        .edits
        .iter()
        .map(|edit| json!({ "words": edit.words(), "also": edit.also(), "edit": edit, "undo": edit.undo() }))
        .collect();
    let flips = plan.outcomes.iter().filter(|outcome| outcome.flips()).count();
    json!({
        "edits": edits,
        "outcomes": plan.outcomes.iter().map(outcome).collect::<Vec<_>>(),
        "would_hold": flips,
        "would_not": plan.outcomes.len() - flips,
    })
}

fn outcome(outcome: &Outcome) -> Value {
    json!({
        "principal": outcome.principal,
        "before": outcome.before.word(),
        "after": outcome.after.word(),
        "would_hold": outcome.flips(),
        "obstacles": outcome.obstacles,
    })
}

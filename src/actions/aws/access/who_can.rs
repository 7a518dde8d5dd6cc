//! `access.who_can`: collected, kept as evidence, answered.

use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::collection::{Collection, collect};
use super::trail::unsearched;
use super::uses;
use crate::access::review::{Gap, Gathered, cards, gather, review, told, unasked};
use crate::actions::aws::operation::Act;
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::engine::Soon;
use crate::error::Error;
use crate::run::{Fault, FaultKind};

pub(in crate::actions::aws) struct WhoCan;

impl Act for WhoCan {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let key = order.key("key")?;
            let action = order.inputs().optional_text("action")?.unwrap_or("kms:Decrypt");
            let mut collection = collect(order, key).await?;
            let second = uses::collect(order, key, action, &mut collection).await;
            // What was collected is evidence, even where it cannot be read.
            let kept = keep(order, &collection)?;
            second?;
            let Gathered { collected, mut missing, last_usage } = gathered(&collection, key, action)?;
            missing.extend(collection.unread.iter().cloned());
            let review = review(&collected, action);
            missing.extend(unasked(&collected, &review).into_iter().chain(unsearched(order, action)));
            let findings = told(action, &collected.key, &review, &missing, last_usage.as_ref());
            let findings = order.keep("findings.json", format!("{findings:#}").as_bytes())?;
            Ok(json!({
                "items": cards(&collected.key, &review),
                "population": review.population(),
                "reviewed": review.reviewed(),
                "excluded": review.excluded.len(),
                "unknown": review.unknown(),
                "missing": missing,
                "findings": findings.path,
                "digest": findings.digest.to_string(),
                "collected_at": order.paper.now().to_rfc3339_opts(SecondsFormat::Secs, true),
                "files": kept,
            }))
        })
    }
}

/// Each file becomes an artifact, so that the answer can be checked against what AWS said.
fn keep(order: &Order<'_>, collection: &Collection) -> Result<Vec<Value>, Stop> {
    let one = |(name, text): (&String, &String)| {
        let artifact = order.keep(&name.replace('/', "-"), text.as_bytes())?;
        Ok(json!({ "name": name, "path": artifact.path }))
    };
    collection.files.iter().map(one).collect()
}

pub(super) fn gathered(collection: &Collection, key: &str, action: &str) -> Result<Gathered, Stop> {
    gather(collection, key, action).map_err(unfit)
}

/// Why what was collected cannot be read, as a fault of the step.
pub(super) fn unfit(gap: Gap<Error>) -> Stop {
    let rejected = |message: String| Fault::new(FaultKind::Rejected, message);
    let fault = match gap {
        Gap::Unread(error) => return error.into(),
        Gap::Broken { file, position, message } => {
            rejected(format!("{file}:{}:{}: {message}", position.line, position.column))
        }
        Gap::Absent { file } => rejected(format!("{file} was not collected")),
        Gap::Misnamed { message, hint } | Gap::Unfit { message, hint } => rejected(message).hint(hint),
    };
    fault.into()
}

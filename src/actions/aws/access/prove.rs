//! `access.prove`: collected and answered again; a revocation counts when the verdict has
//! become a denial.

use serde_json::{Value, json};

use super::collection::collect;
use super::who_can::gathered;
use crate::access::plan::is_denied;
use crate::access::review::{because, review};
use crate::actions::aws::operation::Act;
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::engine::Soon;

pub(in crate::actions::aws) struct Prove;

impl Act for Prove {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let key = order.key("key")?;
            let action = order.inputs().optional_text("action")?.unwrap_or("kms:Decrypt");
            let revoked = order.inputs().texts("revoked")?;
            let collection = collect(order, key).await?;
            let review = review(&gathered(&collection, key, action)?.collected, action);
            let (mut proven, mut not_proven) = (Vec::new(), Vec::new());
            for principal in revoked {
                let found = review.findings.iter().find(|finding| finding.person.name == principal);
                match found.map(|finding| &finding.answer) {
                    // Whoever nothing names any more, and who is not of the account, has nothing.
                    None => proven.push(json!({ "principal": principal, "verdict": "gone" })),
                    Some(answer) if is_denied(answer.verdict) => {
                        proven.push(json!({ "principal": principal, "verdict": answer.verdict.word() }));
                    }
                    Some(answer) => not_proven.push(json!({
                        "principal": principal,
                        "verdict": answer.verdict.word(),
                        "because": answer.because.iter().map(because).collect::<Vec<_>>(),
                    })),
                }
            }
            Ok(json!({ "proven": proven, "not_proven": not_proven }))
        })
    }
}

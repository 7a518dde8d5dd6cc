//! `access.apply`: one edit of a plan. What stands in the world is read first: an edit that
//! is made already is not made again, and one whose ground has changed since it was planned
//! is not made at all.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::change::change;
use super::spare::spare_own;
use super::standing::{Standing, standing};
use crate::access::plan::Edit;
use crate::actions::aws::operation::{Act, Probed};
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::engine::Soon;
use crate::run::{Fault, FaultKind};

pub(in crate::actions::aws) struct Apply;

impl Act for Apply {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let edit = edit(order)?;
            let found = standing(order, &edit).await?;
            order.found_before(json!({ "standing": found.word(), "undo": edit.undo() }));
            if found == Standing::Neither {
                return Err(moved(&edit).into());
            }
            spare_own(order, &edit).await?;
            if found == Standing::Before {
                change(order, &edit).await?;
            }
            Ok(outputs(&edit))
        })
    }

    fn probe<'a>(&'a self, order: &'a Order<'a>, _: DateTime<Utc>) -> Soon<'a, Result<Probed, Stop>> {
        Box::pin(async move {
            let edit = edit(order)?;
            Ok(match standing(order, &edit).await? {
                Standing::After => Probed::took_place("AWS shows it as it should be", outputs(&edit)),
                Standing::Before => Probed::did_not("AWS shows it as it was"),
                Standing::Neither => Probed::Unknown {
                    because: "AWS shows neither what was before nor what should be".to_owned(),
                    seen: json!({ "edit": edit }),
                },
            })
        })
    }
}

fn outputs(edit: &Edit) -> Value {
    json!({ "did": edit.words(), "undo": edit.undo() })
}

fn edit(order: &Order<'_>) -> Result<Edit, Fault> {
    let given = order.inputs().get("edit").cloned().unwrap_or_default();
    let edit: Edit = serde_json::from_value(given).map_err(|error| {
        let hint = "edits come from `access.plan`, as its outputs `edits[].edit` and `edits[].undo`";
        order.inputs().fault("edit", &format!("is no edit: {error}")).hint(hint)
    })?;
    tells_of(order, "words", &edit.words().into())?;
    tells_of(order, "also", &edit.also().into())?;
    Ok(edit)
}

/// Whoever approves reads these words, and not the edit.
fn tells_of(order: &Order<'_>, input: &str, truth: &Value) -> Result<(), Fault> {
    match order.inputs().get(input) {
        Some(told) if told != truth => {
            let hint = format!("take both from one element of `access.plan`: edit and {input}");
            Err(order.inputs().fault(input, &format!("tells of another edit; this one: {truth}")).hint(hint))
        }
        _ => Ok(()),
    }
}

fn moved(edit: &Edit) -> Fault {
    let message = format!("{}: somebody has changed it since it was planned", edit.words());
    Fault::new(FaultKind::Refused, message).hint("plan again, and let the new plan be approved")
}

//! What the record itself says against an act, above all against the deletion of a key. The document's own steps stop
//! it first, where they are written well; this stops it where they are not.

use serde_json::Value;

pub(super) use self::behind::behind;
pub(super) use self::doubts::doubts;
use crate::document::action::Action;
use crate::document::{Input, Step};
use crate::evidence::Proof;
use crate::run::{Fault, FaultKind, Place, Request, Run};

mod behind;
mod doubts;

const DELETION: &str = "kms.schedule_key_deletion";

/// Why a deletion must not be scheduled, by what the run has found out so far.
pub(super) fn refusal(run: &Run, place: &Place, request: &Request) -> Option<Fault> {
    let key = request.input["key"].as_str().filter(|_| request.action == DELETION)?;
    residuals(run, place).or_else(|| evidence_under(run, key))
}

/// What a deletion names as its evidence: the sealed record of the incident. `None` where
/// nothing has to be proven: it is no deletion, or that of a key which this run made itself,
/// such as the way back from `kms.create_key`, about which there can be no record yet.
///
/// # Errors
/// When it names none.
pub(super) fn evidence<'a>(run: &Run, request: &'a Request) -> Result<Option<&'a str>, Fault> {
    let Some(key) = request.input["key"].as_str().filter(|_| request.action == DELETION) else {
        return Ok(None);
    };
    if made_here(run, key) {
        return Ok(None);
    }
    match request.input["evidence"].as_str().map(str::trim).filter(|record| !record.is_empty()) {
        Some(record) => Ok(Some(record)),
        None => Err(refused("the deletion names no sealed record of the incident".to_owned()).hint(
            "seal the run of the incident, and give its id as `evidence` of the step: `playbook run delete-compromised-key` does so",
        )),
    }
}

/// Why the record does not carry the deletion.
pub(super) fn unproven(proof: &Proof, key: &str) -> Option<Fault> {
    let record = &proof.record;
    if proof.sealed_at.is_none() {
        let fault = refused(format!("{record} is not the sealed record of a run"));
        return Some(fault.hint(format!("when that run is over: `playbook seal {record}`")));
    }
    if let Some(flaw) = proof.verification.flaws.first() {
        let (count, message) = (proof.verification.flaws.len(), &flaw.message);
        let fault = refused(format!("{record} does not verify, faults: {count}, the first: {message}"));
        return Some(
            fault.hint(format!(
                "`playbook verify` tells all that is wrong with {record}; bring an intact copy"
            )),
        );
    }
    (!proof.is_about(key)).then(|| {
        refused(format!("{record} is a record of something else: its run was not opened about {key}"))
            .hint("name the record of the run in which this very key was contained")
    })
}

/// A record that cannot be read proves nothing.
pub(super) fn unread(fault: Fault) -> Fault {
    fault.hints.iter().fold(refused(fault.message.clone()), |told, hint| told.hint(hint.as_str()))
}

fn made_here(run: &Run, key: &str) -> bool {
    let made = run.playbook().steps.iter().filter(|step| step.action.name() == "kms.create_key");
    made.filter_map(|step| run.outputs(&step.id)).any(|outputs| outputs["arn"] == key || outputs["id"] == key)
}

/// What the last inventory of the same key found, or could not read.
fn residuals(run: &Run, place: &Place) -> Option<Fault> {
    let (step, found) = about(run, place, "s3.inventory")?;
    let objects = found["objects"].as_u64().unwrap_or_default();
    let count = |name: &str| found[name].as_array().map_or(0, Vec::len);
    if objects > 0 || count("defaults") > 0 {
        let buckets = count("defaults");
        let why = format!(
            "{objects} object versions lie under the key and {buckets} buckets encrypt with it, says step {step}"
        );
        return Some(
            refused(why).hint("bring them under another key with s3.reencrypt, then take a new inventory"),
        );
    }
    let unread = count("unread");
    (unread > 0).then(|| {
        refused(format!(
            "step {step} could not read {unread} buckets or objects, which may lie under the key"
        ))
        .hint("take the inventory again with credentials that may read them")
    })
}

/// A trail whose logs lie under the key: the evidence would be lost with it.
fn evidence_under(run: &Run, key: &str) -> Option<Fault> {
    let (step, found) = latest(run, |step| step.action.name() == "cloudtrail.describe_trails")?;
    let pinned = latest_of_key(run, key);
    let is_it = |named: &str| {
        let forms = pinned.and_then(|found| found["forms"].as_array()).into_iter().flatten();
        !named.is_empty() && (named == key || forms.into_iter().any(|form| form == named))
    };
    let trails = found["trails"].as_array()?;
    let trail = trails.iter().find(|trail| trail["kms_key"].as_str().is_some_and(is_it))?;
    let name = trail["name"].as_str().unwrap_or_default();
    Some(
        refused(format!(
            "trail {name} encrypts its logs under this key, says step {step}: the evidence would be lost"
        ))
        .hint("take the key off the trail, bring its old logs under another key, then read the trails again"),
    )
}

fn latest_of_key<'a>(run: &'a Run, key: &str) -> Option<&'a Value> {
    let of_key = |outputs: &&Value| outputs["arn"] == key || outputs["id"] == key;
    let steps = run.playbook().steps.iter().filter(|step| step.action.name() == "kms.describe_key");
    steps.filter_map(|step| run.outputs(&step.id)).find(of_key)
}

/// The last step that did this with the same key as the step at `place`, and what it found.
fn about<'a>(run: &'a Run, place: &Place, action: &str) -> Option<(&'a str, &'a Value)> {
    let (_, own) = run.playbook().step(&place.step)?;
    let key = key(&own.action)?;
    latest(run, |step| step.action.name() == action && self::key(&step.action).as_ref() == Some(&key))
}

fn latest(run: &Run, is_it: impl Fn(&Step) -> bool) -> Option<(&str, &Value)> {
    let mut steps = run.playbook().steps.iter().rev().filter(|step| is_it(step));
    steps.find_map(|step| Some((&*step.id, run.outputs(&step.id)?)))
}

/// How a step names its key: two steps that write the same mean the same.
fn key(action: &Action) -> Option<String> {
    let Action::Operation(operation) = action else { return None };
    let (_, input) = operation.inputs.iter().find(|(field, _)| field.name == "key")?;
    match input {
        Input::Expr(expr) => Some(expr.text.trim().to_owned()),
        Input::Text(text) => Some(text.text.to_string()),
        Input::Literal(value, _) => value.as_str().map(str::to_owned),
        Input::List(..) | Input::Record(..) => None,
    }
}

fn refused(why: String) -> Fault {
    Fault::new(FaultKind::Refused, why).hint("nothing was sent; a disabled key is safe meanwhile")
}

fn known(text: &str) -> &str {
    if text.is_empty() { "not known" } else { text }
}

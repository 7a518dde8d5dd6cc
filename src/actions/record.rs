//! The sealed record of another run, checked offline.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::inputs::Inputs;
use crate::evidence::{Proof, Signed, prove};
use crate::run::{Fault, FaultKind, Request};

pub(super) const VERIFY: &str = "evidence.verify";

/// So many faults are told; a record with more is no better for it.
const TOLD: usize = 100;

pub(super) async fn verify(request: &Request, evidence: &Path) -> Result<Value, Fault> {
    let named = Inputs::of(request).text("record")?;
    let proof = checked(evidence, named).await?;
    Ok(told(&proof))
}

/// Checks a record, on a thread of its own: one with logs takes its time, and the clock on the
/// screen goes on meanwhile.
pub(super) async fn checked(evidence: &Path, named: &str) -> Result<Proof, Fault> {
    let (folder, name) = (evidence.to_owned(), named.to_owned());
    let checked = tokio::task::spawn_blocking(move || prove(&folder, &name)).await;
    match checked {
        Ok(Ok(proof)) => Ok(proof),
        Ok(Err(error)) => {
            let fault = Fault::new(FaultKind::Rejected, format!("record `{named}`: {error}"));
            Err(error.hints.iter().fold(fault, |fault, hint| fault.hint(hint.as_str())))
        }
        Err(broken) => Err(Fault::new(
            FaultKind::Rejected,
            format!("record `{named}`: the check did not come to an end: {broken}"),
        )),
    }
}

fn told(proof: &Proof) -> Value {
    let signer = match &proof.verification.signed {
        Signed::By { principal, fingerprint } => format!("{principal} {fingerprint}"),
        Signed::Unsigned | Signed::Broken => String::new(),
    };
    let opened = proof.opened.as_ref();
    json!({
        "record": proof.record,
        "holds": proof.holds(),
        "faults": faults(proof),
        "sealed_at": proof.sealed_at.map(|at| at.to_rfc3339()).unwrap_or_default(),
        "signed": proof.is_signed(),
        "signer": signer,
        "document": opened.map(|opened| opened.document.name.as_str()).unwrap_or_default(),
        "incident": opened.and_then(|opened| opened.incident.as_deref()).unwrap_or_default(),
        "params": opened.map(|opened| &opened.params),
        "keys": proof.keys,
        "decisions": proof.decisions,
        "sent": proof.sent,
        "last_used_at": proof.last_used_at.as_deref().unwrap_or_default(),
    })
}

/// What is wrong, in the words of `playbook verify`.
fn faults(proof: &Proof) -> Vec<String> {
    let unsealed = proof.sealed_at.is_none().then(|| "it is not sealed".to_owned());
    let flaws = proof.verification.flaws.iter().map(|flaw| match flaw.path.as_str() {
        "" => format!("{}: {}", flaw.code, flaw.message),
        path => format!("{}: {path}: {}", flaw.code, flaw.message),
    });
    unsealed.into_iter().chain(flaws).take(TOLD).collect()
}

pub(super) fn out_of_time(after: Duration) -> Fault {
    let after = crate::text::duration::show(after);
    Fault::new(FaultKind::Rejected, format!("{VERIFY}: not checked within {after}"))
        .hint("give the step a longer `timeout`: every byte of the record is read")
}

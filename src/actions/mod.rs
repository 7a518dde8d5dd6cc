//! What actions do, live: AWS operations and programs. Their shapes and facts stand in
//! `document::action`; here is the behaviour behind each name.

mod access_record;
mod authority;
mod aws;
mod inputs;
#[cfg(test)]
mod notebook;
mod notify;
mod paper;
mod process;
mod radius;
mod record;
mod shell;
mod survey;
mod together;

use std::collections::BTreeMap;
use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

pub use self::authority::{ask_the_time, nonce};
pub use self::aws::{Aws, Collection, Destination, How, Kept, Lock, Mode, Options, Vault, Wish};
use self::aws::{Order, Stop};
pub use self::notify::Reach;
use self::paper::Paper;
use crate::document::Channel;
use crate::document::action::{Spec, operation};
use crate::engine::Desk;
use crate::error::Result;
use crate::evidence::Proof;
use crate::run::{Evidence, Fault, FaultKind, Request, Sent, Verdict, described};

/// Why the program of the step at a desk must not be started again yet; nothing where nothing
/// speaks against it, or the step starts none.
#[must_use]
pub fn still_at_work(request: &Request, desk: &Desk<'_>) -> Option<String> {
    let is_program = request.action == "shell";
    is_program.then(|| process::still_at_work(desk.run().reached(Desk::place(desk)), &desk.mark())).flatten()
}

/// Whether that is certain.
#[must_use]
pub fn is_at_work(request: &Request, desk: &Desk<'_>) -> bool {
    request.action == "shell" && process::is_at_work(desk.run().reached(Desk::place(desk)), &desk.mark())
}

/// Behaviour of an operation: one match from the request's action to it.
#[derive(Debug)]
pub struct Actions {
    aws: Aws,
    /// Values of parameters of type `secret`, and of variables that channels name, by the
    /// names that references use.
    secrets: BTreeMap<String, String>,
    /// Where the records of all runs lie.
    records: PathBuf,
}

/// What came of an action.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// `outputs` has exactly the fields that the action's spec declares.
    Done {
        outputs: Value,
        evidence: Evidence,
    },
    Failed {
        fault: Fault,
        evidence: Evidence,
    },
}

/// What the world says about an attempt in doubt.
#[derive(Clone, Debug, PartialEq)]
pub enum Probed {
    /// `outputs` is what the world still tells of them: fields may be missing.
    Settled { verdict: Verdict, because: String, outputs: Value, evidence: Evidence },
    /// The world does not tell, or could not be asked; `seen` is what was read of it.
    Unsettled { because: String, seen: Value, evidence: Evidence },
}

impl Actions {
    #[must_use]
    pub fn new(aws: Aws, secrets: BTreeMap<String, String>, records: impl Into<PathBuf>) -> Self {
        Self { aws, secrets, records: records.into() }
    }

    /// Checks the sealed record of another run, by its id or the path of its folder.
    ///
    /// # Errors
    /// When there is none, or it cannot be read. What is wrong with it is in the proof.
    pub async fn prove(&self, record: &str) -> Result<Proof, Fault> {
        record::checked(&self.records, record).await
    }

    /// Does what is asked. `progress` is what an earlier, interrupted attempt had reached.
    ///
    /// # Errors
    /// When the record does not take what the action found.
    pub async fn act(
        &self,
        request: &Request,
        desk: &Desk<'_>,
        progress: Option<&Value>,
        timeout: Option<Duration>,
    ) -> Result<Finding> {
        self.perform(request, desk, progress, timeout).await
    }

    /// Reads, for `wait` and `verify`. What would change the world is refused.
    ///
    /// # Errors
    /// When the record does not take what the action found.
    pub async fn read(
        &self,
        request: &Request,
        desk: &Desk<'_>,
        timeout: Option<Duration>,
    ) -> Result<Finding> {
        if request.class.changes_the_world() {
            let fault = Fault::new(FaultKind::Refused, format!("{} does not only read", request.action));
            return Ok(Finding::Failed { fault, evidence: Evidence::default() });
        }
        self.perform(request, desk, None, timeout).await
    }

    /// Asks the world whether an attempt that began at `since` took place. `progress` is what
    /// it had reached.
    ///
    /// # Errors
    /// When the record does not take what was read.
    pub async fn probe(
        &self,
        request: &Request,
        since: DateTime<Utc>,
        progress: Option<&Value>,
        desk: &Desk<'_>,
    ) -> Result<Probed> {
        if request.action == "shell"
            && let Some(because) = process::still_at_work(progress, &desk.mark())
        {
            let seen = progress.cloned().unwrap_or_default();
            return Ok(Probed::Unsettled { because, seen, evidence: Evidence::default() });
        }
        self.ask(request, since, desk).await
    }

    /// Tells one channel what an escalation has to tell, once: the run says when again.
    ///
    /// # Errors
    /// When the record does not take what was sent.
    pub async fn notify(&self, request: &Request, attempt: u32, desk: &Desk<'_>) -> Result<(Sent, Evidence)> {
        notify::once(request, attempt, self.means(desk)).await
    }

    /// Whether channels could be used, in their order, all looked at at once. Connects, and
    /// sends nothing.
    pub async fn reach(&self, channels: &[Channel]) -> Vec<Reach> {
        let channels: Vec<_> = channels.iter().map(described).collect();
        notify::reach(&channels, &self.secrets).await
    }

    fn means<'a>(&'a self, paper: &'a dyn Paper) -> notify::Means<'a> {
        notify::Means { values: &self.secrets, aws: &self.aws, paper }
    }

    async fn perform(
        &self,
        request: &Request,
        paper: &dyn Paper,
        progress: Option<&Value>,
        timeout: Option<Duration>,
    ) -> Result<Finding> {
        if request.action == "shell" {
            let (ran, evidence) = shell::run(request, &self.secrets, paper, timeout).await;
            return found(ran, evidence);
        }
        if request.action == "notify" {
            let (told, evidence) = notify::everybody(request, self.means(paper), progress, timeout).await;
            return found(told, evidence);
        }
        if request.action == record::VERIFY {
            let checked = in_time(record::verify(request, &self.records), timeout).await;
            let checked = checked.unwrap_or_else(|after| Err(record::out_of_time(after)));
            return found(checked.map_err(Stop::from), Evidence::default());
        }
        if access_record::is_one(&request.action) {
            let (written, evidence) = access_record::write(request, paper);
            return found(written, evidence);
        }
        let Some((spec, behaviour)) = operation(&request.action).zip(aws::behaviour(&request.action)) else {
            return Ok(Finding::Failed { fault: unknown(request), evidence: Evidence::default() });
        };
        let order = Order::new(&self.aws, request, spec, paper, progress, timeout);
        let acted = in_time(behaviour.act(&order), timeout).await;
        let acted = acted.unwrap_or_else(|after| Err(order.out_of_time(after).into()));
        match acted {
            Ok(outputs) => {
                Ok(Finding::Done { outputs: as_declared(spec, outputs), evidence: order.evidence()? })
            }
            Err(Stop::Fault(fault)) => {
                if fault.kind == FaultKind::Unauthenticated {
                    self.aws.sign_in_again().await;
                }
                Ok(Finding::Failed { fault: *fault, evidence: order.evidence()? })
            }
            Err(Stop::Error(error)) => Err(*error),
        }
    }

    async fn ask(&self, request: &Request, since: DateTime<Utc>, paper: &dyn Paper) -> Result<Probed> {
        let Some((spec, behaviour)) = operation(&request.action).zip(aws::behaviour(&request.action)) else {
            let because = "only a person can say what it did".to_owned();
            return Ok(Probed::Unsettled { because, seen: Value::Null, evidence: Evidence::default() });
        };
        let order = Order::new(&self.aws, request, spec, paper, None, None);
        let probed = aws::probe(behaviour, &order, since).await;
        let evidence = order.evidence()?;
        match probed {
            Ok(aws::Probed::Known { verdict, because, outputs }) => {
                Ok(Probed::Settled { verdict, because, outputs, evidence })
            }
            Ok(aws::Probed::Unknown { because, seen }) => Ok(Probed::Unsettled { because, seen, evidence }),
            Err(Stop::Fault(fault)) => Ok(Probed::Unsettled {
                because: fault.message.clone(),
                seen: json!({ "fault": fault }),
                evidence,
            }),
            Err(Stop::Error(error)) => Err(*error),
        }
    }
}

fn found(acted: Result<Value, Stop>, evidence: Evidence) -> Result<Finding> {
    match acted {
        Ok(outputs) => Ok(Finding::Done { outputs, evidence }),
        Err(Stop::Fault(fault)) => Ok(Finding::Failed { fault: *fault, evidence }),
        Err(Stop::Error(error)) => Err(*error),
    }
}

/// Runs until it is done, or for as long as it may; `Err` holds how long that was.
async fn in_time<T>(work: impl Future<Output = T>, timeout: Option<Duration>) -> Result<T, Duration> {
    match timeout {
        Some(limit) => tokio::time::timeout(limit, work).await.map_err(|_| limit),
        None => Ok(work.await),
    }
}

/// The one place where outputs leave an action: they are those that the spec declares.
fn as_declared(spec: &Spec, outputs: Value) -> Value {
    debug_assert!(
        outputs.as_object().is_some_and(|fields| {
            fields.len() == spec.outputs.len()
                && spec.outputs.iter().all(|field| fields.contains_key(field.name))
        }),
        "{} promises {:?} and gave {outputs}",
        spec.name,
        spec.outputs.iter().map(|field| field.name).collect::<Vec<_>>()
    );
    outputs
}

fn unknown(request: &Request) -> Fault {
    Fault::new(FaultKind::Rejected, format!("there is nothing behind the action `{}`", request.action))
}

//! One turn at a run: from the first event of this process to the exit code.

use std::process::ExitCode;

use crate::console::out;
use crate::engine::{
    Bell, Console, Ending, Executor, Interrupts, Ledger, SystemClock, drive, interrupts, look_around,
};
use crate::error::{Error, Kind, Result};
use crate::evidence::inbox::Inbox;
use crate::evidence::{Folder, Store};
use crate::journal::Journal;
use crate::run::{Event, FaultKind, Outcome, Run};

/// Everything that a run needs to go.
pub(super) struct Turn<'a> {
    pub journal: Journal,
    pub store: Store,
    pub run: Run,
    pub console: &'a dyn Console,
    pub executor: &'a dyn Executor,
    /// Where the record lies; a dry run leaves none.
    pub folder: Option<&'a Folder>,
}

/// Records the first events and drives the run as far as it goes.
///
/// # Errors
/// When the record could not be written, or the run did not end well.
pub(super) fn take(turn: Turn<'_>, first: Vec<Event>) -> Result<ExitCode> {
    let Turn { journal, store, run, console, executor, folder } = turn;
    let ledger = Ledger::new(journal, store, run, console, &SystemClock).listening(folder.map(Inbox::of));
    for event in first {
        ledger.record(event)?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::failure("cannot start the runtime").caused_by(error))?;
    let ending = runtime.block_on(async {
        let (bell, interrupts) = interrupts();
        listen(bell)?;
        look_around(&ledger, executor).await?;
        drive_to_its_end(&ledger, executor, &interrupts).await
    });
    // A read that hangs must not keep the program: what it would have found is in doubt.
    runtime.shutdown_background();
    console.was_told()?;
    let approvals: Vec<_> = ledger.run().wanting().map(str::to_owned).collect();
    conclude(&ending?, folder, &approvals)
}

async fn drive_to_its_end(
    ledger: &Ledger<'_>,
    executor: &dyn Executor,
    interrupts: &Interrupts,
) -> Result<Ending> {
    drive(ledger, executor, interrupts).await.map_err(|error| {
        let id = ledger.run().id().to_owned();
        match error.kind {
            Kind::Failure => {
                error.hint(format!("what was recorded is safe: `playbook resume {id}` goes on from there"))
            }
            _ => error,
        }
    })
}

/// Ctrl-C, a request to end, a closed terminal: all of them ask the run to stop.
fn listen(bell: Bell) -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let failed = |error| Error::failure("cannot listen for signals").caused_by(error);
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut hang_up = signal(SignalKind::hangup()).map_err(failed)?;
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hang_up.recv() => {}
            }
            bell.ring();
        }
    });
    Ok(())
}

/// `approvals` are the steps that wait for one.
fn conclude(ending: &Ending, folder: Option<&Folder>, approvals: &[String]) -> Result<ExitCode> {
    let Some(folder) = folder else { return conclude_plan(ending) };
    let id = folder.id();
    let resume = format!("playbook resume {id}");
    match ending {
        Ending::Closed(Outcome::Completed) => {
            out::talk(&format!("The record is in {}", folder.root().display()));
            out::talk(&format!("Seal it: playbook seal {id}"));
            Ok(ExitCode::SUCCESS)
        }
        Ending::Closed(Outcome::RolledBack) => {
            out::talk(&format!("{id} is rolled back: `playbook report {id}` tells what was taken back"));
            Ok(ExitCode::SUCCESS)
        }
        Ending::Closed(outcome) => Err(closed(*outcome, &id)),
        Ending::Paused { reason } => {
            Err(Error::new(Kind::Paused, format!("{id} is paused: {reason}")).hint(resume))
        }
        Ending::Unanswered { waiting_for } => {
            let paused = Error::new(Kind::Paused, format!("{id} is paused; it waits for {waiting_for}"));
            let approve = |step: &String| format!("playbook approve {id} {step}");
            Err(approvals.iter().map(approve).fold(paused, Error::hint).hint(resume))
        }
        Ending::Stopped { step, kind, message } => {
            Err(Error::new(stopped(*kind), format!("{id} stopped: step `{step}` failed: {message}"))
                .hint(format!("mend the cause, then `{resume}` tries it again")))
        }
    }
}

/// A dry run that would stop has told the truth: that is no failure of the plan.
fn conclude_plan(ending: &Ending) -> Result<ExitCode> {
    match ending {
        Ending::Closed(Outcome::Completed) => Ok(ExitCode::SUCCESS),
        Ending::Closed(outcome) => Err(closed(*outcome, "the dry run")),
        Ending::Paused { reason } => Err(Error::new(Kind::Paused, format!("the dry run was left: {reason}"))),
        Ending::Unanswered { waiting_for } => {
            Err(Error::new(Kind::Paused, format!("the dry run waits for {waiting_for}")))
        }
        Ending::Stopped { step, kind, message } => {
            Err(Error::new(stopped(*kind), format!("the run would stop: step `{step}` fails: {message}")))
        }
    }
}

fn closed(outcome: Outcome, id: &str) -> Error {
    match outcome {
        Outcome::Completed | Outcome::CompletedWithFailures => {
            Error::new(Kind::StepFailed, format!("{id} went to its end, and steps failed on the way"))
                .hint(format!("`playbook report {id}` tells which"))
        }
        Outcome::Aborted => Error::new(Kind::StepFailed, format!("{id} was aborted")),
        Outcome::RolledBack | Outcome::RolledBackInPart => {
            Error::new(Kind::StepFailed, format!("{id} was rolled back in part; something still stands"))
                .hint(format!("`playbook report {id}` tells what, `playbook rollback {id}` tries again"))
        }
        Outcome::Refused => Error::new(Kind::Refused, format!("{id} was refused")),
    }
}

const fn stopped(kind: FaultKind) -> Kind {
    match kind {
        FaultKind::Refused | FaultKind::NotApproved => Kind::Refused,
        _ => Kind::StepFailed,
    }
}

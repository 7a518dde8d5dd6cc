//! `playbook approve`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::places::Places;
use super::record::Record;
use super::{word, writing};
use crate::console::out;
use crate::console::words::{card, known::Known};
use crate::document::action::Class;
use crate::engine::{Clock as _, SystemClock};
use crate::error::{Error, Result};
use crate::evidence::inbox::{Inbox, Says, SignedWord};
use crate::evidence::{HandedIn, hand_out};
use crate::run::{Place, Run, Wanted};

/// Approve a step, or deny it, from another terminal or machine
///
/// Shows what is approved and records it: beside a run that is going on, which takes it up
/// within a second or so, or in the record of one that is paused. One person counts once.
/// Whoever runs the program cannot approve for a role that he does not hold.
///
/// Where the role names its allowed signers, only their signatures count: --challenge prints
/// what is to be signed, on any machine, by
///
///   ssh-keygen -Y sign -n playbook-approval -f KEY challenge.txt
///
/// and --signature hands it back.
#[derive(Args, Debug)]
#[command(
    verbatim_doc_comment,
    after_help = "Examples:
  playbook approve INC-2026-001 disable_key
  playbook approve INC-2026-001 disable_key --as 'Ann Berger' --role approver
  playbook approve INC-2026-001 disable_key --deny --reason 'the backup is not verified'
  playbook approve INC-2026-001 delete_key --challenge > challenge.txt
  playbook approve INC-2026-001 delete_key --signature challenge.txt.sig"
)]
pub(super) struct Options {
    /// Run, by its id or a beginning of it that is like no other's
    run: String,

    /// Step that waits for an approval
    step: String,

    /// Refuse it: the step fails
    #[arg(long, requires = "reason")]
    deny: bool,

    /// Why it is denied
    #[arg(long, value_name = "TEXT", requires = "deny")]
    reason: Option<String>,

    /// Who approves [default: PLAYBOOK_OPERATOR, else the account]
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,

    /// Role that you hold; refused where the step wants another's approval
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,

    /// Name of the target, typed: needed for what destroys
    #[arg(long, value_name = "NAME", conflicts_with_all = ["deny", "challenge", "signature"])]
    target: Option<String>,

    /// Print what is to be signed
    #[arg(long, conflicts_with_all = ["deny", "signature"])]
    challenge: bool,

    /// Hand a signature back; `-` reads it from standard input. The challenge is looked for in
    /// the same file, beside it, and among those that were printed here
    #[arg(long, value_name = "FILE", conflicts_with = "deny")]
    signature: Option<PathBuf>,
}

pub(super) fn run(options: &Options, places: &Places) -> Result<ExitCode> {
    let record = Record::open(places, &options.run)?;
    let wanted = wanted(options, &record)?;
    if options.challenge {
        return challenge(options, &record, wanted);
    }
    let (step, request) = (options.step.clone(), wanted.request.digest());
    let (says, done) = match (&options.signature, &options.reason) {
        (Some(file), _) => {
            let word = signed(options, file, &record, wanted)?;
            (Says::Approve { step, request, signed: Some(word) }, "approved")
        }
        (None, Some(reason)) => (Says::Deny { step, reason: reason.clone() }, "denied"),
        (None, None) => {
            show(options, &record.run, wanted)?;
            (Says::Approve { step, request, signed: None }, "approved")
        }
    };
    word::say(places, &options.run, options.name.as_deref(), says)?
        .tell(&format!("{}: {done}", options.step));
    Ok(ExitCode::SUCCESS)
}

/// The approval that the step waits for.
fn wanted<'a>(options: &Options, record: &'a Record) -> Result<&'a Wanted> {
    let Options { step, role, .. } = options;
    let run = &record.run;
    if record.folder.is_sealed() {
        return Err(writing::sealed(&record.folder));
    }
    if run.playbook().step(step).is_none() {
        return Err(
            Error::usage(format!("`{step}` is no step of {}", run.playbook().name)).hint(waiting(run))
        );
    }
    let wanted = run.wanted(step).filter(|_| run.outcome().is_none());
    let wanted = wanted.ok_or_else(|| {
        Error::refused(format!("step {step} of {} waits for no approval", run.id())).hint(waiting(run))
    })?;
    match role.as_ref().filter(|role| **role != wanted.role) {
        None => Ok(wanted),
        Some(role) => Err(Error::refused(format!(
            "step {step} wants the approval of {} (`{}`), not of `{role}`",
            wanted.title, wanted.role
        ))),
    }
}

fn waiting(run: &Run) -> String {
    let steps: Vec<_> = run.wanting().collect();
    match steps.as_slice() {
        [] => format!(
            "no step waits for an approval at this moment; `playbook status {}` tells where the run stands",
            run.id()
        ),
        steps => format!("an approval is waited for at {}", steps.join(", ")),
    }
}

/// What is approved, before it is; what destroys needs its target's name.
fn show(options: &Options, run: &Run, wanted: &Wanted) -> Result<()> {
    let (place, outputs) = (Place::step(&*options.step), |step: &str| run.outputs(step));
    let known = Known::new(run.playbook(), &outputs).reaching(run.reach_ahead(&options.step));
    out::lines(&card::lines(&place, &wanted.request, &known, Some(&wanted.title), 100));
    if wanted.request.class != Class::Destroy {
        return Ok(());
    }
    let names = card::names(&place, &wanted.request, &known);
    match &options.target {
        Some(typed) if names.contains(typed) => Ok(()),
        typed => {
            let what = if typed.is_some() { "that is not its name" } else { "it destroys" };
            Err(Error::refused(format!("{what}: nothing was approved"))
                .hint(format!("to approve it, type the name of its target: --target {}", names.join(" or "))))
        }
    }
}

fn challenge(options: &Options, record: &Record, wanted: &Wanted) -> Result<ExitCode> {
    if record.run.signers(&wanted.role).is_none() {
        return Err(Error::usage(format!(
            "nobody signs for {}: its role names no allowed signers",
            wanted.title
        ))
        .hint("approve it without --challenge, or name `allowed_signers` in the document for the next run"));
    }
    let inbox = Inbox::of(&record.folder);
    let challenge = hand_out(&record.run, &options.step, wanted, &inbox, SystemClock.now())?;
    let expires = challenge.expires;
    out::data(&challenge.text)?;
    out::talk(&format!(
        "Sign it before {}: ssh-keygen -Y sign -n playbook-approval -f KEY challenge.txt\n\
         Hand it back: playbook approve {} {} --signature challenge.txt.sig",
        crate::report::instant(expires),
        record.folder.id(),
        options.step
    ));
    Ok(ExitCode::SUCCESS)
}

/// The signature with the challenge that it is over, checked before it is handed in.
fn signed(options: &Options, file: &Path, record: &Record, wanted: &Wanted) -> Result<SignedWord> {
    let (name, inbox) = (options.name.as_deref(), Inbox::of(&record.folder));
    let over =
        HandedIn::read(file)?.over((&record.run, &options.step, wanted), name, &inbox, SystemClock.now());
    over.map_err(|why| {
        Error::refused(why).hint(format!(
            "`playbook approve {} {} --challenge` prints a new challenge",
            record.folder.id(),
            options.step
        ))
    })
}

//! Where a run is put together: document, parameters, console, executor, record. The only
//! place that asks which mode it is.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;

use super::params::{self, Params};
use super::places::Places;
use super::run::{Attendance, Aws};
use super::turn::{self, Turn};
use super::writing::Writing;
use super::{channels, environment, identity, signers};
use crate::actions::{self, Actions};
use crate::console::{Answers, Plain, Plan, Scripted, Terminal, out, parameter};
use crate::document::{Param, Playbook, yaml};
use crate::engine::{Clock as _, Console, Executor, SystemClock};
use crate::error::{Error, Kind, Result};
use crate::evidence::{self, Folder, Redaction, Store, given};
use crate::executor::{DryRun, Live};
use crate::journal::Journal;
use crate::run::{Deviation, DocumentId, Event, Opened, Operator, Program, Run};
use crate::text::{Digest, Source};

/// What answers a run's effects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Live,
    DryRun,
    LiveReads,
}

impl Mode {
    const fn words(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::DryRun => "dry run",
            Self::LiveReads => "dry run with live reads",
        }
    }

    fn executor(self, aws: &Aws, secrets: BTreeMap<String, String>, places: &Places) -> Box<dyn Executor> {
        let options = actions::Options { profile: aws.profile.clone(), region: aws.region.clone() };
        match self {
            Self::Live => {
                Box::new(Live::new(Actions::new(actions::Aws::live(options), secrets, places.evidence())))
            }
            Self::DryRun => Box::new(DryRun::blind()),
            Self::LiveReads => {
                let eyes = actions::Aws::reads_only(options);
                Box::new(DryRun::with_live_reads(Actions::new(eyes, secrets, places.evidence())))
            }
        }
    }

    /// The record and where it lies: on disk for what happens, nowhere for what only might.
    fn record(
        self,
        places: &Places,
        playbook: &Playbook,
        redaction: Rc<Redaction>,
    ) -> Result<(Option<Folder>, Journal, Store)> {
        match self {
            Self::Live => {
                let text = playbook.source.text.as_bytes();
                let now = SystemClock.now();
                let folder = Folder::make(places.evidence(), playbook.species, now, &playbook.name, text)?;
                let journal = Journal::create(&folder.journal()).inspect_err(|_| folder.withdraw())?;
                let store = Store::new(&folder, redaction);
                Ok((Some(folder), journal, store))
            }
            Self::DryRun | Self::LiveReads => Ok((None, Journal::in_memory(), Store::in_memory(redaction))),
        }
    }

    fn console(self, attended: bool, operator: &Operator) -> Box<dyn Console> {
        match self {
            Self::Live if attended => Box::new(Terminal::new(operator.clone())),
            Self::Live => Box::new(Plain::new(operator.clone())),
            Self::DryRun | Self::LiveReads => Box::new(Plan::default()),
        }
    }
}

/// A run that is about to begin.
pub(super) struct Start<'a> {
    pub name: &'a str,
    pub severity: Option<&'a str>,
    pub incident: Option<&'a str>,
    /// The run that it follows up, by its id or a beginning of it.
    pub follows: Option<&'a str>,
    pub mode: Mode,
}

/// Begins a run and drives it as far as it goes.
///
/// # Errors
/// When it cannot begin, or did not end well; the kind tells the exit code.
pub(super) fn start(
    start: &Start<'_>,
    attendance: &Attendance,
    aws: &Aws,
    places: &Places,
) -> Result<ExitCode> {
    let (found, playbook) = places.document(start.name)?;
    let attended = environment::is_attended() && !attendance.non_interactive;
    let operator = Operator { attends: attended, ..operator(attendance, &playbook)? };
    let staffed = signers::staffed(&playbook, &found.origin)?;
    let params = params::gather(&playbook, &attendance.params, &|param| prompt(param, attended))?;
    let severity = severity(&playbook, start.severity)?;
    let values = channels::values(&playbook, params.secrets.iter().cloned().collect());
    let redaction = Rc::new(Redaction::new(&values.hidden)?);
    let console = console(start.mode, attended, &operator, attendance, &playbook)?;
    let follows = start.follows.map(|run| evidence::find(places.evidence(), run)).transpose()?;
    let follows = follows.as_ref().map(Folder::id);
    let (folder, journal, store) = start.mode.record(places, &playbook, redaction)?;
    let opened = Opened {
        run: folder.as_ref().map_or_else(|| playbook.name.clone(), Folder::id),
        document: DocumentId {
            name: playbook.name.clone(),
            version: playbook.version,
            digest: playbook.digest,
            origin: found.origin.clone(),
        },
        params: declared(params),
        severity,
        incident: start.incident.map(str::to_owned),
        operator,
        host: environment::host(),
        program: identity::program(),
        mode: start.mode.words().to_owned(),
        follows,
    };
    let turn = Turn {
        journal,
        store,
        run: Run::new(Arc::new(playbook)),
        console: &*console,
        executor: &*start.mode.executor(aws, values.known, places),
        folder: folder.as_ref(),
    };
    let first = std::iter::once(Event::Opened(Box::new(opened))).chain(staffed).collect();
    turn::take(turn, first)
}

/// Goes on with a run whose record lies on disk. One that is over goes on no further, but
/// tells whom it still has to tell.
///
/// # Errors
/// When the record is damaged, held by another process or sealed; when the run is over and
/// owes nobody a message; or when it did not end well.
pub(super) fn go_on(
    beginning: &str,
    attendance: &Attendance,
    aws: &Aws,
    places: &Places,
) -> Result<ExitCode> {
    let writing = Writing::open(places, beginning)?;
    let id = writing.folder.id();
    if writing.run.outcome().is_some() && writing.run.message_owed(&[]).is_none() {
        return Err(Error::usage(format!("{id} is over"))
            .hint(format!("`playbook report {id}` tells it, `playbook seal {id}` closes the record")));
    }
    take_up(writing, None, attendance, aws, places)
}

/// How far back a run is taken, and why.
pub(super) struct Backwards<'a> {
    pub to: Option<&'a str>,
    pub reason: Option<&'a str>,
}

/// Takes back what a run has done, as far as it goes. A rollback that was interrupted goes
/// on where it was.
///
/// # Errors
/// When the record is damaged, held by another process or sealed; or when the rollback did
/// not end well.
pub(super) fn turn_back(
    beginning: &str,
    backwards: &Backwards<'_>,
    attendance: &Attendance,
    aws: &Aws,
    places: &Places,
) -> Result<ExitCode> {
    let writing = Writing::open(places, beginning)?;
    writing.refuse_sealed()?;
    let under_way = writing.run.rollback().filter(|_| writing.run.outcome().is_none());
    let goes_on =
        under_way.is_some_and(|rollback| backwards.to.is_none() || rollback.to.as_deref() == backwards.to);
    let turn = (!goes_on).then(|| Event::TurnedBack {
        by: super::writing::actor(),
        to: backwards.to.map(str::to_owned),
        reason: backwards.reason.map(str::to_owned),
    });
    take_up(writing, turn, attendance, aws, places)
}

/// Drives a run from where its record ends.
fn take_up(
    writing: Writing,
    turn: Option<Event>,
    attendance: &Attendance,
    aws: &Aws,
    places: &Places,
) -> Result<ExitCode> {
    let playbook = writing.run.playbook();
    let attended = environment::is_attended() && !attendance.non_interactive;
    let operator = Operator { attends: attended, ..operator(attendance, playbook)? };
    let secrets = params::gather_secrets(playbook, writing.run.id(), &attendance.params, &|param| {
        prompt(param, attended)
    })?;
    let values = channels::values(playbook, secrets.into_iter().collect());
    let redaction = Rc::new(Redaction::new(&values.hidden)?);
    let console = console(Mode::Live, attended, &operator, attendance, playbook)?;
    let program = identity::program();
    let deviations = deviations(places, writing.run.opened(), &program);
    let over = writing.run.outcome().is_some() && turn.is_none();
    let mut events: Vec<_> = turn.into_iter().chain(deviations).collect();
    if !over {
        events.extend(signers::missing(&writing.run)?);
        events.push(Event::Resumed { operator, host: environment::host(), program });
    }
    let executor = Mode::Live.executor(aws, values.known, places);
    let Writing { folder, run, journal, .. } = writing;
    let store = Store::new(&folder, redaction);
    let turn = Turn { journal, store, run, console: &*console, executor: &*executor, folder: Some(&folder) };
    turn::take(turn, events)
}

/// Who runs it, in the role that he takes.
fn operator(attendance: &Attendance, playbook: &Playbook) -> Result<Operator> {
    let role = attendance.role.clone();
    if let Some(unknown) = role.as_ref().filter(|role| playbook.role(role).is_none()) {
        let known: Vec<_> = playbook.roles.iter().map(|role| role.id.as_str()).collect();
        return Err(Error::usage(format!("`{unknown}` is no role of `{}`", playbook.name)).hint(
            if known.is_empty() {
                "leave --role out".to_owned()
            } else {
                format!("it has {}", known.join(", "))
            },
        ));
    }
    Ok(Operator { role, ..environment::operator() })
}

/// What is no longer as it was when the run was opened.
fn deviations(places: &Places, opened: Option<&Opened>, program: &Program) -> impl Iterator<Item = Event> {
    let changed = opened.filter(|opened| opened.program != *program).map(|opened| {
        let detail = format!("begun with {}, going on with {}", named(&opened.program), named(program));
        deviated(Deviation::ProgramChanged, detail)
    });
    changed.into_iter().chain(opened.and_then(|opened| document_changed(places, opened)))
}

fn deviated(what: Deviation, detail: String) -> Event {
    Event::Deviated { what, detail }
}

fn named(program: &Program) -> String {
    let build = program.build_id.as_deref().unwrap_or("unknown");
    format!("{} (build {build})", program.version)
}

/// The document in the library is another one by now: noted, and the pinned text runs.
fn document_changed(places: &Places, opened: &Opened) -> Option<Event> {
    let found = places.library().ok()?.find(&opened.document.name).ok()?;
    let digest = Digest::of(found.source.text.as_bytes());
    if found.unread.is_some() {
        let detail = format!(
            "{} cannot be read; the run goes on with the pinned text {}",
            found.origin, opened.document.digest
        );
        return Some(deviated(Deviation::DocumentChanged, detail));
    }
    (digest != opened.document.digest).then(|| {
        let detail = format!(
            "{} is now {digest}; the run goes on with the pinned text {}",
            found.origin, opened.document.digest
        );
        deviated(Deviation::DocumentChanged, detail)
    })
}

fn declared(params: Params) -> BTreeMap<String, serde_json::Value> {
    params.values
}

fn severity(playbook: &Playbook, given: Option<&str>) -> Result<Option<String>> {
    match (&playbook.severity, given) {
        (Some(severities), Some(given)) => {
            let known: Vec<_> = severities.levels.iter().map(|(name, _)| name.as_str()).collect();
            if known.contains(&given) {
                return Ok(Some(given.to_owned()));
            }
            Err(Error::usage(format!("`{given}` is no severity of `{}`", playbook.name))
                .hint(format!("it has {}", known.join(", "))))
        }
        (Some(severities), None) => Ok(Some(severities.default.clone())),
        (None, Some(_)) => {
            Err(Error::usage(format!("`{}` has no severities", playbook.name)).hint("leave --severity out"))
        }
        (None, None) => Ok(None),
    }
}

fn prompt(param: &Param, attended: bool) -> Result<Option<String>> {
    attended.then(|| parameter(param)).transpose()
}

fn console(
    mode: Mode,
    attended: bool,
    operator: &Operator,
    attendance: &Attendance,
    playbook: &Playbook,
) -> Result<Box<dyn Console>> {
    let inner = mode.console(attended, operator);
    match &attendance.answers {
        Some(file) => Ok(Box::new(Scripted::new(answers(file, playbook)?, operator.clone(), inner))),
        None => Ok(inner),
    }
}

/// Reads an answers file with the same reader as documents: the same budgets, the same
/// errors.
fn answers(file: &Path, playbook: &Playbook) -> Result<Answers> {
    let name = file.display().to_string();
    let text = given::text("cannot read the answers in", file, yaml::MAX_BYTES as u64)?;
    let source = Source::new(name.as_str(), text);
    let (root, diagnostics) = yaml::parse(&source.text);
    let renderer = annotate_snippets::Renderer::styled();
    for diagnostic in &diagnostics {
        out::talk(&crate::text::render(diagnostic, &source, &renderer));
    }
    match root {
        Some(root) if diagnostics.is_empty() => Answers::from_value(root.to_value(), &name, playbook),
        _ => Err(Error::new(Kind::Usage, format!("{name} is not an answers file"))
            .hint("write a line `step_id: answer` for each step that asks")),
    }
}

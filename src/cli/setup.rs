//! Where a run is put together: document, parameters, console, executor, record. The only
//! place that asks which mode it is.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;

use super::environment::{self, Identity};
use super::params::{self, Params};
use super::places::Places;
use super::run::{Attendance, Aws};
use super::turn::{self, Turn};
use crate::actions::{self, Actions};
use crate::console::{Answers, Plain, Plan, Scripted, Terminal, out};
use crate::document::{Param, Playbook, yaml};
use crate::engine::{Clock as _, Console, Executor, SystemClock};
use crate::error::{Error, Kind, Result};
use crate::evidence::{Folder, Redaction, Shelf, Store, find};
use crate::executor::{DryRun, Live};
use crate::journal::Journal;
use crate::run::{Deviation, DocumentId, Event, Opened, Operator, Run};
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

    fn executor(self, aws: &Aws, secrets: BTreeMap<String, String>) -> Box<dyn Executor> {
        let options = actions::Options { profile: aws.profile.clone(), region: aws.region.clone() };
        match self {
            Self::Live => Box::new(Live::new(Actions::new(actions::Aws::live(options), secrets))),
            Self::DryRun => Box::new(DryRun::blind()),
            Self::LiveReads => {
                Box::new(DryRun::with_live_reads(Actions::new(actions::Aws::reads_only(options), secrets)))
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
                let journal = Journal::create(&folder.journal())?;
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
    pub mode: Mode,
}

/// Begins a run and drives it as far as it goes.
///
/// # Errors
/// When it cannot begin, or did not end well; the kind tells the exit code.
pub(super) fn start(start: &Start<'_>, attendance: &Attendance, aws: &Aws, places: &Places) -> Result<ExitCode> {
    let identity = Identity::establish();
    let (found, playbook) = places.document(start.name)?;
    let operator = environment::operator();
    let attended = environment::is_attended() && !attendance.non_interactive;
    let params = params::gather(&playbook, &attendance.params, &|param| prompt(param, attended))?;
    let severity = severity(&playbook, start.severity)?;
    let secrets: BTreeMap<_, _> = params.secrets.iter().cloned().collect();
    let redaction = Rc::new(Redaction::new(&secrets)?);
    let console = console(start.mode, attended, &operator, attendance, &playbook)?;
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
        program: identity.program(),
        mode: start.mode.words().to_owned(),
        follows: None,
    };
    let turn = Turn {
        journal,
        store,
        run: Run::new(Arc::new(playbook)),
        console: &*console,
        executor: &*start.mode.executor(aws, secrets),
        folder: folder.as_ref(),
    };
    turn::take(turn, vec![Event::Opened(Box::new(opened))])
}

/// Goes on with a run whose record lies on disk.
///
/// # Errors
/// When the record is damaged, held by another process, over or sealed; or when the run
/// did not end well.
pub(super) fn go_on(beginning: &str, attendance: &Attendance, aws: &Aws, places: &Places) -> Result<ExitCode> {
    let identity = Identity::establish();
    let folder = find(places.evidence(), beginning)?;
    let id = folder.id();
    if folder.is_sealed() {
        return Err(Error::usage(format!("{id} is sealed and cannot go on"))
            .hint("a follow-up is a run of its own: `playbook run`, and name this one in its --incident"));
    }
    let (journal, record) = Journal::open(&folder.journal())?;
    let playbook = pinned(&folder)?;
    let mut run = Run::new(Arc::new(playbook));
    for entry in &record.entries {
        run.apply(entry.at, &entry.event).map_err(|illegal| {
            Error::failure(format!("{id}: entry {} cannot follow what was: {illegal}", entry.seq))
                .hint("the record was not written by this program, or for this document; verify it and keep it")
        })?;
    }
    let Some(opened) = run.opened().cloned() else {
        return Err(Error::failure(format!("{id} was never opened: its first entry did not reach the disk"))
            .hint("nothing was done under it; start the run again"));
    };
    if run.outcome().is_some() {
        return Err(Error::usage(format!("{id} is over")).hint(format!("`playbook report {id}`, `playbook seal {id}`")));
    }
    let operator = environment::operator();
    let attended = environment::is_attended() && !attendance.non_interactive;
    let playbook = run.playbook();
    let secrets: BTreeMap<_, _> =
        params::gather_secrets(playbook, &attendance.params, &|param| prompt(param, attended))?.into_iter().collect();
    let redaction = Rc::new(Redaction::new(&secrets)?);
    let console = console(Mode::Live, attended, &operator, attendance, playbook)?;
    let store = Store::new(&folder, redaction);
    let program = identity.program();
    let mut events = Vec::new();
    if let Some(torn) = record.torn {
        let artifact = store.store(Shelf::Artifacts, "torn-journal-line", &torn)?;
        events.push(deviated(
            Deviation::TornEntry,
            format!("the last line of the journal was torn by a crash; its {} bytes are in {}", torn.len(), artifact.path),
        ));
    }
    if opened.program != program {
        let detail = format!("begun with {}, going on with {}", named(&opened.program), named(&program));
        events.push(deviated(Deviation::ProgramChanged, detail));
    }
    events.extend(document_changed(places, &opened));
    events.push(Event::Resumed { operator, host: environment::host(), program });
    let executor = Mode::Live.executor(aws, secrets);
    let turn =
        Turn { journal, store, run, console: &*console, executor: &*executor, folder: Some(&folder) };
    turn::take(turn, events)
}

fn deviated(what: Deviation, detail: String) -> Event {
    Event::Deviated { what, detail }
}

fn named(program: &crate::run::Program) -> String {
    let digest = program.digest.map_or_else(|| "unknown digest".to_owned(), |digest| digest.to_string());
    format!("{} ({digest})", program.version)
}

/// The document as it was pinned when the run began.
fn pinned(folder: &Folder) -> Result<Playbook> {
    let path = folder.document();
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Error::io("cannot read the pinned document", &path, error))?;
    let source = Source::new(path.display().to_string(), text);
    let (playbook, _) = crate::document::load(&source, None);
    playbook.ok_or_else(|| {
        Error::failure(format!("the pinned document of {} does not pass this program's checks", folder.id()))
            .hint("go on with the version of the program that the record names in its first entry")
    })
}

/// The document in the library is another one by now: noted, and the pinned text runs.
fn document_changed(places: &Places, opened: &Opened) -> Option<Event> {
    let found = places.library().find(&opened.document.name).ok()?;
    let digest = Digest::of(found.source.text.as_bytes());
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
        (None, Some(_)) => Err(Error::usage(format!("`{}` has no severities", playbook.name)).hint("leave --severity out")),
        (None, None) => Ok(None),
    }
}

fn prompt(param: &Param, attended: bool) -> Result<Option<String>> {
    if attended { Terminal::parameter(param).map(Some) } else { Ok(None) }
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
        Some(file) => Ok(Box::new(Scripted::new(answers(file, playbook)?, inner))),
        None => Ok(inner),
    }
}

/// Reads an answers file with the same reader as documents: the same budgets, the same
/// errors.
fn answers(file: &Path, playbook: &Playbook) -> Result<Answers> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|error| Error::io("cannot read the answers in", file, error))?;
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

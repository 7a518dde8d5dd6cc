//! One life of a process after another, on one disk and in one world, until the run is over.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use playbook::document::Playbook;
use playbook::engine::{Clock as _, Ending, Ledger, drive, interrupts};
use playbook::error::Result;
use playbook::evidence::inbox::{Inbox, take_up};
use playbook::evidence::{Folder, Redaction, Store, torn};
use playbook::journal::Journal;
use playbook::run::{Actor, DocumentId, Event, Opened, Operator, Program, Run, Via};
use playbook::text::Digest;
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::disk::{Disk, Held};
use super::documents::Course;
use super::fate::{Blow, Doing, Fate};
use super::world::{Seen, World};

/// How often a process is started before it is said that the run does not end.
const LIVES: usize = 12;

/// What one thread of the matrix needs again and again.
pub struct Ground {
    runtime: Runtime,
    redaction: Rc<Redaction>,
    folder: TempDir,
}

impl Ground {
    pub fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let place = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        Self {
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime"),
            redaction: Rc::new(Redaction::new(&BTreeMap::new()).expect("a gate")),
            folder: tempfile::tempdir_in(place).expect("a folder"),
        }
    }
}

/// A run that came to its end, with everything that outlived the processes it took.
pub struct Finished {
    pub disk: Rc<Disk>,
    pub world: Rc<World>,
    /// The record's folder, for its artifacts.
    pub folder: Folder,
    /// What each process did to the outside.
    pub lives: Vec<Vec<Doing>>,
    /// Torn lines that a process found when it came.
    pub torn: Vec<Vec<u8>>,
    /// What went wrong on the way, in words.
    pub wrong: Vec<String>,
}

/// A run that is to be taken through processes that die, and what stands before the first.
pub struct Subject {
    playbook: Arc<Playbook>,
    course: Course,
    disk: Disk,
    world: World,
}

impl Subject {
    /// What is to be taken back is done first.
    pub fn new(ground: &Ground, playbook: &Arc<Playbook>, course: Course) -> Self {
        let there = Self {
            playbook: Arc::clone(playbook),
            course: Course::Forward,
            disk: Disk::default(),
            world: World::default(),
        };
        let blow = match course {
            Course::Forward | Course::Telling | Course::Mailed => return Self { course, ..there },
            Course::Back | Course::BackTo(_) => None,
            Course::BackFromDoubt => {
                Some((last_but_one(&live(ground, &there, &[]).lives[0]), Blow::KilledAfter))
            }
        };
        let mut finished = Finished::begun(ground, &there);
        let over = finished.lived(ground, &there, blow);
        assert_eq!(over, blow.is_none(), "{:?}", finished.wrong);
        assert!(!finished.lives[0].contains(&Doing::Store), "artifacts are not carried over");
        let Finished { disk, world, .. } = finished;
        Self { course, disk: (*disk).clone(), world: (*world).clone(), ..there }
    }
}

/// The last act but one of a life.
fn last_but_one(life: &[Doing]) -> usize {
    let acts = life.iter().enumerate().filter(|(_, doing)| **doing == Doing::Act);
    acts.map(|(at, _)| at).rev().nth(1).expect("two acts")
}

/// Takes a run to its end through processes that die as the blows say, one blow a life.
pub fn live(ground: &Ground, subject: &Subject, blows: &[(usize, Blow)]) -> Finished {
    let mut finished = Finished::begun(ground, subject);
    for life in 0..LIVES {
        if finished.lived(ground, subject, blows.get(life).copied()) {
            return finished;
        }
    }
    finished.wrong.push(format!("the run does not end within {LIVES} lives"));
    finished
}

impl Finished {
    fn begun(ground: &Ground, subject: &Subject) -> Self {
        let folder = Folder::new(ground.folder.path().join("RUN"));
        let _ = std::fs::remove_dir_all(folder.root());
        std::fs::create_dir_all(folder.data()).expect("a record");
        Self {
            disk: Rc::new(subject.disk.clone()),
            world: Rc::new(subject.world.clone()),
            folder,
            lives: Vec::new(),
            torn: Vec::new(),
            wrong: Vec::new(),
        }
    }

    /// One more process; whether the run was over then.
    fn lived(&mut self, ground: &Ground, subject: &Subject, blow: Option<(usize, Blow)>) -> bool {
        let fate = Rc::new(Fate::with(blow));
        self.torn.extend(self.disk.torn());
        let seen = Seen {
            world: Rc::clone(&self.world),
            disk: Rc::clone(&self.disk),
            fate: Rc::clone(&fate),
            rash: RefCell::default(),
            mail: (subject.course == Course::Mailed).then(|| Inbox::of(&self.folder)),
        };
        let ended = one(ground, subject, &self.folder, &seen);
        self.lives.push(fate.did());
        self.wrong.extend(wrong(&fate, &seen, &ended));
        matches!(ended, Ok(Ending::Closed(_)))
    }
}

fn wrong(fate: &Fate, seen: &Seen, ended: &Result<Ending>) -> Vec<String> {
    let mut wrong = Vec::new();
    let trespasses = fate.trespasses();
    if !trespasses.is_empty() {
        wrong.push(format!("after the blow the process went on to {trespasses:?}"));
    }
    for place in &*seen.rash.borrow() {
        wrong.push(format!("`{place}` was sent before its intent was durable"));
    }
    match ended {
        Err(error) if !fate.fell() => wrong.push(format!("nothing struck it, and it ended: {error:?}")),
        Ok(ending @ (Ending::Paused { .. } | Ending::Unanswered { .. } | Ending::Stopped { .. })) => {
            wrong.push(format!("it paused unasked: {ending:?}"));
        }
        _ => {}
    }
    wrong
}

/// One process: it begins the run where the disk holds nothing of it, and goes on with it
/// otherwise, as `run`, `resume` and `rollback` do.
fn one(ground: &Ground, subject: &Subject, folder: &Folder, seen: &Seen) -> Result<Ending> {
    let store = Store::new(folder, Rc::clone(&ground.redaction));
    let Seen { world, disk, fate, .. } = seen;
    let held = Held { disk: Rc::clone(disk), world: Rc::clone(world), fate: Rc::clone(fate), fresh: true };
    let (journal, opened) = Journal::reopen(held, Path::new("journal.jsonl"), |bytes| {
        seen.meet(Doing::Store, || torn::keep(&store, bytes))?
    })?;
    let mut run = Run::new(Arc::clone(&subject.playbook));
    for entry in &opened.entries {
        run.apply(entry.at, &entry.event).expect("what was recorded can be folded");
    }
    let mut first = torn::untold(&store, &opened)?;
    let mut then = Vec::new();
    if opened.entries.is_empty() {
        first.insert(0, Event::Opened(Box::new(opening())));
    } else {
        then = taken_up(&run, subject.course);
    }
    let ledger = Ledger::new(journal, store, run, seen, seen).listening(seen.mail.clone());
    for event in first {
        ledger.record(event)?;
    }
    // What others said while nobody was there to hear it comes before whoever goes on.
    if let Some(inbox) = seen.mail.as_ref().filter(|_| !then.is_empty()) {
        take_up(inbox, &mut &ledger, seen.now())?;
    }
    for event in then {
        ledger.record(event)?;
    }
    let (_bell, interrupts) = interrupts();
    ground.runtime.block_on(drive(&ledger, seen, &interrupts))
}

/// What `resume` or `rollback` records before it goes on.
fn taken_up(run: &Run, course: Course) -> Vec<Event> {
    let mut events = Vec::new();
    if course.is_back() && run.rollback().is_none() {
        let by = Actor { name: "robin".to_owned(), via: Via::Terminal };
        let to = course.to().map(str::to_owned);
        events.push(Event::TurnedBack { by, to, reason: None });
    }
    if run.outcome().is_none() || !events.is_empty() {
        let Opened { operator, host, program, .. } = opening();
        events.push(Event::Resumed { operator, host, program });
    }
    events
}

fn opening() -> Opened {
    Opened {
        run: "RUN-20261122-001-DRILL".into(),
        document: DocumentId {
            name: "drill".into(),
            version: 1,
            digest: Digest::ZERO,
            origin: "here".into(),
        },
        params: [("go".to_owned(), json!(true))].into(),
        severity: None,
        incident: None,
        operator: Operator { user: "robin".into(), name: None, role: None, attends: false },
        host: "desk".into(),
        program: Program { version: "0".into(), build_id: None },
        mode: "live".into(),
        follows: None,
    }
}

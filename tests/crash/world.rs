//! A made-up world that counts what is done to it, and the person in it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use playbook::engine::{Clock, Console, Desk, Executor, Reply, Said, Soon};
use playbook::error::{Error, Result};
use playbook::evidence::Shelf;
use playbook::evidence::inbox::Inbox;
use playbook::journal::Entry;
use playbook::run::{
    Artifact, Decided, Effect, Event, Evidence, Fault, FaultKind, Place, Question, Request, Run,
    Sent as Taken, Verdict,
};
use serde_json::{Value, json};

use super::disk::Disk;
use super::fate::{Blow, Doing, Fate, struck};
use super::mail;
use super::person::decision;

/// In seconds.
pub const SIX_HOURS: i64 = 21_600;

/// A write as it reached the world.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    pub place: Place,
    pub request: Request,
    /// Whether it changed anything.
    pub took: bool,
}

/// What outlives every process, beside the disk.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// What stands in the world, and how often it was put there.
    pub stands: RefCell<BTreeMap<String, i64>>,
    pub sent: RefCell<Vec<Sent>>,
    /// How often each channel was told.
    pub told: RefCell<BTreeMap<String, usize>>,
    /// Refusals, losses and readings so far, by what was asked for.
    seen: RefCell<BTreeMap<String, u32>>,
    pub asked: Cell<u32>,
    /// Somebody at another terminal has said what there is to say.
    laid: Cell<bool>,
    ticks: Cell<i64>,
    /// How far somebody turned the clock, in seconds.
    turned: Cell<i64>,
}

impl World {
    fn times(&self, what: &str) -> u32 {
        let mut seen = self.seen.borrow_mut();
        let times = seen.entry(what.to_owned()).or_default();
        *times += 1;
        *times
    }

    /// The clock jumps by so many seconds.
    pub fn turn(&self, seconds: i64) {
        self.turned.set(self.turned.get() + seconds);
    }

    pub fn stands(&self, what: &str) -> bool {
        self.stands.borrow().get(what).is_some_and(|times| *times > 0)
    }
}

/// The world as one process sees it: its door, its person and its clock.
pub struct Seen {
    pub world: Rc<World>,
    pub disk: Rc<Disk>,
    pub fate: Rc<Fate>,
    /// Writes that were sent before their intent was durable.
    pub rash: RefCell<Vec<Place>>,
    /// Where others lay what they have to say.
    pub mail: Option<Inbox>,
}

/// Two seconds pass at each look, so that nothing ever has to be waited for.
impl Clock for Seen {
    fn now(&self) -> DateTime<Utc> {
        let ticks = self.world.ticks.get() + 2;
        self.world.ticks.set(ticks);
        let zero: DateTime<Utc> = "2026-11-22T03:10:00Z".parse().expect("an instant");
        zero + TimeDelta::seconds(ticks + self.world.turned.get())
    }

    fn awake(&self) -> Duration {
        Duration::from_secs(self.world.ticks.get().unsigned_abs())
    }
}

impl Seen {
    /// Does it, unless the blow falls before; `Err` where the process does not learn what
    /// came of it.
    pub fn meet<T>(&self, doing: Doing, does: impl FnOnce() -> T) -> Result<T> {
        let killed = || Err(Error::failure("killed").caused_by(struck()));
        match self.fate.meet(doing) {
            None if self.fate.fell() => killed(),
            Some(Blow::KilledBefore) => killed(),
            Some(Blow::Full(_)) => {
                Err(Error::failure("the disk is full").caused_by(std::io::Error::from_raw_os_error(28)))
            }
            Some(Blow::Slept) => {
                self.world.turn(SIX_HOURS);
                Ok(does())
            }
            Some(Blow::SetBack) => {
                self.world.turn(-SIX_HOURS);
                Ok(does())
            }
            Some(_) => {
                does();
                killed()
            }
            None => Ok(does()),
        }
    }

    async fn answer(&self, effect: &Effect, desk: &Desk<'_>) -> Result<Reply> {
        let event = match effect {
            Effect::Ask { place, question } => loop {
                let said = desk.ask(question).await?;
                if let Said::Decided { items, decision, reason, by } = said {
                    let place = place.clone();
                    desk.decide(Decided { place, items, decision, reason, by, seconds: 9 })?;
                    continue;
                }
                break match said {
                    Said::Answer { mut answer, files } => {
                        for _ in files {
                            answer.attachments.push(self.attach(desk)?);
                        }
                        Event::Answered { place: place.clone(), answer }
                    }
                    Said::Nobody { waiting_for } => return Ok(Reply::Nobody { waiting_for }),
                    other => panic!("the person of this world answers: {other:?}"),
                };
            },
            Effect::Act { place, request, .. } if request.action == "wait" => self.wait(place, request)?,
            Effect::Act { place, request, progress, .. } if request.class.changes_the_world() => {
                later(self.act(place, request, progress.as_ref(), desk)?).await
            }
            Effect::Undo { place, request, progress, .. } => {
                later(self.act(place, request, progress.as_ref(), desk)?).await
            }
            Effect::Act { place, request, .. } => {
                let outputs = self.meet(Doing::Read, || self.read(request))?;
                self.succeeded(place, outputs, desk)?
            }
            Effect::Tell { escalation, channel, attempt, .. } => {
                let sent = later(self.meet(Doing::Tell, || self.tell(channel))?).await;
                let (escalation, attempt, channel) = (*escalation, *attempt, channel.clone());
                Event::Notified { escalation, channel, attempt, sent, evidence: Evidence::default() }
            }
            Effect::Measure { place, .. } => {
                Event::Measured { place: place.clone(), radius: Vec::new(), evidence: Evidence::default() }
            }
            Effect::Read { place, request, .. } => self.observed(place, request)?,
            Effect::Probe { place, request, .. } => self.meet(Doing::Probe, || self.probe(place, request))?,
        };
        Ok(Reply::Event(event))
    }

    /// A file becomes an artifact in pieces. Whoever dies in between leaves half of it lying.
    fn attach(&self, desk: &Desk<'_>) -> Result<Artifact> {
        let mut writer = desk.artifacts().writer(Shelf::Artifacts, "dump")?;
        for piece in ["the beginning, ", "the middle, ", "the end"] {
            if let Err(error) = self.meet(Doing::Copy, || writer.write(piece.as_bytes())).flatten() {
                std::mem::forget(writer);
                return Err(error);
            }
        }
        self.meet(Doing::Store, || writer.finish())?
    }

    /// The pager takes nothing at first.
    fn tell(&self, channel: &str) -> Taken {
        let mut told = self.world.told.borrow_mut();
        let times = told.entry(channel.to_owned()).or_default();
        *times += 1;
        match (channel, *times) {
            ("pager", 1) => Taken::Later { why: "busy".to_owned(), after_seconds: None },
            _ => Taken::Delivered { detail: String::new(), but: None },
        }
    }

    /// What a program says goes into the record before the entry that names it.
    fn succeeded(&self, place: &Place, outputs: Value, desk: &Desk<'_>) -> Result<Event> {
        let stdout = outputs["stdout"].as_str().unwrap_or_default();
        let artifacts = if stdout.is_empty() {
            Vec::new()
        } else {
            vec![self.meet(Doing::Store, || desk.store("stdout.txt", stdout.as_bytes()))??]
        };
        let evidence = Evidence { artifacts, ..Evidence::default() };
        Ok(Event::Succeeded { place: place.clone(), outputs, evidence })
    }

    fn wait(&self, place: &Place, request: &Request) -> Result<Event> {
        let Some(until) = request.input.get("until") else {
            let outputs = json!({ "waited": "5s", "result": null });
            return Ok(Event::Succeeded { place: place.clone(), outputs, evidence: Evidence::default() });
        };
        let reading: Request = serde_json::from_value(until.clone()).expect("a reading");
        self.observed(place, &reading)
    }

    fn observed(&self, place: &Place, request: &Request) -> Result<Event> {
        let outputs = self.meet(Doing::Read, || self.read(request))?;
        Ok(Event::Observed { place: place.clone(), outputs, fault: None, evidence: Evidence::default() })
    }

    fn read(&self, request: &Request) -> Value {
        let (verb, what) = words(request);
        match verb.as_str() {
            "ripens" => printed(&(self.times_ripened(&what) >= 3).to_string()),
            "stands" => printed(&self.world.stands(&what).to_string()),
            "kms.describe_key" => {
                let state = if self.world.stands(&what) { "Disabled" } else { "Enabled" };
                json!({ "arn": what, "state": state })
            }
            _ => printed("looked"),
        }
    }

    fn times_ripened(&self, what: &str) -> u32 {
        self.world.times(what)
    }

    fn act(
        &self,
        place: &Place,
        request: &Request,
        progress: Option<&Value>,
        desk: &Desk<'_>,
    ) -> Result<Event> {
        if !self.disk.is_synced() {
            self.rash.borrow_mut().push(place.clone());
        }
        if let Some(pieces) = pieces(&request.action) {
            return self.in_pieces(place, request, progress, desk, pieces);
        }
        let done = self.meet(Doing::Act, || self.send(place, request))?;
        match done {
            Ok(outputs) => self.succeeded(place, outputs, desk),
            Err(fault) => {
                Ok(Event::Failed { place: place.clone(), fault: *fault, evidence: Evidence::default() })
            }
        }
    }

    /// What the write did, as the world tells it.
    fn send(&self, place: &Place, request: &Request) -> std::result::Result<Value, Box<Fault>> {
        let (verb, what) = words(request);
        let refused = |kind| Box::new(Fault::new(kind, "as this world is"));
        let answer = match verb.as_str() {
            "flaky" if self.world.times(&what) == 1 => Err(refused(FaultKind::Rejected)),
            "hopeless" => Err(refused(FaultKind::Denied)),
            "lost" if self.world.times(&what) == 1 => Err(refused(FaultKind::Lost)),
            "swallowed" if self.world.times(&what) == 1 => Err(refused(FaultKind::Lost)),
            "kms.disable_key" => Ok(json!({ "arn": what, "state_before": "Enabled" })),
            _ => Ok(printed("")),
        };
        let took = answer.is_ok() || verb == "lost";
        if took {
            let mut stands = self.world.stands.borrow_mut();
            *stands.entry(what).or_default() += if takes_back(&verb) { -1 } else { 1 };
        }
        self.world.sent.borrow_mut().push(Sent { place: place.clone(), request: request.clone(), took });
        answer
    }

    /// What is done piece by piece, each durable as it is done, and is harmless to repeat: one
    /// that came twice is one.
    fn in_pieces(
        &self,
        place: &Place,
        request: &Request,
        progress: Option<&Value>,
        desk: &Desk<'_>,
        (pieces, outputs): (&[&str], Value),
    ) -> Result<Event> {
        let from = progress.and_then(Value::as_u64).unwrap_or(0);
        for (done, piece) in (1..).zip(pieces).filter(|(done, _)| *done > from) {
            self.meet(Doing::Act, || {
                self.world.stands.borrow_mut().insert((*piece).to_owned(), 1);
                let sent = Sent { place: place.clone(), request: request.clone(), took: true };
                self.world.sent.borrow_mut().push(sent);
            })?;
            desk.progress(json!(done))?;
        }
        Ok(Event::Succeeded { place: place.clone(), outputs, evidence: Evidence::default() })
    }

    /// DescribeKey says how a key stands; of one key it does not tell.
    fn probe(&self, place: &Place, request: &Request) -> Event {
        let (verb, what) = words(request);
        let (place, evidence) = (place.clone(), Evidence::default());
        if what.contains("mute") {
            let because = "the world does not tell".to_owned();
            return Event::Unsettled { place, because, seen: Value::Null, evidence };
        }
        let stands = self.world.stands(&what);
        let took = stands != takes_back(&verb);
        let verdict = if took { Verdict::TookPlace } else { Verdict::DidNot };
        let outputs = if took { json!({ "arn": what }) } else { Value::Null };
        Event::Settled { place, verdict, because: "as it stands".to_owned(), outputs, evidence }
    }
}

impl Executor for Seen {
    fn perform<'a>(&'a self, effect: &'a Effect, desk: &'a Desk<'a>) -> Soon<'a, Result<Reply>> {
        Box::pin(self.answer(effect, desk))
    }
}

impl Console for Seen {
    fn entry(&self, entry: &Entry, _: &Run) {
        if let (Some(inbox), Event::Asked { place, question: Question::Approval { request, .. } }) =
            (&self.mail, &entry.event)
            && !self.world.laid.replace(true)
        {
            mail::lay(inbox, &place.step, request, entry.at);
        }
    }

    fn progress(&self, _: &Place, _: u64, _: Option<u64>, _: &str) {}

    fn ask(&self, place: &Place, question: &Question, run: &Run, _: DateTime<Utc>) -> Soon<'_, Result<Said>> {
        if let Question::Review(sheet) = question
            && let Some(decided) = decision(place, sheet, run)
        {
            return Box::pin(std::future::ready(self.meet(Doing::Ask, || decided)));
        }
        if self.mail.is_some() && matches!(question, Question::Approval { .. }) {
            // It is answered elsewhere before anybody looks at this screen.
            let waiting_for = format!("an approval of {place} that was laid in the mailbox");
            return Box::pin(std::future::ready(Ok(Said::Nobody { waiting_for })));
        }
        let answer = self.meet(Doing::Ask, || self.reply(place, question));
        let files = match question {
            Question::Manual { attach, .. } => attach.iter().map(PathBuf::from).collect(),
            _ => Vec::new(),
        };
        Box::pin(std::future::ready(answer.map(|answer| Said::Answer { answer, files })))
    }

    fn waiting(&self, until: DateTime<Utc>, now: DateTime<Utc>, _: &Run) {
        // Time runs by itself here; who waits for long would wait for ever.
        assert!((until - now).num_minutes() < 5, "a wait of {} begins", until - now);
    }
}

/// The answer comes after others had their turn, so that several can have reached the world
/// when the process dies.
async fn later<T>(answer: T) -> T {
    tokio::task::yield_now().await;
    answer
}

/// What a request does, and to what: the words of a program, or the action and its key.
pub(super) fn words(request: &Request) -> (String, String) {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match request.input.get("argv").and_then(Value::as_array) {
        Some(argv) => (word(&argv[0]), argv.get(1).map(word).unwrap_or_default()),
        None => (request.action.clone(), word(&request.input["key"])),
    }
}

pub(super) fn takes_back(verb: &str) -> bool {
    matches!(verb, "take" | "kms.enable_key")
}

fn printed(text: &str) -> Value {
    json!({ "code": 0, "stdout": text, "stderr": "", "artifacts": [] })
}

/// What a long action consists of, and what it tells at its end.
fn pieces(action: &str) -> Option<(&'static [&'static str], Value)> {
    match action {
        "s3.reencrypt" => Some((
            &["part 0", "part 1", "part 2"],
            json!({ "updated": 3, "copied": 0, "already": 0, "left": 0, "list": "" }),
        )),
        "notify" => Some((
            &["told chat", "told pager"],
            json!({ "delivered": ["chat", "pager"], "failed": [], "channels": [] }),
        )),
        _ => None,
    }
}

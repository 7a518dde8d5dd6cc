use std::cell::Cell;
use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::document;
use crate::evidence::Redaction;
use crate::run::{
    Actor, Answer, Choice, DocumentId, Opened, Operator, Place, Program, Question, Via, Whence,
};
use crate::text::{Digest, Source};

const DOCUMENT: &str = "
runbook: drill
title: A drill
version: 1
owner: Security
summary: For a test.
roles: { commander: Incident Commander, approver: CISO }
phases:
  - id: only
    steps:
      - id: touch
        approve: { by: approver, count: 2, expires: 30m }
        do: { shell: { argv: [touch, x], class: write } }
        undo: { shell: { argv: [rm, x], class: write } }
";

/// A record in memory whose run waits for an approval, and its inbox on disk.
struct Desk {
    folder: tempfile::TempDir,
    store: Store,
    run: Run,
    recorded: Vec<Event>,
    laid: Cell<i64>,
}

impl Recorder for Desk {
    fn with_run<T>(&self, look: impl FnOnce(&Run) -> T) -> T {
        look(&self.run)
    }

    fn store(&self) -> &Store {
        &self.store
    }

    fn record(&mut self, event: Event) -> Result<()> {
        self.run.apply(now(), &event).unwrap();
        self.recorded.push(event);
        Ok(())
    }
}

fn now() -> DateTime<Utc> {
    "2026-11-22T03:12:00Z".parse().unwrap()
}

fn desk() -> Desk {
    let (playbook, found) = document::load(&Source::new("drill.yaml", DOCUMENT), Some("drill"));
    let playbook = playbook.unwrap_or_else(|| panic!("{found:#?}"));
    let store = Store::in_memory(Rc::new(Redaction::new(&BTreeMap::new()).unwrap()));
    let (name, version, digest) = (playbook.name.clone(), playbook.version, playbook.digest);
    let mut run = Run::new(Arc::new(playbook));
    let opened = Opened {
        run: "RUN-20261122-001-DRILL".into(),
        document: DocumentId { name, version, digest, origin: "drill.yaml".into() },
        params: BTreeMap::new(),
        severity: None,
        incident: None,
        operator: Operator { user: "robin".into(), name: None, role: None, attends: false },
        host: "desk".into(),
        program: Program { version: "0".into(), build_id: None },
        mode: "live".into(),
        follows: None,
    };
    run.apply(now(), &Event::Opened(Box::new(opened))).unwrap();
    let crate::run::Next::Perform(effect) = run.next(now()) else { panic!("it asks for an approval") };
    run.apply(now(), &effect.intent().unwrap()).unwrap();
    assert!(run.wanted("touch").is_some());
    Desk { folder: tempfile::tempdir().unwrap(), store, run, recorded: Vec::new(), laid: Cell::default() }
}

impl Desk {
    fn inbox(&self) -> Inbox {
        Inbox { folder: self.folder.path().join("inbox") }
    }

    fn says(&self, name: &str, says: Says) -> String {
        let sender = Sender { name: name.into(), user: "ann".into(), host: "laptop".into() };
        let message = Message::new(now(), sender, says);
        self.laid.set(self.laid.get() + 1);
        let at = now() + chrono::TimeDelta::microseconds(self.laid.get());
        self.inbox().lay(&message, at).unwrap()
    }

    fn approves(&self, name: &str) -> String {
        let request = self.run.wanted("touch").unwrap().request.digest();
        self.says(name, Says::Approve { step: "touch".into(), request, signed: None })
    }

    fn puts(&self, name: &str, bytes: &[u8]) -> PathBuf {
        make_folder(&self.inbox().folder).unwrap();
        let path = self.inbox().folder.join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn takes(&mut self) -> Vec<Event> {
        take_up(&self.inbox(), self, now()).unwrap();
        std::mem::take(&mut self.recorded)
    }

    fn lies(&self) -> Vec<String> {
        let entries = fs::read_dir(self.inbox().folder).into_iter().flatten().flatten();
        let mut names: Vec<_> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

fn why(events: &[Event]) -> &str {
    match events {
        [Event::Deviated { what: Deviation::MessageRefused, detail }] => detail,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_message_becomes_an_entry_and_then_goes_away() {
    let mut desk = desk();
    let name = desk.says("Ann", Says::Note { text: "The backup is clean".into(), observed_at: None });
    assert_eq!(desk.lies(), [format!("{name}.json")]);
    match desk.takes().as_slice() {
        [Event::Noted { by, text, .. }] => {
            assert_eq!((by.name.as_str(), text.as_str()), ("Ann", "The backup is clean"));
            let whence = Whence { user: "ann".into(), host: "laptop".into(), message: Some(name) };
            assert_eq!(by.via, Via::Elsewhere(Box::new(whence)));
        }
        other => panic!("{other:?}"),
    }
    assert!(desk.lies().is_empty());
    assert!(desk.takes().is_empty());
}

#[test]
fn a_message_that_a_crash_left_lying_is_not_recorded_twice() {
    let mut desk = desk();
    let name = desk.says("Ann", Says::Note { text: "once".into(), observed_at: None });
    let bytes = fs::read(desk.inbox().place(&name, "json")).unwrap();
    assert_eq!(desk.takes().len(), 1);
    desk.puts(&format!("{name}.json"), &bytes);
    assert!(desk.takes().is_empty());
    assert!(desk.lies().is_empty());
}

#[test]
fn foreign_bytes_are_refused_told_and_kept() {
    let whole = |says: Value| {
        json!({"v": 1, "sent_at": "2026-11-22T03:12:00Z",
            "sender": {"name": "Ann", "user": "ann", "host": "laptop"}, "says": says})
    };
    let note = json!({"note": {"text": "x", "observed_at": null}});
    let mut more = whole(note.clone());
    more["more"] = json!(1);
    let mut version = whole(note.clone());
    version["v"] = json!(2);
    let mut nameless = whole(note);
    nameless["sender"]["name"] = json!("Ann\n\u{1b}[2J");
    for (bytes, says) in [
        (b"\xff\xfe\x00".to_vec(), "no message"),
        (b"".to_vec(), "no message"),
        (b"[".repeat(100_000), "no message"),
        (more.to_string().into_bytes(), "unknown field `more`"),
        (version.to_string().into_bytes(), "version 2"),
        (nameless.to_string().into_bytes(), "`name` is no name"),
        (whole(json!({"note": {"text": " ", "observed_at": null}})).to_string().into_bytes(), "says nothing"),
        (
            whole(json!({"note": {"text": "x", "observed_at": "2027-01-01T00:00:00Z"}}))
                .to_string()
                .into_bytes(),
            "still to come",
        ),
        (
            whole(json!({"note": {"text": "x", "observed_at": null, "by": "eve"}})).to_string().into_bytes(),
            "unknown field `by`",
        ),
        (whole(json!({"closed": {}})).to_string().into_bytes(), "unknown variant `closed`"),
        (whole(json!({"hand_over": {"to": "", "reason": "x"}})).to_string().into_bytes(), "`to` is no name"),
    ] {
        let mut desk = desk();
        desk.puts("x.json", &bytes);
        let events = desk.takes();
        assert!(why(&events).contains(says), "{}", why(&events));
        assert!(why(&events).starts_with("message x: ") && why(&events).contains("kept as artifacts/"));
        assert!(desk.lies().is_empty());
    }
}

#[test]
fn what_cannot_be_read_as_a_message_is_put_aside_whole() {
    let mut desk = desk();
    let long = vec![b' '; usize::try_from(LONGEST).unwrap() + 1];
    desk.puts("long.json", &long);
    let long = desk.takes();
    assert!(why(&long).contains("262145 bytes") && why(&long).ends_with("kept as inbox/refused/long.json"));
    symlink("/etc/passwd", desk.inbox().folder.join("link.json")).unwrap();
    assert!(why(&desk.takes()).contains("no file"));
    fs::create_dir(desk.inbox().folder.join("folder.json")).unwrap();
    assert!(why(&desk.takes()).contains("no file"));
    desk.puts("half.json.part", b"{");
    assert!(desk.takes().is_empty());
    assert_eq!(desk.lies(), ["half.json.part", "refused"]);
}

#[test]
fn a_flood_is_taken_up_in_portions() {
    let mut desk = desk();
    for number in 0..AT_ONCE + 3 {
        desk.puts(&format!("{number:04}.json"), b"{}");
    }
    assert_eq!(desk.takes().len(), AT_ONCE);
    assert_eq!(desk.takes().len(), 3);
}

#[test]
fn two_people_approve_and_neither_the_operator_nor_the_same_person_twice() {
    let mut desk = desk();
    desk.approves("Robin");
    assert!(why(&desk.takes()).contains("Robin runs this and does not hold the role CISO"));
    desk.approves("Ann Berger");
    assert_eq!(desk.takes().len(), 1);
    assert_eq!(desk.run.approved("touch", now()), Some((1, 2)));
    desk.approves("ann  berger");
    assert!(why(&desk.takes()).contains("counts once"));
    assert!(desk.run.is_asking(&Place::step("touch")));
    desk.approves("Bo");
    assert_eq!(desk.takes().len(), 1);
    assert!(!desk.run.is_asking(&Place::step("touch")), "enough have answered");
    desk.says("Cy", Says::Deny { step: "touch".into(), reason: "late".into() });
    assert!(why(&desk.takes()).contains("waits for no approval"));
}

#[test]
fn an_approval_of_another_request_does_not_count() {
    let mut desk = desk();
    let says = Says::Approve { step: "touch".into(), request: Digest::ZERO, signed: None };
    desk.says("Ann", says);
    assert!(why(&desk.takes()).contains("no longer what was approved"));
    let request = desk.run.wanted("touch").unwrap().request.digest();
    desk.says("Ann", Says::Approve { step: "tuch".into(), request, signed: None });
    assert!(why(&desk.takes()).contains("step tuch waits for no approval"));
}

#[test]
fn approvals_expire_and_the_question_says_whose() {
    let mut desk = desk();
    desk.approves("Ann");
    desk.takes();
    let later = now() + chrono::TimeDelta::minutes(30);
    assert_eq!(desk.run.approved("touch", later), Some((0, 2)));
    let crate::run::Next::Perform(effect) = desk.run.next(later) else { panic!("it asks again") };
    let crate::run::Effect::Ask { question: Question::Approval { hands: Some(hands), .. }, .. } = effect
    else {
        panic!("{effect:?}")
    };
    assert_eq!((hands.of, hands.given.len(), hands.expired), (2, 0, vec!["Ann".to_owned()]));
}

#[test]
fn an_approval_that_expires_once_the_step_began_did_its_work() {
    let mut desk = desk();
    desk.approves("Ann");
    desk.approves("Bo");
    desk.takes();
    let crate::run::Next::Perform(act) = desk.run.next(now()) else { panic!("it acts") };
    desk.run.apply(now(), &act.intent().unwrap()).unwrap();
    let fault = crate::run::Fault::new(crate::run::FaultKind::Abandoned, "left");
    let (place, evidence) = (Place::step("touch"), crate::run::Evidence::default());
    desk.run.apply(now(), &Event::Failed { place, fault, evidence }).unwrap();
    let later = now() + chrono::TimeDelta::hours(3);
    let next = desk.run.next(later);
    let asks_again = matches!(
        &next,
        crate::run::Next::Perform(crate::run::Effect::Ask { question: Question::Approval { .. }, .. })
    );
    assert!(!asks_again, "{next:?}");
}

#[test]
fn a_denial_takes_the_approvals_before_it_with_it() {
    let mut desk = desk();
    desk.approves("Ann");
    desk.says("Bo", Says::Deny { step: "touch".into(), reason: "too early".into() });
    let events = desk.takes();
    assert!(
        matches!(&events[1], Event::Answered { answer: Answer { choice: Choice::Deny, .. }, .. }),
        "{events:?}"
    );
    assert_eq!(desk.run.step_state(0).word(), "failed");
    assert_eq!(desk.run.approved("touch", now()), None);
}

#[test]
fn command_passes_and_with_it_the_commanders_word() {
    let mut desk = desk();
    assert_eq!(desk.run.in_command(), Some("robin"));
    let robin = Actor { name: "robin".into(), via: Via::Terminal };
    assert!(desk.run.weigh("commander", &robin).is_ok());
    desk.says("robin", Says::HandOver { to: "Ann".into(), reason: "end of shift".into() });
    match desk.takes().as_slice() {
        [Event::HandedOver { from, to, .. }] => assert_eq!((&*from.name, &*to.name), ("robin", "Ann")),
        other => panic!("{other:?}"),
    }
    assert_eq!(desk.run.in_command(), Some("Ann"));
    assert!(desk.run.weigh("commander", &robin).is_err());
    assert!(desk.run.weigh("commander", &Actor { name: "Ann".into(), via: Via::Terminal }).is_ok());
}

#[test]
fn a_file_comes_beside_its_message_and_is_an_artifact_first() {
    let mut desk = desk();
    let sender = || Sender { name: "Ann".into(), user: "ann".into(), host: "laptop".into() };
    let lay = |desk: &Desk, digest: Option<Digest>, at: i64| {
        let says = |found| Says::Attach {
            name: "mail.eml".into(),
            digest: digest.unwrap_or(found),
            observed_at: Some(now()),
        };
        let at = now() + chrono::TimeDelta::seconds(at);
        let message = |found| Message::new(now(), sender(), says(found));
        desk.inbox().lay_with(&mut &b"From: vendor"[..], message, at).unwrap()
    };
    let name = lay(&desk, None, 1);
    assert_eq!(desk.lies(), [format!("{name}.data"), format!("{name}.json")]);
    match desk.takes().as_slice() {
        [Event::Noted { observed_at: Some(_), .. }, Event::Attached { name, artifact, .. }] => {
            assert_eq!((name.as_str(), artifact.digest), ("mail.eml", Digest::of(b"From: vendor")));
        }
        other => panic!("{other:?}"),
    }
    assert!(desk.lies().is_empty());
    lay(&desk, Some(Digest::ZERO), 2);
    assert!(why(&desk.takes()).contains("not the one that it names"));
    let name = lay(&desk, None, 3);
    fs::remove_file(desk.inbox().place(&name, "data")).unwrap();
    assert!(why(&desk.takes()).contains("does not lie beside it"));
    assert!(desk.lies().is_empty());
}

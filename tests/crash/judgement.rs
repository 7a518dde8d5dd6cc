//! What has to hold when a run came to its end through crashes, beside the same run without.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use playbook::document::Playbook;
use playbook::journal::{Entry, examine_bytes};
use playbook::run::{
    Actor, Artifact, Choice, Deviation, Event, Place, Question, Request, Run, Sent as Taken, Verdict, Via,
};
use playbook::text::Digest;
use serde_json::Value;

use super::fate::Doing;
use super::life::Finished;
use super::world::Sent;

/// What the run without a crash came to.
pub struct Calm {
    run: Run,
    way_back: WayBack,
    stands: BTreeMap<String, i64>,
    heard: Heard,
}

impl Calm {
    pub fn of(playbook: &Arc<Playbook>, finished: &Finished) -> Self {
        let entries = examine_bytes(&finished.disk.bytes()).entries;
        let stands = finished.world.stands.borrow().clone();
        let (way_back, heard) = (WayBack::of(&entries), Heard::of(&entries));
        Self { run: fold(playbook, &entries), way_back, stands, heard }
    }
}

/// What came from other terminals, and what of it was not taken.
#[derive(Debug, Default, PartialEq)]
struct Heard {
    noted: usize,
    attached: usize,
    handed_over: usize,
    approved: usize,
    refused: usize,
}

impl Heard {
    fn of(entries: &[Entry]) -> Self {
        let count = |is: &dyn Fn(&Event) -> bool| entries.iter().filter(|entry| is(&entry.event)).count();
        let elsewhere = |actor: &Actor| matches!(actor.via, Via::Elsewhere(_));
        Self {
            noted: count(&|event| matches!(event, Event::Noted { by, .. } if elsewhere(by))),
            attached: count(&|event| matches!(event, Event::Attached { .. })),
            handed_over: count(&|event| matches!(event, Event::HandedOver { .. })),
            approved: count(
                &|event| matches!(event, Event::Answered { answer, .. } if elsewhere(&answer.by)),
            ),
            refused: deviations(entries, Deviation::MessageRefused).count(),
        }
    }
}

/// What a record tells of a rollback, from where the run was turned back.
#[derive(Debug, Default, PartialEq)]
struct WayBack {
    turned: usize,
    /// What was taken back, in order.
    undone: Vec<Place>,
    /// What a person was told cannot be taken back, and answered.
    cannot: BTreeSet<String>,
    /// How often the run was closed since it was turned back.
    closed: usize,
}

impl WayBack {
    fn of(entries: &[Entry]) -> Self {
        let mut way = Self::default();
        let turned = |entry: &&Entry| matches!(entry.event, Event::TurnedBack { .. });
        for entry in entries.iter().skip_while(|entry| !turned(entry)) {
            match &entry.event {
                Event::TurnedBack { .. } => way.turned += 1,
                Event::Undone { place } => way.undone.push(place.clone()),
                Event::Asked { place, question: Question::CannotUndo { .. } } => {
                    way.cannot.insert(place.to_string());
                }
                Event::Closed { .. } => way.closed += 1,
                _ => {}
            }
        }
        way
    }
}

/// Everything that does not hold, in words.
pub fn judge(playbook: &Arc<Playbook>, calm: &Calm, crashed: &Finished, clock_jumps: usize) -> Vec<String> {
    let mut wrong = crashed.wrong.clone();
    let bytes = crashed.disk.bytes();
    let reading = examine_bytes(&bytes);
    wrong.extend(reading.damage.iter().map(|damage| format!("line {}: {}", damage.line, damage.what)));
    if reading.torn.is_some() {
        wrong.push("the record ends in the middle of a line".to_owned());
    }
    let entries = reading.entries;
    let run = fold(playbook, &entries);
    wrong.extend(same_end(playbook, &calm.run, &run));
    let stands = crashed.world.stands.borrow();
    if *stands != calm.stands {
        wrong.push(format!("the world stands as {stands:?} and not as {:?}", calm.stands));
    }
    let sent = crashed.world.sent.borrow();
    wrong.extend(unrecorded(&entries, &sent));
    wrong.extend(untrue(&entries, &sent));
    wrong.extend(unasked_repeats(&entries));
    wrong.extend(torn_untold(crashed, &entries));
    wrong.extend(untold(&run, &entries, crashed));
    wrong.extend(missing(crashed, &entries));
    let heard = Heard::of(&entries);
    if heard != calm.heard {
        wrong.push(format!("others were heard as {heard:?} and not as {:?}", calm.heard));
    }
    let way_back = WayBack::of(&entries);
    if way_back != calm.way_back {
        wrong.push(format!("the way back was {way_back:?} and not {:?}", calm.way_back));
    }
    let mut decided: Vec<_> = entries.iter().flat_map(items_decided).collect();
    decided.sort_unstable();
    if let Some([one, _]) = decided.windows(2).find(|pair| pair[0] == pair[1]) {
        wrong.push(format!("`{one}` is decided on twice"));
    }
    let jumps = deviations(&entries, Deviation::ClockJumped).count();
    if jumps != clock_jumps {
        wrong.push(format!("the clock jumped {clock_jumps} times, and {jumps} are told"));
    }
    let escalated = entries.iter().filter(|entry| matches!(entry.event, Event::Escalated { .. })).count();
    if escalated > 1 {
        wrong.push(format!("escalated {escalated} times"));
    }
    wrong
}

fn items_decided(entry: &Entry) -> Vec<&str> {
    match &entry.event {
        Event::Decided(decided) => decided.items.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Files that came with an answer or from another terminal lie whole where the record says, and
/// nothing is left in the mailbox.
fn missing(crashed: &Finished, entries: &[Entry]) -> Vec<String> {
    let named = entries.iter().flat_map(|entry| match &entry.event {
        Event::Answered { answer, .. } => answer.attachments.clone(),
        Event::Attached { artifact, .. } => vec![artifact.clone()],
        _ => Vec::new(),
    });
    let is_whole = |artifact: &Artifact| {
        std::fs::read(crashed.folder.data().join(&artifact.path))
            .is_ok_and(|bytes| Digest::of(&bytes) == artifact.digest)
    };
    let lost = named.filter(|artifact| !is_whole(artifact));
    let mut wrong: Vec<_> =
        lost.map(|artifact| format!("{} does not lie there whole", artifact.path)).collect();
    let mail = std::fs::read_dir(crashed.folder.root().join("inbox")).into_iter().flatten().flatten();
    wrong.extend(mail.map(|left| format!("{} is left in the mailbox", left.path().display())));
    wrong
}

fn fold(playbook: &Arc<Playbook>, entries: &[Entry]) -> Run {
    let mut run = Run::new(Arc::clone(playbook));
    for entry in entries {
        run.apply(entry.at, &entry.event).expect("what was recorded can be folded");
    }
    run
}

fn same_end(playbook: &Playbook, before: &Run, after: &Run) -> Vec<String> {
    let mut wrong = Vec::new();
    if before.outcome() != after.outcome() {
        wrong.push(format!("the run ended {:?} and not {:?}", after.outcome(), before.outcome()));
    }
    for (at, step) in playbook.steps.iter().enumerate() {
        let id = &*step.id;
        let items = |run: &Run| run.items(id).map(|(_, state)| state).collect::<Vec<_>>();
        if before.step_state(at) != after.step_state(at) || items(before) != items(after) {
            let (was, is) = (before.step_state(at), after.step_state(at));
            wrong.push(format!("`{id}` is {is:?} {:?} and not {was:?} {:?}", items(after), items(before)));
        }
        let none = Value::Null;
        let (was, is) = (before.outputs(id).unwrap_or(&none), after.outputs(id).unwrap_or(&none));
        if !tells_no_more(is, was) {
            wrong.push(format!("`{id}` found {is} and not {was}"));
        }
    }
    wrong
}

/// Whether what a settled doubt still tells is what the attempt would have told: fields may
/// be missing, and when something was and how long it took differ.
fn tells_no_more(is: &Value, was: &Value) -> bool {
    match (is, was) {
        (Value::Null, _) => true,
        (Value::Object(is), Value::Object(was)) => is.iter().all(|(name, is)| {
            matches!(&**name, "waited" | "at") || was.get(name).is_some_and(|was| tells_no_more(is, was))
        }),
        (Value::Array(is), Value::Array(was)) => {
            is.len() == was.len() && is.iter().zip(was).all(|(is, was)| tells_no_more(is, was))
        }
        _ => is == was,
    }
}

fn attempts<'a>(entries: &'a [Entry], of: &'a Place, asked: &'a Request) -> impl Iterator<Item = usize> {
    entries.iter().enumerate().filter_map(move |(at, entry)| match &entry.event {
        Event::Attempted { place, request, .. } | Event::Undoing { place, request, .. }
            if place == of && request == asked =>
        {
            Some(at)
        }
        _ => None,
    })
}

/// Everything that reached the world was announced before.
fn unrecorded(entries: &[Entry], sent: &[Sent]) -> Vec<String> {
    let mut wrong = Vec::new();
    for Sent { place, request, .. } in sent {
        // One attempt of a long action sends several parts.
        let parts = match request.action.as_str() {
            "s3.reencrypt" => 4,
            "notify" => 2,
            _ => 1,
        };
        let times = sent.iter().filter(|other| other.place == *place && other.request == *request).count();
        let told = attempts(entries, place, request).count();
        if times > told * parts {
            wrong.push(format!("`{place}` was sent {times} times, and {told} attempts are recorded"));
        }
    }
    wrong
}

/// No success is told that the world did not see.
fn untrue(entries: &[Entry], sent: &[Sent]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut places: Vec<&Place> = entries.iter().filter_map(|entry| Some(written(&entry.event)?.0)).collect();
    places.dedup();
    for of in places {
        let took = sent.iter().filter(|sent| sent.place == *of && sent.took).count();
        let told = successes(entries, of);
        if told > took {
            wrong.push(format!("{told} successes of `{of}` are told, and the world saw {took}"));
        }
    }
    wrong
}

/// The attempts at a place that the record says took place: what is read back after a success
/// is none of its own.
fn successes(entries: &[Entry], of: &Place) -> usize {
    let (mut told, mut open) = (0, false);
    for entry in entries {
        match &entry.event {
            Event::Attempted { place, .. } | Event::Undoing { place, .. } if place == of => open = true,
            Event::Succeeded { place, .. } | Event::Settled { place, verdict: Verdict::TookPlace, .. }
                if place == of && open =>
            {
                (told, open) = (told + 1, false);
            }
            Event::Succeeded { place, .. } if place == of => told += 1,
            Event::Answered { place, answer } if place == of && answer.choice == Choice::Done => {
                (told, open) = (told + 1, false);
            }
            _ => {}
        }
    }
    told
}

/// Each channel that was owed a message was told, and no more often than the record says, but
/// for what a dying process took with it.
fn untold(run: &Run, entries: &[Entry], crashed: &Finished) -> Vec<String> {
    let mut told = crashed.world.told.borrow().clone();
    let died = crashed.lives.iter().rev().skip(1).filter(|life| life.contains(&Doing::Tell)).count();
    let mut wrong = Vec::new();
    for owed in run.deliveries() {
        let times = told.remove(&owed.channel).unwrap_or_default();
        let tries = tries(entries, &owed.channel);
        let taken = tries.iter().filter(|sent| matches!(sent, Taken::Delivered { .. })).count();
        if taken != 1 || !(tries.len()..=tries.len() + died).contains(&times) {
            let channel = &owed.channel;
            wrong.push(format!("`{channel}` was told {times} times, {died} died on it, and {tries:?}"));
        }
    }
    wrong.extend(told.keys().map(|channel| format!("`{channel}` was told, and owed nothing")));
    wrong
}

fn tries<'a>(entries: &'a [Entry], over: &str) -> Vec<&'a Taken> {
    let sent = entries.iter().filter_map(|entry| match &entry.event {
        Event::Notified { channel, sent, .. } if channel == over => Some(sent),
        _ => None,
    });
    sent.collect()
}

/// The intent of a write.
fn written(event: &Event) -> Option<(&Place, &Request)> {
    match event {
        Event::Attempted { place, request, .. } | Event::Undoing { place, request, .. } => {
            request.class.changes_the_world().then_some((place, request))
        }
        _ => None,
    }
}

/// Between two attempts at the same write stands a reason: the first was refused for
/// certain, the world says that it did not take place, or a person wants it again.
fn unasked_repeats(entries: &[Entry]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let Some((of, request)) = written(&entry.event) else { continue };
        let Some(before) = attempts(entries, of, request).take_while(|before| *before < at).last() else {
            continue;
        };
        let reason = entries[before..at].iter().any(|entry| match &entry.event {
            Event::Failed { place, fault, .. } => place == of && !fault.kind.leaves_doubt(),
            Event::Settled { place, verdict: Verdict::DidNot, .. } => place == of,
            Event::Answered { place, answer } => {
                place == of && matches!(answer.choice, Choice::Again | Choice::Undo)
            }
            _ => false,
        });
        if !reason {
            wrong.push(format!("`{of}` is attempted again in entry {} without a reason", entry.seq));
        }
    }
    wrong
}

fn deviations(entries: &[Entry], of: Deviation) -> impl Iterator<Item = &str> {
    entries.iter().filter_map(move |entry| match &entry.event {
        Event::Deviated { what, detail } if *what == of => Some(&**detail),
        _ => None,
    })
}

/// Every torn line is kept, and told of.
fn torn_untold(crashed: &Finished, entries: &[Entry]) -> Vec<String> {
    let kept: Vec<_> = std::fs::read_dir(crashed.folder.data().join("artifacts"))
        .into_iter()
        .flatten()
        .map(|file| file.expect("an artifact").path())
        .collect();
    let told = |name: &str| deviations(entries, Deviation::TornEntry).any(|detail| detail.contains(name));
    let is_told = |torn: &Vec<u8>| {
        kept.iter().any(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            std::fs::read(path).is_ok_and(|bytes| bytes == *torn) && told(&name)
        })
    };
    let untold = crashed.torn.iter().filter(|torn| !is_told(torn));
    untold.map(|torn| format!("{} torn bytes are not told of", torn.len())).collect()
}

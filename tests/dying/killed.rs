//! SIGKILL, at random times and at every system call on the record.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Mortal;
use super::mortal::was_killed;
use crate::support::{Account, Drill};

/// Numbers that only look random: the same for the same seed (the multiplier of Knuth's MMIX).
struct Dice(u64);

impl Dice {
    /// Somewhere from the beginning to the end of a span.
    fn within(&mut self, span: Duration) -> Duration {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        span.mul_f64((self.0 >> 40) as f64 / f64::from(1 << 24))
    }
}

/// The seeds of this run; more of them by hand.
fn seeds(few: u64) -> std::ops::Range<u64> {
    let all = std::env::var("PLAYBOOK_CRASH").is_ok_and(|breadth| breadth == "all");
    let last = if all { 20 * few } else { few };
    1..last + 1
}

/// Starts it, and kills it after a while; whether it had ended by itself before.
fn killed_after(mut command: Command, while_: Duration) -> Option<std::process::ExitStatus> {
    let mut child = command.spawn().expect("the program starts");
    std::thread::sleep(while_);
    let ended = child.try_wait().expect("the program is there");
    let _ = child.kill();
    child.wait().expect("and then it is gone");
    ended
}

#[test]
fn a_run_that_is_killed_at_random_times_does_everything_once() {
    let calm = Mortal::new(5, "0.02");
    let began = Instant::now();
    assert!(calm.command().status().expect("the program starts").success());
    let length = began.elapsed();
    calm.holds("without a crash");
    for seed in seeds(3) {
        let (mortal, mut dice) = (Mortal::new(5, "0.02"), Dice(seed));
        let deaths = (0..6).take_while(|_| killed_after(mortal.command(), dice.within(length)).is_none());
        let deaths = deaths.count();
        let ended = mortal.command().status().expect("the program starts");
        let over = [Some(0), Some(2)].contains(&ended.code());
        assert!(over, "seed {seed}, {deaths} deaths: {ended}");
        mortal.holds(&format!("seed {seed}, {deaths} deaths"));
    }
}

#[test]
fn writes_to_aws_are_sent_again_only_when_the_world_says_that_they_did_not_take_place() {
    for seed in seeds(2) {
        let account = Account::fresh();
        let drill = Drill::on(&account);
        drill.document("switch", SWITCH);
        let key = format!("key={}", account.fact("/key/id"));
        let began = Instant::now();
        let mut dice = Dice(seed);
        let mut length = Duration::from_millis(400);
        for _ in 0..6 {
            let command = next_life(&drill, &key);
            if killed_after(command, dice.within(length)).is_some() {
                break;
            }
            length = length.max(began.elapsed() / 8);
        }
        if drill.path().join("evidence").exists() && drill.events("closed").is_empty() {
            drill.playbook(["resume", &drill.run_id(), "--non-interactive"]).exits(0);
        }
        let attempts = |step: &str| {
            drill.events("attempted").iter().filter(|event| event["place"]["step"] == step).count()
        };
        let (disabled, enabled) = (attempts("off") + attempts("off_again"), attempts("on"));
        let sent = |name: &str| account.operations().iter().filter(|call| *call == name).count();
        assert!(sent("kms:DisableKey") <= disabled, "seed {seed}: every request is in the record");
        assert!(sent("kms:EnableKey") <= enabled, "seed {seed}: every request is in the record");
        assert!(sent("kms:DisableKey") >= 2 && sent("kms:EnableKey") >= 1, "seed {seed}: and took place");
        assert_repeats_have_a_reason(&drill.journal(), seed);
        assert_eq!(drill.events("closed")[0]["outcome"], "completed", "seed {seed}");
    }
}

#[test]
fn a_write_to_aws_whose_answer_is_awaited_when_the_process_dies_is_not_sent_again() {
    for (operation, times) in [("DisableKey", 1), ("EnableKey", 1), ("DisableKey", 2)] {
        let account = Account::fresh();
        let drill = Drill::on(&account);
        drill.document("switch", SWITCH);
        account.inject(json!({ "service": "kms", "operation": operation, "kind": "timeout",
            "seconds": 20, "skip": times - 1, "times": 1, "after_effect": true }));
        let sent = |name: &str| account.operations().iter().filter(|call| *call == name).count();
        let awaited = format!("kms:{operation}");
        let key = format!("key={}", account.fact("/key/id"));
        let mut child = next_life(&drill, &key).spawn().expect("the program starts");
        let patience = Instant::now() + Duration::from_mins(1);
        while sent(&awaited) < times {
            assert!(Instant::now() < patience, "{awaited} does not come");
            std::thread::sleep(Duration::from_millis(20));
        }
        child.kill().expect("it still waits for the answer");
        child.wait().expect("and then it is gone");
        drill.playbook(["resume", &drill.run_id(), "--non-interactive"]).exits(0);
        assert_eq!((sent("kms:DisableKey"), sent("kms:EnableKey")), (2, 1), "{awaited} {times}");
        assert_eq!(drill.events("settled")[0]["verdict"], "took_place", "{awaited} {times}");
    }
}

const SWITCH: &str = r#"
params:
  key: { type: kms_key }
phases:
  - id: only
    title: Only
    steps:
      - id: pin
        do: { kms.describe_key: { key: "{{ params.key }}" } }
      - id: "off"
        do: { kms.disable_key: { key: "{{ steps.pin.arn }}" } }
        undo: { kms.enable_key: { key: "{{ steps.pin.arn }}" } }
      - id: "on"
        do: { kms.enable_key: { key: "{{ steps.pin.arn }}" } }
        undo: { kms.disable_key: { key: "{{ steps.pin.arn }}" } }
      - id: off_again
        do: { kms.disable_key: { key: "{{ steps.pin.arn }}" } }
        undo: { kms.enable_key: { key: "{{ steps.pin.arn }}" } }
"#;

/// Begins the run where there is no record of it yet, or one in which nothing was recorded.
fn next_life(drill: &Drill, key: &str) -> Command {
    let evidence = drill.path().join("evidence");
    let begun = std::fs::read_dir(&evidence).is_ok_and(|mut folders| {
        folders.any(|folder| {
            let journal = folder.expect("a folder").path().join("bag/data/journal.jsonl");
            std::fs::read(journal).is_ok_and(|bytes| bytes.contains(&b'\n'))
        })
    });
    let mut command = if begun {
        drill.command(["resume", &drill.run_id(), "--non-interactive"])
    } else {
        let _ = std::fs::remove_dir_all(evidence);
        drill.command(["run", "switch", "-p", key, "--non-interactive"])
    };
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn assert_repeats_have_a_reason(journal: &[Value], seed: u64) {
    let events: Vec<&Value> = journal.iter().map(|entry| &entry["event"]).collect();
    for step in ["off", "on", "off_again"] {
        let of = |event: &&Value, kind: &str| event[kind]["place"]["step"] == step;
        let attempted = events.iter().filter(|event| of(event, "attempted")).count();
        let did_not =
            events.iter().filter(|event| of(event, "settled") && event["settled"]["verdict"] == "did_not");
        assert_eq!(attempted, 1 + did_not.count(), "seed {seed}: `{step}`");
    }
}

/// The system calls that change what is on the disk, of the program itself.
pub const CALLS: [&str; 5] = ["write", "fdatasync", "fsync", "rename", "mkdir"];

/// With strace(1), which kills the traced process as it enters its n-th call of a kind; where
/// it is not installed, or tracing is not allowed, nothing was tried, and that is said.
#[test]
fn a_run_that_is_killed_at_any_system_call_on_its_record_does_everything_once() {
    if !can_trace() {
        eprintln!("skipped: strace is not installed, or may not trace here");
        return;
    }
    let mut points = 0;
    for call in CALLS {
        for at in 1.. {
            let mortal = Mortal::new(2, "0");
            let status = struck(&mortal, call, "signal=KILL", at);
            if !was_killed(status) {
                assert!(status.success(), "{call} {at}: {status}");
                break;
            }
            points += 1;
            let resumed = mortal.command().status().expect("the program starts");
            assert!(matches!(resumed.code(), Some(0 | 2)), "{call} {at}: {resumed}");
            mortal.holds(&format!("killed entering {call} number {at}"));
        }
    }
    println!("{points} system calls");
    assert!(points > 25, "{points} system calls were found");
}

#[test]
fn a_run_whose_disk_fails_to_sync_stops_and_can_be_resumed() {
    if !can_trace() {
        eprintln!("skipped: strace is not installed, or may not trace here");
        return;
    }
    for call in ["fdatasync", "fsync"] {
        for at in 1.. {
            let mortal = Mortal::new(2, "0");
            let status = struck(&mortal, call, "error=EIO", at);
            if status.success() {
                break;
            }
            assert_eq!(status.code(), Some(1), "{call} {at}");
            let resumed = mortal.command().status().expect("the program starts");
            assert!(matches!(resumed.code(), Some(0 | 2)), "{call} {at}: {resumed}");
            mortal.holds(&format!("EIO from {call} number {at}"));
        }
    }
}

/// A file on its way into the record: what is half there is in nobody's way, and what is told
/// is there whole.
#[test]
fn an_attachment_that_is_killed_at_any_system_call_is_whole_or_not_told_of() {
    if !can_trace() {
        eprintln!("skipped: strace is not installed, or may not trace here");
        return;
    }
    let mut points = 0;
    for call in CALLS {
        for at in 1.. {
            let drill = Drill::new();
            drill.runbook("quick", "- id: quick\n  do: { shell: { argv: [\"true\"], class: read } }");
            drill.playbook(["run", "quick", "--non-interactive"]).exits(0);
            drill.file("log", &"a line of a log\n".repeat(60_000));
            let id = drill.run_id();
            let status = traced(&drill, &drill.command(["attach", &id, "log"]), call, "signal=KILL", at);
            if !was_killed(status) {
                assert!(status.success(), "{call} {at}: {status}");
                break;
            }
            points += 1;
            drill.playbook(["attach", &id, "log"]).exits(0);
            drill.playbook(["seal", &id]).exits(0);
            drill.playbook(["verify".as_ref(), drill.record().as_os_str()]).exits(0);
            let attached = drill.events("attached");
            assert!(attached.iter().all(|event| event["artifact"]["bytes"] == 960_000), "{attached:#?}");
        }
    }
    println!("{points} system calls");
    assert!(points >= 8, "{points} system calls were found");
}

/// Between the start of a program and the entry that tells its number a death leaves a program
/// whose number nobody knows. It is found all the same, and not started beside itself.
#[test]
fn a_program_that_was_started_and_never_recorded_is_found_and_not_started_again() {
    if !can_trace() || !Path::new("/proc/self/environ").exists() {
        eprintln!("skipped: strace is not installed, or may not trace here, or there is no /proc");
        return;
    }
    for at in 1.. {
        let drill = Drill::new();
        drill.file("hold", "");
        // It ends by itself in the end, so that a failure of this test is no wait for ever.
        let script = "echo begun >> ledger; for i in $(seq 400); do [ -e hold ] && sleep 0.05; done; echo ended >> ledger";
        drill.runbook(
            "held",
            &format!("- id: held\n  do: {{ shell: {{ argv: [sh, -c, \"{script}\"], class: write }} }}"),
        );
        let ledger = || fs::read_to_string(drill.path().join("ledger")).unwrap_or_default();
        let run = drill.command(["run", "held", "--non-interactive"]);
        // A program that was recorded would keep the run for ever.
        let recorded = || {
            let evidence = drill.path().join("evidence");
            evidence.exists() && !drill.files().is_empty() && journal_of(&drill).contains("\"progressed\":")
        };
        let status = thread::scope(|scope| {
            let run = scope.spawn(|| traced(&drill, &run, "write", "signal=KILL", at));
            while !run.is_finished() && !recorded() {
                thread::sleep(Duration::from_millis(10));
            }
            if recorded() {
                let _ = fs::remove_file(drill.path().join("hold"));
            }
            run.join().expect("strace ends")
        });
        assert!(was_killed(status), "no death fell between the two");
        let begun = || ledger() == "begun\n";
        let journal = journal_of(&drill);
        if !journal.contains("\"attempted\":") || journal.contains("\"progressed\":") {
            continue;
        }
        let patience = Instant::now() + Duration::from_secs(2);
        while !begun() && Instant::now() < patience {
            thread::sleep(Duration::from_millis(10));
        }
        if !begun() {
            continue;
        }
        drill.file("again.yaml", "held: { answer: again, reason: I looked }\n");
        let resume = ["resume", &drill.run_id(), "--answers", "again.yaml", "--non-interactive"];
        drill.playbook(resume).exits(5).says("still at work, as process").says("Nothing was sent");
        assert_eq!(ledger(), "begun\n", "it was not started again");
        fs::remove_file(drill.path().join("hold")).expect("it was held");
        while ledger() != "begun\nended\n" {
            thread::sleep(Duration::from_millis(10));
        }
        // The shell is gone a moment after its last line.
        thread::sleep(Duration::from_millis(300));
        drill.playbook(resume).exits(0).never_says("still at work");
        assert_eq!(ledger(), "begun\nended\n".repeat(2));
        return;
    }
}

fn journal_of(drill: &Drill) -> String {
    let journal = drill.files().into_iter().find(|file| file.ends_with("journal.jsonl"));
    journal.and_then(|journal| fs::read_to_string(journal).ok()).unwrap_or_default()
}

pub fn can_trace() -> bool {
    let mut strace = Command::new("strace");
    strace.args(["-qq", "-o", "/dev/null", "-e", "inject=fdatasync:signal=KILL:when=1", "true"]);
    strace.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

fn struck(mortal: &Mortal, call: &str, how: &str, at: usize) -> std::process::ExitStatus {
    traced(&mortal.drill, &mortal.command(), call, how, at)
}

pub fn traced(drill: &Drill, traced: &Command, call: &str, how: &str, at: usize) -> std::process::ExitStatus {
    let mut strace = Command::new("strace");
    strace.args(["-qq", "-o", "/dev/null", "-e", &format!("trace={call}")]);
    strace.args(["-e", &format!("inject={call}:{how}:when={at}")]);
    strace.arg(traced.get_program()).args(traced.get_args());
    strace.current_dir(drill.path()).env_clear().envs(drill.variables());
    strace.stdout(Stdio::null()).stderr(Stdio::null());
    strace.status().expect("strace starts")
}

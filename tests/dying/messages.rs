//! Words from other terminals: whoever says one is killed at any system call, and so is whoever
//! takes one up. None is lost that was told as taken, and none is taken twice.

use std::collections::BTreeMap;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::killed::{CALLS, can_trace, traced};
use super::mortal::was_killed;
use crate::support::Drill;

/// A run that holds its record until there is a file `go`.
fn held(drill: &Drill) -> Child {
    let wait = "while [ ! -e go ]; do sleep 0.05; done";
    drill.runbook(
        "held",
        &format!("- id: held\n  do: {{ shell: {{ argv: [sh, -c, \"{wait}\"], class: read }} }}"),
    );
    let mut run = drill.command(["run", "held", "--non-interactive"]);
    let child = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
    let patience = Instant::now() + Duration::from_secs(30);
    let begun = || {
        drill.path().join("evidence").exists()
            && drill.files().iter().any(|file| file.ends_with("journal.jsonl"))
    };
    while !begun() || drill.events("attempted").is_empty() {
        assert!(Instant::now() < patience, "the run does not begin");
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

/// How often each word was recorded: texts of notes, names of files, whom command went to.
fn heard(drill: &Drill) -> BTreeMap<String, usize> {
    let mut heard = BTreeMap::new();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    for entry in drill.journal() {
        let event = &entry["event"];
        let word = [&event["noted"]["text"], &event["attached"]["name"], &event["handed_over"]["to"]["name"]];
        for word in word.into_iter().filter_map(text) {
            *heard.entry(word).or_default() += 1;
        }
    }
    heard
}

/// A note of somebody who laid it as a file and was heard by nobody yet.
fn lay(drill: &Drill, word: &str, number: usize) {
    let message = json!({
        "v": 1, "sent_at": "2026-11-22T03:10:00Z",
        "sender": { "name": "Kim", "user": "kim", "host": "laptop" },
        "says": { "note": { "text": word, "observed_at": null } }
    });
    let place = format!("evidence/{}/inbox/20261122T031000.{number:06}Z-1.json", drill.run_id());
    drill.file(&place, &message.to_string());
}

fn sealed_and_verified(drill: &Drill) {
    drill.playbook(["seal", &drill.run_id()]).exits(0);
    drill.playbook(["verify".as_ref(), drill.record().as_os_str()]).exits(0);
}

#[test]
fn whoever_says_something_beside_a_run_and_is_killed_is_heard_once_or_not_at_all() {
    if !can_trace() {
        eprintln!("skipped: strace is not installed, or may not trace here");
        return;
    }
    let drill = Drill::new();
    let mut run = held(&drill);
    let id = drill.run_id();
    let (mut points, mut said) = (0, Vec::new());
    for verb in ["note", "attach", "handover"] {
        for call in CALLS {
            for at in 1.. {
                let word = format!("{verb}-{call}-{at}");
                let args = match verb {
                    "note" => vec!["note", &id, &word],
                    "attach" => {
                        drill.file(&word, &"a line of a log\n".repeat(30_000));
                        vec!["attach", &id, &word]
                    }
                    _ => vec!["handover", &id, "--to", &word, "--reason", "end of shift"],
                };
                let status = traced(&drill, &drill.command(args), call, "signal=KILL", at);
                if !was_killed(status) {
                    assert!(status.success(), "{word}: {status}");
                    said.push(word);
                    break;
                }
                points += 1;
            }
        }
    }
    drill.file("go", "");
    assert!(run.wait().expect("the run ends").success());
    let heard = heard(&drill);
    assert!(heard.values().all(|times| *times == 1), "{heard:#?}");
    for word in &said {
        assert!(heard.contains_key(word), "{word} was told as recorded: {heard:#?}");
    }
    println!("{points} system calls");
    assert!(points >= 15, "{points} system calls were found");
    sealed_and_verified(&drill);
}

#[test]
fn a_word_that_lies_ready_is_taken_once_whenever_whoever_takes_it_is_killed() {
    if !can_trace() {
        eprintln!("skipped: strace is not installed, or may not trace here");
        return;
    }
    let drill = Drill::new();
    drill.file("go", "");
    assert!(held(&drill).wait().expect("the run ends").success());
    let id = drill.run_id();
    let mut laid = Vec::new();
    for call in [CALLS.as_slice(), &["unlink"]].concat() {
        for at in 1.. {
            let word = format!("{call}-{at}");
            lay(&drill, &word, laid.len());
            laid.push(word);
            let status = traced(&drill, &drill.command(["note", &id, "by hand"]), call, "signal=KILL", at);
            if !was_killed(status) {
                assert!(status.success(), "{call} {at}: {status}");
                break;
            }
        }
    }
    drill.playbook(["note", &id, "the last"]).exits(0);
    let heard = heard(&drill);
    for word in &laid {
        assert_eq!(heard.get(word), Some(&1), "{word}: {heard:#?}");
    }
    // More than are taken up in one go.
    let many: Vec<_> = (100..170).map(|number| format!("late {number}")).collect();
    many.iter().zip(100..).for_each(|(word, number)| lay(&drill, word, number));
    println!("{} system calls", laid.len());
    assert!(laid.len() >= 10, "{} system calls were found", laid.len());
    sealed_and_verified(&drill);
    let heard = self::heard(&drill);
    assert!(many.iter().all(|word| heard.get(word) == Some(&1)), "{heard:#?}");
}

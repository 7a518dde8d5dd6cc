//! Pauses, crashes, second terminals: nothing is lost and nothing is done twice.

use std::io::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{Drill, Said};

const SLOW: &str = r#"
- id: first
  do: { shell: { argv: [sh, -c, "echo first >> done"], class: write } }
- id: slow
  do: { shell: { argv: [sh, -c, "echo began >> slow; sleep 30; echo ended >> slow"], class: write } }
- id: last
  do: { shell: { argv: [sh, -c, "echo last >> done"], class: write } }
"#;

fn until(what: &str, holds: impl Fn() -> bool) {
    let patience = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < patience, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn killed_in_the_slow_step(drill: &Drill) {
    drill.runbook("slow", SLOW);
    let mut child = drill
        .command(["run", "slow", "--non-interactive"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    until("the slow step begins", || drill.path().join("slow").exists());
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_write_without_an_end_is_in_doubt_and_is_not_sent_again_unasked() {
    let drill = Drill::new();
    killed_in_the_slow_step(&drill);
    let id = drill.run_id();
    drill.playbook(["resume", &id, "--non-interactive"]).exits(5).says("slow");
    drill.playbook(["status", &id]).exits(0).says("in doubt");
    let began = std::fs::read_to_string(drill.path().join("slow")).unwrap();
    assert_eq!(began.matches("began").count(), 1);
    drill.file("answers.yaml", "slow: { answer: done, reason: I looked }\n");
    drill.playbook(["resume", &id, "--answers", "answers.yaml", "--non-interactive"]).exits(0);
    let done = std::fs::read_to_string(drill.path().join("done")).unwrap();
    assert_eq!(done, "first\nlast\n", "each once, in order");
}

#[test]
fn a_torn_last_line_is_cut_off_kept_and_noted() {
    let drill = Drill::new();
    killed_in_the_slow_step(&drill);
    let journal = drill.record().join("bag/data/journal.jsonl");
    let torn = br#"{"v":1,"seq":9,"at":"2026-"#;
    std::fs::OpenOptions::new().append(true).open(&journal).unwrap().write_all(torn).unwrap();
    drill.file("answers.yaml", "slow: done\n");
    let id = drill.run_id();
    drill.playbook(["resume", &id, "--answers", "answers.yaml", "--non-interactive"]).exits(0);
    assert_eq!(drill.events("deviated")[0]["what"], "torn_entry");
    let kept = drill.files().into_iter().any(|file| std::fs::read(&file).is_ok_and(|bytes| bytes == torn));
    assert!(kept, "the torn bytes are an artifact");
}

#[test]
fn damage_inside_the_journal_is_an_error_and_is_never_skipped() {
    let drill = Drill::new();
    killed_in_the_slow_step(&drill);
    let journal = drill.record().join("bag/data/journal.jsonl");
    let text = std::fs::read_to_string(&journal).unwrap().replacen("robin", "mallo", 1);
    std::fs::write(&journal, text).unwrap();
    let id = drill.run_id();
    drill.playbook(["resume", &id, "--non-interactive"]).exits(1).says("line 2");
}

#[test]
fn a_second_run_on_the_same_record_is_refused_while_reading_is_not() {
    let drill = Drill::new();
    drill.runbook("slow", SLOW);
    let mut child = drill
        .command(["run", "slow", "--non-interactive"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    until("the slow step begins", || drill.path().join("slow").exists());
    let id = drill.run_id();
    drill.playbook(["resume", &id, "--non-interactive"]).exits(1).says("another");
    drill.playbook(["status", &id]).exits(0).says("slow");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn an_interrupt_pauses_after_the_current_effect() {
    let drill = Drill::new();
    drill.runbook(
        "pause",
        r#"
- id: short
  do: { shell: { argv: [sh, -c, "echo began >> began; sleep 2; echo ended >> ended"], class: write } }
- id: next
  do: { shell: { argv: [touch, next], class: write } }
"#,
    );
    let child = drill
        .command(["run", "pause", "--non-interactive"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    until("the step begins", || drill.path().join("began").exists());
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    Said::new(child.wait_with_output().unwrap(), "run pause".to_owned()).exits(5).says("playbook resume");
    assert!(drill.path().join("ended").exists(), "the effect under way was finished");
    assert!(!drill.path().join("next").exists());
    drill.playbook(["resume", &drill.run_id(), "--non-interactive"]).exits(0);
    assert!(drill.path().join("next").exists());
}

#[test]
fn a_document_that_changed_in_the_middle_is_noticed_and_the_pinned_text_runs() {
    let drill = Drill::new();
    drill.runbook(
        "changing",
        r"
- id: first
  do: { ask: { question: Ready?, type: boolean } }
- id: second
  do: { shell: { argv: [touch, pinned], class: write } }
",
    );
    drill.playbook(["run", "changing", "--non-interactive"]).exits(5);
    drill.runbook("changing", "- id: other\n  do: { shell: { argv: [touch, changed], class: write } }");
    drill.file("answers.yaml", "first: yes\n");
    drill.playbook(["resume", "RUN", "--answers", "answers.yaml", "--non-interactive"]).exits(0);
    assert!(drill.path().join("pinned").exists());
    assert!(!drill.path().join("changed").exists());
    assert_eq!(drill.events("deviated")[0]["what"], "document_changed");
}

#[test]
fn a_run_that_is_over_is_not_resumed() {
    let drill = Drill::new();
    drill.runbook("one", "- id: one\n  do: { shell: { argv: [\"true\"], class: read } }");
    drill.playbook(["run", "one", "--non-interactive"]).exits(0);
    drill.playbook(["resume", &drill.run_id(), "--non-interactive"]).exits(2).says("is over");
}

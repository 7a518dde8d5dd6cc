//! Programs that a killed run has left behind: they go on, and whoever takes the run up is told
//! so and does not start them a second time. And files that are larger than the memory.

use std::process::{Child, Stdio};
use std::time::Duration;

use crate::many_hands::until;
use crate::support::{Drill, Terminal};

/// A write that takes as long as a file lies there, and writes down when it begins and ends.
fn held() -> (Drill, Child) {
    let drill = Drill::new();
    drill.file("hold", "");
    let script = "echo begun >> ledger; while [ -e hold ]; do sleep 0.05; done; echo ended >> ledger";
    drill.runbook(
        "held",
        &format!("- id: held\n  do: {{ shell: {{ argv: [sh, -c, \"{script}\"], class: write }} }}"),
    );
    let child =
        drill.command(["run", "held", "--non-interactive"]).stderr(Stdio::null()).spawn().expect("a run");
    until("the program", || ledger(&drill) == ["begun"] && drill.events("progressed").len() == 1);
    (drill, child)
}

fn ledger(drill: &Drill) -> Vec<String> {
    let text = std::fs::read_to_string(drill.path().join("ledger")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn killed(mut child: Child) {
    child.kill().expect("it is at work");
    child.wait().expect("and then it is gone");
}

#[test]
fn a_program_that_outlived_the_run_is_told_of_and_not_started_again_while_it_is_at_work() {
    let (drill, child) = held();
    killed(child);
    let id = drill.run_id();
    drill.file("again.yaml", "held: { answer: again, reason: I looked }\n");
    drill
        .playbook(["resume", &id, "--answers", "again.yaml", "--non-interactive"])
        .exits(5)
        .says("its program is still at work, as process")
        .says("Nothing was sent");
    assert_eq!(ledger(&drill), ["begun"], "it was not started again");
    assert_eq!(drill.events("attempted").len(), 1);
    let process = drill.events("progressed")[0]["done"]["process"]["id"].to_string();
    let mut terminal = Terminal::start(&drill, &["resume", &id]);
    terminal.sees(&format!("process {process}")).sees("IN DOUBT").sees("›").types("a");
    terminal.sees("Nothing was sent").sees("›");
    std::fs::remove_file(drill.path().join("hold")).expect("it was held");
    until("its end", || ledger(&drill) == ["begun", "ended"]);
    terminal.types("d").sees("How do you know").types("the ledger says ended");
    terminal.exits(0);
    assert_eq!(ledger(&drill), ["begun", "ended"]);
    drill.playbook(["seal", &id]).exits(0);
    drill.playbook(["verify".as_ref(), drill.record().as_os_str()]).exits(0);
}

#[test]
fn once_it_has_ended_the_operator_may_have_it_started_again() {
    let (drill, child) = held();
    killed(child);
    std::fs::remove_file(drill.path().join("hold")).expect("it was held");
    until("its end", || ledger(&drill) == ["begun", "ended"]);
    // The shell is gone a moment after its last line.
    std::thread::sleep(Duration::from_millis(300));
    drill.file("again.yaml", "held: { answer: again, reason: it has to be done twice }\n");
    let id = drill.run_id();
    drill
        .playbook(["resume", &id, "--answers", "again.yaml", "--non-interactive"])
        .exits(0)
        .never_says("still at work");
    assert_eq!(ledger(&drill), ["begun", "ended", "begun", "ended"]);
}

/// The most memory that a process had at any time, in KiB (proc_pid_status(5), `VmHWM`).
fn peak(mut child: Child) -> u64 {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().expect("it is there").is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let told = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        peak = told.and_then(|told| told.trim().parse().ok()).map_or(peak, |now: u64| peak.max(now));
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(child.wait().expect("it ended").success());
    peak
}

/// In KiB: 64 MiB.
const BOUND: u64 = 64 << 10;

/// A sparse file of three times the bound; with `PLAYBOOK_LARGE` set, of 1 GiB.
fn dump(drill: &Drill) -> u64 {
    let size = if std::env::var_os("PLAYBOOK_LARGE").is_some() { 1 << 30 } else { 192 << 20 };
    std::fs::File::create(drill.path().join("dump")).expect("a file").set_len(size).expect("a sparse one");
    size
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_goes_with_an_answer_is_never_held_in_memory() {
    let drill = Drill::new();
    drill.runbook("shot", "- id: shot\n  do: { manual: { instructions: Take it., attach: [a dump] } }");
    let size = dump(&drill);
    drill.file("answers.yaml", "shot: { answer: done, attach: [dump] }\n");
    let mut run = drill.command(["run", "shot", "--answers", "answers.yaml", "--non-interactive"]);
    let peak = peak(run.stderr(Stdio::null()).spawn().expect("a run"));
    println!("{peak} KiB for {size} bytes");
    assert!(peak > 0 && peak < BOUND, "{peak} KiB");
    assert_eq!(drill.events("answered")[0]["answer"]["attachments"][0]["bytes"], size);
}

#[cfg(target_os = "linux")]
#[test]
fn a_late_file_is_never_held_in_memory() {
    let drill = Drill::new();
    drill.runbook("quick", "- id: quick\n  do: { shell: { argv: [\"true\"], class: read } }");
    drill.playbook(["run", "quick", "--non-interactive"]).exits(0);
    let size = dump(&drill);
    let mut attach = drill.command(["attach", &drill.run_id(), "dump"]);
    let peak = peak(attach.stderr(Stdio::null()).spawn().expect("an attachment"));
    println!("{peak} KiB for {size} bytes");
    assert!(peak > 0 && peak < BOUND, "{peak} KiB");
    assert_eq!(drill.events("attached")[0]["artifact"]["bytes"], size);
}

//! A run that is killed and resumed, the ledger that its writes append to, and the operator
//! who looks at the ledger before answering what took place.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use playbook::journal::examine_bytes;
use serde_json::Value;

use crate::support::Drill;

pub struct Mortal {
    pub drill: Drill,
    words: Vec<String>,
}

impl Mortal {
    /// A runbook of so many writes, each of which takes about so long.
    pub fn new(writes: usize, seconds: &str) -> Self {
        let drill = Drill::new();
        let words: Vec<_> = (1..=writes).map(|number| format!("w{number}")).collect();
        let step = |word: &String| {
            let append = format!("echo {word} >> ledger; sleep {seconds}");
            format!("- id: {word}\n  do: {{ shell: {{ argv: [sh, -c, \"{append}\"], class: write }} }}")
        };
        let steps: Vec<_> = words.iter().map(step).collect();
        drill.runbook("mortal", &steps.join("\n"));
        Self { drill, words }
    }

    /// What the next process is to be called with: it begins the run, or goes on with it
    /// after the operator looked at the ledger.
    pub fn arguments(&self) -> Vec<String> {
        self.is_quiet();
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let Some((id, entries)) = self.found() else {
            assert!(self.ledger().is_empty(), "nothing is done without a record");
            let _ = fs::remove_dir_all(self.drill.path().join("evidence"));
            return words(&["run", "mortal", "--non-interactive"]);
        };
        self.drill.file("answers.yaml", &self.answers(&entries));
        words(&["resume", &id, "--answers", "answers.yaml", "--non-interactive"])
    }

    pub fn command(&self) -> Command {
        let mut command = self.drill.command(self.arguments());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// The record, where it holds a run, with its whole lines.
    fn found(&self) -> Option<(String, Vec<Value>)> {
        let folders = fs::read_dir(self.drill.path().join("evidence")).ok()?;
        let folders: Vec<PathBuf> = folders.map(|folder| folder.expect("a folder").path()).collect();
        let [folder] = folders.as_slice() else { return None };
        let text = fs::read_to_string(folder.join("bag/data/journal.jsonl")).ok()?;
        let whole = text.rfind('\n').map(|end| &text[..end])?;
        let entries = whole.lines().map(|line| serde_json::from_str(line).expect("an entry")).collect();
        Some((folder.file_name()?.to_string_lossy().into_owned(), entries))
    }

    /// Attempts without an end: done where the ledger has their word, to be made again where
    /// it does not.
    fn answers(&self, entries: &[Value]) -> String {
        let mut open = Vec::new();
        for event in entries.iter().map(|entry| &entry["event"]) {
            let place = |kind: &str| event[kind]["place"]["step"].as_str();
            if let Some(step) = place("attempted") {
                open.push(step.to_owned());
            }
            if let Some(step) = place("succeeded") {
                open.retain(|other| other != step);
            }
        }
        let ledger = self.ledger();
        let answer = |step: &String| {
            let choice = if ledger.contains(step) { "done" } else { "again" };
            format!("{step}: {{ answer: {choice}, reason: I looked }}\n")
        };
        if open.is_empty() { "{}\n".to_owned() } else { open.iter().map(answer).collect() }
    }

    pub fn ledger(&self) -> Vec<String> {
        let text = fs::read_to_string(self.drill.path().join("ledger")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Waits until no program that a killed run has left behind is at work any more: the
    /// operator would not look before.
    fn is_quiet(&self) {
        let here = self.drill.path().canonicalize().expect("the folder");
        let at_work = || {
            let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
            processes
                .into_iter()
                .any(|process| fs::read_link(process.path().join("cwd")).is_ok_and(|cwd| cwd == here))
        };
        let patience = Instant::now() + Duration::from_secs(30);
        while at_work() {
            assert!(Instant::now() < patience, "what was left behind goes on and on");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The run is over, everything was done once and in order, and the record tells it.
    #[track_caller]
    pub fn holds(&self, how: &str) {
        assert_eq!(self.ledger(), self.words, "{how}");
        let (_, entries) = self.found().expect("a record");
        assert_eq!(entries.last().expect("entries")["event"]["closed"]["outcome"], "completed", "{how}");
        let bytes = fs::read(self.drill.record().join("bag/data/journal.jsonl")).expect("a journal");
        let reading = examine_bytes(&bytes);
        assert!(reading.damage.is_empty() && reading.torn.is_none(), "{how}: {:?}", reading.damage);
        for word in &self.words {
            let told = entries.iter().any(|entry| {
                let event = &entry["event"];
                event["succeeded"]["place"]["step"] == **word
                    || (event["answered"]["place"]["step"] == **word
                        && event["answered"]["answer"]["choice"] == "done")
            });
            assert!(told, "{how}: `{word}` was done, and the record does not tell it");
        }
    }
}

/// Whether a process, or the tracer of one, was ended by SIGKILL.
pub fn was_killed(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    status.signal() == Some(9) || status.code() == Some(137)
}

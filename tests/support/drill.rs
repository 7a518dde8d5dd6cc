//! A folder of its own for one test, with documents in it, and the binary run there.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use super::range::Account;

pub struct Drill {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

impl Drill {
    /// A drill without AWS: no credentials, no network, no home.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for name in ["playbooks", "runbooks"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder for documents");
        }
        Self { folder, environment: Vec::new() }
    }

    /// A drill on an account of the range.
    pub fn on(account: &Account) -> Self {
        let mut drill = Self::new();
        drill.environment = account.environment();
        drill
    }

    pub fn with_env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file below the drill's folder.
    pub fn file(&self, path: &str, text: &str) -> PathBuf {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("its folder");
        std::fs::write(&path, text).expect("the file is written");
        path
    }

    /// A runbook whose steps are given as they stand below `steps:`, each line as is.
    pub fn runbook(&self, name: &str, steps: &str) -> &Self {
        let steps = steps.lines().map(|line| ["      ", line, "\n"].concat()).collect::<String>();
        self.document(name, &format!("phases:\n  - id: only\n    title: Only phase\n    steps:\n{steps}"))
    }

    /// A runbook with everything below its head as given.
    pub fn document(&self, name: &str, rest: &str) -> &Self {
        let head = format!(
            "runbook: {name}\ntitle: A drill\nversion: 1\nowner: Security Operations\nsummary: For a test.\n"
        );
        self.file(&format!("runbooks/{name}.yaml"), &(head + rest));
        self
    }

    pub fn command(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_playbook"));
        command.args(args).current_dir(self.path()).env_clear();
        for (name, value) in self.variables() {
            command.env(name, value);
        }
        command
    }

    pub fn variables(&self) -> Vec<(String, String)> {
        let home = self.path().join("home").display().to_string();
        let mut variables = vec![
            ("HOME".to_owned(), home),
            ("PATH".to_owned(), std::env::var("PATH").unwrap_or_default()),
            ("USER".to_owned(), "robin".to_owned()),
            ("AWS_EC2_METADATA_DISABLED".to_owned(), "true".to_owned()),
            ("AWS_CONFIG_FILE".to_owned(), "/dev/null".to_owned()),
            ("AWS_SHARED_CREDENTIALS_FILE".to_owned(), "/dev/null".to_owned()),
        ];
        variables.extend(self.environment.iter().cloned());
        variables
    }

    /// Runs the program without a terminal and waits for its end.
    pub fn playbook(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Said {
        let mut command = self.command(args);
        Said::new(command.output().expect("the program starts"), format!("{command:?}"))
    }

    /// The only record in the evidence folder.
    pub fn record(&self) -> PathBuf {
        let evidence = self.path().join("evidence");
        let mut records: Vec<_> = std::fs::read_dir(&evidence)
            .expect("an evidence folder")
            .map(|entry| entry.unwrap().path())
            .collect();
        assert_eq!(records.len(), 1, "one record in {}: {records:?}", evidence.display());
        records.remove(0)
    }

    pub fn run_id(&self) -> String {
        self.record().file_name().unwrap().to_string_lossy().into_owned()
    }

    /// The sealed record of a run that was opened about a key, in a folder apart from the
    /// records of other runs: its path.
    pub fn closed_incident(&self, key: &str) -> String {
        self.closed_incident_with(key, "")
    }

    /// The same, of a run that did more than that: steps as of a runbook.
    pub fn closed_incident_with(&self, key: &str, steps: &str) -> String {
        let pin = "- id: pin\n  do: { kms.describe_key: { key: \"{{ params.key }}\" } }\n";
        let steps = [pin, steps].concat();
        let steps: String = steps.lines().map(|line| ["      ", line, "\n"].concat()).collect();
        self.document(
            "incident",
            &format!("params:\n  key: {{ type: kms_key }}\nphases:\n  - id: only\n    title: Only\n    steps:\n{steps}"),
        );
        let key = format!("key={key}");
        // Done, or done but for a step that may fail.
        let said =
            self.playbook(["run", "incident", "-p", &key, "--non-interactive", "--evidence", "closed"]);
        said.exits(if steps.contains("on_failure: continue") { 4 } else { 0 });
        let closed = std::fs::read_dir(self.path().join("closed")).expect("a record").next();
        let id = closed.expect("one").expect("an entry").file_name().to_string_lossy().into_owned();
        self.playbook(["seal", &id, "--evidence", "closed"]).exits(0);
        format!("closed/{id}")
    }

    /// Somebody else approves the deletion that a run waits with, and the run goes on.
    pub fn seconded(&self, run: &str, step: &str, target: &str, more: &[&str]) -> Said {
        self.playbook(["approve", run, step, "--as", "Ann Berger", "--target", target]).exits(0);
        self.playbook(["resume", run, "--non-interactive"].iter().chain(more))
    }

    /// The entries of the only record, as plain JSON, read without the program.
    pub fn journal(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.record().join("bag/data/journal.jsonl")).expect("a journal");
        text.lines().map(|line| serde_json::from_str(line).expect("an entry is JSON")).collect()
    }

    /// The events of a kind, in order.
    pub fn events(&self, kind: &str) -> Vec<Value> {
        self.journal().into_iter().filter_map(|entry| entry["event"].get(kind).cloned()).collect()
    }

    /// No file of the drill, and nothing that was said, has this in it.
    #[track_caller]
    pub fn keeps_nowhere(&self, secret: &str) {
        for file in self.files() {
            let bytes = std::fs::read(&file).unwrap();
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} is in {}", file.display());
        }
    }

    /// Every file below the drill's folder, but for its documents.
    pub fn files(&self) -> Vec<PathBuf> {
        fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.expect("an entry").path();
                if path.is_dir() { walk(&path, found) } else { found.push(path) }
            }
        }
        let mut found = Vec::new();
        walk(self.path(), &mut found);
        found.retain(|path| {
            !path.starts_with(self.path().join("runbooks"))
                && !path.starts_with(self.path().join("playbooks"))
        });
        found
    }
}

/// What the program said, and how it ended.
pub struct Said {
    output: Output,
    command: String,
}

impl Said {
    pub fn new(output: Output, command: String) -> Self {
        Self { output, command }
    }

    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.output.stdout).unwrap_or_else(|error| panic!("{error} in {self}"))
    }

    #[track_caller]
    pub fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.output.status.code(), Some(code), "exit code of {self}");
        self
    }

    /// On stdout or stderr.
    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        assert!(self.stdout().contains(text) || self.stderr().contains(text), "`{text}` is not in {self}");
        self
    }

    #[track_caller]
    pub fn never_says(&self, text: &str) -> &Self {
        assert!(!self.stdout().contains(text) && !self.stderr().contains(text), "`{text}` is in {self}");
        self
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}\n{}\n--- stdout\n{}\n--- stderr\n{}",
            self.command,
            self.output.status,
            self.stdout(),
            self.stderr()
        )
    }
}

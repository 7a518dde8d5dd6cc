//! `shell`: a program with its arguments. Never a line for a shell to split.

use std::collections::BTreeMap;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};

use super::aws::Stop;
use super::inputs::Inputs;
use super::paper::Paper;
use super::process::{self, Process};
use crate::evidence::Store;
use crate::run::{Artifact, Evidence, Fault, FaultKind, Request};

/// How much of each output is handed to expressions; the artifact has all of it.
const SHOWN: usize = 1 << 20;

/// How long a program has to end by itself after it was asked to.
const GRACE: Duration = Duration::from_secs(5);

/// Outputs and evidence of a program, or why there are none; what it left behind counts
/// either way.
pub(super) async fn run(
    request: &Request,
    secrets: &BTreeMap<String, String>,
    paper: &dyn Paper,
    timeout: Option<Duration>,
) -> (Result<Value, Stop>, Evidence) {
    match prepared(request, secrets) {
        Ok((mut command, success)) => {
            command.env(process::MARK, paper.mark());
            carried_out(command, &success, request, paper, timeout).await
        }
        Err(fault) => (Err(fault.into()), Evidence::default()),
    }
}

async fn carried_out(
    mut command: Command,
    success: &[i64],
    request: &Request,
    paper: &dyn Paper,
    timeout: Option<Duration>,
) -> (Result<Value, Stop>, Evidence) {
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    let child = match command.spawn() {
        Ok(child) => Leashed::new(child),
        Err(error) => return (Err(not_started(&program, &error).into()), Evidence::default()),
    };
    // Were this process killed, the program would go on: whoever comes next has to know of it.
    if let Some(id) = child.group.filter(|_| request.class.changes_the_world())
        && let Err(error) = paper.progress(Process::started(id).told())
    {
        return (Err(error.into()), Evidence::default());
    }
    let ended = child.end(timeout).await;
    let kept = [("stdout", &ended.stdout), ("stderr", &ended.stderr)]
        .into_iter()
        .filter(|(_, bytes)| !bytes.is_empty())
        .map(|(name, bytes)| paper.store(&format!("{}-{name}.txt", file_name(&program)), bytes))
        .collect::<Result<Vec<_>, _>>();
    let artifacts = match kept {
        Ok(artifacts) => artifacts,
        Err(error) => return (Err(error.into()), Evidence::default()),
    };
    let ended = ended.cleared(paper.store_of_raw());
    let told = judged(&program, &ended, &artifacts, success, request, timeout);
    (told.map_err(Stop::from), Evidence { artifacts, ..Evidence::default() })
}

fn judged(
    program: &str,
    ended: &Ended,
    artifacts: &[Artifact],
    success: &[i64],
    request: &Request,
    timeout: Option<Duration>,
) -> Result<Value, Fault> {
    let status = match &ended.how {
        How::Exited(status) => status,
        How::OutOfTime => return Err(out_of_time(program, request, timeout)),
        How::Unknown(error) => {
            return Err(Fault::new(
                FaultKind::Lost,
                format!("`{program}` ran, and how it ended is not known: {error}"),
            ));
        }
    };
    let Some(code) = status.code().map(i64::from) else {
        return Err(Fault::new(FaultKind::Lost, format!("`{program}` was ended by a signal ({status})"))
            .hint("what it did until then is not known"));
    };
    if !success.contains(&code) {
        let last = last_lines(&ended.stderr).or_else(|| last_lines(&ended.stdout));
        let said = last.map_or_else(String::new, |last| format!(": {last}"));
        return Err(Fault::new(FaultKind::Exit, format!("`{program}` ended with {code}{said}"))
            .code(code.to_string()));
    }
    Ok(json!({
        "code": code,
        "stdout": shown(&ended.stdout),
        "stderr": shown(&ended.stderr),
        "artifacts": artifacts.iter().map(|artifact| &artifact.path).collect::<Vec<_>>(),
    }))
}

/// The command, and the exit codes that mean success.
fn prepared(request: &Request, secrets: &BTreeMap<String, String>) -> Result<(Command, Vec<i64>), Fault> {
    let inputs = Inputs::of(request);
    let words = inputs.get("argv").and_then(Value::as_array);
    let words = words.ok_or_else(|| inputs.fault("argv", "should be a list"))?;
    let words = words.iter().map(|word| argument(inputs, word)).collect::<Result<Vec<_>, _>>()?;
    let Some((program, arguments)) = words.split_first().filter(|(program, _)| !program.is_empty()) else {
        return Err(inputs.fault("argv", "names no program"));
    };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // A group of its own: Ctrl-C is for this program to decide about, and a timeout has to
    // end the children of the child as well.
    command.process_group(0);
    for (name, value) in inputs.get("env").and_then(Value::as_object).into_iter().flatten() {
        command.env(name, variable(inputs, value, secrets)?);
    }
    let success = inputs.get("success").and_then(Value::as_array).into_iter().flatten();
    let success: Vec<_> = success.filter_map(Value::as_i64).collect();
    Ok((command, if success.is_empty() { vec![0] } else { success }))
}

fn argument(inputs: Inputs<'_>, word: &Value) -> Result<String, Fault> {
    match word {
        Value::Object(_) => {
            Err(Fault::new(FaultKind::Refused, "shell: a secret does not belong into `argv`")
                .hint("every user of this machine can read arguments; hand it over in `env`"))
        }
        word => plain(word).ok_or_else(|| inputs.fault("argv", &format!("{word} is no text"))),
    }
}

/// The only place where a reference to a secret becomes its value.
fn variable(inputs: Inputs<'_>, value: &Value, secrets: &BTreeMap<String, String>) -> Result<String, Fault> {
    match value.get("$secret").and_then(Value::as_str) {
        Some(name) => secrets.get(name).cloned().ok_or_else(|| {
            Fault::new(FaultKind::Refused, format!("shell: the value of the secret `{name}` is not known"))
                .hint(format!("give it again with -p {name}=@FILE"))
        }),
        None => plain(value).ok_or_else(|| inputs.fault("env", &format!("{value} is no text"))),
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.contains('\0') => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// A program that does not outlive the wait for it: dropped, it is killed with everything
/// that it started.
struct Leashed {
    child: Child,
    group: Option<Pid>,
}

struct Ended {
    how: How,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

enum How {
    Exited(ExitStatus),
    OutOfTime,
    Unknown(std::io::Error),
}

impl Ended {
    /// Without secrets: what is told of the outputs is a part of them, read as text.
    fn cleared(self, store: &Store) -> Self {
        let [stdout, stderr] = [&self.stdout, &self.stderr].map(|bytes| store.cleared(bytes));
        Self { how: self.how, stdout, stderr }
    }
}

impl Leashed {
    fn new(child: Child) -> Self {
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        Self { child, group }
    }

    async fn end(mut self, timeout: Option<Duration>) -> Ended {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let how = {
            let out = gather(self.child.stdout.take(), &mut stdout);
            let err = gather(self.child.stderr.take(), &mut stderr);
            let whole = async { tokio::join!(self.child.wait(), out, err).0 };
            match timeout {
                None => Some(whole.await),
                Some(limit) => tokio::time::timeout(limit, whole).await.ok(),
            }
        };
        let how = match how {
            Some(Ok(status)) => How::Exited(status),
            Some(Err(error)) => How::Unknown(error),
            None => {
                self.ask_to_end().await;
                How::OutOfTime
            }
        };
        if !matches!(how, How::OutOfTime) {
            self.group = None;
        }
        Ended { how, stdout, stderr }
    }

    async fn ask_to_end(&mut self) {
        self.signal(Signal::TERM);
        let _ = tokio::time::timeout(GRACE, self.child.wait()).await;
        self.signal(Signal::KILL);
        let _ = self.child.wait().await;
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Leashed {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

async fn gather(from: Option<impl AsyncRead + Unpin>, into: &mut Vec<u8>) {
    if let Some(mut from) = from {
        // What could be read counts; how the program ended tells the rest.
        let _ = from.read_to_end(into).await;
    }
}

fn not_started(program: &str, error: &std::io::Error) -> Fault {
    let fault = Fault::new(FaultKind::Rejected, format!("`{program}` could not be started: {error}"));
    match error.kind() {
        std::io::ErrorKind::NotFound => {
            fault.hint("install it, or name it by its path; a shell step names one program")
        }
        std::io::ErrorKind::PermissionDenied => fault.hint("make it executable"),
        _ => fault,
    }
}

fn out_of_time(program: &str, request: &Request, timeout: Option<Duration>) -> Fault {
    let limit = crate::text::duration::show(timeout.unwrap_or_default());
    let fault =
        Fault::new(FaultKind::Lost, format!("`{program}` was still running after {limit} and was ended"));
    if request.class.changes_the_world() { fault.hint("what it did until then is not known") } else { fault }
}

fn shown(bytes: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(bytes.get(..SHOWN).unwrap_or(bytes)).into_owned();
    if bytes.len() > SHOWN {
        text.push_str("… (cut; the artifact has all of it)");
    }
    text
}

/// The last three lines that say something.
fn last_lines(bytes: &[u8]) -> Option<String> {
    let from = bytes.len().saturating_sub(2_000);
    let text = String::from_utf8_lossy(bytes.get(from..)?).into_owned();
    let mut lines: Vec<_> = text.lines().rev().filter(|line| !line.trim().is_empty()).take(3).collect();
    lines.reverse();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn file_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

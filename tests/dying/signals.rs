//! Signals and closed terminals: the run is paused, tells it, and goes on later.

use std::process::Command;

use serde_json::json;

use super::Mortal;
use crate::support::Drill;

/// A person at a terminal who sees something, or a file that appears, and then ends the
/// program: by a signal, or by closing the terminal, which sends SIGHUP (POSIX, General
/// Terminal Interface). Prints how the program ended.
const PERSON: &str = r#"
import json, os, pty, select, signal, sys, time
how, sign, env, program = sys.argv[1], sys.argv[2], json.loads(sys.argv[3]), sys.argv[4:]
child, terminal = pty.fork()
if child == 0:
    os.execve(program[0], program, env)
seen, end = b"", time.time() + 60
def read():
    global seen
    if select.select([terminal], [], [], 0.02)[0]:
        try:
            seen += os.read(terminal, 4096)
        except OSError:
            return False
    return True
def is_there():
    return os.path.exists(sign[5:]) if sign.startswith("file:") else sign.encode() in seen
while not is_there():
    if time.time() > end or not read():
        sys.exit("no sign of %r: %r" % (sign, seen))
if how == "closed":
    os.close(terminal)
    status = os.waitpid(child, 0)[1]
else:
    os.kill(child, getattr(signal, how))
    while read():
        pass
    status = os.waitpid(child, 0)[1]
print(os.waitstatus_to_exitcode(status))
"#;

fn ended(drill: &Drill, how: &str, sign: &str, args: &[&str]) -> String {
    let mut variables = drill.variables();
    variables.extend([("TERM".to_owned(), "xterm".to_owned()), ("COLUMNS".to_owned(), "80".to_owned())]);
    let variables: serde_json::Map<_, _> =
        variables.into_iter().map(|(name, value)| (name, json!(value))).collect();
    let output = Command::new("python3")
        .args(["-c", PERSON, how, sign, &json!(variables).to_string(), env!("CARGO_BIN_EXE_playbook")])
        .args(args)
        .current_dir(drill.path())
        .output()
        .expect("Python 3 is there");
    assert!(output.status.success(), "{how} at {sign}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn a_question_that_is_left_by_a_signal_or_a_closed_terminal_is_paused_and_asked_again() {
    for how in ["SIGINT", "SIGTERM", "SIGHUP", "closed"] {
        let drill = Drill::new();
        drill.runbook(
            "asks",
            "- id: cause\n  do: { ask: { question: Which cause?, choices: [leak, theft] } }",
        );
        assert_eq!(ended(&drill, how, "›", &["run", "asks"]), "5", "{how}");
        assert_eq!(drill.events("paused").len(), 1, "{how}");
        drill.file("answers.yaml", "cause: leak\n");
        let resume = ["resume", &drill.run_id(), "--answers", "answers.yaml", "--non-interactive"];
        drill.playbook(resume).exits(0);
        assert_eq!(drill.events("answered").len(), 1, "{how}");
    }
}

#[test]
fn a_write_that_is_under_way_is_finished_and_known_before_the_run_pauses() {
    for how in ["SIGTERM", "SIGHUP", "closed"] {
        let mortal = Mortal::new(2, "0.3");
        let run = ["run", "mortal", "--non-interactive"];
        assert_eq!(ended(&mortal.drill, how, "file:ledger", &run), "5", "{how}");
        assert_eq!(mortal.drill.events("paused").len(), 1, "{how}");
        assert_eq!(mortal.drill.events("succeeded").len(), 1, "{how}: it is not half-known");
        assert_eq!(mortal.ledger(), ["w1"], "{how}");
        assert!(mortal.command().status().expect("the program starts").success(), "{how}");
        mortal.holds(how);
    }
}

#[test]
fn a_wait_that_is_left_by_a_signal_goes_on_where_it_was() {
    for how in ["SIGTERM", "closed"] {
        let drill = Drill::new();
        drill.runbook("rests", "- id: rest\n  do: { wait: { for: 3s } }");
        assert_eq!(ended(&drill, how, "waiting", &["run", "rests"]), "5", "{how}");
        assert_eq!(drill.events("paused").len(), 1, "{how}");
        drill.playbook(["resume", &drill.run_id(), "--non-interactive"]).exits(0);
        assert_eq!(drill.events("succeeded").len(), 1, "{how}");
    }
}

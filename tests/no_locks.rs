//! A file system that cannot lock, as some network and FUSE file systems are: `flock(2)`
//! fails there with ENOLCK, EOPNOTSUPP or ENOSYS. A library put before the C library
//! answers so.

use std::path::PathBuf;
use std::process::Command;

use crate::support::Drill;

const SHIM: &str = "#include <errno.h>\nint flock(int fd, int operation) { errno = REASON; return -1; }\n";

fn shim(drill: &Drill, reason: &str) -> PathBuf {
    let source = drill.file("shim/flock.c", SHIM);
    let library = source.with_file_name(format!("{reason}.so"));
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", &format!("-DREASON={reason}"), "-o"])
        .args([&library, &source])
        .status()
        .expect("a C compiler, which building the program needs as well");
    assert!(built.success());
    library
}

const STEP: &str = "- id: one\n  do: { shell: { argv: [touch, done], class: write } }";

#[test]
fn a_run_is_not_begun_where_nothing_can_be_locked() {
    for reason in ["ENOLCK", "EOPNOTSUPP", "ENOSYS"] {
        let drill = Drill::new();
        let library = shim(&drill, reason);
        let drill = drill.with_env("LD_PRELOAD", &library.display().to_string());
        drill.runbook("one", STEP);
        let said = drill.playbook(["run", "one", "--non-interactive"]);
        said.exits(1).says("the file system cannot lock").says("--evidence DIR");
        assert!(!drill.path().join("done").exists(), "nothing was done");
        let left = std::fs::read_dir(drill.path().join("evidence")).map_or(0, Iterator::count);
        assert_eq!(left, 0, "no record was begun");
    }
}

#[test]
fn a_record_that_came_to_such_a_file_system_is_read_and_not_gone_on_with() {
    let drill = Drill::new();
    drill.runbook("two", &format!("- id: ready\n  do: {{ ask: {{ question: Ready? }} }}\n{STEP}"));
    drill.playbook(["run", "two", "--non-interactive"]).exits(5);
    let journal = drill.journal();
    let library = shim(&drill, "ENOLCK");
    drill.file("answers.yaml", "ready: yes\n");
    let drill = drill.with_env("LD_PRELOAD", &library.display().to_string());
    let id = drill.run_id();
    let said = drill.playbook(["resume", &id, "--answers", "answers.yaml", "--non-interactive"]);
    said.exits(1).says("the file system cannot lock").says("--evidence DIR");
    drill.playbook(["status", &id]).exits(0).says("ready");
    assert_eq!(drill.journal(), journal, "the record is as it was");
    assert!(!drill.path().join("done").exists());
}

//! Deadlines across kills: what the clock said when something happened is what counts, not
//! what it says when somebody comes back.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::support::Drill;

/// Two objectives over one step that is done at once, and a person who is waited for.
const TWO: &str = "objectives:
  soon: { title: Soon, within: 2s, met_by: any(quick) }
  all: { title: All of it, within: 2s, met_by: \"all(quick, judge)\" }
roles: { lead: { title: Lead } }
escalations:
  - { when: missed(soon), to: lead, message: Soon is missed }
  - { when: missed(all), to: lead, message: All of it is missed }
phases:
  - id: only
    steps:
      - { id: quick, do: { shell: { argv: [\"true\"], class: read } } }
      - { id: judge, do: { manual: { instructions: Think } } }
";

fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().expect("an instant").parse().expect("RFC 3339")
}

/// Cuts the journal off behind the entry, as a kill there leaves it.
fn dies_after(drill: &Drill, is: impl Fn(&Value) -> bool) -> Value {
    let path = drill.record().join("bag/data/journal.jsonl");
    let journal = drill.journal();
    let last = journal.iter().position(|entry| is(&entry["event"])).expect("the entry");
    let text = std::fs::read_to_string(&path).unwrap();
    let kept: String = text.split_inclusive('\n').take(last + 1).collect();
    std::fs::write(&path, kept).unwrap();
    journal[last].clone()
}

#[test]
fn what_was_met_in_time_stays_so_when_the_run_dies_before_it_is_recorded_and_goes_on_too_late() {
    let drill = Drill::new();
    drill.document("two", TWO);
    drill.playbook(["run", "two", "--non-interactive"]).exits(5);
    let done = dies_after(&drill, |event| event["succeeded"]["place"]["step"] == "quick");
    assert!(drill.events("objective_met").is_empty());
    std::thread::sleep(Duration::from_secs(3));
    let id = drill.run_id();
    drill.playbook(["resume", &id, "--non-interactive"]).exits(5);
    let met = drill.events("objective_met");
    assert_eq!((met.len(), &met[0]["objective"]), (1, &json!("soon")));
    assert_eq!(instant(&met[0]["met_at"]), instant(&done["at"]), "when it was done, not when it was told");
    let missed: Vec<_> = drill.events("deadline_passed").iter().map(|it| it["objective"].clone()).collect();
    assert_eq!(missed, [json!("all")]);
    let told: Vec<_> = drill.events("escalated").iter().map(|it| it["message"].clone()).collect();
    assert_eq!(told, [json!("All of it is missed")]);
    let report = drill.playbook(["report", &id, "--format", "json"]);
    let objectives = report.exits(0).json()["objectives"].clone();
    assert_eq!(instant(&objectives[0]["met_at"]), instant(&done["at"]), "{objectives:#}");
    let verdicts: Vec<_> = objectives.as_array().unwrap().iter().map(|it| it["verdict"].clone()).collect();
    assert_eq!(verdicts, [json!("in_time"), json!("missed")]);
}

#[test]
fn two_deadlines_that_passed_while_nothing_ran_are_told_once_each_with_the_time_they_passed_at() {
    let drill = Drill::new();
    drill.document("two", &TWO.replace("any(quick)", "any(judge)"));
    drill.playbook(["run", "two", "--non-interactive"]).exits(5);
    assert!(drill.events("deadline_passed").is_empty());
    std::thread::sleep(Duration::from_secs(3));
    let id = drill.run_id();
    for _ in 0..2 {
        drill.playbook(["resume", &id, "--non-interactive"]).exits(5);
    }
    let opened = instant(&drill.journal()[0]["at"]);
    let passed = drill.events("deadline_passed");
    assert_eq!(passed.len(), 2);
    for passed in passed {
        assert_eq!((instant(&passed["passed_at"]) - opened).num_milliseconds(), 2_000);
    }
    assert_eq!(drill.events("escalated").len(), 2);
    let answers = drill.file("answers.yaml", "judge: done\n");
    drill
        .playbook(["resume", &id, "--non-interactive", "--answers", &answers.display().to_string()])
        .exits(0)
        .says(", after its deadline: ");
    let report = drill.playbook(["report", &id, "--format", "json"]);
    let objectives = report.exits(0).json()["objectives"].clone();
    let verdicts: Vec<_> = objectives.as_array().unwrap().iter().map(|it| it["verdict"].clone()).collect();
    assert_eq!(verdicts, [json!("late"), json!("late")]);
}

#[test]
fn what_is_not_done_before_its_deadline_is_never_told_as_met_in_time_after_the_alarm() {
    // A machine that slept through the deadline finds the step done and the time over at once.
    let drill = Drill::new();
    drill.document(
        "slept",
        "objectives: { soon: { title: Soon, within: 2s, met_by: any(slow) } }
phases:
  - id: only
    steps:
      - { id: slow, do: { shell: { argv: [sleep, \"3\"], class: read } } }
",
    );
    let child = drill.command(["run", "slept", "--non-interactive"]).spawn().expect("the program starts");
    let signal = |name: &str| {
        let pid = child.id().to_string();
        assert!(std::process::Command::new("kill").args([name, &pid]).status().unwrap().success());
    };
    std::thread::sleep(Duration::from_millis(800));
    signal("-STOP");
    std::thread::sleep(Duration::from_secs(4));
    signal("-CONT");
    assert!(child.wait_with_output().unwrap().status.success());
    assert_eq!(drill.events("deadline_passed").len(), 1, "late is what its deadline passed over");
    let report = drill.playbook(["report", &drill.run_id(), "--format", "json"]);
    assert_eq!(report.exits(0).json()["objectives"][0]["verdict"], "late");
}

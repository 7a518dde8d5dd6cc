//! Elements of a `for_each` step side by side: really at once, and never twice.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::many_hands::as_ann;
use crate::support::{Account, Drill, Terminal};

/// Each element says that it is there, and ends well only once it has seen all the others.
fn meeting(at_once: u32, patience: u32) -> String {
    format!(
        r#"
- id: meet
  for_each: '["a", "b", "c"]'
  at_once: {at_once}
  do:
    shell:
      argv:
        - sh
        - -c
        - 'touch "at-$0"; n=0; while [ $n -lt {patience} ]; do [ -e at-a ] && [ -e at-b ] && [ -e at-c ] && exit 0; n=$((n+1)); sleep 0.05; done; exit 9'
        - "{{{{ item }}}}"
      class: write
"#
    )
}

#[test]
fn elements_are_at_work_at_the_same_time() {
    let drill = Drill::new();
    drill.runbook("meet", &meeting(3, 400));
    drill.playbook(["run", "meet", "--non-interactive"]).exits(0);
    let outputs = drill.events("succeeded").pop().unwrap()["outputs"].clone();
    assert_eq!((&outputs["done"], &outputs["failed"]), (&json!(3), &json!(0)));
    let attempts = drill.events("attempted");
    assert_eq!(attempts.len(), 3, "each has an entry of its own");
}

#[test]
fn without_at_once_they_would_wait_for_each_other_for_ever() {
    let drill = Drill::new();
    drill.runbook("meet", &meeting(1, 3));
    drill.playbook(["run", "meet", "--non-interactive"]).exits(4).says("1 of 3 elements failed");
}

#[test]
fn past_what_is_tolerated_no_element_begins_and_those_at_work_end() {
    let drill = Drill::new();
    drill.runbook(
        "tolerant",
        r#"
- id: each
  for_each: range(10)
  at_once: 2
  tolerate: 10%
  do:
    shell:
      argv: [sh, -c, 'case $0 in 0) exit 3;; 1) while [ ! -e began-2 ]; do sleep 0.05; done; exit 3;; *) touch began-$0; sleep 1; touch ended-$0;; esac', "{{ item }}"]
      class: write
"#,
    );
    let said = drill.playbook(["run", "tolerant", "--non-interactive"]);
    said.exits(4).says("2 of 10 elements failed").says("1 done, 2 failed, 7 not begun");
    let items: Vec<_> =
        drill.events("attempted").iter().map(|event| event["place"]["item"].clone()).collect();
    assert_eq!(items, [json!(0), json!(1), json!(2)]);
    assert!(drill.path().join("ended-2").exists(), "what was at work came to its end");
    let report = drill.playbook(["report", &drill.run_id(), "--format", "json"]).exits(0).json();
    let tally = &report["steps"][0]["elements"];
    assert_eq!(
        (&tally["done"], &tally["failed"], &tally["unknown"], &tally["open"]),
        (&json!(1), &json!(2), &json!(0), &json!(7))
    );
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let patience = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < patience, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Two elements end, two hang, two are never begun.
const HANGING: &str = r#"
- id: each
  for_each: range(6)
  at_once: 3
  do:
    shell:
      argv: [sh, -c, 'echo $0 >> began; case $0 in 1|2) [ -e again ] || sleep 60;; 3) [ -e again ] || sleep 60;; esac; echo $0 >> ended', "{{ item }}"]
      class: write
"#;

#[test]
fn killed_in_the_middle_each_element_at_work_is_in_doubt_and_resume_does_only_the_rest() {
    let drill = Drill::new();
    drill.runbook("hang", HANGING);
    let mut child = drill
        .command(["run", "hang", "--non-interactive"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let lines = |name: &str| std::fs::read_to_string(drill.path().join(name)).unwrap_or_default();
    until("three are at work", || lines("began").lines().count() == 4);
    until("the first has its end in the record", || drill.events("succeeded").len() == 1);
    child.kill().unwrap();
    child.wait().unwrap();
    let id = drill.run_id();
    drill.playbook(["resume", &id, "--non-interactive"]).exits(5).says("each[1]");
    let status = drill.playbook(["status", &id, "--json"]).exits(0).json();
    assert_eq!(status["in_doubt"], json!(["each", "each[1]", "each[2]", "each[3]"]));
    let elements = &status["step"]["elements"];
    assert_eq!(
        (&elements["done"], &elements["unknown"], &elements["open"]),
        (&json!(1), &json!(3), &json!(2))
    );
    drill.file("again", "");
    let answers = "each: [done, { in_doubt: done }, { in_doubt: again }, { in_doubt: done }]\n";
    drill.file("answers.yaml", answers);
    // The programs outlived the run: none is made again beside itself before it is ended.
    let resume = ["resume", &id, "--answers", "answers.yaml", "--non-interactive"];
    drill.playbook(resume).exits(5).says("each[2]: its program is still at work");
    let left = drill.events("progressed").into_iter().find(|event| event["place"]["item"] == 2);
    let group = format!("-{}", left.expect("its process")["done"]["process"]["id"]);
    assert!(std::process::Command::new("kill").args(["-KILL", "--", &group]).status().unwrap().success());
    drill.playbook(resume).exits(0);
    let mut began: Vec<_> = lines("began").lines().map(str::to_owned).collect();
    began.sort_unstable();
    assert_eq!(began, ["0", "1", "2", "2", "3", "4", "5"], "only what a person said is done again");
}

#[test]
fn an_interrupt_lets_all_of_them_end_and_begins_no_other() {
    let drill = Drill::new();
    drill.runbook(
        "pause",
        r#"
- id: each
  for_each: range(4)
  at_once: 2
  do: { shell: { argv: [sh, -c, "echo $0 >> began; while [ ! -e go ]; do sleep 0.05; done; echo $0 >> ended", "{{ item }}"], class: write } }
"#,
    );
    let child = drill
        .command(["run", "pause", "--non-interactive"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let lines =
        |name: &str| std::fs::read_to_string(drill.path().join(name)).unwrap_or_default().lines().count();
    until("two are at work", || lines("began") == 2);
    let sent = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    std::thread::sleep(Duration::from_millis(300));
    drill.file("go", "");
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(5));
    assert_eq!((lines("began"), lines("ended")), (2, 2));
    drill.playbook(["resume", &drill.run_id(), "--non-interactive"]).exits(0);
    assert_eq!((lines("began"), lines("ended")), (4, 4));
}

#[test]
fn a_second_interrupt_abandons_all_of_them_and_each_is_in_doubt() {
    let drill = Drill::new();
    drill.runbook("hang", &HANGING.replace("1|2)", "0|1|2)"));
    let child = drill
        .command(["run", "hang", "--non-interactive"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let began = || std::fs::read_to_string(drill.path().join("began")).unwrap_or_default().lines().count();
    until("three are at work", || began() == 3);
    for _ in 0..2 {
        let sent =
            std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        std::thread::sleep(Duration::from_millis(300));
    }
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(5));
    let faults = drill.events("failed");
    assert_eq!(faults.len(), 3);
    assert!(faults.iter().all(|fault| fault["fault"]["kind"] == "abandoned"), "{faults:?}");
    let status = drill.playbook(["status", &drill.run_id(), "--json"]).exits(0).json();
    assert_eq!(status["step"]["elements"]["unknown"], json!(3));
}

#[test]
fn grants_are_revoked_side_by_side_each_once() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    let key = account.fact("/key/arn");
    drill.runbook(
        "revoke",
        &format!(
            r#"
- id: grants
  do: {{ kms.list_grants: {{ key: "{key}" }} }}
- id: revoke
  for_each: steps.grants.grants | map(attribute="id") | list
  at_once: 4
  do: {{ kms.revoke_grant: {{ key: "{key}", grant: "{{{{ item }}}}" }} }}
- id: left
  do: {{ kms.list_grants: {{ key: "{key}" }} }}
- id: none_is_left
  do: {{ assert: {{ that: steps.left.count == 0, message: a grant is left }} }}
"#
        ),
    );
    drill.playbook(["run", "revoke", "--non-interactive"]).exits(0);
    let revoked: Vec<Value> =
        account.calls().into_iter().filter(|call| call["operation"] == "RevokeGrant").collect();
    let listed = drill.events("listed")[0]["items"].as_array().unwrap().len();
    assert!(listed > 1, "the account has several grants");
    assert_eq!(revoked.len(), listed);
}

/// A list is approved once for all its elements: the question that stands for it on one screen
/// is denied at another and, asked again, given there.
#[test]
fn the_approval_of_a_list_is_denied_and_given_from_another_terminal() {
    let drill = Drill::new();
    drill.document(
        "marks",
        r#"roles:
  ciso: { title: CISO }
phases:
  - id: only
    title: Contain
    steps:
      - id: each
        title: Leave marks
        for_each: '["a", "b", "c"]'
        at_once: 3
        approve: { by: ciso }
        do: { shell: { argv: [sh, -c, 'echo $0 >> marks', "{{ item }}"], class: write } }
"#,
    );
    let mut terminal = Terminal::start(&drill, &["run", "marks"]);
    terminal.sees("CISO").sees("›");
    let id = drill.run_id();
    let approve = ["approve", &id, "each", "--as", "Ann Berger"];
    as_ann(&drill, approve.into_iter().chain(["--deny", "--reason", "not yet"])).exits(0);
    terminal.sees("denied: not yet").sees("FAILED").sees("›").types("a");
    terminal.sees("CISO").sees("›");
    as_ann(&drill, approve).exits(0).says("approved");
    terminal.exits(0);
    let marks = std::fs::read_to_string(drill.path().join("marks")).unwrap();
    let mut marks: Vec<_> = marks.lines().collect();
    marks.sort_unstable();
    assert_eq!(marks, ["a", "b", "c"]);
    let choices: Vec<_> =
        drill.events("answered").iter().map(|event| event["answer"]["choice"].clone()).collect();
    assert_eq!(choices, ["deny", "again", "yes"]);
}

//! `playbook run` without a cloud: order, gates, failures, records.

use serde_json::json;

use crate::support::Drill;

#[test]
fn a_run_does_its_steps_in_order_and_leaves_a_record() {
    let drill = Drill::new();
    drill.runbook(
        "greet",
        r#"
- id: hello
  do: { shell: { argv: [echo, hello], class: read } }
- id: check_hello
  do: { assert: { that: 'steps.hello.stdout == "hello\n"', message: echo must echo } }
- id: world
  do: { shell: { argv: [echo, "{{ steps.hello.stdout }}world"], class: read } }
"#,
    );
    drill.playbook(["run", "greet", "--non-interactive"]).exits(0);
    let succeeded = drill.events("succeeded");
    let places: Vec<_> = succeeded.iter().map(|event| event["place"]["step"].as_str().unwrap()).collect();
    assert_eq!(places, ["hello", "check_hello", "world"]);
    assert_eq!(succeeded[2]["outputs"]["stdout"], "hello\nworld\n");
    let journal = drill.journal();
    assert_eq!(journal[0]["event"]["opened"]["operator"]["user"], "robin");
    assert_eq!(journal[0]["event"]["opened"]["mode"], "live");
    assert_eq!(journal.last().unwrap()["event"]["closed"]["outcome"], "completed");
}

#[test]
fn an_intent_is_in_the_journal_before_its_act() {
    let drill = Drill::new();
    // The step itself reads the journal that it runs under.
    drill.runbook(
        "look",
        r#"
- id: look
  do: { shell: { argv: [sh, -c, "cat evidence/*/bag/data/journal.jsonl"], class: read } }
"#,
    );
    drill.playbook(["run", "look", "--non-interactive"]).exits(0);
    let seen = drill.events("succeeded")[0]["outputs"]["stdout"].as_str().unwrap().to_owned();
    let last: serde_json::Value = serde_json::from_str(seen.lines().last().unwrap()).unwrap();
    assert_eq!(last["event"]["attempted"]["place"]["step"], "look");
}

#[test]
fn the_journal_is_a_chain_that_sha256sum_can_follow() {
    let drill = Drill::new();
    drill.runbook("one", "- id: one\n  do: { shell: { argv: [\"true\"], class: read } }");
    drill.playbook(["run", "one", "--non-interactive"]).exits(0);
    let text = std::fs::read_to_string(drill.record().join("bag/data/journal.jsonl")).unwrap();
    let mut prev = "0".repeat(64);
    for (seq, line) in text.lines().enumerate() {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(entry["prev"], prev.as_str());
        assert_eq!(entry["seq"], seq + 1);
        assert_eq!(entry["v"], 1);
        prev = sha256sum(line);
    }
}

fn sha256sum(line: &str) -> String {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let mut child = Command::new("sha256sum").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(line.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap()[..64].to_owned()
}

#[test]
fn only_an_explicit_false_skips_a_step() {
    let drill = Drill::new();
    drill.document(
        "gate",
        r#"
params:
  go: { type: boolean, default: false }
phases:
  - id: only
    title: Only
    steps:
      - id: skipped
        when: params.go
        do: { shell: { argv: ["true"], class: read } }
      - id: word
        do: { ask: { question: Which word?, type: text } }
      - id: broken
        when: steps.word.answer | trim
        do: { shell: { argv: ["true"], class: read } }
"#,
    );
    drill.file("answers.yaml", "word: perhaps\n");
    drill
        .playbook(["run", "gate", "--answers", "answers.yaml", "--non-interactive"])
        .exits(4)
        .says("neither true nor false");
    assert_eq!(drill.events("skipped")[0]["place"]["step"], "skipped");
    assert!(drill.events("attempted").is_empty());
}

#[test]
fn a_failed_step_stops_the_run_and_says_so() {
    let drill = Drill::new();
    drill.runbook(
        "stop",
        r#"
- id: bad
  do: { shell: { argv: [sh, -c, "echo no such table >&2; exit 3"], class: read } }
- id: never
  do: { shell: { argv: ["true"], class: read } }
"#,
    );
    drill
        .playbook(["run", "stop", "--non-interactive"])
        .exits(4)
        .says("bad")
        .says("no such table")
        .says("playbook resume");
    assert_eq!(drill.events("failed")[0]["fault"]["code"], "3");
    assert!(drill.events("attempted").iter().all(|event| event["place"]["step"] != "never"));
}

#[test]
fn on_failure_continue_goes_on_and_the_end_still_tells() {
    let drill = Drill::new();
    drill.runbook(
        "onward",
        r#"
- id: bad
  on_failure: continue
  do: { shell: { argv: ["false"], class: read } }
- id: good
  do: { shell: { argv: ["true"], class: read } }
"#,
    );
    drill.playbook(["run", "onward", "--non-interactive"]).exits(4);
    assert_eq!(drill.events("closed")[0]["outcome"], "completed_with_failures");
    assert_eq!(drill.events("succeeded")[0]["place"]["step"], "good");
}

#[test]
fn on_failure_goto_passes_over_the_steps_between() {
    let drill = Drill::new();
    drill.runbook(
        "jump",
        r#"
- id: bad
  on_failure: { goto: last }
  do: { shell: { argv: ["false"], class: read } }
- id: between
  do: { shell: { argv: ["true"], class: read } }
- id: last
  do: { shell: { argv: ["true"], class: read } }
"#,
    );
    drill.playbook(["run", "jump", "--non-interactive"]).exits(4);
    assert_eq!(drill.events("skipped")[0]["place"]["step"], "between");
    assert_eq!(drill.events("succeeded")[0]["place"]["step"], "last");
}

#[test]
fn each_retry_is_an_event() {
    let drill = Drill::new();
    drill.runbook(
        "retry",
        r#"
- id: third_time
  retry: { attempts: 3, backoff: 0s }
  do: { shell: { argv: [sh, -c, "echo x >> tries; test $(wc -l < tries) -ge 3"], class: write } }
"#,
    );
    drill.playbook(["run", "retry", "--non-interactive"]).exits(0);
    let attempts: Vec<_> = drill.events("attempted").iter().map(|event| event["attempt"].clone()).collect();
    assert_eq!(attempts, [json!(1), json!(2), json!(3)]);
    assert_eq!(drill.events("failed").len(), 2);
}

#[test]
fn an_attempt_that_outlasts_its_timeout_is_ended() {
    let drill = Drill::new();
    drill.runbook(
        "slow",
        r#"
- id: slow
  timeout: 1s
  do: { shell: { argv: [sleep, "60"], class: read } }
"#,
    );
    let began = std::time::Instant::now();
    drill.playbook(["run", "slow", "--non-interactive"]).exits(4).says("slow");
    assert!(began.elapsed() < std::time::Duration::from_secs(30));
}

#[test]
fn for_each_runs_once_for_each_element_and_records_each() {
    let drill = Drill::new();
    drill.document(
        "each",
        r#"
phases:
  - id: only
    title: Only
    steps:
      - id: each
        for_each: '["a", "b", "c"]'
        do: { shell: { argv: [echo, "{{ item }}"], class: read } }
      - id: all
        do: { assert: { that: 'steps.each.results | map(attribute="stdout") | join == "a\nb\nc\n"', message: all three } }
"#,
    );
    drill.playbook(["run", "each", "--non-interactive"]).exits(0);
    let items: Vec<_> =
        drill.events("attempted").iter().map(|event| event["place"]["item"].as_u64().unwrap()).collect();
    assert_eq!(items, [0, 1, 2]);
}

#[test]
fn a_wait_until_reads_until_the_world_agrees() {
    let drill = Drill::new();
    drill.runbook(
        "until",
        r#"
- id: ready
  do:
    wait:
      until: { shell: { argv: [sh, -c, "echo x >> ticks; wc -l < ticks"], class: read } }
      holds: (result.stdout | trim | int) >= 3
      every: 1s
      at_most: 30s
"#,
    );
    drill.playbook(["run", "until", "--non-interactive"]).exits(0);
    assert_eq!(drill.events("observed").len(), 3);
}

#[test]
fn a_write_is_verified_by_reading_it_back() {
    let drill = Drill::new();
    drill.runbook(
        "verify",
        r#"
- id: mark
  do: { shell: { argv: [touch, marked], class: write } }
  verify:
    do: { shell: { argv: [sh, -c, "test -e marked; echo $?"], class: read } }
    holds: 'result.stdout == "0\n"'
- id: lie
  do: { shell: { argv: ["true"], class: write } }
  verify:
    do: { shell: { argv: [sh, -c, "test -e never; echo $?"], class: read } }
    holds: 'result.stdout == "0\n"'
    every: 1s
    at_most: 1s
"#,
    );
    drill.playbook(["run", "verify", "--non-interactive"]).exits(4).says("did not come true");
    assert_eq!(drill.events("verified")[0]["place"]["step"], "mark");
    assert_eq!(drill.events("failed")[0]["fault"]["kind"], "unmet");
}

#[test]
fn values_from_the_world_are_never_rendered_a_second_time() {
    let drill = Drill::new();
    drill.runbook(
        "inject",
        r#"
- id: foreign
  do: { shell: { argv: [echo, -n, "{{ '{{ run.id }}' }}; rm -rf x"], class: read } }
- id: repeat
  do: { shell: { argv: [echo, -n, "{{ steps.foreign.stdout }}"], class: read } }
"#,
    );
    drill.playbook(["run", "inject", "--non-interactive"]).exits(0);
    assert_eq!(drill.events("succeeded")[1]["outputs"]["stdout"], "{{ run.id }}; rm -rf x");
}

#[test]
fn a_missed_deadline_is_recorded_and_escalated_once() {
    let drill = Drill::new();
    drill.document(
        "late",
        r#"
roles:
  lead: { title: Security Lead }
objectives:
  quick: { title: Done at once, within: 1s, met_by: all(last) }
escalations:
  - when: missed(quick)
    to: [lead]
    message: Late after {{ run.elapsed }}.
phases:
  - id: only
    title: Only
    steps:
      - id: slow
        do: { shell: { argv: [sleep, "3"], class: read } }
      - id: last
        do: { shell: { argv: ["true"], class: read } }
"#,
    );
    drill.playbook(["run", "late", "--non-interactive"]).exits(0);
    assert_eq!(drill.events("deadline_passed").len(), 1);
    assert_eq!(drill.events("escalated").len(), 1);
    assert_eq!(drill.events("escalated")[0]["to"][0], "lead");
    assert_eq!(drill.events("objective_met").len(), 1);
    let kinds: Vec<_> = drill
        .journal()
        .iter()
        .map(|entry| entry["event"].as_object().unwrap().keys().next().unwrap().clone())
        .collect();
    let deadline = kinds.iter().position(|kind| kind == "deadline_passed").unwrap();
    let succeeded = kinds.iter().position(|kind| kind == "succeeded").unwrap();
    assert!(deadline < succeeded, "the deadline is recorded while the step is still running: {kinds:?}");
}

#[test]
fn a_question_that_nobody_answers_pauses_the_run_and_names_what_is_missing() {
    let drill = Drill::new();
    drill.runbook(
        "asks",
        r"
- id: cause
  do: { ask: { question: Which cause?, choices: [leak, theft] } }
",
    );
    drill.playbook(["run", "asks", "--non-interactive"]).exits(5).says("cause").says("Which cause?");
    drill.file("answers.yaml", "cause: theft\n");
    let id = drill.run_id();
    drill.playbook(["resume", &id, "--answers", "answers.yaml", "--non-interactive"]).exits(0);
    let answer = &drill.events("answered")[0]["answer"];
    assert_eq!(answer["value"], "theft");
    assert_eq!(answer["by"]["via"]["answers"], "answers.yaml");
}

#[test]
fn an_answers_file_approves_only_where_the_document_lets_it() {
    let drill = Drill::new();
    drill.document(
        "approve",
        r"
roles:
  lead: { title: Security Lead }
phases:
  - id: only
    title: Only
    steps:
      - id: may
        approve: { by: lead, from_answers: true }
        do: { shell: { argv: [touch, may], class: write } }
      - id: must_not
        approve: { by: lead }
        do: { shell: { argv: [touch, must_not], class: write } }
",
    );
    drill.file("answers.yaml", "may: approve\nmust_not: approve\n");
    drill
        .playbook(["run", "approve", "--answers", "answers.yaml", "--non-interactive"])
        .exits(5)
        .says("must_not");
    assert!(drill.path().join("may").exists());
    assert!(!drill.path().join("must_not").exists());
}

#[test]
fn a_denied_approval_refuses() {
    let drill = Drill::new();
    drill.document(
        "deny",
        r"
roles:
  lead: { title: Security Lead }
phases:
  - id: only
    title: Only
    steps:
      - id: risky
        approve: { by: lead, from_answers: true }
        do: { shell: { argv: [touch, risky], class: write } }
",
    );
    drill.file("answers.yaml", "risky: { answer: deny, reason: Not tonight }\n");
    drill
        .playbook(["run", "deny", "--answers", "answers.yaml", "--non-interactive"])
        .exits(6)
        .says("Not tonight");
    assert!(!drill.path().join("risky").exists());
}

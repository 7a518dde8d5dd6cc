//! The action `review`: a table, decided item by item, at a terminal and from a file.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Account, Drill, Terminal};

/// Five items: one of high risk, one unused for long, one that is the reviewer.
const TABLE: &str = r#"
phases:
  - id: only
    steps:
      - id: review
        title: Decide
        do:
          review:
            question: Should each stay?
            decisions: [keep, revoke, narrow]
            reviewer: arn:aws:sts::111122223333:assumed-role/reviewer/olga
            items:
              - { id: role/etl, risk: low, because: [policy DataPlatform], statements: [a] }
              - { id: role/admin, risk: high, statements: [b] }
              - { id: user/old, risk: low, last_used: "2020-01-01T00:00:00Z", statements: [c] }
              - { id: "arn:aws:iam::111122223333:role/reviewer", risk: low, statements: [d] }
              - { id: role/report, risk: low, owner: team-data, statements: [e] }
            last:
              - { id: role/report, decision: keep, reason: monthly report, statements: [e] }
              - { id: role/etl, decision: keep, reason: nightly, statements: [another] }
              - { id: user/left, decision: keep, reason: "", statements: [z] }
      - id: after
        do: { shell: { argv: [echo, "{{ steps.review.decisions | selectattr('decision', 'equalto', 'revoke') | map(attribute='id') | join(',') }}"], class: read } }
"#;

fn table(drill: &Drill) {
    drill.document("table", TABLE);
}

fn decided(drill: &Drill) -> Vec<(String, Value)> {
    let one = |event: Value| {
        let items =
            event["items"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect::<Vec<_>>();
        (items.join(" "), event["decision"].clone())
    };
    drill.events("decided").into_iter().map(one).collect()
}

fn outputs(drill: &Drill) -> Value {
    let found = drill.events("succeeded").into_iter().find(|event| event["place"]["step"] == "after");
    found.unwrap_or_else(|| panic!("the step behind the review did not run"))["outputs"].clone()
}

#[test]
fn what_is_new_or_changed_comes_first_and_the_risky_of_it_before_the_rest() {
    let drill = Drill::new();
    table(&drill);
    let mut terminal = Terminal::start(&drill, &["run", "table"]);
    terminal.sees("4 to decide: 2 new, 1 changed, 1 unchanged").sees("Gone since the last review: user/left");
    terminal
        .sees("One of them is you")
        .sees("1 of 4")
        .sees("role/admin")
        .sees("risk high")
        .sees("›")
        .types("k");
    terminal
        .sees("Why keep?")
        .types("on call")
        .sees("user/old")
        .sees("›")
        .types("k unused, and kept for the audit");
    terminal
        .sees("changed since the last review")
        .sees("role/etl")
        .sees("keep, \"nightly\"; what it rested on has changed");
    terminal
        .sees("›")
        .types("=")
        .sees("No decision of the last review still stands here")
        .sees("›")
        .types("revoke")
        .sees("unchanged")
        .sees("role/report")
        .sees("keep, \"monthly report\"")
        .sees("[=] as last time")
        .sees("›")
        .types("=");
    terminal.sees("Everything is decided: 3 keep, 1 revoke, 0 narrow.").sees("›").types("f");
    terminal.exits(0);
    assert_eq!(
        decided(&drill),
        [
            ("role/admin".to_owned(), json!("keep")),
            ("user/old".to_owned(), json!("keep")),
            ("role/etl".to_owned(), json!("revoke")),
            ("role/report".to_owned(), json!("keep")),
        ]
    );
    assert_eq!(drill.events("decided")[0]["reason"], "on call");
    assert_eq!(drill.events("decided")[3]["reason"], "monthly report", "the reason comes with the proposal");
    assert_eq!(outputs(&drill)["stdout"], "role/etl\n");
}

#[test]
fn a_filter_a_batch_an_undo_and_another_day() {
    let drill = Drill::new();
    table(&drill);
    let mut terminal = Terminal::start(&drill, &["run", "table"]);
    terminal
        .sees("role/admin")
        .sees("›")
        .types("")
        .sees("No answer is no decision")
        .sees("›")
        .types("/role/");
    terminal
        .sees("only what holds")
        .sees("›")
        .types("b revoke")
        .sees("Everything that the filter shows is decided");
    terminal.sees("›").types("u").sees("role/admin").sees("›").types("b keep").sees("it is decided on by");
    terminal
        .sees("›")
        .types("s")
        .sees("role/etl")
        .sees("›")
        .types("?")
        .sees("\"because\"")
        .sees("›")
        .types("q");
    terminal.exits(5);
    assert_eq!(
        decided(&drill),
        [
            ("role/admin role/etl role/report".to_owned(), json!("revoke")),
            ("role/admin role/etl role/report".to_owned(), Value::Null)
        ]
    );
    let mut terminal = Terminal::start(&drill, &["resume", &drill.run_id()]);
    terminal
        .sees("role/admin")
        .sees("›")
        .types("b r")
        .sees("Everything is decided: 0 keep, 4 revoke")
        .sees("›")
        .types("f");
    terminal.exits(0);
    assert_eq!(outputs(&drill)["stdout"], "role/etl,role/admin,user/old,role/report\n");
}

#[test]
fn a_file_answers_what_it_names_and_is_held_to_the_same_rules() {
    let drill = Drill::new();
    table(&drill);
    drill.file("answers.yaml", "review: { answer: { role/admin: keep } }\n");
    drill
        .playbook(["run", "table", "--non-interactive", "--answers", "answers.yaml"])
        .exits(2)
        .says("letting it be needs a reason");
    drill.file("answers.yaml", "review: { answer: { role/nobody: keep } }\n");
    let run = drill.run_id();
    drill
        .playbook(["resume", &run, "--non-interactive", "--answers", "answers.yaml"])
        .exits(2)
        .says("there is no item role/nobody");
    drill.file(
        "answers.yaml",
        "review: { answer: { role/admin: { decision: keep, reason: on call }, role/etl: revoke } }\n",
    );
    drill
        .playbook(["resume", &run, "--non-interactive", "--answers", "answers.yaml"])
        .exits(5)
        .says("review");
    assert_eq!(
        decided(&drill).len(),
        1,
        "in the order of the review, up to the first that the file does not name"
    );
    let whole =
        "review: { answer: { role/admin: narrow, user/old: revoke, role/etl: revoke, role/report: keep } }\n";
    drill.file("answers.yaml", whole);
    drill.playbook(["resume", &run, "--non-interactive", "--answers", "answers.yaml"]).exits(0);
    assert_eq!(outputs(&drill)["stdout"], "role/etl,user/old\n");
    assert_eq!(drill.events("decided")[0]["by"]["via"], json!({ "answers": "answers.yaml" }));
}

#[test]
fn without_anybody_nothing_is_decided() {
    let drill = Drill::new();
    table(&drill);
    drill.playbook(["run", "table", "--non-interactive"]).exits(5).says("Should each stay?");
    assert!(drill.events("decided").is_empty());
}

/// Killed in the middle of 300 cards, a review goes on with the first that has no entry.
#[test]
fn a_killed_review_loses_nothing_that_was_decided() {
    let drill = Drill::new();
    let items =
        (0..300).map(|at| format!("              - {{ id: item-{at} }}\n")).collect::<Vec<_>>().concat();
    let head = "phases:\n  - id: only\n    steps:\n      - id: review\n        do:\n          review:\n            question: Should each stay?\n            items:\n";
    drill.document("many", &format!("{head}{items}"));
    let answer = |at: usize| format!("    item-{at}: {}\n", ["keep", "revoke"][at % 2]);
    let answers = (0..300).map(answer).collect::<Vec<_>>().concat();
    drill.file("answers.yaml", &format!("review:\n  answer:\n{answers}"));
    let mut child = drill
        .command(["run", "many", "--non-interactive", "--answers", "answers.yaml"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let patience = Instant::now() + Duration::from_mins(1);
    // The last line may be half written, so that it is not read as one.
    let decided_so_far = || {
        let run = std::fs::read_dir(drill.path().join("evidence")).ok()?.next()?.ok()?;
        let text = std::fs::read_to_string(run.path().join("bag/data/journal.jsonl")).ok()?;
        Some(text.matches(r#"{"decided":"#).count())
    };
    while decided_so_far().unwrap_or_default() < 40 {
        assert!(Instant::now() < patience, "40 decisions take a minute");
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let before = decided(&drill);
    drill.playbook(["resume", &drill.run_id(), "--non-interactive", "--answers", "answers.yaml"]).exits(0);
    let after = decided(&drill);
    assert_eq!(after[..before.len()], before[..]);
    let items: Vec<_> = after.iter().map(|(item, _)| item.clone()).collect();
    assert_eq!(items, (0..300).map(|at| format!("item-{at}")).collect::<Vec<_>>());
}

/// The time that is left stands on every card.
#[test]
fn a_card_says_until_when_it_has_to_be_decided() {
    let drill = Drill::new();
    let objective =
        "objectives:\n  decided: { title: Everything is decided, within: 5d, met_by: all(review) }\n";
    drill.document("table", &format!("{objective}{TABLE}"));
    let mut terminal = Terminal::start(&drill, &["run", "table"]);
    terminal.sees("1 of 4").sees("decided within 5d: ").sees("left").sees("›").types("q");
    terminal.exits(5);
}

/// The weekly look at the logs: whoever used the key, as CloudTrail tells, is the table.
#[test]
fn callers_of_a_log_are_reviewed_by_the_same_action() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    let key = account.fact("/key/arn");
    let document = format!(
        r#"
phases:
  - id: only
    steps:
      - id: used
        do: {{ cloudtrail.lookup_events: {{ resources: ["{key}"], lookback: 7d }} }}
      - id: review
        do:
          review:
            question: Did each of these have business with the key?
            items: "{{{{ steps.used.users }}}}"
            named_by: who
            decisions: [expected, investigate]
      - id: suspicious
        when: steps.review.decisions | selectattr("decision", "equalto", "investigate") | list | length > 0
        do: {{ manual: {{ instructions: "{{{{ steps.review.decisions | selectattr('decision', 'equalto', 'investigate') | map(attribute='id') | join(' ') }}}}" }} }}
"#
    );
    drill.document("weekly-log-review", &document);
    let mut terminal = Terminal::start(&drill, &["run", "weekly-log-review"]);
    let asked = terminal.sees("Did each of these have business with the key?").sees("1 of ");
    asked
        .sees("calls")
        .sees("operations")
        .sees("›")
        .types("i strange hours")
        .sees("2 of ")
        .sees("›")
        .types("q");
    terminal.exits(5);
    let users = drill.events("succeeded")[0]["outputs"]["users"].clone();
    let first = users[0]["who"].as_str().unwrap();
    assert_eq!(decided(&drill), [(first.to_owned(), json!("investigate"))]);
}

/// What drifted is a table too, and what was accepted once is proposed the next week.
#[test]
fn findings_of_drift_are_reviewed_by_the_same_action() {
    let drill = Drill::new();
    let drift = |found: &str, last: &str| {
        format!(
            r#"
phases:
  - id: only
    steps:
      - id: review
        do:
          review:
            question: What becomes of each drift?
            named_by: resource
            decisions: [accept, repair]
            items:
              - {{ resource: key/rotation, wanted: on, found: {found}, risk: high, statements: [{found}] }}
              - {{ resource: bucket/encryption, wanted: kms, found: kms-other, statements: [other] }}
            last: {last}
      - id: made
        do: {{ shell: {{ argv: [echo, "{{{{ steps.review.decisions | tojson }}}}"], class: read }} }}
"#
        )
    };
    drill.document("drift", &drift("off", "[]"));
    let answers = "review: { answer: { key/rotation: { decision: accept, reason: CHG-7 }, bucket/encryption: repair } }\n";
    drill.file("answers.yaml", answers);
    drill.playbook(["run", "drift", "--non-interactive", "--answers", "answers.yaml"]).exits(0);
    let made = drill.events("succeeded")[0]["outputs"]["stdout"].as_str().unwrap().to_owned();
    let again = |found: &str| {
        let drill = Drill::new();
        drill.document("drift", &drift(found, &made));
        let mut terminal = Terminal::start(&drill, &["run", "drift"]);
        let since = if found == "off" { "2 unchanged" } else { "1 changed, 1 unchanged" };
        terminal.sees(&format!("2 to decide: {since} since the last review")).sees("›").types("q");
        terminal.exits(5);
    };
    again("off");
    again("daily");
}

#[test]
fn items_without_the_field_that_names_them_are_no_table() {
    let drill = Drill::new();
    let table = "phases:\n  - id: only\n    steps:\n      - id: review\n        do:\n          review:\n            question: Stays?\n            named_by: arn\n            items: [{ id: a, arn: x }, { id: b }]\n";
    drill.document("table", table);
    drill.playbook(["run", "table", "--non-interactive"]).says("has an item whose `arn` is no text");
}

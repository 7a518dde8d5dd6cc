//! At a real terminal, in a pseudo-terminal: prompts, the card, the menu, Ctrl-C.

use crate::support::{Account, Drill, Terminal};

fn risky(drill: &Drill) {
    drill.document(
        "risky",
        r"
roles:
  lead: { title: Security Lead }
phases:
  - id: only
    title: Contain
    window: 0m..15m
    steps:
      - id: cause
        title: Name the cause
        do: { ask: { question: Which cause?, choices: [leak, theft] } }
      - id: page
        title: Page the team
        do: { manual: { instructions: Call the number on the wall. } }
      - id: touch
        title: Leave a mark
        why: Because the test looks for it.
        approve: { by: lead }
        do: { shell: { argv: [touch, touched], class: write } }
",
    );
}

#[test]
fn a_responder_is_led_through_a_run_at_a_terminal() {
    let drill = Drill::new();
    risky(&drill);
    let mut terminal = Terminal::start(&drill, &["run", "risky"]);
    terminal.sees("Contain").sees("Which cause?").sees("›").types("2");
    terminal.sees("Call the number on the wall.").sees("›").types("d");
    terminal.sees("Leave a mark").sees("Security Lead").sees("›").types("w");
    terminal.sees("Because the test looks for it.").sees("›").types("r");
    terminal.sees("touched").sees("›").types("n");
    terminal.sees("›").types("Noted in passing");
    terminal.sees("›").types("a");
    terminal.sees("›").types("Sam Lead");
    terminal.exits(0);
    assert!(drill.path().join("touched").exists());
    let answers = drill.events("answered");
    assert_eq!(answers[0]["answer"]["value"], "theft");
    assert_eq!(answers[2]["answer"]["by"]["name"], "Sam Lead");
    assert_eq!(answers[2]["answer"]["by"]["via"], "terminal");
    assert_eq!(drill.events("noted")[0]["text"], "Noted in passing");
}

#[test]
fn skipping_wants_a_reason_and_an_unknown_key_repeats_the_menu() {
    let drill = Drill::new();
    risky(&drill);
    let mut terminal = Terminal::start(&drill, &["run", "risky"]);
    terminal.sees("Which cause?").sees("›").types("1");
    terminal.sees("Call the number").sees("›").types("q").sees("›").types("s");
    terminal.sees("›").types("").sees("›").types("Nobody is on call");
    terminal.sees("Leave a mark").sees("›").types("x");
    terminal.sees("›").types("False alarm");
    terminal.exits(4);
    assert_eq!(drill.events("answered")[1]["answer"]["reason"], "Nobody is on call");
    assert_eq!(drill.events("closed")[0]["outcome"], "aborted");
    assert_eq!(drill.events("closed")[0]["reason"], "False alarm");
    assert!(!drill.path().join("touched").exists());
}

#[test]
fn ctrl_c_at_a_question_pauses_and_the_run_goes_on_later() {
    let drill = Drill::new();
    risky(&drill);
    let mut terminal = Terminal::start(&drill, &["run", "risky"]);
    terminal.sees("Which cause?").sees("›").presses_ctrl_c();
    terminal.exits(5);
    assert_eq!(drill.events("paused").len(), 1);
    let id = drill.run_id();
    let mut terminal = Terminal::start(&drill, &["resume", &id]);
    terminal.sees("Which cause?").sees("›").types("1");
    terminal.sees("Call the number").sees("›").types("p");
    terminal.exits(5);
}

#[test]
fn ctrl_c_while_something_is_at_work_is_told_as_heard_and_twice_does_not_wait_for_it() {
    let drill = Drill::new();
    drill.runbook("slow", "- id: long\n  do: { shell: { argv: [sleep, \"30\"], class: read } }");
    let mut terminal = Terminal::start(&drill, &["run", "slow"]);
    terminal.sees("running 1 long").presses_ctrl_c();
    terminal.sees("the run pauses once long has ended").presses_ctrl_c();
    terminal.exits(5);
    assert_eq!(drill.events("failed").len(), 1, "nobody waited for it");
    assert_eq!(drill.events("paused").len(), 1);
}

#[test]
fn a_parameter_that_is_missing_is_asked_for_and_a_wrong_one_is_asked_again() {
    let drill = Drill::new();
    drill.document(
        "param",
        r#"
params:
  account: { type: account, prompt: Which account? }
phases:
  - id: only
    title: Only
    steps:
      - id: echo
        do: { shell: { argv: [echo, "{{ params.account }}"], class: read } }
"#,
    );
    let mut terminal = Terminal::start(&drill, &["run", "param"]);
    terminal.sees("Which account?").sees("›").types("twelve");
    terminal.sees("twelve digits").sees("›").types("111122223333");
    terminal.exits(0);
    assert_eq!(drill.journal()[0]["event"]["opened"]["params"]["account"], "111122223333");
}

#[test]
fn something_destructive_wants_the_name_of_its_target_typed() {
    let account = Account::fresh();
    let off = "boto3.client('kms').disable_key(KeyId=os.environ['KEY'])\nprint('0')";
    account.boto(off, &[("KEY", &account.fact("/key/arn"))]);
    let drill = Drill::on(&account);
    drill.document(
        "destroy",
        r#"
roles:
  lead: { title: Security Lead }
params:
  key: { type: kms_key }
  incident: { type: string }
phases:
  - id: only
    title: Only
    steps:
      - id: pin
        do: { kms.describe_key: { key: "{{ params.key }}" } }
      - id: late
        do: { cloudtrail.late_uses: { key: "{{ steps.pin.arn }}" } }
      - id: delete
        approve: { by: lead, count: 2 }
        do: { kms.schedule_key_deletion: { key: "{{ steps.pin.arn }}", days: 30, evidence: "{{ params.incident }}" } }
        undo: { kms.cancel_key_deletion: { key: "{{ steps.pin.arn }}" } }
"#,
    );
    let id = account.fact("/key/id");
    let key = format!("key={id}");
    let incident = format!("incident={}", drill.closed_incident(&id));
    let mut terminal = Terminal::start(&drill, &["run", "destroy", "-p", &key, "-p", &incident]);
    terminal.sees("DESTROY").sees("›").types("a");
    terminal.sees("›").types("wrong-name");
    terminal.sees("›");
    assert!(!account.operations().contains(&"kms:ScheduleKeyDeletion".to_owned()));
    terminal.types("a").sees("›").types(&id).sees("›").types("Sam Lead");
    // One is not enough.
    terminal.sees("1 of 2").sees("›").types("a").sees("›").types(&id).sees("›").types("Ann Berger");
    terminal.exits(0);
    assert!(account.operations().contains(&"kms:ScheduleKeyDeletion".to_owned()));
}

/// Whoever approves work for a person agrees to its very words: they stand on the card, and in
/// the request that the approval is about.
#[test]
fn instructions_are_read_before_they_are_approved() {
    let drill = Drill::new();
    let document = r#"roles: { commander: Incident Commander }
phases:
  - id: only
    title: Only
    steps:
      - id: sign
        title: Sign off
        approve: { by: commander }
        do: { manual: { instructions: "Read page {{ 40 + 2 }} of the record.", attach: [the page] } }
"#;
    drill.document("signing", document);
    let mut terminal = Terminal::start(&drill, &["run", "signing"]);
    terminal.sees("Read page 42 of the record.").sees("Attach:").sees("the page").sees("[a]pprove").sees("›");
    terminal.types("p");
    terminal.exits(5);
    let asked = drill.events("asked");
    let request = &asked[0]["question"]["approval"]["request"];
    assert_eq!(request["input"]["instructions"], "Read page 42 of the record.", "{asked:#?}");
}

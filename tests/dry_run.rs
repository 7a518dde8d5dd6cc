//! A dry run cannot act and does not lie.

use crate::support::{Account, Drill};

fn document(drill: &Drill) {
    drill.document(
        "plan",
        r#"
roles:
  lead: { title: Security Lead }
params:
  key: { type: kms_key }
  mode: { type: choice, choices: [disable, fence], default: disable }
phases:
  - id: contain
    title: Contain
    steps:
      - id: pin
        do: { kms.describe_key: { key: "{{ params.key }}" } }
      - id: is_ours
        do: { assert: { that: steps.pin.manager == "CUSTOMER", message: Not ours } }
      - id: cause
        do: { ask: { question: What happened?, choices: [leak, theft] } }
      - id: by_cause
        when: steps.cause.answer == "leak"
        do: { shell: { argv: [touch, acted], class: write } }
      - id: fence
        when: params.mode == "fence"
        do: { shell: { argv: [touch, acted], class: write } }
      - id: disable
        approve: { by: lead, from_answers: true }
        do: { kms.disable_key: { key: "{{ steps.pin.arn }}" } }
"#,
    );
}

fn plan(drill: &Drill, extra: &[&str]) -> crate::support::Said {
    let key = "key=alias/customer-pii-encryption-key";
    let mut args = vec!["run", "plan", "-p", key, "--non-interactive"];
    args.extend(extra);
    drill.playbook(args)
}

#[test]
fn a_dry_run_gives_its_three_answers_and_touches_nothing() {
    let drill = Drill::new();
    document(&drill);
    let before = drill.files();
    let said = plan(&drill, &["--dry-run"]);
    said.exits(0)
        .says("nothing is sent")
        .says("would do")
        .says("would ask")
        .says("would skip")
        .says("unknown");
    let line = |step: &str| {
        let text = said.stdout() + &said.stderr();
        text.lines()
            .find(|line| line.split_whitespace().any(|word| word == step))
            .unwrap_or_else(|| panic!("{step} in {text}"))
            .to_owned()
    };
    assert!(line("pin").contains("would do"), "{}", line("pin"));
    assert!(
        line("is_ours").contains("unknown"),
        "never ok about data that was not read: {}",
        line("is_ours")
    );
    assert!(line("cause").contains("would ask"));
    assert!(line("by_cause").contains("unknown"));
    assert!(line("fence").contains("would skip"));
    assert!(line("disable").contains("unknown") || line("disable").contains("pin"), "{}", line("disable"));
    assert_eq!(drill.files(), before, "no file is written");
}

#[test]
fn a_dry_run_sends_no_request() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    document(&drill);
    plan(&drill, &["--dry-run"]).exits(0);
    assert_eq!(account.operations(), Vec::<String>::new());
}

#[test]
fn live_reads_read_and_nothing_else() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    document(&drill);
    drill.file("answers.yaml", "cause: leak\ndisable: approve\n");
    let before = drill.files();
    plan(&drill, &["--dry-run=live-reads", "--answers", "answers.yaml"])
        .exits(0)
        .says("kms:DisableKey")
        .says(&account.fact("/key/id")[..8])
        .says("touch acted");
    let operations = account.operations();
    assert!(operations.contains(&"kms:DescribeKey".to_owned()), "{operations:?}");
    assert!(!operations.contains(&"kms:DisableKey".to_owned()), "{operations:?}");
    assert!(!drill.path().join("acted").exists());
    assert_eq!(drill.files(), before, "no file is written");
}

//! `health-check` against the range: a quiet day, and a day on which somebody was at the key.

use serde_json::json;

use crate::support::{Account, Drill, Said};

fn check(drill: &Drill, account: &Account, grants: usize) -> Said {
    let key = format!("key={}", account.fact("/key/alias"));
    let grants = format!("grants={grants}");
    drill.file("answers.yaml", "verdict: all well\n");
    drill.playbook([
        "run",
        "health-check",
        "-p",
        &key,
        "-p",
        &grants,
        "--answers",
        "answers.yaml",
        "--non-interactive",
    ])
}

fn grants(account: &Account) -> usize {
    account.facts["grants"].as_array().unwrap().len()
}

#[test]
fn a_key_that_is_well_is_told_so_and_nothing_in_aws_is_changed() {
    let account = Account::fresh();
    let drill = Drill::on(&account);
    check(&drill, &account, grants(&account)).exits(0);
    let reads = ["Get", "List", "Describe", "Head", "Simulate", "GenerateDataKeyWithoutPlaintext"];
    let changes: Vec<_> = account
        .operations()
        .into_iter()
        .filter(|operation| {
            let name = operation.split(':').next_back().unwrap();
            !reads.iter().any(|read| name.starts_with(read))
        })
        .collect();
    assert_eq!(changes, Vec::<String>::new());
    assert!(drill.run_id().starts_with("RUN-"));
}

#[test]
fn what_is_not_well_is_all_told_and_the_check_goes_on_to_the_end() {
    let account = Account::fresh();
    let contained = Drill::on(&account);
    contained.runbook(
        "contain",
        &format!(
            "      - {{ id: off, do: {{ kms.disable_key: {{ key: \"{}\" }} }} }}\n",
            account.fact("/key/arn")
        ),
    );
    contained.playbook(["run", "contain", "--non-interactive"]).exits(0);

    let drill = Drill::on(&account);
    check(&drill, &account, grants(&account) + 1).exits(4).says("Disabled");
    let failed: Vec<_> = drill.events("failed").iter().map(|event| event["place"]["step"].clone()).collect();
    assert_eq!(failed, [json!("key_is_enabled"), json!("grants_are_known")]);
    assert_eq!(drill.events("escalated").len(), 1, "the Security Lead is told");
    assert_eq!(drill.events("answered").len(), 1, "the check came to its end");
}

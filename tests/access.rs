//! `playbook access`: requests against given policies, and who can use a key.

use serde_json::{Value, json};

use crate::support::Drill;

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn line(id: &str, effect: &str) -> String {
    json!({
        "id": id,
        "request": {"principal": "arn:aws:iam::111122223333:user/ana", "action": "kms:Decrypt", "resource": KEY},
        "resource_policy": {"Statement": {"Effect": effect, "Principal": "*", "Action": "kms:*", "Resource": "*"}},
    })
    .to_string()
}

#[test]
fn every_line_is_answered_by_a_line() {
    let drill = Drill::new();
    drill.file("requests.jsonl", &format!("{}\n\n{}\n", line("a", "Allow"), line("b", "Deny")));
    let said = drill.playbook(["access", "simulate", "requests.jsonl"]);
    said.exits(0);
    let answers: Vec<Value> = said.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 2);
    assert_eq!((&answers[0]["id"], &answers[0]["verdict"]), (&json!("a"), &json!("Allowed")));
    assert_eq!((&answers[1]["id"], &answers[1]["verdict"]), (&json!("b"), &json!("ExplicitDeny")));
    assert_eq!(answers[1]["because"][0]["statement"], "statement 1");
    let names: Vec<_> = answers[0].as_object().unwrap().keys().collect();
    assert_eq!(names, ["id", "verdict", "conditions", "because"]);
}

#[test]
fn a_broken_line_is_named_and_the_others_are_answered() {
    let drill = Drill::new();
    drill.file("requests.jsonl", &format!("{}\n{{\"id\": 1\n{}", line("a", "Allow"), line("c", "Allow")));
    let said = drill.playbook(["access", "simulate", "requests.jsonl"]);
    said.exits(1).says("requests.jsonl:2:").says("1 line could not be answered");
    assert_eq!(said.stdout().lines().count(), 2);
}

#[test]
fn requests_come_from_standard_input_too() {
    let drill = Drill::new();
    let file = drill.file("requests.jsonl", &line("a", "Allow"));
    let mut command = drill.command(["access", "simulate", "-"]);
    let output = command.stdin(std::fs::File::open(file).unwrap()).output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains("\"verdict\":\"Allowed\""));
}

#[test]
fn a_file_that_is_not_there_is_told() {
    Drill::new().playbook(["access", "simulate", "gone.jsonl"]).exits(1).says("gone.jsonl").says("hint");
}

//! What is shown of a document, in every format.

use std::time::Duration;

use serde_json::Value;

use super::{json, markdown, mermaid, text};
use crate::document::{Approve, Expr, OnFailure, Playbook};
use crate::report::sample;

fn playbook() -> Playbook {
    let mut playbook = sample::playbook();
    let disable = &mut playbook.steps[1];
    disable.approve = Some(Approve {
        by: "commander".to_owned(),
        count: 2,
        expires: Some(Duration::from_mins(30)),
        from_answers: false,
    });
    disable.when = Some(Expr::parse("params.containment == \"disable\"").unwrap());
    playbook.steps[0].on_failure = OnFailure::Goto("revoke".to_owned());
    playbook.steps[3].title = sample::HOSTILE.to_owned();
    playbook.steps[3].id = "end".into();
    playbook
}

#[test]
fn text_tells_phases_with_windows_and_steps_with_their_terms() {
    let told = text::render(&playbook());
    for line in [
        "key-compromise · incident playbook · version 3",
        "Severity (default high)",
        "  commander: Incident Commander, staffed by On-call Security Lead",
        "Phase 1 of 2 · Immediate response (T+0 to T+15m)",
        "        only when params.containment == \"disable\"",
        "        approved by 2 of Incident Commander, good for 30m",
        "        read back: result.state == \"Disabled\"",
        "        after a failure, on to revoke",
        "        tried up to 2 times",
        "  key: kms_key, default alias/customer",
    ] {
        assert!(told.lines().any(|told| told == line), "{line}\n{told}");
    }
    assert!(told.contains("  2 disable_key            Step disable_key · kms.disable_key (write)"), "{told}");
    assert!(!told.contains('\u{1b}'));
}

#[test]
fn a_flowchart_has_a_subgraph_a_phase_and_an_arrow_a_way_on() {
    let told = mermaid::render(&playbook());
    assert!(told.starts_with("flowchart TD\n"));
    assert_eq!(told.matches("  subgraph ").count(), 2);
    assert_eq!(told.lines().filter(|line| *line == "  end").count(), 2);
    assert_eq!(told.matches(" --> ").count(), 3, "{told}");
    assert!(told.contains("s1 -. failed .-> s3"), "{told}");
    // `end` is a word of Mermaid's: as the name of a node it breaks the chart.
    assert!(!told.lines().any(|line| line.trim_start().starts_with("end[")), "{told}");
    assert!(!told.contains("<script>"));
}

#[test]
fn markdown_keeps_each_step_in_its_row() {
    let told = markdown::render(&playbook());
    let rows: Vec<_> =
        told.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| |")).collect();
    assert_eq!(rows.len(), 4, "{told}");
    for row in rows {
        let bars = row.match_indices('|').filter(|(at, _)| !row[..*at].ends_with('\\')).count();
        assert_eq!(bars, 6, "{row}");
    }
    assert!(!told.contains("<script>"));
}

#[test]
fn json_names_permissions_deadlines_and_approvals() {
    let told: Value = serde_json::from_str(&json::render(&playbook())).unwrap();
    assert_eq!(told["steps"][1]["permissions"][0], "kms:DisableKey");
    assert_eq!(told["steps"][1]["approve"]["count"], 2);
    assert_eq!(told["phases"][0]["window_seconds"], serde_json::json!([0, 900]));
    assert_eq!(told["objectives"][0]["within_seconds"], 900);
    assert_eq!(told["steps"][0]["on_failure"]["goto"], "revoke");
}

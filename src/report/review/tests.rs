//! The same record in every form.

use proptest::prelude::*;
use serde_json::json;

use super::{Form, attention, render};
use crate::access::record::{
    Decision, MADE, Pace, Planned, Proof, ReviewRecord, SignOff, Sources, read, record_strategy,
};

const XSS: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>&lt;`|\u{202e}\u{0}";

pub(super) fn sample() -> ReviewRecord {
    let findings = json!({
        "action": "kms:Decrypt",
        "key": { "arn": "arn:aws:kms:eu-west-1:111122223333:key/1234abcd", "account": "111122223333", "state": "Enabled", "dormant": false },
        "key_last_usage": { "TrackingStartDate": "2026-01-01", "KeyLastUsage": { "Operation": "Decrypt", "Timestamp": "2026-11-01" } },
        "principals": [
            { "principal": "arn:aws:iam::111122223333:user/ana", "kind": "user", "origin": "in the account", "verdict": "Allowed",
              "because": [{ "layer": "identity policies", "policy": "own", "statement": "Decrypt", "effect": "Allow", "line": 1, "column": 2 }],
              "could_give_it_to_itself": ["kms:PutKeyPolicy"], "owner": "red", "risk": "high", "role_last_used": "2026-10-01T00:00:00Z",
              "assumed_by": [{ "by": "ec2.amazonaws.com", "verdict": "Allowed", "conditions": ["it rains"] }] },
            { "principal": "arn:aws:iam::111122223333:user/ben", "kind": "user", "origin": "grantee", "verdict": "AllowedIf", "conditions": ["kms:ViaService is `s3`"] },
            { "principal": "arn:aws:iam::111122223333:user/cam", "kind": "user", "origin": "grantee", "verdict": "Unknown", "because": [{ "unknown": "the service control policies" }] },
            { "principal": "arn:aws:iam::111122223333:user/dan", "kind": "user", "origin": "in the account", "verdict": "ImplicitDeny",
              "because": [{ "layer": "identity policies", "missing": "no statement allows it" }], "could_give_it_to_itself": ["iam:PutUserPolicy"] },
        ],
        "excluded": [{ "principal": "AIDAORPHAN", "reason": "an orphan" }],
        "population": { "total": 5, "reviewed": 3, "excluded": 1, "unknown": 1 },
        "missing": ["scps.json is not there"],
    });
    let edit = json!({ "words": "detach p from ana", "also": ["s3:GetObject"], "edit": {}, "undo": { "edit": "attach_policy", "principal": "ana", "policy": "p" } });
    let revoke = json!({ "id": "arn:aws:iam::111122223333:user/ana", "decision": "revoke", "reason": "left", "by": "Robin", "at": "2026-11-20T10:00:00Z", "seconds": 7, "together": 3 });
    let proven = json!({ "principal": "arn:aws:iam::111122223333:user/ana", "verdict": "ImplicitDeny" });
    let sources = Sources {
        run: "RUN-20261120-001-QUARTERLY-ACCESS-REVIEW",
        quarter: "2026-Q4",
        collected_at: "2026-11-20T09:00:00Z",
        findings,
        decisions: std::slice::from_ref(&revoke),
        edits: std::slice::from_ref(&edit),
        taken_up: vec![(&edit, MADE.to_owned())],
        proven: std::slice::from_ref(&proven),
        pace: Some(Pace { seconds: 7, rushed: true }),
        ..Sources::default()
    };
    sources.compile().unwrap()
}

/// The record with something hostile wherever the world, or a person, could have put it.
pub(super) fn hostile() -> ReviewRecord {
    let text = || XSS.to_owned();
    let mut record = sample();
    let said = || Decision {
        decision: text(),
        reason: text(),
        by: text(),
        at: text(),
        seconds: Some(1),
        together: Some(2),
    };
    let sign = SignOff { by: text(), role: text(), at: text(), how: text(), of: text() };
    record.asked.run = text();
    record.asked.quarter = text();
    record.asked.action = text();
    record.asked.collected_at = text();
    record.asked.reviewer = text();
    record.asked.key_last_used = text();
    record.asked.key_last_usage = json!({ "TrackingStartDate": XSS, "KeyLastUsage": { "Operation": XSS } });
    (record.asked.key.arn, record.asked.key.account, record.asked.key.state) = (text(), text(), Some(text()));
    record.asked.key.dormant = true;
    (record.asked.findings.path, record.asked.findings.digest) = (text(), text());
    (record.signed_off, record.edits_approved) = (vec![sign.clone()], vec![sign]);
    record.missing = vec![text()];
    for (at, finding) in record.findings.iter_mut().enumerate() {
        finding.principal = format!("{XSS}{at}");
        (finding.kind, finding.origin) = (text(), text());
        (finding.owner, finding.risk) = (Some(text()), Some(text()));
        finding.conditions = vec![text()];
        finding.because =
            vec![json!({ "layer": XSS, "policy": XSS, "statement": XSS, "effect": XSS }), json!(XSS)];
        finding.could_give_it_to_itself = vec![text()];
        (finding.decision, finding.last_decision) = (Some(said()), Some(said()));
        finding.planned = Some(Planned { after: text(), would_hold: false, obstacles: vec![text()] });
        finding.proof = Some(Proof { proven: false, verdict: text(), because: vec![text()] });
        finding.more = json!({ "last_used": [{ XSS: XSS, "at": XSS }] }).as_object().cloned().unwrap();
    }
    for excluded in &mut record.excluded {
        (excluded.principal, excluded.reason) = (text(), text());
    }
    for edit in &mut record.edits {
        (edit.words, edit.undo_words, edit.state) = (text(), text(), text());
        edit.also = vec![text()];
    }
    record
}

#[test]
fn no_form_lets_a_value_steer_a_terminal_or_turn_the_text_around() {
    for form in [Form::Text, Form::Csv, Form::Markdown, Form::Html, Form::Json] {
        let text = render(&hostile(), form);
        let astray = text.chars().find(|c| (c.is_control() && !matches!(c, '\n' | '\r')) || *c == '\u{202e}');
        assert_eq!(astray, None, "{form:?}");
    }
}

#[test]
fn a_pipe_ends_no_cell_of_markdown() {
    let markdown = render(&hostile(), Form::Markdown);
    let bare = |row: &str| row.replace("\\|", "").matches('|').count();
    let mut columns = 0;
    for row in markdown.lines() {
        // The line below a head says how many columns a table has.
        if row.starts_with("|---") {
            columns = bare(row);
        } else if row.starts_with("| ") && columns > 0 && !row.starts_with("| Who") {
            assert_eq!(bare(row), columns, "{row}");
        } else if !row.starts_with('|') {
            columns = 0;
        }
    }
    let open = markdown.match_indices('<').find(|(at, _)| !markdown[..*at].ends_with('\\'));
    assert_eq!(open, None, "no tag begins");
}

#[test]
fn a_second_person_is_told_where_to_look_first() {
    let ana = "arn:aws:iam::111122223333:user/ana";
    let (ben, cam) = (ana.replace("ana", "ben"), ana.replace("ana", "cam"));
    let mut record = sample();
    assert_eq!(
        attention::lines(&record),
        [
            &format!("undecided (2): {ben}; {cam}"),
            &format!("nobody can say whether they may (1): {cam}"),
            "the decisions were made in a rush: 7 s in all",
            "a second person has not signed off",
        ]
    );
    record.findings[0].proof = None;
    record.edits[0].state = "failed".to_owned();
    let lines = attention::lines(&record);
    for line in [
        &format!("revoked, and nobody asked AWS again (1): {ana}"),
        "edits that do not stand (1): detach p from ana (failed)",
    ] {
        assert!(lines.iter().any(|told| told == line), "{lines:#?}");
    }
    record.findings[0].proof =
        Some(Proof { proven: false, verdict: "Allowed".to_owned(), because: vec!["a grant".to_owned()] });
    assert_eq!(attention::lines(&record)[0], format!("revocation not proven: {ana} is Allowed: a grant"));
}

#[test]
fn everybody_has_a_row_and_the_summary_comes_first() {
    let record = sample();
    assert_eq!(render(&record, Form::Csv).matches("\r\n").count(), 1 + 5);
    let text = render(&record, Form::Text);
    for line in ["5 principals: 3 reviewed, 1 excluded with a reason, 1 unknown.", "Of 1 revocation 1 proven"]
    {
        assert!(text.contains(line), "{text}");
    }
    assert!(text.find("Summary").unwrap() < text.find("What needs a second look").unwrap());
}

/// How many cells a line has, by RFC 4180, section 2, rules 5 to 7; each of ours is quoted.
fn cells(row: &str) -> usize {
    let inner = row.strip_prefix('"').unwrap().strip_suffix('"').unwrap();
    let (mut cells, mut quoted, mut rest) = (1, true, inner.chars().peekable());
    while let Some(c) = rest.next() {
        match c {
            '"' if quoted && rest.peek() == Some(&'"') => drop(rest.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => cells += 1,
            c => assert!(quoted, "{c} outside of quotes in {row}"),
        }
    }
    cells
}

proptest! {
    #[test]
    fn every_form_of_every_record_comes_out_of_its_json_again(record in record_strategy()) {
        let again = read(&render(&record, Form::Json)).unwrap();
        prop_assert_eq!(&again, &record);
        for form in [Form::Text, Form::Csv, Form::Markdown, Form::Html, Form::Json] {
            prop_assert_eq!(render(&again, form), render(&record, form));
        }
    }

    #[test]
    fn the_sheet_has_a_row_for_everybody_and_the_same_cells_in_each(record in record_strategy()) {
        let sheet = render(&record, Form::Csv);
        let rows: Vec<_> = sheet.split_terminator("\r\n").collect();
        prop_assert_eq!(rows.len(), 1 + record.findings.len() + record.excluded.len());
        for row in rows {
            prop_assert_eq!(cells(row), 33, "{}", row);
        }
    }

    #[test]
    fn no_record_breaks_out_of_the_page(record in record_strategy()) {
        crate::report::html::tests::inspect(&render(&record, Form::Html));
    }
}

use serde_json::json;

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn sheet() -> Sheet {
    let item = |id: &str, risk: &str, last: &str| json!({ "id": id, "risk": risk, "last_used": last, "statements": ["s"] });
    let mut items = vec![
        item("arn:aws:iam::1:role/etl", "low", "2026-11-01T00:00:00Z"),
        item("arn:aws:iam::1:role/admin", "high", "2026-11-01T00:00:00Z"),
        item("arn:aws:iam::1:user/old", "low", "2026-01-01T00:00:00Z"),
        item("arn:aws:iam::1:role/x/reviewer", "low", ""),
    ];
    items.extend((0..12).map(|n| item(&format!("u{n}"), "low", "")));
    Sheet {
        question: "Should it stay?".into(),
        items,
        decisions: vec!["keep".into(), "revoke".into()],
        last: vec![
            json!({ "id": "u0", "decision": "keep", "reason": "nightly", "statements": ["s"] }),
            json!({ "id": "u1", "decision": "keep", "reason": "nightly", "statements": ["other"] }),
        ],
        reviewer: Some("arn:aws:sts::1:assumed-role/reviewer/ana".into()),
    }
}

const NOW: &str = "2026-11-24T00:00:00Z";

#[test]
fn what_is_risky_or_unused_stays_for_a_reason_and_one_at_a_time() {
    let sheet = sheet();
    let permits = |ids: &[&str], decision, reason| sheet.permits(ids, decision, reason, at(NOW));
    assert_eq!(permits(&["arn:aws:iam::1:role/etl"], "keep", None), Ok(()));
    for id in ["arn:aws:iam::1:role/admin", "arn:aws:iam::1:user/old"] {
        assert_eq!(permits(&[id], "keep", None), Err(Objection::NeedsReason(id.into())));
        assert_eq!(permits(&[id], "keep", Some(" ")), Err(Objection::NeedsReason(id.into())));
        assert_eq!(permits(&[id], "keep", Some("runs the backup")), Ok(()));
        assert_eq!(permits(&[id, "u0"], "keep", Some("all")), Err(Objection::OnItsOwn(id.into())));
        assert_eq!(permits(&[id, "u0"], "revoke", None), Ok(()));
    }
}

/// What an item says in `no_use_after` counts before `last_used`: a source that saw nothing in 90
/// days makes it unused, and where nobody can say it is not.
#[test]
fn unused_is_who_is_known_not_to_have_used_it() {
    let asks = |item: serde_json::Value| asks_why(&item, at(NOW));
    for (no_use_after, last_used, unused) in [
        ("2026-08-25T23:59:59Z", "", true),
        ("2026-08-26T00:00:00Z", "", false),
        ("2026-08-01T00:00:00Z", "2026-11-23T00:00:00Z", true),
        ("", "2026-01-01T00:00:00Z", false),
        ("", "", false),
        ("N/A", "2026-01-01T00:00:00Z", false),
    ] {
        let item = json!({ "risk": "low", "no_use_after": no_use_after, "last_used": last_used });
        assert_eq!(asks(item), unused, "{no_use_after:?} {last_used:?}");
    }
    assert!(asks(json!({ "last_used": "2026-01-01T00:00:00Z" })));
}

#[test]
fn a_batch_that_takes_away_is_free_and_one_that_lets_be_is_capped() {
    let sheet = sheet();
    let ids: Vec<_> = (0..12).map(|n| format!("u{n}")).collect();
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    assert_eq!(sheet.permits(&ids, "keep", None, at(NOW)), Err(Objection::TooMany(12)));
    assert_eq!(sheet.permits(&ids[..MOST_AT_ONCE], "keep", None, at(NOW)), Ok(()));
    assert_eq!(sheet.permits(&ids, "revoke", None, at(NOW)), Ok(()));
}

#[test]
fn nobody_decides_on_themselves_nor_on_what_is_not_there() {
    let sheet = sheet();
    let own = "arn:aws:iam::1:role/x/reviewer";
    assert_eq!(sheet.permits(&[own], "revoke", None, at(NOW)), Err(Objection::Oneself(own.into())));
    assert_eq!(sheet.permits(&["?"], "revoke", None, at(NOW)), Err(Objection::NoSuchItem("?".into())));
    assert_eq!(sheet.permits(&["u0"], "burn", None, at(NOW)), Err(Objection::NoSuchDecision("burn".into())));
}

#[test]
fn an_earlier_decision_is_a_proposal_until_its_ground_changes() {
    let sheet = sheet();
    assert_eq!(
        sheet.earlier("u0"),
        Some(Earlier { decision: "keep", reason: "nightly", still_stands: true })
    );
    assert!(!sheet.earlier("u1").unwrap().still_stands);
    assert_eq!(sheet.earlier("u2"), None);
}

#[test]
fn decisions_come_out_in_the_order_of_the_items_and_a_rush_is_told() {
    let mut decisions = Decisions::default();
    decisions.put(&sheet());
    let decision = |seconds| Decision {
        decision: "revoke".into(),
        reason: String::new(),
        by: "ana".into(),
        at: at(NOW),
        seconds,
        together: 1,
    };
    assert_eq!(decisions.open(), Some("arn:aws:iam::1:role/etl"));
    for item in sheet().items.iter().filter(|item| !sheet().is_oneself(item)) {
        decisions.decide(id_of(item).unwrap(), decision(1));
    }
    assert_eq!(decisions.open(), None);
    let outputs = decisions.outputs();
    let ids: Vec<_> = outputs["decisions"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
    assert_eq!(ids, sheet().items.iter().map(|item| item["id"].clone()).collect::<Vec<_>>());
    assert_eq!(outputs["decisions"][3]["decision"], "undecided");
    assert_eq!((&outputs["rushed"], &outputs["seconds"]), (&json!(true), &json!(15)));
    decisions.decide("u0", decision(600));
    assert_eq!(decisions.outputs()["rushed"], json!(false));
}

/// What the last review kept of an item, and the item of now.
fn since(then: Value, now: Value) -> Since {
    let with_id = |mut map: Value| {
        map["id"] = json!("role/etl");
        map
    };
    let sheet = Sheet { items: vec![with_id(now)], last: vec![with_id(then)], ..sheet() };
    sheet.since("role/etl")
}

#[test]
fn fewer_conditions_widen_more_narrow_and_what_cannot_be_compared_has_changed() {
    let item = |verdict: &str, conditions: &[&str], itself: &[&str]| json!({ "verdict": verdict, "conditions": conditions, "grants_itself": itself, "statements": [conditions, itself, verdict] });
    let guarded = || item("AllowedIf", &["through S3", "from the VPC"], &[]);
    assert_eq!(since(guarded(), guarded()), Since::Unchanged);
    assert_eq!(since(guarded(), item("AllowedIf", &["through S3"], &[])), Since::Widened);
    assert_eq!(since(guarded(), item("Allowed", &[], &[])), Since::Widened);
    assert_eq!(
        since(guarded(), item("AllowedIf", &["through S3", "from the VPC"], &["kms:CreateGrant"])),
        Since::Widened
    );
    assert_eq!(since(item("Allowed", &[], &[]), guarded()), Since::Narrowed);
    assert_eq!(since(guarded(), item("AllowedIf", &["through RDS"], &[])), Since::Changed);
    assert_eq!(since(guarded(), item("AllowedIf", &["through S3"], &[])).word(), "widened");
    // Less here and more there; or nobody knows.
    assert_eq!(
        since(item("Allowed", &[], &[]), item("AllowedIf", &["x"], &["kms:CreateGrant"])),
        Since::Changed
    );
    assert_eq!(since(guarded(), item("Unknown", &[], &[])), Since::Changed);
    assert_eq!(since(json!({ "statements": ["a"] }), json!({ "statements": ["b"] })), Since::Changed);
}

#[test]
fn another_statement_that_gives_the_same_ends_a_proposal() {
    let item = |statement: &str| json!({ "verdict": "Allowed", "conditions": [], "grants_itself": [], "statements": [statement] });
    assert_eq!(since(item("a"), item("b")), Since::Changed);
    assert_eq!(since(item("a"), item("a")), Since::Unchanged);
}

#[test]
fn a_record_that_kept_less_is_compared_by_what_it_kept() {
    let now = json!({ "verdict": "Allowed", "conditions": [], "grants_itself": [], "statements": ["a"] });
    assert_eq!(since(json!({ "statements": ["a"] }), now.clone()), Since::Unchanged);
    assert_eq!(since(json!({ "statements": ["b"] }), now), Since::Changed);
}

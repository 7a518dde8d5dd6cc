//! The record put together, and read again.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::access::evaluate::Verdict;

fn findings() -> Value {
    json!({
        "action": "kms:Decrypt",
        "key": { "arn": "arn:aws:kms:eu-west-1:1:key/k", "account": "1", "state": "Enabled", "dormant": false },
        "key_last_usage": null,
        "principals": [
            { "principal": "ana", "kind": "user", "origin": "in the account", "verdict": "Allowed", "conditions": [],
              "because": [{ "layer": "grants", "policy": "g0", "statement": "to ana", "effect": "Allow" }],
              "could_give_it_to_itself": [], "assumed_by": [], "role_last_used": "2026-10-01T00:00:00Z",
              "owner": "red", "risk": "medium", "something_new": { "kept": true } },
            { "principal": "ben", "verdict": "AllowedIf", "conditions": ["it rains"] },
            { "principal": "cam", "verdict": "Unknown" },
            { "principal": "dan", "verdict": "ImplicitDeny" },
            { "principal": "eve", "verdict": "ExplicitDeny" },
        ],
        "excluded": [{ "principal": "AIDAORPHAN", "reason": "an orphan" }],
        "population": { "total": 6, "reviewed": 4, "excluded": 1, "unknown": 1 },
        "missing": ["scps.json is not there"],
    })
}

fn decided(id: &str, decision: &str) -> Value {
    json!({ "id": id, "decision": decision, "reason": "asked", "by": "Robin", "at": "2026-11-20T10:00:00Z",
        "seconds": 7, "together": 1, "statements": [] })
}

#[test]
fn a_review_without_revocations_is_a_record_too() {
    let record = Sources { findings: findings(), ..Sources::default() }.compile().unwrap();
    assert_eq!(record.counts.population, Population { total: 6, reviewed: 4, excluded: 1, unknown: 1 });
    assert_eq!(record.counts.decisions["undecided"], 3, "whoever is denied needs no decision");
    assert_eq!((record.counts.revocations.decided(), record.pace), (0, None));
}

#[test]
fn everything_that_was_said_of_somebody_stands_with_them() {
    let decisions = [decided("ana", "revoke"), decided("ben", "revoke"), decided("cam", "revoke")];
    let last = [decided("ana", "keep"), decided("gone", "keep")];
    let edit = json!({ "words": "detach p from ana", "also": ["s3:GetObject"],
        "edit": { "edit": "detach_policy", "principal": "ana", "policy": "p", "also": [] },
        "undo": { "edit": "attach_policy", "principal": "ana", "policy": "p" } });
    let sources = Sources {
        findings: findings(),
        decisions: &decisions,
        last: &last,
        outcomes: &[
            json!({ "principal": "ben", "before": "AllowedIf", "after": "AllowedIf", "would_hold": false, "obstacles": ["a grant"] }),
        ],
        edits: &[edit.clone(), json!({ "words": "another", "undo": {} })],
        taken_up: vec![(&edit, MADE.to_owned())],
        proven: &[json!({ "principal": "ana", "verdict": "ImplicitDeny" })],
        not_proven: &[json!({ "principal": "ben", "verdict": "AllowedIf", "because": ["allow grants: g1"] })],
        ..Sources::default()
    };
    let record = sources.compile().unwrap();
    let of = |name: &str| record.findings.iter().find(|finding| finding.principal == name).unwrap();
    assert_eq!(of("ana").last_decision.as_ref().unwrap().decision, "keep");
    assert!(of("ana").proof.as_ref().unwrap().proven && of("ana").more["something_new"]["kept"] == true);
    assert_eq!(of("ben").planned.as_ref().unwrap().obstacles, ["a grant"]);
    assert_eq!(
        record.counts.revocations,
        Revocations { proven: 1, not_proven: 1, not_asked_again: 1 },
        "cam was to lose it, and nobody asked again"
    );
    assert_eq!(record.counts.edits, Edits { planned: 2, made: 1 });
    assert_eq!(record.edits[0].undo_words, "attach p to ana");
    assert_eq!(record.edits[1].state, "not made");
}

#[test]
fn whoever_is_not_among_the_findings_cannot_be_decided_on() {
    let stranger = [decided("zoe", "keep")];
    let refused = Sources { findings: findings(), decisions: &stranger, ..Sources::default() }.compile();
    assert_eq!(refused.unwrap_err().0, "a decision was made on zoe, who is not among the findings");
}

#[test]
fn findings_that_do_not_add_up_are_no_record() {
    let mut short = findings();
    short["principals"].as_array_mut().unwrap().pop();
    let refused = Sources { findings: short, ..Sources::default() }.compile().unwrap_err();
    assert!(refused.0.starts_with("the population does not add up"), "{}", refused.0);
    let mut twice = findings();
    twice["principals"][1]["principal"] = "ana".into();
    let refused = Sources { findings: twice, ..Sources::default() }.compile().unwrap_err();
    assert_eq!(refused.0, "ana stands in it twice");
    for broken in [
        json!({}),
        json!(null),
        json!({ "principals": 3 }),
        json!({ "principals": [{ "principal": "a", "verdict": "Perhaps" }] }),
    ] {
        assert!(Sources { findings: broken.clone(), ..Sources::default() }.compile().is_err(), "{broken}");
    }
}

#[test]
fn counts_that_are_not_those_of_the_record_are_not_believed() {
    let record = Sources { findings: findings(), ..Sources::default() }.compile().unwrap();
    let mut text = serde_json::to_value(&record).unwrap();
    assert_eq!(read(&text.to_string()).unwrap(), record);
    text["counts"]["population"]["total"] = 7.into();
    assert!(read(&text.to_string()).unwrap_err().0.contains("counts"));
    text["counts"]["population"]["total"] = 6.into();
    text["format"] = "another/1".into();
    assert!(read(&text.to_string()).unwrap_err().0.contains("another/1"));
    text["format"] = FORMAT.into();
    text["something"] = 1.into();
    assert!(read(&text.to_string()).is_err(), "what would be lost is refused");
    assert!(read("[").is_err() && read("").is_err());
}

#[test]
fn uses_are_told_as_they_came() {
    assert_eq!(used(&json!("2026-10-01T00:00:00Z")), "2026-10-01T00:00:00Z");
    let uses = json!([
        { "source": "CloudTrail", "at": "2026-10-01", "confidence": "high", "tracked_since": "2026-07-01" },
        { "source": "service last accessed", "at": null },
    ]);
    assert_eq!(
        used(&uses),
        "2026-10-01 (source CloudTrail, confidence high, tracked since 2026-07-01); none known (source service last accessed)"
    );
    assert_eq!(used(&json!({ "at": null, "words": "no use recorded" })), "no use recorded");
    let key_use = super::words::key_use;
    assert_eq!(key_use(&json!(null)), "not collected");
    let silent = json!({ "TrackingStartDate": "2026-01-01", "KeyLastUsage": {} });
    assert_eq!(key_use(&silent), "none recorded since 2026-01-01, when tracking began; that is not never");
}

/// Texts with everything in them that a format could trip over.
fn text() -> impl Strategy<Value = String> {
    "[a-z=+@'\";,|<>&`*\\\\\u{202e}\u{0}\u{1b}\n\r\té日-]{0,9}"
}

fn decision() -> impl Strategy<Value = Decision> {
    let decided = prop_oneof!["keep", "revoke", "narrow", "delegate", "undecided", text()];
    (decided, text(), text(), text(), any::<Option<u64>>(), any::<Option<u64>>()).prop_map(
        |(decision, reason, by, at, seconds, together)| Decision {
            decision,
            reason,
            by,
            at,
            seconds,
            together,
        },
    )
}

prop_compose! {
    fn finding()(
        principal in text(), kind in text(), verdict in prop::sample::select(Verdict::ALL.to_vec()),
        lists in prop::collection::vec(prop::collection::vec(text(), 0..3), 3),
        owner in prop::option::of(text()), decision in prop::option::of(decision()),
        last_decision in prop::option::of(decision()),
        proof in prop::option::of((any::<bool>(), text())),
        used in prop::option::of(text()),
    ) -> Finding {
        let list = |at: usize| lists[at].clone();
        Finding {
            principal, kind: kind.clone(), origin: kind, verdict,
            conditions: list(0),
            because: list(1).into_iter().map(|says| json!({ "layer": "grants", "missing": says })).collect(),
            could_give_it_to_itself: list(2),
            assumed_by: list(0).into_iter().map(|by| Route { by, verdict: "Allowed".into(), conditions: list(1) }).collect(),
            owner: owner.clone(), risk: owner, decision, last_decision,
            planned: proof.clone().map(|(would_hold, after)| Planned { after, would_hold, obstacles: list(1) }),
            proof: proof.map(|(proven, verdict)| Proof { proven, verdict, because: list(2) }),
            more: used.map(|used| ("role_last_used".to_owned(), used.into())).into_iter().collect(),
        }
    }
}

prop_compose! {
    /// Records of every shape; names are made to differ, as those of AWS do.
    pub(crate) fn record()(
        mut findings in prop::collection::vec(finding(), 0..12),
        reasons in prop::collection::vec(text(), 0..4),
        facts in prop::collection::vec(text(), 6),
        edits in prop::collection::vec((text(), prop_oneof![Just(MADE.to_owned()), text()]), 0..3),
        rushed in prop::option::of(any::<bool>()),
    ) -> ReviewRecord {
        for (at, finding) in findings.iter_mut().enumerate() {
            finding.principal += &at.to_string();
        }
        let fact = |at: usize| facts[at].clone();
        let excluded: Vec<_> = reasons.into_iter().enumerate()
            .map(|(at, reason)| Excluded { principal: format!("{reason} {at}"), reason }).collect();
        let edits: Vec<_> = edits.into_iter().map(|(words, state)| Edit {
            undo_words: words.clone(), also: vec![words.clone()], edit: json!({ "edit": words }), undo: json!([1, null]), words, state,
        }).collect();
        let sign = SignOff { by: fact(0), role: fact(1), at: fact(2), how: fact(3), of: fact(4) };
        ReviewRecord {
            format: FORMAT.to_owned(),
            asked: Asked {
                run: fact(0), quarter: fact(1), action: fact(2),
                key: Key { arn: fact(3), account: fact(4), state: Some(fact(5)), dormant: true },
                key_last_usage: json!({ "TrackingStartDate": fact(0) }), key_last_used: fact(0),
                collected_at: fact(1), reviewer: fact(2),
                findings: Source { path: fact(3), digest: fact(4) },
            },
            signed_off: if rushed == Some(true) { vec![sign.clone()] } else { Vec::new() },
            counts: Counts::of(&findings, &excluded, &edits),
            pace: rushed.map(|rushed| Pace { seconds: 3, rushed }),
            missing: vec![fact(5)],
            findings, excluded, edits, edits_approved: vec![sign],
        }
    }
}

#[test]
fn every_source_of_a_use_is_told() {
    let mut with = findings();
    with["principals"][0]["last_used"] = "2026-10-01T00:00:00Z".into();
    with["principals"][0]["no_use_after"] = "2026-10-02T00:00:00Z".into();
    with["principals"][0]["last_uses"] =
        json!([{ "source": "CloudTrail", "words": "Decrypt, by CloudTrail" }]);
    let record = Sources { findings: with, ..Sources::default() }.compile().unwrap();
    assert_eq!(
        record.findings[0].last_used(),
        ["2026-10-01T00:00:00Z", "no use after 2026-10-02T00:00:00Z", "Decrypt, by CloudTrail"]
    );
    assert!(record.findings[1].last_used().is_empty(), "nobody said");
}

proptest! {
    #[test]
    fn a_record_survives_json_without_loss(record in record()) {
        let text = serde_json::to_string_pretty(&record).unwrap();
        prop_assert_eq!(read(&text).unwrap(), record);
    }

    #[test]
    fn everybody_is_counted_once(record in record()) {
        let Population { total, reviewed, excluded, unknown } = record.counts.population;
        prop_assert_eq!(total, reviewed + excluded + unknown);
        let verdicts = record.counts.verdicts;
        prop_assert_eq!(verdicts.unknown, unknown);
        prop_assert_eq!(
            verdicts.allowed + verdicts.allowed_if + verdicts.implicit_deny + verdicts.explicit_deny,
            reviewed
        );
        let revoked = record.counts.decisions.get(REVOKE).copied().unwrap_or_default();
        prop_assert_eq!(record.counts.revocations.decided(), revoked);
    }
}

//! What the report must say of the sample incident, and how it must say it.

use serde_json::Value;

use super::model::{AttemptEnd, Left, ObjectiveVerdict, Standing};
use super::{Format, sample};
use crate::journal::Entry;
use crate::run::{Event, Outcome};
use crate::text::Digest;

#[test]
fn every_call_is_told_with_time_person_approval_and_request_id() {
    let report = sample::report();
    let disable = report.calls.iter().find(|made| made.call.operation == "DisableKey").unwrap();
    assert!(disable.changes && disable.accepted());
    assert_eq!(disable.person, "bob", "command had passed to bob by then");
    assert_eq!(disable.agreed.len(), 1);
    assert_eq!(disable.agreed[0].role.as_deref(), Some("Incident Commander"));
    assert_eq!(disable.agreed[0].at, sample::after(180));
    assert_eq!(disable.call.request_id.as_deref(), Some("req-DisableKey"));
}

#[test]
fn a_step_that_writes_also_reads_and_its_readings_change_nothing() {
    let report = sample::report();
    let changes: Vec<_> =
        report.calls.iter().filter(|made| made.changes).map(|made| &*made.call.operation).collect();
    assert_eq!(changes, ["DisableKey", "RevokeGrant", "RevokeGrant"]);
    assert_eq!(report.calls.len(), 5);
}

#[test]
fn command_passes_from_hand_to_hand_and_ends_with_the_run() {
    let report = sample::report();
    let told: Vec<_> = report.watches.iter().map(|watch| (&*watch.who, watch.from, watch.until)).collect();
    assert_eq!(
        told,
        [
            ("anna", sample::start(), Some(sample::after(60))),
            ("bob", sample::after(60), Some(sample::after(3_600))),
        ]
    );
}

#[test]
fn each_attempt_has_its_end() {
    let report = sample::report();
    let revoke = report.steps.iter().find(|step| step.id == "revoke").unwrap();
    assert_eq!(revoke.attempts.len(), 2);
    assert!(
        matches!(&revoke.attempts[0].end, AttemptEnd::Failed(fault) if fault.message.starts_with("not allowed"))
    );
    assert_eq!(revoke.attempts[1].ended_at, Some(sample::after(240)));
    assert!(revoke.can_be_undone);
    let disable = report.steps.iter().find(|step| step.id == "disable_key").unwrap();
    assert_eq!(disable.verified_after, Some(3.0));
}

#[test]
fn what_is_left_names_every_loose_end_the_most_pressing_first() {
    let left: Vec<_> =
        sample::report().residuals.iter().map(|left| (left.what, left.concerns.clone())).collect();
    let left: Vec<_> = left.iter().map(|(what, concerns)| (*what, &**concerns)).collect();
    assert_eq!(
        left,
        [
            (Left::InDoubt, "revoke"),
            (Left::Unanswered, "revoke"),
            (Left::ObjectiveNotMet, "reviewed"),
            (Left::NotRead, "pin"),
            (Left::NotReached, "tidy"),
        ]
    );
}

#[test]
fn objectives_are_measured_against_their_deadlines() {
    let report = sample::report();
    let verdicts: Vec<_> = report.objectives.iter().map(|objective| objective.verdict).collect();
    assert_eq!(verdicts, [ObjectiveVerdict::InTime, ObjectiveVerdict::Late, ObjectiveVerdict::Missed]);
    let text = report.render(Format::Text);
    // 192 of 900 seconds are 3.4 of 16 columns, 700 of 600 are 18.7, and 3600 of 3000 are 19.2.
    assert!(
        text.contains("contained   ███·············|         T+00:03:12 of 15m, 00:11:48 to spare"),
        "{text}"
    );
    assert!(
        text.contains("revoked     ████████████████|███      T+00:11:40 of 10m, 00:01:40 late"),
        "{text}"
    );
    assert!(text.contains("reviewed    ████████████████|███      missed: not met within 50m"), "{text}");
}

#[test]
fn the_first_lines_say_what_happened() {
    let text = sample::report().render(Format::Text);
    assert!(text.starts_with("INC-2026-001-KEY-COMPROMISE · aborted\nEncryption key compromise\n"), "{text}");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("Severity critical: Key material publicly exposed"));
    assert!(text.contains("2 done, 1 in doubt, 1 waiting of 4"));
    assert!(text.contains("Objectives: 1 of 3 met in time; revoked late, reviewed missed."));
}

#[test]
fn no_format_lets_a_value_steer_the_terminal_or_forge_a_line() {
    let report = sample::report();
    for format in [Format::Text, Format::Markdown, Format::Json] {
        let told = report.render(format);
        assert!(
            !told.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}' && format != Format::Json)
        );
        assert!(!told.lines().any(|line| line.trim_start().starts_with("# Forged")), "{told}");
        assert!(told.contains("Forged heading"), "the value itself is there");
    }
}

#[test]
fn markdown_shows_markup_in_values_and_obeys_none() {
    let told = sample::report().render(Format::Markdown);
    assert!(!told.contains("<script>"), "{told}");
    assert!(told.contains(r"\<script\>alert(1)\</script\>"), "{told}");
    let cells = |line: &str| {
        let bars = line.match_indices('|').filter(|(at, _)| !line[..*at].ends_with('\\'));
        bars.count()
    };
    let mut columns = 0;
    for line in told.lines().skip_while(|line| *line != "## In command").filter(|line| line.starts_with('|'))
    {
        if line.starts_with("|---") {
            columns = line.matches("---").count();
        }
        if columns > 0 && !line.contains(" When |") && line.starts_with("| T+") {
            assert_eq!(cells(line), columns + 1, "{line}");
        }
    }
}

#[test]
fn json_keeps_every_fact_under_its_own_name() {
    let told: Value = serde_json::from_str(&sample::report().render(Format::Json)).unwrap();
    assert_eq!(told["run"], "INC-2026-001-KEY-COMPROMISE");
    assert_eq!(told["standing"]["state"], "closed");
    assert_eq!(told["standing"]["outcome"], "aborted");
    assert_eq!(told["steps"][2]["state"], "in_doubt");
    assert_eq!(told["calls"][2]["call"]["operation"], "DisableKey");
    assert_eq!(told["notes"][0]["text"], sample::HOSTILE);
    assert_eq!(told["notes"][0]["observed_at"], "2026-01-03T03:09:00Z");
    assert_eq!(told["artifacts"][0]["path"], "api/DescribeKey.json");
}

#[test]
fn the_same_entries_give_the_same_bytes_sealed_or_not() {
    let mut sealed = sample::entries();
    let last = sealed.last().unwrap();
    let seal = Entry {
        v: 1,
        seq: last.seq + 1,
        at: sample::after(9_999),
        prev: Digest::ZERO,
        event: Event::Sealed { by: sample::anna(), program: None },
    };
    sealed.push(seal);
    let again = sample::of(&sealed).unwrap();
    for format in [Format::Text, Format::Markdown, Format::Html, Format::Json] {
        assert_eq!(sample::report().render(format), again.render(format));
    }
}

#[test]
fn a_pause_lasts_until_somebody_resumes() {
    let mut entries = sample::entries();
    entries.truncate(4);
    let paused = Event::Paused { by: Some(sample::anna()), reason: "lunch".to_owned() };
    entries.push(Entry { v: 1, seq: 5, at: sample::after(20), prev: Digest::ZERO, event: paused });
    let report = sample::of(&entries).unwrap();
    assert!(matches!(&report.standing, Standing::Paused { reason, .. } if reason == "lunch"));
    assert_eq!(report.watches[0].until, Some(sample::after(20)));
    assert_eq!(report.residuals[0].what, Left::NotOver);
    assert_eq!(report.residuals[0].detail, "3 steps are still to be done");
    assert!(
        matches!(sample::report().standing, Standing::Closed(ending) if ending.outcome == Outcome::Aborted)
    );
}

#[test]
fn entries_that_open_no_run_are_no_report() {
    assert!(sample::of(&sample::entries()[1..]).is_none());
    assert!(sample::of(&[]).is_none());
}

#[test]
fn who_used_the_key_is_told_once_however_often_it_was_collected() {
    let report = sample::with_key_use();
    assert_eq!(report.key_use.len(), 2, "both are kept for machines");
    for format in [Format::Text, Format::Markdown, Format::Html] {
        let told = report.render(format);
        assert_eq!(told.matches("2 events name the key").count(), 1, "{told}");
        assert!(!told.contains("1 event names the key"), "a window that lies in the other is left out");
        // Markdown escapes the point, so that no list begins there.
        assert_eq!(told.replace('\\', "").matches("203.0.113.66").count(), 1, "{told}");
    }
    let text = report.render(Format::Text).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("2 calls, 1 failed (AccessDenied 1), 2026-01-03T02:00:00Z to 2026-01-03T02:30:00Z")
    );
    assert!(
        text.contains("did Decrypt 1, GetKeyPolicy 1 from 203.0.113.66 in us-east-1 access keys AKIAEXAMPLE")
    );
    let told: Value = serde_json::from_str(&report.render(Format::Json)).unwrap();
    assert_eq!(told["key_use"][1]["users"][0]["operations"]["Decrypt"], 1);
    assert_eq!(told["calls"][2]["reply"], "accepted");
}

#[test]
fn nobody_is_said_to_have_used_a_key_where_nobody_looked() {
    for format in [Format::Text, Format::Markdown, Format::Html] {
        assert!(!sample::report().render(format).contains("Who used the key"));
    }
}

#[test]
fn what_was_collected_and_what_was_not_is_told_in_every_format() {
    let report = sample::with_collections();
    for format in [Format::Text, Format::Markdown, Format::Html] {
        let told = report.render(format).replace('\\', "");
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains("What was collected, and what was not"), "{format:?}");
        for said in [
            "31 log files, 22 digests and 1 event by LookupEvents; not all of it is there.",
            "31 log files, 24 digests and 1 event by LookupEvents; not all of it is there.",
            "missing: trail main: digests of one hour",
            "artifacts/24-cloudtrail-coverage.json",
        ] {
            assert!(told.contains(said), "{format:?}: {said} in {told}");
        }
        assert_eq!(told.matches("missing: bucket b: denied").count(), 2);
        assert!(!sample::report().render(format).contains("What was collected"), "where nobody collected");
    }
    let told: Value = serde_json::from_str(&report.render(Format::Json)).unwrap();
    assert_eq!(told["collections"][1]["gaps"], serde_json::json!(["bucket b: denied"]));
    // What came with the second collection is no longer missing.
    let left: Vec<_> = report.residuals.iter().filter(|left| left.what == Left::NotCollected).collect();
    assert_eq!(left.len(), 1);
    assert_eq!((&*left[0].concerns, &*left[0].detail), ("disable_key", "bucket b: denied"));
}

#[test]
fn the_moments_stand_on_the_clock_to_scale() {
    let text = sample::report().render(Format::Text);
    // 192 of 3600 seconds are 1.3 of 24 columns, 700 are 4.7; the end is the last column.
    for row in [
        "declared    ◆·······················  T+00:00:00, the run began",
        "contained   ·◆······················  T+00:03:12, objective contained was met",
        "revoked     ·····◆··················  T+00:11:40, objective revoked was met",
        "closed      ·······················◆  T+01:00:00, the run ended",
    ] {
        assert!(text.contains(row), "{row} in {text}");
    }
}

#[test]
fn every_format_keeps_the_same_order() {
    let titles = [
        "What happened",
        "In command",
        "What was done to AWS",
        "What is left",
        "Who used the key",
        "How to verify this record",
        "Questions and answers",
        "What was read from AWS",
        "Files in the record",
        "Environment",
    ];
    let report = sample::with_key_use();
    for format in [Format::Text, Format::Markdown, Format::Html] {
        let told = report.render(format);
        let heading = |title: &&str| match format {
            Format::Html => told.find(&format!("<h2>{title}")),
            Format::Markdown => told.find(&format!("\n## {title}\n")),
            _ => told.find(&format!("\n{title}\n")),
        };
        let places: Vec<_> = titles.iter().map(|title| heading(title).unwrap()).collect();
        assert!(places.is_sorted(), "{format:?} {places:?}");
    }
}

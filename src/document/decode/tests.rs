//! What decoding finds: the code and the underlined text of each fault.

use std::time::Duration;

use serde_json::json;

use crate::document::action::{Action, Answering, Class, Wait};
use crate::document::{Cause, Input, MetBy, OnFailure, ParamKind, Playbook, Species, load};
use crate::text::{Severity, Source};

/// A document with one step.
fn with_step(step: &str) -> String {
    format!(
        "runbook: a-b\nparams: {{ key: kms_key }}\nroles: {{ commander: Lead }}\nphases:\n  - id: one\n    steps:\n      - id: first\n{step}\n"
    )
}

/// The errors of a text: code and underlined text.
fn faults(text: &str) -> Vec<(&'static str, String)> {
    let source = Source::new("a-b.yaml", text);
    let (playbook, found) = load(&source, Some("a-b"));
    let errors: Vec<_> = found
        .iter()
        .filter(|found| found.severity == Severity::Error)
        .map(|found| (found.code, source.slice(found.span).to_owned()))
        .collect();
    assert_eq!(playbook.is_none(), !errors.is_empty());
    errors
}

fn sound(text: &str) -> Playbook {
    let (playbook, found) = load(&Source::new("a-b.yaml", text), Some("a-b"));
    playbook.unwrap_or_else(|| panic!("{found:#?}"))
}

fn action(text: &str) -> Action {
    sound(&with_step(&format!("        do: {text}"))).steps.remove(0).action
}

const WHOLE: &str = r#"
playbook: key-compromise
title: Encryption key compromise
version: 3
owner: Security Operations
summary: What this is for.
frequency: On demand
expected: 4h
prerequisites: [Access]
success: [No data lost]
triggers:
  - KMS key material found in a public repository
severity:
  default: high
  levels:
    critical: Key material publicly exposed
    high: Key used by an insider
roles:
  commander: { title: Incident Commander, staffed_by: On-call Security Lead }
  approver: CISO
params:
  key:
    type: kms_key
    prompt: Which key?
  lookback: { type: duration, default: 24h }
  containment: { type: choice, choices: [disable, fence], default: disable }
  count: { type: integer, default: 3 }
objectives:
  contained:
    title: The key is unusable for the attacker
    within: 15m
    met_by: any(disable_key, look)
escalations:
  - when: missed(contained)
    to: [commander, approver]
    message: Not contained after {{ run.elapsed }}.
  - { when: "answered(cause, 'leaked material')", to: approver, message: Leaked }
references: [NIST SP 800-61 Rev. 2, ISO 27001 A.16.1]
traces:
  - { source: 5-5, relationship: implements, description: Rollback in incident context }
phases:
  - id: immediate_response
    window: 0m..15m
    steps:
      - id: pin
        do:
          kms.describe_key: { key: "{{ params.key }}" }
      - id: cause
        do:
          ask: { question: "What is it?", choices: [leaked material, abused principal] }
      - id: disable_key
        title: Disable the compromised key
        why: It stops the attacker.
        when: params.containment == "disable"
        owner: commander
        expected: 1m
        approve: { by: commander, count: 2, expires: 30m, from_answers: true }
        do:
          kms.disable_key: { key: "{{ steps.pin.arn }}" }
        verify:
          do: { kms.describe_key: { key: "{{ steps.pin.arn }}" } }
          holds: result.state == "Disabled"
        undo: { kms.enable_key: { key: "{{ steps.pin.arn }}" } }
        retry: { attempts: 3, backoff: 2s }
        timeout: 30s
        on_failure: goto look
  - id: later
    title: Later on
    steps:
      - id: look
        for_each: steps.pin.aliases
        at_once: 4
        tolerate: 10%
        do: { shell: { argv: [aws, "{{ item }}", 7], env: { A: b }, class: read, success: [0, 3] } }
        on_failure: { goto: last }
      - id: last
        do: { wait: { for: 15m } }
"#;

#[test]
fn a_whole_document_is_read() {
    let source = Source::new("key-compromise.yaml", WHOLE);
    let (playbook, found) = load(&source, Some("key-compromise"));
    let playbook = playbook.unwrap_or_else(|| panic!("{found:#?}"));
    assert_eq!(
        (playbook.species, playbook.name.as_str(), playbook.version),
        (Species::Playbook, "key-compromise", 3)
    );
    assert_eq!(playbook.digest, crate::text::Digest::of(WHOLE.as_bytes()));
    assert_eq!(playbook.severity.as_ref().unwrap().levels[0].0, "critical");
    assert_eq!(playbook.role("approver").unwrap().title, "CISO");
    assert_eq!(playbook.param("lookback").unwrap().default, Some(json!("24h")));
    assert_eq!(playbook.param("count").unwrap().default, Some(json!(3)));
    assert_eq!(
        playbook.param("containment").unwrap().kind,
        ParamKind::Choice(vec!["disable".into(), "fence".into()])
    );
    assert_eq!(playbook.objectives[0].met_by, MetBy::Any(vec!["disable_key".into(), "look".into()]));
    assert_eq!(playbook.escalations[0].message.names.to_vec(), ["run.elapsed"]);
    assert_eq!(
        playbook.escalations[1].when,
        Cause::Answered { step: "cause".into(), value: "leaked material".into() }
    );
    assert_eq!(playbook.phases.iter().map(|phase| phase.steps.clone()).collect::<Vec<_>>(), [0..3, 3..5]);
    assert_eq!(playbook.phases[0].title, "Immediate response");
    assert_eq!(playbook.phase_of(3).unwrap().1.id, "later");
    let (at, disable) = playbook.step("disable_key").unwrap();
    assert_eq!(at, 2);
    let approve = disable.approve.as_ref().unwrap();
    assert_eq!((approve.by.as_str(), approve.count, approve.from_answers), ("commander", 2, true));
    assert_eq!((disable.retry.attempts, disable.retry.backoff), (3, Duration::from_secs(2)));
    assert_eq!(disable.on_failure, OnFailure::Goto("look".into()));
    assert_eq!(disable.when.as_ref().unwrap().names.to_vec(), ["params.containment"]);
    let verify = disable.verify.as_ref().unwrap();
    assert_eq!((verify.every, verify.at_most), (Duration::from_secs(2), Duration::from_mins(2)));
    assert_eq!(disable.undo.as_ref().unwrap().name(), "kms.enable_key");
    let look = playbook.step("look").unwrap().1;
    let each = look.for_each.as_ref().unwrap();
    assert_eq!((each.at_once, each.tolerate), (4, 10));
    assert_eq!(look.on_failure, OnFailure::Goto("last".into()));
    let Action::Shell(shell) = &look.action else { panic!() };
    assert_eq!((shell.class, shell.success.as_slice()), (Class::Read, &[0, 3][..]));
    assert!(matches!(&shell.argv[2], Input::Literal(value, _) if *value == json!("7")));
}

#[test]
fn the_short_forms_of_the_contract_are_read() {
    assert!(matches!(action(r#"{ shell: { argv: ["date"], class: read } }"#), Action::Shell(_)));
    assert!(matches!(
        action(r#"{ assert: { that: "1 == 1", message: Why it matters } }"#),
        Action::Assert(_)
    ));
    assert!(matches!(action("{ manual: { instructions: Text for a person } }"), Action::Manual(_)));
    let Action::Ask(ask) = action("{ ask: { question: Which cause?, choices: [a, b] } }") else { panic!() };
    assert!(matches!(ask.answering, Answering::Choice(Input::List(..))));
    let Action::Ask(ask) = action("{ ask: { question: Sure?, type: boolean } }") else { panic!() };
    assert!(matches!(ask.answering, Answering::YesNo));
    let Action::Wait(wait) = action("{ wait: { for: 15m } }") else { panic!() };
    assert!(matches!(*wait, Wait::For(duration) if duration == Duration::from_mins(15)));
    let until = "{ wait: { until: { sts.get_caller_identity: {} }, holds: \"result.account == '1'\", every: 30s, at_most: 1h } }";
    let Action::Wait(wait) = action(until) else { panic!() };
    assert!(matches!(*wait, Wait::Until(watch) if watch.every == Duration::from_secs(30)));
}

#[test]
fn every_fault_of_form_is_told_where_it_stands() {
    for (step, code, underlined) in [
        ("        do: { kms.disabel_key: {} }", "unknown-action", "kms.disabel_key"),
        ("        do: { shell: { argv: [x] }, ask: { question: x } }", "one-action", "ask"),
        ("        do: {}", "one-action", "{}"),
        ("        do: shell", "wrong-type", "shell"),
        ("        do: [x]", "wrong-type", "[x]"),
        ("        whn: \"true\"\n        do: { wait: { for: 1s } }", "unknown-key", "whn"),
        ("        title: X", "missing-key", "first"),
        ("        do: { wait: { for: 1s } }\n        timeout: 5 min", "duration", "5 min"),
        ("        do: { wait: { for: 1s, every: 2s } }", "wait", "every"),
        ("        do: { wait: { every: 2s } }", "wait", "wait"),
        ("        do: { wait: { until: { sts.get_caller_identity: {} } } }", "missing-key", "wait"),
        (
            "        do: { wait: { until: { manual: { instructions: x } }, holds: \"true\" } }",
            "not-a-reading",
            "manual",
        ),
        (
            "        do: { wait: { until: { shell: { argv: [x] } }, holds: \"true\" } }",
            "not-a-reading",
            "shell",
        ),
        ("        do: { wait: { for: 1s } }\n        when: params.x ==", "expression", "=="),
        ("        do: { wait: { for: 1s } }\n        when: \"{{ true }}\"", "braces", "\"{{ true }}\""),
        ("        do: { wait: { for: 1s } }\n        when: [a]", "wrong-type", "[a]"),
        ("        do: { manual: { instructions: \"a {{ x\" } }", "expression", "x"),
        ("        do: { manual: { instructions: \"a {{ params.key | lowr }}\" } }", "expression", "lowr"),
        ("        do: { manual: { instructions: } }", "wrong-type", "instructions"),
        (
            "        do: { shell: { argv: \"rm -rf {{ params.key }}\" } }",
            "shell-argv",
            "\"rm -rf {{ params.key }}\"",
        ),
        ("        do: { shell: { argv: [] } }", "shell-argv", "[]"),
        ("        do: { shell: { argv: [x], class: wriet } }", "choice", "wriet"),
        ("        do: { shell: { argv: [[x]] } }", "wrong-type", "[x]"),
        ("        do: { shell: { argv: [x], env: { \"A=B\": c } } }", "name", "\"A=B\""),
        ("        do: { ask: { question: x, choices: [] } }", "choice", "[]"),
        ("        do: { ask: { question: x, choices: [a, a] } }", "choice", "a"),
        ("        do: { ask: { question: x, several: true } }", "choice", "several"),
        ("        do: { ask: { question: x, type: date } }", "choice", "date"),
        ("        do: { kms.disable_key: {} }", "missing-input", "kms.disable_key"),
        ("        do: { kms.disable_key: { kee: x } }", "unknown-key", "kee"),
        ("        do: { kms.disable_key: { key: alias/x } }", "alias-for-key", "alias/x"),
        ("        do: { kms.disable_key: { key: [x] } }", "wrong-type", "[x]"),
        ("        do: { kms.disable_key: { key: } }", "wrong-type", ""),
        ("        do: { kms.disable_key: x }", "wrong-type", "x"),
        (
            "        do: { kms.schedule_key_deletion: { key: x, days: soon } }\n        approve: commander",
            "wrong-type",
            "soon",
        ),
        ("        do: { iam.update_access_key: { access_key: x, status: Inactiv } }", "choice", "Inactiv"),
        ("        do: { wait: { for: 1s } }\n        at_once: 3", "for-each", "at_once"),
        (
            "        do: { wait: { for: 1s } }\n        for_each: \"[1]\"\n        tolerate: 110%",
            "wrong-type",
            "110%",
        ),
        ("        do: { wait: { for: 1s } }\n        on_failure: contine", "choice", "contine"),
        ("        do: { wait: { for: 1s } }\n        on_failure: { got: x }", "unknown-key", "got"),
        (
            "        do: { wait: { for: 1s } }\n        approve: { by: commander, count: 0 }",
            "out-of-range",
            "0",
        ),
        (
            "        do: { wait: { for: 1s } }\n        approve: { by: commander, from_answers: maybe }",
            "wrong-type",
            "maybe",
        ),
        (
            "        do: { wait: { for: 1s } }\n        retry: { backoff: 2s }",
            "missing-key",
            "{ backoff: 2s }",
        ),
        ("        do: { wait: { for: 1s } }\n        retry: 3", "wrong-type", "3"),
        (
            "        do: { wait: { for: 1s } }\n        verify: { do: { kms.disable_key: { key: x } }, holds: \"true\" }",
            "not-a-reading",
            "kms.disable_key",
        ),
    ] {
        let found = faults(&with_step(step));
        assert!(found.contains(&(code, underlined.to_owned())), "{step}\n{found:?}");
    }
}

#[test]
fn every_fault_of_the_top_is_told_where_it_stands() {
    let phases = "phases:\n  - id: one\n    steps:\n      - id: first\n        do: { wait: { for: 1s } }\n";
    for (top, code, underlined) in [
        ("playbok: a-b\n", "unknown-key", "playbok"),
        ("title: x\n", "missing-key", "title: x"),
        ("playbook: a-b\nrunbook: a-b\n", "kind", "runbook"),
        ("runbook: A_B\n", "name", "A_B"),
        ("runbook: other\n", "name", "other"),
        ("runbook: a-b\nversion: one\n", "wrong-type", "one"),
        ("runbook: a-b\nversion: 0\n", "out-of-range", "0"),
        ("runbook: a-b\nseverity: { default: hgh, levels: { high: x } }\n", "unknown-severity", "hgh"),
        ("runbook: a-b\nroles: [x]\n", "wrong-type", "[x]"),
        ("runbook: a-b\nroles: { On-Call: x }\n", "name", "On-Call"),
        ("runbook: a-b\nparams: { a: { type: strng } }\n", "choice", "strng"),
        ("runbook: a-b\nparams: { a: text }\n", "choice", "text"),
        ("runbook: a-b\nparams: { a: { type: choice } }\n", "missing-key", "choice"),
        ("runbook: a-b\nparams: { a: { type: choice, choices: [x], default: y } }\n", "wrong-type", "y"),
        ("runbook: a-b\nparams: { a: { type: string, choices: [x] } }\n", "choice", "choices"),
        ("runbook: a-b\nparams: { a: { type: integer, default: three } }\n", "wrong-type", "three"),
        ("runbook: a-b\nparams: { a: { type: secret, default: hunter2 } }\n", "secret", "hunter2"),
        ("runbook: a-b\nparams: { aB: string }\n", "name", "aB"),
        ("runbook: a-b\nobjectives: { o: { within: soon, met_by: first } }\n", "duration", "soon"),
        ("runbook: a-b\nobjectives: { o: { within: 1m, met_by: some(first) } }\n", "met-by", "some(first)"),
        ("runbook: a-b\nescalations: [{ when: lost(x), to: x, message: y }]\n", "cause", "lost(x)"),
        ("runbook: a-b\ntraces: [{ source: x }]\n", "missing-key", "{ source: x }"),
        ("runbook: a-b\ntitle:\n", "wrong-type", "title"),
        ("runbook: a-b\ntriggers: one\n", "wrong-type", "one"),
        ("runbook: a-b\nexpected: long\n", "duration", "long"),
    ] {
        let found = faults(&format!("{top}{phases}"));
        assert!(found.contains(&(code, underlined.to_owned())), "{top}{found:?}");
    }
    for (text, code, underlined) in [
        ("runbook: a-b\n", "missing-key", "runbook: a-b"),
        ("runbook: a-b\nphases: []\n", "no-steps", "[]"),
        ("runbook: a-b\nphases: [{ id: one }]\n", "missing-key", "one"),
        ("runbook: a-b\nphases: [{ id: one, window: 1h..15m, steps: [] }]\n", "window", "1h..15m"),
        ("- a\n", "wrong-type", "- a"),
        ("just text\n", "wrong-type", "just text"),
        ("", "empty", ""),
    ] {
        let found = faults(text);
        assert!(found.contains(&(code, underlined.to_owned())), "{text}{found:?}");
    }
}

#[test]
fn all_faults_are_told_at_once_in_the_order_of_the_text() {
    let text = "runbook: a-b\ntitel: x\nphases:\n  - id: one\n    steps:\n      - id: First\n        do: { shel: {} }\n      - id: b\n        timeout: x\n        do: { wait: { for: y } }\n";
    let codes: Vec<_> = faults(text).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, ["unknown-key", "name", "unknown-action", "duration", "duration"]);
}

#[test]
fn ids_that_stand_twice_point_at_both() {
    let text = "runbook: a-b\nphases:\n  - id: one\n    steps:\n      - { id: x, do: { wait: { for: 1s } } }\n      - { id: x, do: { wait: { for: 1s } } }\n  - id: one\n    steps: []\n";
    let (_, found) = load(&Source::new("a-b.yaml", text), Some("a-b"));
    let twice: Vec<_> = found.iter().filter(|found| found.code == "duplicate-id").collect();
    assert_eq!(twice.len(), 2);
    assert!(twice.iter().all(|found| found.others[0].span.start < found.span.start));
}

#[test]
fn a_typo_is_answered_with_the_nearest_name() {
    let text = with_step("        do: { kms.disabel_key: {} }\n        titel: x");
    let (_, found) = load(&Source::new("a-b.yaml", text.as_str()), None);
    let label = |code: &str| found.iter().find(|found| found.code == code).unwrap().label.clone().unwrap();
    assert_eq!(label("unknown-action"), "did you mean `kms.disable_key`?");
    assert_eq!(label("unknown-key"), "did you mean `title`?");
}

#[test]
fn a_title_with_a_template_is_shown_as_it_is_and_warned_about() {
    let text = with_step("        title: Disable {{ params.key }} now\n        do: { wait: { for: 1s } }");
    let source = Source::new("a-b.yaml", text.as_str());
    let (playbook, found) = load(&source, None);
    assert!(playbook.is_some());
    assert_eq!((found[0].code, source.slice(found[0].span)), ("not-rendered", "{{ params.key }}"));
}

#[test]
fn texts_are_what_was_written() {
    let playbook = sound(&with_step(
        "        title: 1.10\n        why: yes\n        do: { shell: { argv: [echo, 007, no, 1e3, true] } }",
    ));
    let step = &playbook.steps[0];
    assert_eq!((step.title.as_str(), step.why.as_deref()), ("1.10", Some("yes")));
    let Action::Shell(shell) = &step.action else { panic!() };
    let argv: Vec<_> = shell.argv.iter().map(|input| input.resolve(&json!({})).unwrap()).collect();
    assert_eq!(argv, [json!("echo"), json!("007"), json!("no"), json!("1e3"), json!("true")]);
}

mod any_document {
    use proptest::prelude::*;

    use super::{WHOLE, load};
    use crate::text::Source;

    proptest! {
        #[test]
        fn a_mangled_document_is_told_about_and_nothing_panics(
            edits in prop::collection::vec(
                (0..WHOLE.len(), 0..40_usize, prop::sample::select(vec![
                    "", "", " ", "\n", ":", "- ", "{", "}", "\"", "é", "steps", "{{", "}}", "params.key", "goto", "null", "[]", "&a ", "*a", "1",
                ])),
                1..5,
            )
        ) {
            let mut text = WHOLE.to_owned();
            for (place, length, with) in edits {
                let at = text.floor_char_boundary(place.min(text.len()));
                let end = text.floor_char_boundary((at + length).min(text.len()));
                text.replace_range(at..end, with);
            }
            let (playbook, found) = load(&Source::new("x.yaml", text.as_str()), None);
            prop_assert!(playbook.is_some() || !found.is_empty());
            for fault in found {
                for span in std::iter::once(fault.span).chain(fault.others.iter().map(|other| other.span)) {
                    prop_assert!(text.get(span.range()).is_some(), "{span:?} cuts {text}");
                }
            }
        }
    }
}

//! What the checks find: one sentence each, with the code and the underlined text.

use crate::document::load;
use crate::text::{Diagnostic, Severity, Source};

const TOP: &str = "playbook: a-b
params:
  key: kms_key
  count: { type: integer, default: 1 }
  flag: { type: boolean, default: true }
  wait: { type: duration, default: 1h }
  note: { type: string, default: x }
  token: secret
  containment: { type: choice, choices: [disable, fence], default: disable }
severity: { default: high, levels: { high: x, low: y } }
roles: { commander: Lead }
";

/// Steps in one phase, below parameters of every sort.
fn doc(steps: &str) -> String {
    let steps: String = steps.lines().map(|line| format!("      {line}\n")).collect();
    format!("{TOP}phases:\n  - id: one\n    steps:\n{steps}")
}

fn all(text: &str) -> Vec<Diagnostic> {
    load(&Source::new("a-b.yaml", text), Some("a-b")).1
}

/// Code and underlined text of everything that is found.
fn found(text: &str) -> Vec<(&'static str, String)> {
    let source = Source::new("a-b.yaml", text);
    all(text).iter().map(|found| (found.code, source.slice(found.span).to_owned())).collect()
}

/// Exactly this is found, and nothing else.
#[track_caller]
fn finds(text: &str, code: &str, underlined: &str) {
    assert_eq!(found(text), [(code, underlined.to_owned())], "{text}");
}

#[track_caller]
fn finds_nothing(text: &str) {
    assert_eq!(all(text), [], "{text}");
}

#[track_caller]
fn one(text: &str, code: &str) -> Diagnostic {
    let all = all(text);
    all.iter().find(|found| found.code == code).cloned().unwrap_or_else(|| panic!("no {code} in {all:#?}"))
}

const PIN: &str = "- { id: pin, do: { kms.describe_key: { key: \"{{ params.key }}\" } } }\n";

#[test]
fn a_sound_document_has_nothing_to_tell() {
    finds_nothing(&doc(&format!(
        "{PIN}- id: disable
  when: params.containment == 'disable' and params.flag
  approve: commander
  do: {{ kms.disable_key: {{ key: \"{{{{ steps.pin.arn }}}}\" }} }}
  verify: {{ do: {{ kms.describe_key: {{ key: \"{{{{ steps.pin.arn }}}}\" }} }}, holds: result.state == 'Disabled' }}
- {{ id: each, for_each: steps.pin.aliases, do: {{ shell: {{ argv: [echo, \"{{{{ item }}}}\"], class: read, env: {{ T: \"{{{{ params.token }}}}\" }} }} }} }}
- {{ id: end, do: {{ manual: {{ instructions: \"{{{{ run.elapsed }}}} {{{{ roles.commander }}}} {{{{ steps.each.done }}}}\" }} }} }}"
    )));
}

#[test]
fn an_unknown_parameter_is_found_with_the_nearest_one() {
    let text = doc("- { id: a, when: params.contanment == 'fence', do: { wait: { for: 1s } } }");
    finds(&text, "unknown-parameter", "params.contanment");
    assert_eq!(one(&text, "unknown-parameter").label.as_deref(), Some("did you mean `containment`?"));
}

#[test]
fn an_unknown_parameter_is_found_inside_of_instructions() {
    finds(
        &doc(
            "- id: a\n  do:\n    manual:\n      instructions: |\n        One.\n        Two {{ params.nokey }} three.\n",
        ),
        "unknown-parameter",
        "params.nokey",
    );
}

#[test]
fn an_unknown_step_is_found() {
    finds(
        &doc(&format!("{PIN}- {{ id: a, when: steps.pn.multi_region, do: {{ wait: {{ for: 1s }} }} }}")),
        "unknown-step",
        "steps.pn.multi_region",
    );
    finds(&doc("- { id: a, do: { wait: { for: 1s } }, on_failure: goto b }"), "unknown-step", "b");
}

#[test]
fn an_unknown_output_is_found_with_those_there_are() {
    let text = doc(&format!(
        "{PIN}- {{ id: a, do: {{ manual: {{ instructions: \"{{{{ steps.pin.arm }}}}\" }} }} }}"
    ));
    finds(&text, "unknown-output", "steps.pin.arm");
    assert_eq!(one(&text, "unknown-output").label.as_deref(), Some("did you mean `arn`?"));
    finds(
        &doc(&format!("{PIN}- {{ id: a, when: \"steps.pin.arn.x == 'y'\", do: {{ wait: {{ for: 1s }} }} }}")),
        "unknown-output",
        "steps.pin.arn.x",
    );
}

#[test]
fn outputs_are_known_through_lists_loops_and_elements() {
    let grants = "- { id: pin, do: { kms.list_grants: { key: x } } }\n";
    finds(
        &doc(&format!(
            "{grants}- {{ id: a, do: {{ manual: {{ instructions: \"{{% for g in steps.pin.grants %}}{{{{ g.grante }}}}{{% endfor %}}\" }} }} }}"
        )),
        "unknown-output",
        "g.grante",
    );
    finds(
        &doc(&format!(
            "{grants}- {{ id: a, for_each: steps.pin.grants, do: {{ manual: {{ instructions: \"{{{{ item.nme }}}}\" }} }} }}"
        )),
        "unknown-output",
        "item.nme",
    );
    finds(
        &doc(&format!(
            "{grants}- {{ id: a, when: \"steps.pin.grants[0].nme == 'x'\", do: {{ wait: {{ for: 1s }} }} }}"
        )),
        "unknown-output",
        "steps.pin.grants[0].nme",
    );
    finds_nothing(&doc(&format!(
        "{grants}- {{ id: a, for_each: steps.pin.grants, do: {{ manual: {{ instructions: \"{{{{ item.grantee }}}}\" }} }} }}\n- {{ id: b, do: {{ manual: {{ instructions: \"{{{{ steps.a.results[0].note }}}}\" }} }} }}"
    )));
}

#[test]
fn an_unknown_role_is_found_wherever_roles_stand() {
    let wait = "do: { wait: { for: 1s } }";
    finds(&doc(&format!("- {{ id: a, owner: comander, {wait} }}")), "unknown-role", "comander");
    finds(&doc(&format!("- {{ id: a, approve: ciso, {wait} }}")), "unknown-role", "ciso");
    finds(&doc(&format!("- {{ id: a, approve: {{ by: ciso }}, {wait} }}")), "unknown-role", "ciso");
    finds(
        &doc("- { id: a, do: { manual: { instructions: \"{{ roles.ciso }}\" } } }"),
        "unknown-role",
        "roles.ciso",
    );
    finds(
        &format!(
            "{}escalations: [{{ when: failed(a), to: [commander, ciso], message: x }}]\n",
            doc(&format!("- {{ id: a, {wait} }}"))
        ),
        "unknown-role",
        "ciso",
    );
}

#[test]
fn a_name_of_nothing_is_found_with_what_may_be_meant() {
    for (when, underlined, label) in [
        ("containment == 'fence'", "containment", "did you mean `params.containment`?"),
        ("param.containment == 'fence'", "param.containment", "did you mean `params`?"),
        ("\"yes\"", "yes", "did you mean `true`?"),
        ("\"pin.state == 'x'\"", "pin.state", "did you mean `steps.pin.state`?"),
    ] {
        let text = doc(&format!("{PIN}- {{ id: a, when: {when}, do: {{ wait: {{ for: 1s }} }} }}"));
        finds(&text, "unknown-name", underlined);
        assert_eq!(one(&text, "unknown-name").label.as_deref(), Some(label));
    }
}

#[test]
fn a_name_used_before_it_can_exist_is_found() {
    finds(
        &doc(&format!(
            "- {{ id: a, do: {{ manual: {{ instructions: \"{{{{ steps.pin.arn }}}}\" }} }} }}\n{PIN}"
        )),
        "not-yet-known",
        "steps.pin.arn",
    );
    finds(
        &doc("- { id: a, do: { manual: { instructions: \"{{ steps.a.note }}\" } } }"),
        "not-yet-known",
        "steps.a.note",
    );
    finds_nothing(&doc(
        "- id: a\n  do: { kms.create_key: { description: x } }\n  undo: { kms.schedule_key_deletion: { key: \"{{ steps.a.arn }}\", days: 7 } }",
    ));
}

#[test]
fn item_and_result_are_known_only_where_they_are() {
    finds(&doc("- { id: a, do: { manual: { instructions: \"{{ item }}\" } } }"), "no-item", "item");
    finds(
        &doc("- { id: a, for_each: \"[1]\", when: item == 1, do: { wait: { for: 1s } } }"),
        "no-item",
        "item",
    );
    finds(
        &doc("- { id: a, when: result.state == 'x', do: { wait: { for: 1s } } }"),
        "no-result",
        "result.state",
    );
    finds(
        &doc(
            "- { id: a, do: { wait: { until: { kms.describe_key: { key: x } }, holds: result.stat == 'x' } } }",
        ),
        "unknown-output",
        "result.stat",
    );
}

#[test]
fn a_condition_that_is_no_yes_or_no_is_found() {
    finds(
        &doc("- { id: a, when: params.containment, do: { wait: { for: 1s } } }"),
        "type-mismatch",
        "params.containment",
    );
    finds(&doc("- { id: a, when: \"'yes'\", do: { wait: { for: 1s } } }"), "type-mismatch", "'yes'");
    finds(
        &doc("- { id: a, do: { assert: { that: params.count, message: x } } }"),
        "type-mismatch",
        "params.count",
    );
}

#[test]
fn an_input_of_the_wrong_kind_is_found() {
    finds(
        &doc(
            "- { id: a, do: { cloudtrail.lookup_events: { resources: [x], lookback: \"{{ params.count }}\" } } }",
        ),
        "type-mismatch",
        "params.count",
    );
    finds(
        &doc(
            "- { id: a, do: { cloudtrail.lookup_events: { resources: \"{{ params.note }}\", lookback: 1h } } }",
        ),
        "type-mismatch",
        "params.note",
    );
    finds(
        &doc("- { id: a, for_each: params.note, do: { wait: { for: 1s } } }"),
        "type-mismatch",
        "params.note",
    );
    finds(
        &doc(&format!(
            "{PIN}- {{ id: a, do: {{ shell: {{ argv: [echo, \"{{{{ steps.pin.aliases }}}}\"], class: read }} }} }}"
        )),
        "type-mismatch",
        "steps.pin.aliases",
    );
    finds_nothing(&doc(
        "- { id: a, do: { cloudtrail.lookup_events: { resources: [x], lookback: \"{{ params.wait }}\" } } }",
    ));
}

#[test]
fn an_alias_may_not_stand_where_kms_wants_a_key() {
    let text = doc("- { id: a, do: { kms.list_grants: { key: \"{{ params.key }}\" } } }");
    finds(&text, "alias-for-key", "params.key");
    assert_eq!(
        one(&text, "alias-for-key").help,
        ["pin it first with kms.describe_key and use steps.PIN.arn"]
    );
}

#[test]
fn a_comparison_that_never_holds_is_found() {
    finds(
        &doc("- { id: a, when: params.count == '1', do: { wait: { for: 1s } } }"),
        "type-mismatch",
        "params.count",
    );
    finds(
        &doc("- { id: a, when: params.flag == 'true', do: { wait: { for: 1s } } }"),
        "type-mismatch",
        "params.flag",
    );
    finds(
        &doc("- { id: a, when: 3 < params.note, do: { wait: { for: 1s } } }"),
        "type-mismatch",
        "params.note",
    );
    finds(
        &doc(
            "- { id: a, do: { wait: { until: { kms.describe_key: { key: x } }, holds: result.multi_region == 'yes' } } }",
        ),
        "type-mismatch",
        "result.multi_region",
    );
}

#[test]
fn a_choice_that_is_none_is_found() {
    let text = doc("- { id: a, when: params.containment != 'disabled', do: { wait: { for: 1s } } }");
    finds(&text, "unknown-choice", "params.containment");
    assert_eq!(one(&text, "unknown-choice").label.as_deref(), Some("did you mean `disable`?"));
    finds(
        &doc("- { id: a, when: \"params.containment in ['fence', 'none']\", do: { wait: { for: 1s } } }"),
        "unknown-choice",
        "params.containment",
    );
    finds(
        &doc(
            "- { id: q, do: { ask: { question: x, choices: [a, b] } } }\n- { id: a, when: steps.q.answer != 'c', do: { wait: { for: 1s } } }",
        ),
        "unknown-choice",
        "steps.q.answer",
    );
    finds(
        &format!(
            "{}escalations: [{{ when: \"answered(q, c)\", to: commander, message: x }}]\n",
            doc("- { id: q, do: { ask: { question: x, choices: [a, b] } } }")
        ),
        "unknown-choice",
        "\"answered(q, c)\"",
    );
    finds(
        &doc("- { id: a, when: run.severity != 'critical', do: { wait: { for: 1s } } }"),
        "unknown-choice",
        "run.severity",
    );
}

#[test]
fn an_unreachable_step_is_found() {
    finds(&doc("- { id: a, when: false, do: { wait: { for: 1s } } }"), "unreachable", "false");
    finds(
        &doc(
            "- { id: a, when: params.containment == 'fence' and params.containment == 'disable', do: { wait: { for: 1s } } }",
        ),
        "unreachable",
        "params.containment == 'fence' and params.containment == 'disable'",
    );
    finds(
        &doc("- { id: a, when: not params.flag and params.flag == true, do: { wait: { for: 1s } } }"),
        "unreachable",
        "not params.flag and params.flag == true",
    );
    finds_nothing(&doc("- { id: a, when: params.containment != 'fence', do: { wait: { for: 1s } } }"));
}

#[test]
fn a_step_that_is_always_passed_over_is_found() {
    finds(
        &doc(
            "- { id: a, do: { assert: { that: false, message: x } }, on_failure: goto c }\n- { id: b, do: { wait: { for: 1s } } }\n- { id: c, do: { wait: { for: 1s } } }",
        ),
        "unreachable",
        "b",
    );
    finds_nothing(&doc(
        "- { id: z, do: { wait: { for: 1s } }, on_failure: goto b }\n- { id: a, do: { assert: { that: false, message: x } }, on_failure: goto c }\n- { id: b, do: { wait: { for: 1s } } }\n- { id: c, do: { wait: { for: 1s } } }",
    ));
}

#[test]
fn a_goto_that_leads_back_is_found() {
    for target in ["a", "b"] {
        finds(
            &doc(&format!(
                "- {{ id: a, do: {{ wait: {{ for: 1s }} }} }}\n- {{ id: b, do: {{ wait: {{ for: 1s }} }}, on_failure: goto {target} }}"
            )),
            "goto-backwards",
            target,
        );
    }
    finds_nothing(&doc(
        "- { id: a, do: { wait: { for: 1s } }, on_failure: { goto: b } }\n- { id: b, do: { wait: { for: 1s } } }",
    ));
}

fn phases(first: &str, second: &str) -> String {
    format!(
        "{TOP}phases:\n  - {{ id: one, window: {first}, steps: [{{ id: a, do: {{ wait: {{ for: 1s }} }} }}] }}\n  - {{ id: two, window: {second}, steps: [{{ id: b, do: {{ wait: {{ for: 1s }} }} }}] }}\n"
    )
}

#[test]
fn phase_windows_out_of_order_are_found() {
    finds(&phases("15m..1h", "0m..15m"), "window-order", "0m..15m");
    finds(&phases("0m..2h", "0m..1h"), "window-order", "0m..1h");
    finds(&phases("0m..30m", "15m..1h"), "window-overlap", "15m..1h");
    finds_nothing(&phases("0m..15m", "15m..1h"));
}

#[test]
fn an_objective_that_nothing_can_meet_is_found() {
    let objective = |met_by: &str, within: &str| {
        format!(
            "{}objectives: {{ o: {{ within: {within}, met_by: {met_by} }} }}\n",
            phases("0m..15m", "15m..1h")
        )
    };
    finds(&objective("\"any(a, c)\"", "1h"), "unknown-step", "c");
    finds(&objective("b", "10m"), "objective-late", "b");
    finds(&objective("\"all(a, b)\"", "15m"), "objective-late", "\"all(a, b)\"");
    finds_nothing(&objective("\"any(a, b)\"", "10m"));
    let never = doc("- { id: a, when: false, do: { wait: { for: 1s } } }");
    let never = found(&format!("{never}objectives: {{ o: {{ within: 1h, met_by: a }} }}\n"));
    assert_eq!(never.iter().map(|(code, _)| *code).collect::<Vec<_>>(), ["unreachable", "unmeetable"]);
}

#[test]
fn an_escalation_that_nothing_sets_off_is_found() {
    let escalation = |cause: &str| {
        format!(
            "{}escalations: [{{ when: \"{cause}\", to: commander, message: x }}]\n",
            doc("- { id: a, do: { wait: { for: 1s } } }")
        )
    };
    finds(&escalation("missed(o)"), "unknown-objective", "o");
    finds(&escalation("failed(b)"), "unknown-step", "b");
    finds(&escalation("answered(a, x)"), "not-a-question", "a");
}

#[test]
fn destruction_without_approval_is_found() {
    let text = doc(
        "- id: a\n  do: { kms.schedule_key_deletion: { key: x, days: 30 } }\n  undo: { kms.cancel_key_deletion: { key: x } }",
    );
    finds(&text, "no-approval", "kms.schedule_key_deletion");
    finds_nothing(&text.replace("id: a", "id: a\n        approve: commander"));
    finds(
        &doc(
            "- { id: a, do: { shell: { argv: [rm, x], class: destroy } }, undo: { manual: { instructions: x } } }",
        ),
        "no-approval",
        "shell",
    );
}

#[test]
fn a_write_without_proof_or_way_back_is_warned_about() {
    let text = doc("- { id: a, do: { kms.disable_key: { key: x } } }");
    finds(&text, "unverified-write", "kms.disable_key");
    assert_eq!(one(&text, "unverified-write").severity, Severity::Warning);
    finds(&doc("- { id: a, do: { shell: { argv: [x] } } }"), "unverified-write", "shell");
    finds_nothing(&doc("- { id: a, do: { shell: { argv: [x], class: read } } }"));
    finds(
        &doc("- { id: a, do: { kms.describe_key: { key: x } }, undo: { kms.enable_key: { key: x } } }"),
        "undo-of-nothing",
        "kms.enable_key",
    );
}

#[test]
fn an_output_of_a_step_that_may_be_skipped_is_warned_about() {
    let skipped = "- { id: q, when: params.containment == 'fence', do: { ask: { question: x } } }\n";
    let used = |when: &str| {
        doc(&format!(
            "{skipped}- {{ id: a, {when}do: {{ manual: {{ instructions: \"{{{{ steps.q.answer }}}}\" }} }} }}"
        ))
    };
    finds(&used(""), "may-be-skipped", "steps.q.answer");
    assert_eq!(one(&used(""), "may-be-skipped").severity, Severity::Warning);
    finds_nothing(&used("when: params.containment == 'fence', "));
    finds_nothing(&used("when: params.containment != 'disable', "));
    finds_nothing(&used("when: params.containment == 'fence' and params.flag, "));
    finds_nothing(&used("when: steps.q is defined, "));
    finds(&used("when: params.flag, "), "may-be-skipped", "steps.q.answer");
    finds(&used("when: params.containment == 'fence' or params.flag, "), "may-be-skipped", "steps.q.answer");
    finds_nothing(&doc(&format!(
        "{skipped}- {{ id: a, do: {{ manual: {{ instructions: \"{{{{ steps.q.answer | default('none') }}}}\" }} }} }}"
    )));
    finds(
        &doc(&format!(
            "{skipped}- {{ id: a, when: params.containment == 'fence' and steps.q.answer == 'x', do: {{ wait: {{ for: 1s }} }} }}"
        )),
        "may-be-skipped",
        "steps.q.answer",
    );
}

#[test]
fn conditions_that_nothing_is_known_of_are_still_the_same_conditions() {
    let steps = |first: &str, second: &str| {
        doc(&format!(
            "{PIN}- {{ id: q, when: \"{first}\", do: {{ ask: {{ question: x }} }} }}\n- {{ id: a, when: \"{second}\", do: {{ manual: {{ instructions: \"{{{{ steps.q.answer }}}}\" }} }} }}"
        ))
    };
    finds_nothing(&steps("steps.pin.state == 'Disabled'", "params.flag and steps.pin.state == 'Disabled'"));
    finds_nothing(&steps("steps.pin.aliases | length > 1", "not (not (steps.pin.aliases|length>1))"));
    finds(
        &steps("steps.pin.aliases | length > 1", "steps.pin.aliases | length > 2"),
        "may-be-skipped",
        "steps.q.answer",
    );
    finds(
        &steps("steps.pin.aliases | first == 'x'", "steps.pin.aliases | last == 'x'"),
        "may-be-skipped",
        "steps.q.answer",
    );
}

#[test]
fn an_output_of_a_step_that_may_fail_is_warned_about() {
    let after = "- { id: a, do: { manual: { instructions: \"{{ steps.q.answer }}\" } } }";
    finds(
        &doc(&format!("- {{ id: q, do: {{ ask: {{ question: x }} }}, on_failure: continue }}\n{after}")),
        "may-be-skipped",
        "steps.q.answer",
    );
    finds(
        &doc(&format!(
            "- {{ id: z, do: {{ wait: {{ for: 1s }} }}, on_failure: goto a }}\n- {{ id: q, do: {{ ask: {{ question: x }} }} }}\n{after}"
        )),
        "may-be-skipped",
        "steps.q.answer",
    );
}

/// Steps on a pinned key, each with an optional condition.
fn on_key(steps: &[(&str, &str, &str)]) -> String {
    let mut text = PIN.to_owned();
    for (id, when, operation) in steps {
        let when = if when.is_empty() { String::new() } else { format!("when: \"{when}\", ") };
        let inputs = match *operation {
            "s3.reencrypt" => "bucket: b, from: \"{{ steps.pin.arn }}\", to: x",
            "kms.schedule_key_deletion" => "key: \"{{ steps.pin.id }}\", days: 30",
            _ => "key: \"{{ steps.pin.arn }}\"",
        };
        text.push_str(&format!(
            "- {{ id: {id}, {when}approve: commander, do: {{ {operation}: {{ {inputs} }} }}, undo: {{ shell: {{ argv: [x] }} }} }}\n"
        ));
    }
    doc(&text)
}

#[test]
fn a_key_that_is_disabled_before_it_is_needed_is_found() {
    let text = on_key(&[("disable", "", "kms.disable_key"), ("reencrypt", "", "s3.reencrypt")]);
    finds(&text, "hazard-key-disabled", "reencrypt");
    let hazard = one(&text, "hazard-key-disabled");
    assert_eq!(hazard.message, "`reencrypt` needs the key enabled, and `disable` left it disabled");
    assert_eq!(hazard.label.as_deref(), Some("ReEncrypt and Decrypt fail on a disabled key"));
    assert_eq!(hazard.others[0].text, "disabled here");
    assert_eq!(&text[hazard.others[0].span.range()], "disable");
    assert_eq!(hazard.help, ["fence the key, enable it behind the fence, re-encrypt, then disable it again"]);
    finds_nothing(&on_key(&[
        ("disable", "", "kms.disable_key"),
        ("enable", "", "kms.enable_key"),
        ("reencrypt", "", "s3.reencrypt"),
        ("again", "", "kms.disable_key"),
    ]));
}

#[test]
fn a_key_that_is_deleted_before_it_is_needed_is_found() {
    finds(
        &on_key(&[("delete", "", "kms.schedule_key_deletion"), ("reencrypt", "", "s3.reencrypt")]),
        "hazard-key-deleted",
        "reencrypt",
    );
    finds(
        &on_key(&[("delete", "", "kms.schedule_key_deletion"), ("disable", "", "kms.disable_key")]),
        "hazard-key-deleted",
        "disable",
    );
    finds(
        &on_key(&[
            ("delete", "", "kms.schedule_key_deletion"),
            ("cancel", "", "kms.cancel_key_deletion"),
            ("reencrypt", "", "s3.reencrypt"),
        ]),
        "hazard-key-disabled",
        "reencrypt",
    );
}

#[test]
fn hazards_are_looked_for_in_every_combination_of_choices() {
    let text = on_key(&[
        ("disable", "params.containment == 'disable'", "kms.disable_key"),
        ("enable", "params.flag", "kms.enable_key"),
        ("reencrypt", "", "s3.reencrypt"),
    ]);
    finds(&text, "hazard-key-disabled", "reencrypt");
    assert_eq!(
        one(&text, "hazard-key-disabled").help[0],
        "this happens when params.containment is \"disable\" and params.flag is false"
    );
    finds_nothing(&on_key(&[
        ("disable", "params.containment == 'disable'", "kms.disable_key"),
        ("enable", "params.containment in ['disable']", "kms.enable_key"),
        ("reencrypt", "", "s3.reencrypt"),
    ]));
    finds_nothing(&on_key(&[
        ("disable", "params.containment == 'disable'", "kms.disable_key"),
        ("reencrypt", "params.containment == 'fence'", "s3.reencrypt"),
    ]));
    finds_nothing(&on_key(&[
        ("disable", "params.containment == 'disable'", "kms.disable_key"),
        ("enable", "steps.disable is defined", "kms.enable_key"),
        ("reencrypt", "", "s3.reencrypt"),
    ]));
    finds(
        &on_key(&[
            ("disable", "params.containment == 'disable'", "kms.disable_key"),
            ("enable", "steps.disable is not defined", "kms.enable_key"),
            ("reencrypt", "", "s3.reencrypt"),
        ]),
        "hazard-key-disabled",
        "reencrypt",
    );
}

#[test]
fn another_key_is_another_key() {
    let steps = |to: &str| {
        doc(&format!(
            "{PIN}- {{ id: new, do: {{ kms.create_key: {{ description: x }} }}, undo: {{ kms.schedule_key_deletion: {{ key: \"{{{{ steps.new.arn }}}}\", days: 7 }} }} }}
- {{ id: disable, do: {{ kms.disable_key: {{ key: \"{{{{ steps.pin.arn }}}}\" }} }}, undo: {{ kms.enable_key: {{ key: \"{{{{ steps.pin.arn }}}}\" }} }} }}
- {{ id: again, do: {{ kms.describe_key: {{ key: \"{{{{ params.key }}}}\" }} }} }}
- {{ id: prove, do: {{ kms.generate_data_key: {{ key: \"{{{{ {to} }}}}\" }} }} }}"
        ))
    };
    finds_nothing(&steps("steps.new.arn"));
    for same in ["steps.pin.id", "steps.again.arn", "steps.disable.arn"] {
        finds(&steps(same), "hazard-key-disabled", "prove");
    }
}

#[test]
fn secrets_in_plain_sight_are_found_anywhere() {
    let wait = doc("- { id: a, do: { wait: { for: 1s } } }");
    let key = ["AKIA", "QYLPMN5HHHFP", "ZAM2"].concat();
    finds(&format!("{wait}# was {key} before\n"), "secret", &key);
    let secret = ["wJalrXUtnFEMI9K7", "MDENGabPxRfiCYzz", "qLp0aB2c"].concat();
    finds(&wait.replace("roles:", &format!("summary: use {secret} for it\nroles:")), "secret", &secret);
    let begin = ["-----BEGIN RSA PRIV", "ATE KEY-----"].concat();
    finds(
        &wait.replace("roles:", &format!("summary: \"{begin} MII\"\nroles:")),
        "secret",
        &format!("{begin} MII\""),
    );
    finds_nothing(&wait.replace("roles:", "summary: AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY da39a3ee5e6b4b0d3255bfef95601890afd80709\nroles:"));
}

#[test]
fn a_password_given_to_a_program_is_found() {
    finds(
        &doc("- { id: a, do: { shell: { argv: [x, --password, hunter2], class: read } } }"),
        "secret",
        "hunter2",
    );
    finds(
        &doc("- { id: a, do: { shell: { argv: [x, --db-password=hunter2], class: read } } }"),
        "secret",
        "--db-password=hunter2",
    );
    finds(
        &doc("- { id: a, do: { shell: { argv: [x], class: read, env: { DB_PASSWORD: hunter2 } } } }"),
        "secret",
        "hunter2",
    );
    finds_nothing(&doc(
        "- { id: a, do: { shell: { argv: [aws, secretsmanager, get, --secret-id, name], class: read } } }",
    ));
}

#[test]
fn a_secret_parameter_goes_nowhere_but_into_the_environment_of_a_program() {
    finds(
        &doc("- { id: a, do: { shell: { argv: [x, \"{{ params.token }}\"], class: read } } }"),
        "secret",
        "params.token",
    );
    finds(
        &doc(
            "- { id: a, do: { shell: { argv: [x], class: read, env: { A: \"Bearer {{ params.token }}\" } } } }",
        ),
        "secret",
        "params.token",
    );
    finds(
        &doc("- { id: a, do: { manual: { instructions: \"Use {{ params.token }}\" } } }"),
        "secret",
        "params.token",
    );
    finds(
        &doc("- { id: a, when: params.token == 'x', do: { wait: { for: 1s } } }"),
        "secret",
        "params.token",
    );
    finds_nothing(&doc(
        "- { id: a, do: { shell: { argv: [x], class: read, env: { A: \"{{ params.token }}\" } } } }",
    ));
}

#[test]
fn a_shell_line_that_was_split_by_hand_is_found() {
    finds(&doc("- { id: a, do: { shell: { argv: [\"ls -l\"], class: read } } }"), "shell-argv", "\"ls -l\"");
    finds(
        &doc("- { id: a, do: { shell: { argv: [\"ls {{ params.note }}\"], class: read } } }"),
        "shell-argv",
        "ls {{ params.note }}",
    );
    finds(
        &doc("- { id: a, do: { shell: { argv: [sh, -c, \"ls {{ params.note }}\"], class: read } } }"),
        "shell-injection",
        "ls {{ params.note }}",
    );
    finds(
        &doc(
            "- { id: a, do: { shell: { argv: [sudo, /bin/bash, -ec, \"{{ params.note }}\"], class: read } } }",
        ),
        "shell-injection",
        "params.note",
    );
    finds_nothing(&doc(
        "- { id: a, do: { shell: { argv: [sh, -c, 'ls \"$1\"', sh, \"{{ params.note }}\"], class: read } } }",
    ));
}

#[test]
fn one_fault_does_not_call_forth_others() {
    finds(
        &doc(
            "- { id: q, do: { aks: { question: x } } }\n- { id: a, when: steps.q.answer == 'x', do: { wait: { for: 1s } } }",
        ),
        "unknown-action",
        "aks",
    );
    finds(
        &doc("- { id: a, when: params.sort == 'x', do: { wait: { for: 1s } } }")
            .replace("  note:", "  sort: { type: choise, choices: [x] }\n  note:"),
        "choice",
        "choise",
    );
    let half = doc(
        "- { id: a, do: { kms.schedule_key_deletion: { key: x, days: 30 } }, approve: { by: 7-up }, verify: { do: {}, holds: 'true' } }",
    );
    assert_eq!(found(&half), [("name", "7-up".to_owned()), ("one-action", "{}".to_owned())]);
}

#[test]
fn everything_is_found_in_one_go() {
    let text = doc(
        "- { id: a, when: params.x, do: { kms.disabel_key: {} } }\n- { id: b, owner: nobody, do: { shell: { argv: [\"a b\"] } }, on_failure: goto a }",
    );
    let codes: Vec<_> = found(&text).into_iter().map(|(code, _)| code).collect();
    assert_eq!(
        codes,
        [
            "unknown-parameter",
            "unknown-action",
            "unknown-role",
            "unverified-write",
            "shell-argv",
            "goto-backwards"
        ]
    );
}

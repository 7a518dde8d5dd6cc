//! Names, kinds and choices.

use super::*;

#[test]
fn an_unknown_parameter_is_found_with_the_nearest_one() {
    let text = doc("- { id: a, when: params.contanment == 'fence', do: { wait: { for: 1s } } }");
    finds(&text, "unknown-parameter", "params.contanment");
    assert_eq!(one(&text, "unknown-parameter").label.as_deref(), Some("did you mean `params.containment`?"));
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
    assert_eq!(one(&text, "unknown-output").label.as_deref(), Some("did you mean `steps.pin.arn`?"));
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
    finds(&text, "unknown-choice", "disabled");
    assert_eq!(one(&text, "unknown-choice").label.as_deref(), Some("did you mean `disable`?"));
    finds(
        &doc("- { id: a, when: \"params.containment in ['fence', 'none']\", do: { wait: { for: 1s } } }"),
        "unknown-choice",
        "none",
    );
    finds(
        &doc(
            "- { id: q, do: { ask: { question: x, choices: [a, b] } } }\n- { id: a, when: steps.q.answer != 'c', do: { wait: { for: 1s } } }",
        ),
        "unknown-choice",
        "c",
    );
    finds(
        &format!(
            "{}escalations: [{{ when: \"answered(q, c)\", to: commander, message: x }}]\n",
            doc("- { id: q, do: { ask: { question: x, choices: [a, b] } } }")
        ),
        "unknown-choice",
        "c",
    );
    finds(
        &doc("- { id: a, when: run.severity != 'critical', do: { wait: { for: 1s } } }"),
        "unknown-choice",
        "critical",
    );
}

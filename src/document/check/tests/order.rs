//! The order of steps and phases, objectives, escalations, and what may be skipped.

use super::*;

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
    let told = escalation("failed(a)").replace("message: x", "message: x, met_late: done");
    finds(&told, "met-late", "done");
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

//! Approvals, proofs, hazards, secrets and programs.

use super::*;

/// Nobody deletes a key before somebody looked who still wants it.
const LOOK: &str = "- { id: late, do: { cloudtrail.late_uses: { key: x } } }\n";

#[test]
fn a_deletion_before_anybody_looked_who_still_wants_the_key_is_found() {
    let delete = |key: &str| {
        format!(
            "- {{ id: delete, approve: {{ by: commander, count: 2 }}, do: {{ kms.schedule_key_deletion: {{ key: \"{key}\", days: 30 }} }}, undo: {{ kms.cancel_key_deletion: {{ key: \"{key}\" }} }} }}\n"
        )
    };
    let late =
        |key: &str| format!("- {{ id: late, do: {{ cloudtrail.late_uses: {{ key: \"{key}\" }} }} }}\n");
    let (arn, id) = ("{{ steps.pin.arn }}", "{{ steps.pin.id }}");
    finds(&doc(&format!("{PIN}{}", delete(arn))), "hazard-key-wanted", "kms.schedule_key_deletion");
    finds(
        &doc(&format!("{PIN}{}{}", delete(arn), late(arn))),
        "hazard-key-wanted",
        "kms.schedule_key_deletion",
    );
    finds(
        &doc(&format!("{PIN}{}{}", late("another"), delete(arn))),
        "hazard-key-wanted",
        "kms.schedule_key_deletion",
    );
    // The same key by another of its names will do.
    finds_nothing(&doc(&format!("{PIN}{}{}", late(id), delete(arn))));
    // What the document made itself was in nobody's hands.
    let new = "- { id: new, do: { kms.create_key: { description: x } }, undo: { shell: { argv: [x] } } }\n";
    finds_nothing(&doc(&format!("{new}{}", delete("{{ steps.new.arn }}"))));
}

#[test]
fn whoever_signs_off_a_record_approves_an_earlier_step() {
    let signed = |step: &str, approve: &str| {
        doc(&format!(
            "- id: early\n  {approve}do: {{ manual: {{ instructions: x }} }}\n- id: sign\n  do: {{ access.sign_off: {{ record: a, digest: b, step: {step} }} }}\n- id: late\n  approve: {{ by: commander }}\n  do: {{ manual: {{ instructions: x }} }}"
        ))
    };
    finds_nothing(&signed("early", "approve: { by: commander }\n  "));
    finds(&signed("early", ""), "no-approval", "early");
    finds(&signed("late", ""), "not-yet-known", "late");
    finds(&signed("earyl", ""), "unknown-step", "earyl");
}

#[test]
fn destruction_without_approval_is_found() {
    let text = doc(&format!(
        "{LOOK}- id: a\n  do: {{ kms.schedule_key_deletion: {{ key: x, days: 30 }} }}\n  undo: {{ kms.cancel_key_deletion: {{ key: x }} }}"
    ));
    finds(&text, "no-approval", "kms.schedule_key_deletion");
    finds_nothing(&text.replace("id: a", "id: a\n        approve: { by: commander, count: 2 }"));
    finds(
        &doc(
            "- { id: a, do: { shell: { argv: [rm, x], class: destroy } }, undo: { manual: { instructions: x } } }",
        ),
        "no-approval",
        "shell",
    );
}

#[test]
fn a_deletion_of_a_key_that_one_person_alone_may_approve_is_found() {
    let deletion = |approve: &str| {
        doc(&format!(
            "{LOOK}- id: a\n  approve: {approve}\n  do: {{ kms.schedule_key_deletion: {{ key: x, days: 30 }} }}\n  undo: {{ kms.cancel_key_deletion: {{ key: x }} }}"
        ))
    };
    for alone in ["commander", "{ by: commander }", "{ by: commander, count: 1, expires: 30m }"] {
        finds(&deletion(alone), "hazard-one-approver", "kms.schedule_key_deletion");
        assert_eq!(one(&deletion(alone), "hazard-one-approver").severity, Severity::Error);
    }
    finds_nothing(&deletion("{ by: commander, count: 2 }"));
    finds_nothing(&deletion("{ by: commander, count: 3, expires: 30m }"));
    // What else destroys needs one yes.
    finds_nothing(&doc(
        "- { id: a, approve: commander, do: { shell: { argv: [rm, x], class: destroy } }, undo: { manual: { instructions: x } } }",
    ));
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

/// Steps on a pinned key, each with an optional condition.
fn on_key(steps: &[(&str, &str, &str)]) -> String {
    let mut text = format!(
        "{PIN}- {{ id: late, do: {{ cloudtrail.late_uses: {{ key: \"{{{{ steps.pin.arn }}}}\" }} }} }}\n"
    );
    for (id, when, operation) in steps {
        let when = if when.is_empty() { String::new() } else { format!("when: \"{when}\", ") };
        let inputs = match *operation {
            "s3.reencrypt" => "bucket: b, from: \"{{ steps.pin.arn }}\", to: x",
            "kms.schedule_key_deletion" => "key: \"{{ steps.pin.id }}\", days: 30",
            "kms.fence_key" => "key: \"{{ steps.pin.arn }}\", allow: [x]",
            _ => "key: \"{{ steps.pin.arn }}\"",
        };
        text.push_str(&format!(
            "- {{ id: {id}, {when}approve: {{ by: commander, count: 2 }}, do: {{ {operation}: {{ {inputs} }} }}, undo: {{ shell: {{ argv: [x] }} }} }}\n"
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
        ("fence", "", "kms.fence_key"),
        ("enable", "", "kms.enable_key"),
        ("reencrypt", "", "s3.reencrypt"),
        ("again", "", "kms.disable_key"),
    ]));
}

#[test]
fn a_compromised_key_that_is_switched_on_again_without_a_fence_is_found() {
    let bare = on_key(&[
        ("disable", "", "kms.disable_key"),
        ("enable", "", "kms.enable_key"),
        ("reencrypt", "", "s3.reencrypt"),
    ]);
    finds(&bare, "hazard-key-unfenced", "enable");
    let late = [
        ("disable", "", "kms.disable_key"),
        ("enable", "", "kms.enable_key"),
        ("fence", "", "kms.fence_key"),
        ("reencrypt", "", "s3.reencrypt"),
    ];
    finds(&on_key(&late), "hazard-key-unfenced", "enable");
    let only_taken_back = [("disable", "", "kms.disable_key"), ("enable", "", "kms.enable_key")];
    finds_nothing(&on_key(&only_taken_back));
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
        ("fence", "", "kms.fence_key"),
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
        ("fence", "", "kms.fence_key"),
        ("enable", "params.containment in ['disable']", "kms.enable_key"),
        ("reencrypt", "", "s3.reencrypt"),
    ]));
    finds_nothing(&on_key(&[
        ("disable", "params.containment == 'disable'", "kms.disable_key"),
        ("fence", "", "kms.fence_key"),
        ("reencrypt", "params.containment == 'fence'", "s3.reencrypt"),
    ]));
    finds_nothing(&on_key(&[
        ("disable", "params.containment == 'disable'", "kms.disable_key"),
        ("fence", "", "kms.fence_key"),
        ("enable", "steps.disable is defined", "kms.enable_key"),
        ("reencrypt", "", "s3.reencrypt"),
    ]));
    finds(
        &on_key(&[
            ("disable", "params.containment == 'disable'", "kms.disable_key"),
            ("fence", "", "kms.fence_key"),
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

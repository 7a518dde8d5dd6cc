//! What the checks find: one sentence each, with the code and the underlined text.

mod channels;
mod names;
mod order;
mod permutations;
mod safety;

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
    let steps: Vec<String> = steps.lines().map(|line| format!("      {line}\n")).collect();
    format!("{TOP}phases:\n  - id: one\n    steps:\n{}", steps.concat())
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
        "- { id: l, do: { cloudtrail.late_uses: { key: x } } }\n- { id: a, do: { kms.schedule_key_deletion: { key: x, days: 30 } }, approve: { by: 7-up }, verify: { do: {}, holds: 'true' } }",
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

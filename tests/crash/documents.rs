//! A document for every kind of step, and what every one of them is about.

use std::sync::Arc;

use playbook::document::{self, Playbook};
use playbook::text::{Severity, Source};

/// A row of the matrix.
pub struct Row {
    pub title: &'static str,
    steps: &'static str,
}

const KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const MUTE: &str = "arn:aws:kms:eu-central-1:111122223333:key/mute";

pub const ROWS: &[Row] = &[
    Row { title: "manual", steps: "- id: page\n  do: { manual: { instructions: Call them. } }" },
    Row {
        title: "ask",
        steps: r#"
- id: cause
  do: { ask: { question: Which?, choices: [leak, theft] } }
- id: many
  do: { ask: { question: Which ones?, choices: [a, b], several: true } }
- id: mark
  when: steps.cause.answer == "leak"
  do: { shell: { argv: [put, leak], class: write } }
- id: other
  when: steps.cause.answer == "theft"
  do: { shell: { argv: [put, theft], class: write } }"#,
    },
    Row {
        title: "shell, reading",
        steps: "- id: look\n  do: { shell: { argv: [look, at], class: read } }\n- id: again\n  do: { shell: { argv: [look, \"{{ steps.look.stdout }}\"], class: read } }",
    },
    Row {
        title: "shell, writing",
        steps: "- id: mark\n  do: { shell: { argv: [put, mark], class: write } }",
    },
    Row {
        title: "write, tried again",
        steps: "- id: flaky\n  retry: { attempts: 3, backoff: 1s }\n  do: { shell: { argv: [flaky, mark], class: write } }",
    },
    Row {
        title: "write, answer lost",
        steps: "- id: lost\n  do: { shell: { argv: [lost, a], class: write } }\n- id: swallowed\n  do: { shell: { argv: [swallowed, b], class: write } }",
    },
    Row {
        title: "write, taken back",
        steps: "- id: regretted\n  do: { shell: { argv: [put, mark], class: write } }\n  undo: { shell: { argv: [take, mark], class: write } }",
    },
    Row {
        title: "verify",
        steps: r#"
- id: mark
  do: { shell: { argv: [put, mark], class: write } }
  verify: { do: { shell: { argv: [ripens, v], class: read } }, holds: 'result.stdout == "true"', every: 1s, at_most: 7d }"#,
    },
    Row {
        title: "wait",
        steps: r#"
- id: pause
  do: { wait: { for: 5s } }
- id: ready
  do: { wait: { until: { shell: { argv: [ripens, w], class: read } }, holds: 'result.stdout == "true"', every: 1s, at_most: 7d } }"#,
    },
    Row {
        title: "assert",
        steps: "- id: hold\n  do: { assert: { that: 1 == 1, message: no } }\n- id: given_up_on\n  do: { assert: { that: 1 == 2, message: as it must } }",
    },
    Row { title: "AWS, reading", steps: "- id: pin\n  do: { kms.describe_key: { key: \"KEY\" } }" },
    Row {
        title: "AWS, the world tells",
        steps: r#"
- id: pin
  do: { kms.describe_key: { key: "KEY" } }
- id: disable
  do: { kms.disable_key: { key: "{{ steps.pin.arn }}" } }
  undo: { kms.enable_key: { key: "{{ steps.pin.arn }}" } }
  verify: { do: { kms.describe_key: { key: "{{ steps.pin.arn }}" } }, holds: 'result.state == "Disabled"', every: 1s, at_most: 7d }"#,
    },
    Row {
        title: "AWS, the world is mute",
        steps: "- id: disable\n  do: { kms.disable_key: { key: \"MUTE\" } }\n  undo: { kms.enable_key: { key: \"MUTE\" } }",
    },
    Row {
        title: "AWS, in parts",
        steps: "- id: move\n  do: { s3.reencrypt: { bucket: b, from: \"KEY\", to: \"KEY\" } }",
    },
    Row {
        title: "for_each",
        steps: r#"
- id: each
  for_each: '["a", "b", "c"]'
  do: { shell: { argv: [put, "{{ item }}"], class: write } }
- id: all
  do: { assert: { that: steps.each.done == 3, message: all three } }"#,
    },
    Row {
        title: "for_each, tolerating",
        steps: r#"
- id: each
  for_each: '["put", "hopeless", "flaky"]'
  tolerate: 50%
  retry: { attempts: 2, backoff: 1s }
  do: { shell: { argv: ["{{ item }}", "of {{ item }}"], class: write } }"#,
    },
    Row {
        title: "approval",
        steps: "- id: risky\n  approve: { by: lead, count: 2, expires: 30m }\n  do: { shell: { argv: [put, risk], class: write } }",
    },
    Row {
        title: "failure, stop",
        steps: "- id: flaky\n  do: { shell: { argv: [flaky, mark], class: write } }\n- id: given_up\n  do: { shell: { argv: [hopeless, x], class: write } }",
    },
    Row {
        title: "failure, continue",
        steps: "- id: bad\n  on_failure: continue\n  do: { shell: { argv: [hopeless, x], class: write } }",
    },
    Row {
        title: "failure, goto",
        steps: "- id: bad\n  on_failure: { goto: after }\n  do: { shell: { argv: [hopeless, x], class: write } }\n- id: between\n  do: { shell: { argv: [put, between], class: write } }\n- id: after\n  do: { shell: { argv: [put, after], class: write } }",
    },
];

const HEAD: &str = "runbook: drill\ntitle: A drill\nversion: 1\nowner: o\nsummary: s\nroles:\n  lead: { title: Lead }\n\
objectives:\n  done: { title: Done, within: 20s, met_by: all(last) }\n\
escalations:\n  - { when: missed(done), to: [lead], message: Late. }\n\
phases:\n  - id: only\n    title: Only\n    steps:\n";

/// What follows every row: that the run comes to it exactly once is part of the matrix.
const LAST: &str = "- id: last\n  do: { shell: { argv: [put, last], class: write } }";

impl Row {
    pub fn playbook(&self) -> Arc<Playbook> {
        let steps = [self.steps.trim(), LAST].join("\n").replace("KEY", KEY).replace("MUTE", MUTE);
        let steps: String = steps.lines().flat_map(|line| ["      ", line, "\n"]).collect();
        let (playbook, diagnostics) =
            document::load(&Source::new("drill.yaml", [HEAD, &steps].concat()), None);
        let errors = || diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
        Arc::new(playbook.unwrap_or_else(|| panic!("{}: {:#?}", self.title, errors().collect::<Vec<_>>())))
    }
}

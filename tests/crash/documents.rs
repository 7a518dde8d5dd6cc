//! A document for every kind of step, and what every one of them is about.

use std::sync::Arc;

use playbook::document::{self, Playbook};
use playbook::text::{Severity, Source};

/// A row of the matrix.
pub struct Row {
    pub title: &'static str,
    pub course: Course,
    steps: &'static str,
}

/// Which way the processes that may die take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// From the first step to the last.
    Forward,
    /// The same, while an escalation is owed to two channels; one takes it at the second try.
    Telling,
    /// The same; what has to be approved is approved from another terminal, and a note and a file
    /// come from there too.
    Mailed,
    /// The run went to its end, and is turned back.
    Back,
    /// Likewise, no further than to a step.
    BackTo(&'static str),
    /// The run died when its last act but one had reached the world and nobody knew, and is
    /// turned back.
    BackFromDoubt,
}

impl Course {
    /// Whether the matrix tries the way back, and not the way there.
    pub const fn is_back(self) -> bool {
        matches!(self, Self::Back | Self::BackTo(_) | Self::BackFromDoubt)
    }

    /// How far it is taken back; nothing for all the way.
    pub const fn to(self) -> Option<&'static str> {
        match self {
            Self::BackTo(step) => Some(step),
            _ => None,
        }
    }
}

const KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const OTHER: &str = "arn:aws:kms:eu-central-1:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321";
const MUTE: &str = "arn:aws:kms:eu-central-1:111122223333:key/mute";

pub const ROWS: &[Row] = &[
    Row {
        title: "manual",
        course: Course::Forward,
        steps: "- id: page\n  do: { manual: { instructions: Call them. } }",
    },
    Row {
        title: "manual, with a file",
        course: Course::Forward,
        steps: "- id: shot\n  do: { manual: { instructions: Take it., attach: [a dump] } }\n- id: mark\n  do: { shell: { argv: [put, mark], class: write } }",
    },
    Row {
        title: "ask",
        course: Course::Forward,
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
        title: "review",
        course: Course::Forward,
        steps: r#"
- id: look
  do: { review: { question: Which stay?, items: [{ id: a }, { id: b }, { id: c }] } }
- id: mark
  do: { shell: { argv: [put, "{{ steps.look.decisions | map(attribute='decision') | join(' ') }}"], class: write } }"#,
    },
    Row {
        title: "notify",
        course: Course::Forward,
        steps: "- id: tell\n  do: { notify: { to: [chat, pager], message: m } }",
    },
    Row {
        title: "shell, reading",
        course: Course::Forward,
        steps: "- id: look\n  do: { shell: { argv: [look, at], class: read } }\n- id: again\n  do: { shell: { argv: [look, \"{{ steps.look.stdout }}\"], class: read } }",
    },
    Row {
        title: "shell, writing",
        course: Course::Forward,
        steps: "- id: mark\n  do: { shell: { argv: [put, mark], class: write } }",
    },
    Row {
        title: "write, tried again",
        course: Course::Forward,
        steps: "- id: flaky\n  retry: { attempts: 3, backoff: 1s }\n  do: { shell: { argv: [flaky, mark], class: write } }",
    },
    Row {
        title: "write, answer lost",
        course: Course::Forward,
        steps: "- id: lost\n  do: { shell: { argv: [lost, a], class: write } }\n- id: swallowed\n  do: { shell: { argv: [swallowed, b], class: write } }",
    },
    Row {
        title: "write, taken back",
        course: Course::Forward,
        steps: "- id: regretted\n  do: { shell: { argv: [put, mark], class: write } }\n  undo: { shell: { argv: [take, mark], class: write } }",
    },
    Row {
        title: "verify",
        course: Course::Forward,
        steps: r#"
- id: mark
  do: { shell: { argv: [put, mark], class: write } }
  verify: { do: { shell: { argv: [ripens, v], class: read } }, holds: 'result.stdout == "true"', every: 1s, at_most: 7d }"#,
    },
    Row {
        title: "wait",
        course: Course::Forward,
        steps: r#"
- id: pause
  do: { wait: { for: 5s } }
- id: ready
  do: { wait: { until: { shell: { argv: [ripens, w], class: read } }, holds: 'result.stdout == "true"', every: 1s, at_most: 7d } }"#,
    },
    Row {
        title: "assert",
        course: Course::Forward,
        steps: "- id: hold\n  do: { assert: { that: 1 == 1, message: no } }\n- id: given_up_on\n  do: { assert: { that: 1 == 2, message: as it must } }",
    },
    Row {
        title: "AWS, reading",
        course: Course::Forward,
        steps: "- id: pin\n  do: { kms.describe_key: { key: \"KEY\" } }",
    },
    Row {
        title: "AWS, the world tells",
        course: Course::Forward,
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
        course: Course::Forward,
        steps: "- id: disable\n  do: { kms.disable_key: { key: \"MUTE\" } }\n  undo: { kms.enable_key: { key: \"MUTE\" } }",
    },
    Row {
        title: "AWS, in parts",
        course: Course::Forward,
        steps: "- id: move\n  do: { s3.reencrypt: { bucket: b, from: \"KEY\", to: \"KEY\" } }",
    },
    Row {
        title: "for_each",
        course: Course::Forward,
        steps: r#"
- id: each
  for_each: '["a", "b", "c"]'
  do: { shell: { argv: [put, "{{ item }}"], class: write } }
- id: all
  do: { assert: { that: steps.each.done == 3, message: all three } }"#,
    },
    Row {
        title: "for_each, tolerating",
        course: Course::Forward,
        steps: r#"
- id: each
  for_each: '["put", "hopeless", "flaky"]'
  tolerate: 50%
  retry: { attempts: 2, backoff: 1s }
  do: { shell: { argv: ["{{ item }}", "of {{ item }}"], class: write } }"#,
    },
    Row {
        title: "for_each, approved",
        course: Course::Forward,
        steps: r#"
- id: each
  for_each: '["a", "b", "c"]'
  at_once: 2
  approve: { by: lead, count: 2 }
  do: { shell: { argv: [put, "{{ item }}"], class: write } }"#,
    },
    Row {
        title: "for_each, verified",
        course: Course::Forward,
        steps: r#"
- id: each
  for_each: '["KEY", "OTHER", "MUTE"]'
  at_once: 2
  do: { kms.disable_key: { key: "{{ item }}" } }
  undo: { kms.enable_key: { key: "{{ item }}" } }
  verify: { do: { kms.describe_key: { key: "{{ item }}" } }, holds: 'result.state == "Disabled"', every: 1s, at_most: 7d }"#,
    },
    Row {
        title: "approval",
        course: Course::Forward,
        steps: "- id: risky\n  approve: { by: lead, count: 2, expires: 30m }\n  do: { shell: { argv: [put, risk], class: write } }",
    },
    Row {
        title: "approval, by mailbox",
        course: Course::Mailed,
        steps: "- id: risky\n  approve: { by: lead }\n  do: { shell: { argv: [put, risk], class: write } }",
    },
    Row {
        title: "failure, stop",
        course: Course::Forward,
        steps: "- id: flaky\n  do: { shell: { argv: [flaky, mark], class: write } }\n- id: given_up\n  do: { shell: { argv: [hopeless, x], class: write } }",
    },
    Row {
        title: "failure, continue",
        course: Course::Forward,
        steps: "- id: bad\n  on_failure: continue\n  do: { shell: { argv: [hopeless, x], class: write } }",
    },
    Row {
        title: "failure, goto",
        course: Course::Forward,
        steps: "- id: bad\n  on_failure: { goto: after }\n  do: { shell: { argv: [hopeless, x], class: write } }\n- id: between\n  do: { shell: { argv: [put, between], class: write } }\n- id: after\n  do: { shell: { argv: [put, after], class: write } }",
    },
    Row {
        title: "at once",
        course: Course::Forward,
        steps: r#"
- id: each
  for_each: '["a", "b", "c", "d"]'
  at_once: 3
  do: { shell: { argv: [put, "{{ item }}"], class: write } }
- id: all
  do: { assert: { that: steps.each.done == 4, message: all four } }"#,
    },
    Row {
        title: "at once, tolerating",
        course: Course::Forward,
        steps: r#"
- id: each
  for_each: '["put", "hopeless", "flaky", "lost"]'
  at_once: 3
  tolerate: 50%
  retry: { attempts: 2, backoff: 1s }
  do: { shell: { argv: ["{{ item }}", "of {{ item }}"], class: write } }"#,
    },
    Row {
        title: "at once, world tells",
        course: Course::Forward,
        steps: r#"
- id: each
  for_each: '["KEY", "OTHER", "MUTE"]'
  at_once: 3
  do: { kms.disable_key: { key: "{{ item }}" } }
  undo: { kms.enable_key: { key: "{{ item }}" } }"#,
    },
    Row {
        title: "escalation, told",
        course: Course::Telling,
        steps: "- id: mark\n  do: { shell: { argv: [put, mark], class: write } }",
    },
    Row {
        title: "rollback",
        course: Course::Back,
        steps: r#"
- id: mark
  do: { shell: { argv: [put, mark], class: write } }
  undo: { shell: { argv: [take, mark], class: write } }
- id: disable
  do: { kms.disable_key: { key: "KEY" } }
  undo: { kms.enable_key: { key: "KEY" } }
- id: mute
  do: { kms.disable_key: { key: "MUTE" } }
  undo: { kms.enable_key: { key: "MUTE" } }"#,
    },
    Row {
        title: "rollback, for_each",
        course: Course::Back,
        steps: r#"
- id: call
  do: { manual: { instructions: Call them. } }
  undo: { manual: { instructions: Call them again. } }
- id: each
  for_each: '["a", "b", "c"]'
  at_once: 3
  do: { shell: { argv: [put, "{{ item }}"], class: write } }
  undo: { shell: { argv: [take, "{{ item }}"], class: write } }"#,
    },
    Row {
        title: "rollback, to a step",
        course: Course::BackTo("second"),
        steps: r#"
- id: first
  do: { shell: { argv: [put, one], class: write } }
  undo: { shell: { argv: [take, one], class: write } }
- id: second
  do: { shell: { argv: [put, two], class: write } }
  undo: { shell: { argv: [take, two], class: write } }
- id: third
  do: { kms.disable_key: { key: "KEY" } }
  undo: { kms.enable_key: { key: "KEY" } }"#,
    },
    Row {
        title: "rollback, approved",
        course: Course::Back,
        steps: r#"
- id: mark
  approve: { by: lead, count: 2 }
  do: { shell: { argv: [put, mark], class: write } }
  undo: { shell: { argv: [take, mark], class: write } }
- id: disable
  approve: { by: lead }
  do: { kms.disable_key: { key: "KEY" } }
  undo: { kms.enable_key: { key: "KEY" } }"#,
    },
    Row {
        title: "rollback, from doubt",
        course: Course::BackFromDoubt,
        steps: r#"
- id: mark
  do: { shell: { argv: [put, mark], class: write } }
  undo: { shell: { argv: [take, mark], class: write } }
- id: each
  for_each: '["KEY", "OTHER", "MUTE"]'
  at_once: 3
  do: { kms.disable_key: { key: "{{ item }}" } }
  undo: { kms.enable_key: { key: "{{ item }}" } }"#,
    },
];

const HEAD: &str = "runbook: drill\ntitle: A drill\nversion: 1\nowner: o\nsummary: s\n";

const SILENT: &str = "roles:\n  lead: { title: Lead }\n\
channels:\n  chat: { webhook: { url: env(CHAT) } }\n  pager: { webhook: { url: env(PAGER) } }\n\
objectives:\n  done: { title: Done, within: 20s, met_by: all(last) }\n";

/// The objective is missed in any case, and both channels are to be told.
const TELLING: &str = "roles:\n  lead: { title: Lead, notify: [chat, pager] }\n\
channels:\n  chat: { webhook: { url: env(CHAT) } }\n  pager: { webhook: { url: env(PAGER) } }\n\
objectives:\n  done: { title: Done, within: 1s, met_by: all(last) }\n";

const BODY: &str = "escalations:\n  - { when: missed(done), to: [lead], message: Late. }\n\
phases:\n  - id: only\n    title: Only\n    steps:\n";

/// What follows every row: that the run comes to it exactly once is part of the matrix.
const LAST: &str = "- id: last\n  do: { shell: { argv: [put, last], class: write } }";

impl Row {
    pub fn playbook(&self) -> Arc<Playbook> {
        let steps = [self.steps.trim(), LAST].join("\n").replace("KEY", KEY).replace("OTHER", OTHER);
        let steps = steps.replace("MUTE", MUTE);
        let steps: String = steps.lines().flat_map(|line| ["      ", line, "\n"]).collect();
        let told = if self.course == Course::Telling { TELLING } else { SILENT };
        let text = [HEAD, told, BODY, &steps].concat();
        let (playbook, diagnostics) = document::load(&Source::new("drill.yaml", text), None);
        let errors = || diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
        Arc::new(playbook.unwrap_or_else(|| panic!("{}: {:#?}", self.title, errors().collect::<Vec<_>>())))
    }
}

//! A document as it was drawn, and as its text.

use std::fmt::Write as _;

use super::dice::Dice;

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// A program that only reads.
    Look,
    /// A program that writes: only a person knows whether it took place.
    Mark,
    /// A write of which AWS tells whether it took place.
    Disable,
    /// A write that may be done twice.
    Rewrap,
    Ask,
    Manual,
    /// Holds, or does not.
    Assert(bool),
    Pause,
}

impl Deed {
    pub(super) fn writes(self) -> bool {
        matches!(self, Self::Mark | Self::Disable | Self::Rewrap)
    }

    /// Whether AWS can tell how far it reaches; a program tells nothing.
    pub(super) fn reaches(self) -> bool {
        matches!(self, Self::Disable | Self::Rewrap)
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) enum When {
    Always,
    /// A parameter that is true, or false.
    Param(bool),
    /// Where this earlier step found something.
    Defined(usize),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum OnFailure {
    Stop,
    Continue,
    Goto(usize),
}

/// In seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Approve {
    pub count: usize,
    pub expires: Option<i64>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Each {
    pub elements: usize,
    /// How many in a hundred may fail.
    pub tolerate: usize,
    pub at_once: usize,
    /// Each element means a target of its own.
    pub apart: bool,
}

/// Of every verification, in seconds.
pub(super) const EVERY: i64 = 2;
pub(super) const AT_MOST: i64 = 10;
/// Of every retry, in seconds, before it doubles.
pub(super) const BACKOFF: i64 = 3;
/// Of every objective, in seconds.
pub(super) const WITHIN: i64 = 20;

#[derive(Clone, Debug)]
pub(super) struct Step {
    pub deed: Deed,
    pub when: When,
    pub approve: Option<Approve>,
    /// How often the step may be tried on its own.
    pub attempts: u32,
    pub on_failure: OnFailure,
    pub each: Option<Each>,
    pub verify: bool,
    pub undo: bool,
}

/// Which steps meet the objective.
#[derive(Clone, Debug)]
pub(super) enum MetBy {
    Any(Vec<usize>),
    All(Vec<usize>),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Cause {
    Missed,
    Failed(usize),
    SaidYes(usize),
}

#[derive(Clone, Debug)]
pub(super) struct Sketch {
    pub steps: Vec<Step>,
    pub objective: Option<MetBy>,
    pub escalations: Vec<Cause>,
}

impl Sketch {
    pub(super) fn draw(dice: &mut Dice<'_>) -> Self {
        let count = 1 + dice.roll(4);
        let steps: Vec<Step> = (0..count).map(|at| step(dice, at, count)).collect();
        let all = || (0..count).collect();
        let objective = match dice.roll(4) {
            0 => None,
            1 => Some(MetBy::All(all())),
            2 => Some(MetBy::Any(all())),
            _ => Some(MetBy::Any(vec![dice.roll(count)])),
        };
        let mut escalations = Vec::new();
        if objective.is_some() && dice.roll(2) == 0 {
            escalations.push(Cause::Missed);
        }
        for (at, step) in steps.iter().enumerate() {
            match dice.roll(4) {
                0 => escalations.push(Cause::Failed(at)),
                1 if step.deed == Deed::Ask && step.each.is_none() => escalations.push(Cause::SaidYes(at)),
                _ => {}
            }
        }
        Self { steps, objective, escalations }
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::from(
            "runbook: t\ntitle: T\nversion: 1\nowner: o\nsummary: s\nroles:\n  lead: { title: Lead }\nparams:\n  yes: { type: boolean, default: true }\n  no: { type: boolean, default: false }\n",
        );
        if let Some(met_by) = &self.objective {
            let names = |steps: &[usize]| steps.iter().map(|at| id(*at)).collect::<Vec<_>>().join(", ");
            let met_by = match met_by {
                MetBy::Any(steps) => format!("any({})", names(steps)),
                MetBy::All(steps) => format!("all({})", names(steps)),
            };
            let _ = writeln!(
                text,
                "objectives:\n  soon: {{ title: Soon, within: {WITHIN}s, met_by: \"{met_by}\" }}"
            );
        }
        if !self.escalations.is_empty() {
            text.push_str("escalations:\n");
        }
        for cause in &self.escalations {
            let cause = match cause {
                Cause::Missed => "missed(soon)".to_owned(),
                Cause::Failed(at) => format!("failed({})", id(*at)),
                Cause::SaidYes(at) => format!("answered({}, yes)", id(*at)),
            };
            let _ = writeln!(text, "  - {{ when: \"{cause}\", to: [lead], message: M }}");
        }
        text.push_str("phases:\n");
        for (at, step) in self.steps.iter().enumerate() {
            // The second half is a phase of its own.
            if at == 0 || at == 2 {
                let _ = writeln!(text, "  - id: p{at}\n    title: P\n    steps:");
            }
            step.put(at, &mut text);
        }
        text
    }
}

pub(super) fn id(at: usize) -> String {
    format!("s{at}")
}

fn step(dice: &mut Dice<'_>, at: usize, count: usize) -> Step {
    let deed = match dice.roll(10) {
        0 | 1 => Deed::Look,
        2..=4 => Deed::Mark,
        5 => Deed::Disable,
        6 => Deed::Rewrap,
        7 => [Deed::Ask, Deed::Manual][dice.roll(2)],
        8 => Deed::Assert(dice.roll(2) == 0),
        _ => Deed::Pause,
    };
    let asserts = matches!(deed, Deed::Assert(_));
    Step {
        deed,
        when: match dice.roll(6) {
            0 => When::Param(false),
            1 => When::Param(true),
            2 if at > 0 => When::Defined(dice.roll(at)),
            _ => When::Always,
        },
        approve: (dice.roll(3) == 0)
            .then(|| Approve { count: 1 + dice.roll(2), expires: [None, Some(6), Some(60)][dice.roll(3)] }),
        attempts: 1 + u32::from(dice.roll(3) == 0) * 2,
        on_failure: match dice.roll(4) {
            0 => OnFailure::Continue,
            1 if at + 1 < count => OnFailure::Goto(at + 1 + dice.roll(count - at - 1)),
            _ => OnFailure::Stop,
        },
        each: (dice.roll(3) == 0 && !asserts && deed != Deed::Pause).then(|| Each {
            elements: dice.roll(5),
            tolerate: [0, 50][dice.roll(2)],
            at_once: [1, 1, 2, 3][dice.roll(4)],
            apart: dice.roll(2) == 0,
        }),
        verify: dice.roll(3) == 0 && !asserts,
        undo: deed.writes() && dice.roll(2) == 0,
    }
}

impl Step {
    fn put(&self, at: usize, text: &mut String) {
        let apart = self.each.is_some_and(|each| each.apart);
        let deed = match self.deed {
            Deed::Look => "shell: { argv: [ls], class: read }",
            Deed::Mark => "shell: { argv: [touch, x], class: write }",
            Deed::Disable if apart => "kms.disable_key: { key: \"z{{ item }}\" }",
            Deed::Disable => "kms.disable_key: { key: z }",
            Deed::Rewrap if apart => "s3.reencrypt: { bucket: \"b{{ item }}\", from: x, to: y }",
            Deed::Rewrap => "s3.reencrypt: { bucket: b, from: x, to: y }",
            Deed::Ask => "ask: { question: Q, type: boolean }",
            Deed::Manual => "manual: { instructions: I }",
            Deed::Assert(true) => "assert: { that: params.yes, message: M }",
            Deed::Assert(false) => "assert: { that: params.no, message: M }",
            Deed::Pause => "wait: { for: 5s }",
        };
        let mut line = |words: &str| {
            let _ = writeln!(text, "        {words}");
        };
        line(&format!("id: {}", id(at)));
        line(&format!("do: {{ {deed} }}"));
        match self.when {
            When::Always => {}
            When::Param(true) => line("when: params.yes"),
            When::Param(false) => line("when: params.no"),
            When::Defined(earlier) => line(&format!("when: steps.{} is defined", id(earlier))),
        }
        if let Some(Approve { count, expires }) = self.approve {
            let expires = expires.map(|seconds| format!(", expires: {seconds}s")).unwrap_or_default();
            line(&format!("approve: {{ by: lead, count: {count}{expires} }}"));
        }
        if self.attempts > 1 {
            line(&format!("retry: {{ attempts: {}, backoff: {BACKOFF}s }}", self.attempts));
        }
        match self.on_failure {
            OnFailure::Stop => {}
            OnFailure::Continue => line("on_failure: continue"),
            OnFailure::Goto(to) => line(&format!("on_failure: goto {}", id(to))),
        }
        if let Some(Each { elements, tolerate, at_once, .. }) = self.each {
            line(&format!("for_each: \"{:?}\"", (0..elements).collect::<Vec<_>>()));
            line(&format!("tolerate: {tolerate}%"));
            line(&format!("at_once: {at_once}"));
        }
        if self.verify {
            line(&format!(
                "verify: {{ do: {{ shell: {{ argv: [ls], class: read }} }}, holds: result.code == 0, every: {EVERY}s, at_most: {AT_MOST}s }}"
            ));
        }
        if self.undo {
            line("undo: { shell: { argv: [rm, x], class: write } }");
        }
        // The first line of a step begins the item of the list.
        let first = text.rfind("        id: ").unwrap_or_default();
        text.replace_range(first..first + 8, "      - ");
    }
}

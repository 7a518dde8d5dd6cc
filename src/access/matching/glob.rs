//! `*` is any run of characters, `?` exactly one.

/// One character of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sign {
    Plain(char),
    One,
    Many,
}

/// How far a wildcard reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Over everything: actions, and strings in conditions.
    Everything,
    /// Within a segment of an ARN; a `*` at the end of a segment reaches over colons too
    /// (IAM JSON policy elements: Resource, "Using wildcards in resource ARNs").
    Segment,
}

/// A pattern, ready to be matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob {
    steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Plain(char),
    One { over_colons: bool },
    Many { over_colons: bool },
}

impl Glob {
    #[must_use]
    pub fn new(signs: &[Sign], reach: Reach) -> Self {
        let everything = reach == Reach::Everything;
        let mut steps: Vec<Step> = Vec::with_capacity(signs.len());
        for (at, sign) in signs.iter().enumerate() {
            let ends = matches!(signs.get(at + 1), None | Some(Sign::Plain(':')));
            match sign {
                Sign::Plain(letter) => steps.push(Step::Plain(*letter)),
                Sign::One => steps.push(Step::One { over_colons: everything }),
                Sign::Many => steps.push(Step::Many { over_colons: everything || ends }),
            }
        }
        // `**` says no more than `*`, and costs more.
        steps.dedup_by(|next, step| next == step && matches!(step, Step::Many { .. }));
        Self { steps }
    }

    /// A pattern in which every `*` and `?` is a wildcard.
    #[must_use]
    pub fn of(text: &str, reach: Reach) -> Self {
        Self::new(&signs(text), reach)
    }

    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let mut letters = text.chars();
        let mut steps = self.steps.as_slice();
        while let [Step::Plain(wanted), rest @ ..] = steps {
            if letters.next() != Some(*wanted) {
                return false;
            }
            steps = rest;
        }
        match steps {
            [] => letters.next().is_none(),
            [Step::Many { over_colons: true }] => true,
            steps => Self::walk(steps, letters.as_str()),
        }
    }

    /// Follows all ways through the pattern at once: `open[n]` says that the first `n`
    /// steps can match what was read so far.
    fn walk(steps: &[Step], text: &str) -> bool {
        let mut open = vec![false; steps.len() + 1];
        let mut next = open.clone();
        if let Some(first) = open.first_mut() {
            *first = true;
        }
        pass_empty(steps, &mut open);
        for letter in text.chars() {
            next.fill(false);
            for (at, step) in steps.iter().enumerate() {
                if open.get(at) != Some(&true) {
                    continue;
                }
                let (stays, goes_on) = step.takes(letter);
                set(&mut next, at, stays);
                set(&mut next, at + 1, goes_on);
            }
            pass_empty(steps, &mut next);
            if !next.contains(&true) {
                return false;
            }
            std::mem::swap(&mut open, &mut next);
        }
        open.last() == Some(&true)
    }
}

/// A `*` matches nothing, too.
fn pass_empty(steps: &[Step], open: &mut [bool]) {
    for (at, step) in steps.iter().enumerate() {
        if matches!(step, Step::Many { .. }) && open.get(at) == Some(&true) {
            set(open, at + 1, true);
        }
    }
}

impl Step {
    /// Whether the step takes the letter and stays, and whether it takes it and goes on.
    const fn takes(self, letter: char) -> (bool, bool) {
        match self {
            Self::Plain(wanted) => (false, wanted == letter),
            Self::One { over_colons } => (false, over_colons || letter != ':'),
            Self::Many { over_colons } => (over_colons || letter != ':', false),
        }
    }
}

fn set(flags: &mut [bool], at: usize, value: bool) {
    if let Some(flag) = flags.get_mut(at) {
        *flag |= value;
    }
}

/// The signs of a pattern that holds no policy variables.
#[must_use]
pub fn signs(text: &str) -> Vec<Sign> {
    let sign = |letter| match letter {
        '*' => Sign::Many,
        '?' => Sign::One,
        plain => Sign::Plain(plain),
    };
    text.chars().map(sign).collect()
}

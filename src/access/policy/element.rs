//! Action and NotAction, Resource and NotResource: a list, or all but a list.

use std::sync::Arc;

use crate::access::condition::{Context, Outcome, Resolved, Template, Variables, Wildcards};
use crate::access::formula::Formula;
use crate::access::matching::{Glob, Reach, is_resource_pattern};

#[derive(Clone, Debug)]
pub enum Choice {
    Only(Vec<Pattern>),
    AllBut(Vec<Pattern>),
}

#[derive(Clone, Debug)]
pub enum Pattern {
    Fixed(Glob),
    /// Holds a policy variable.
    Open(Template),
    Doubtful(Arc<str>),
}

impl Choice {
    #[must_use]
    pub fn covers(&self, text: &str, context: &Context) -> Formula {
        let among = |patterns: &[Pattern]| {
            Formula::any(patterns.iter().map(|pattern| pattern.matches(text, context)))
        };
        match self {
            Self::Only(patterns) => among(patterns),
            Self::AllBut(patterns) => among(patterns).opposite(),
        }
    }
}

impl Choice {
    /// The patterns that hold policy variables.
    pub(super) fn open(&self) -> impl Iterator<Item = (&Pattern, &Template)> {
        let (Self::Only(patterns) | Self::AllBut(patterns)) = self;
        patterns.iter().filter_map(|pattern| match pattern {
            Pattern::Open(template) => Some((pattern, template)),
            Pattern::Fixed(_) | Pattern::Doubtful(_) => None,
        })
    }
}

impl Pattern {
    /// What matching comes to; doubts are no matter of the context.
    pub(super) fn outcome(&self, text: &str, context: &Context) -> Outcome {
        match self.matches(text, context) {
            Formula::Yes => Outcome::Holds,
            Formula::No => Outcome::Fails,
            _ => Outcome::Unknown,
        }
    }

    /// Actions ignore case and are not trimmed.
    #[must_use]
    pub fn action(text: &str) -> Self {
        if text != "*" && !text.contains(':') {
            return Self::Doubtful(format!("the action `{text}` names no service").into());
        }
        Self::Fixed(Glob::of(&text.to_ascii_lowercase(), Reach::Everything))
    }

    /// Stands for a pattern that nobody will ask, and matches nothing.
    #[must_use]
    pub fn unread() -> Self {
        Self::Fixed(Glob::new(&[], Reach::Everything))
    }

    /// Resources respect case.
    #[must_use]
    pub fn resource(text: &str, variables: Variables) -> Self {
        let template = Template::new(text, variables, Wildcards::Read);
        match template.fixed() {
            None => Self::Open(template),
            Some(_) if !is_resource_pattern(text) => {
                Self::Doubtful(format!("the resource `{text}` is neither `*` nor an ARN").into())
            }
            Some(signs) => Self::Fixed(Glob::new(&signs, Reach::Segment)),
        }
    }

    fn matches(&self, text: &str, context: &Context) -> Formula {
        match self {
            Self::Fixed(glob) => yes_where(glob.matches(text)),
            Self::Doubtful(why) => Formula::Doubt(Arc::clone(why)),
            Self::Open(template) => match template.resolve(context) {
                Resolved::Signs(signs) => yes_where(Glob::new(&signs, Reach::Segment).matches(text)),
                Resolved::Missing => Formula::No,
                Resolved::Unknown => Formula::fact(
                    &format!("the resource matches `{}`", template.raw()),
                    &format!("the resource does not match `{}`", template.raw()),
                ),
            },
        }
    }
}

const fn yes_where(matches: bool) -> Formula {
    if matches { Formula::Yes } else { Formula::No }
}

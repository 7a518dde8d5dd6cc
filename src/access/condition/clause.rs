//! One operator with one key and its values, as a policy writes it.

use std::sync::Arc;

use super::relation::{Operator, Relation};
use super::{Context, Quantity, Template, Test, Variables, Wildcards, compare, test::Outcome};
use crate::access::formula::{Formula, Leaf};

/// Ready to be asked. All clauses of a statement have to hold.
#[derive(Clone, Debug)]
pub struct Clause {
    test: Arc<Test>,
    absent: Arc<Test>,
    negated: bool,
    if_exists: bool,
    /// Why nobody can say what AWS makes of it.
    doubt: Option<Arc<str>>,
}

impl Clause {
    #[must_use]
    pub fn new(operator: &str, key: &str, values: &[&str], variables: Variables) -> Self {
        let Some(known) = Operator::parse(operator) else {
            return Self::doubtful(key, format!("`{operator}` is no condition operator that AWS documents"));
        };
        if known.relation == Relation::Null {
            return Self::null(key, values);
        }
        let wild = match known.relation {
            Relation::StringLike | Relation::ArnLike => Wildcards::Read,
            _ => Wildcards::Literal,
        };
        // Numbers, dates, addresses and bytes cannot be given by variables.
        let variables = match known.relation {
            Relation::Numeric(_) | Relation::Date(_) | Relation::Binary | Relation::IpAddress => {
                Variables::Literal
            }
            _ => variables,
        };
        let flaw = values.iter().find_map(|value| compare::flaw(known.relation, value));
        // "Not at least one" is "none", and "not every one" is "at least one not".
        let quantity = match (known.quantity, known.negated) {
            (Quantity::Any, true) => Quantity::All,
            (Quantity::All, true) => Quantity::Any,
            (quantity, _) => quantity,
        };
        let test = Test {
            quantity,
            relation: known.relation,
            key: key.to_owned(),
            lower: key.to_ascii_lowercase(),
            values: values.iter().map(|value| Template::new(value, variables, wild)).collect(),
        };
        Self {
            test: Arc::new(test),
            absent: Arc::new(Test::absence(key)),
            negated: known.negated,
            if_exists: known.if_exists,
            doubt: flaw.map(|flaw| format!("in the condition on {key}, {flaw}").into()),
        }
    }

    /// `true` asks that the key is absent, `false` that it is there.
    fn null(key: &str, values: &[&str]) -> Self {
        let wants = |word: &str| values.iter().any(|value| value.eq_ignore_ascii_case(word));
        let none = values.is_empty().then(|| "Null names neither true nor false".to_owned());
        let flaw = none.or_else(|| values.iter().find_map(|value| compare::flaw(Relation::Null, value)));
        let mut clause = Self::doubtful(key, flaw.clone().unwrap_or_default());
        if flaw.is_none() {
            clause.doubt = None;
        }
        match (wants("true"), wants("false")) {
            // Either is fine: "absent, or there" always holds.
            (true, true) => Self { negated: true, if_exists: true, ..clause },
            (_, present) => Self { negated: present, ..clause },
        }
    }

    fn doubtful(key: &str, doubt: String) -> Self {
        let absent = Arc::new(Test::absence(key));
        Self {
            test: Arc::clone(&absent),
            absent,
            negated: false,
            if_exists: false,
            doubt: Some(format!("in the condition on {key}, {doubt}").into()),
        }
    }

    /// The context keys that it looks at, in lower case.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let variables = self.test.values.iter().flat_map(Template::variables);
        std::iter::once(self.test.lower.as_str()).chain(variables)
    }

    /// What its tests come to. Contexts that agree on this are all one to it.
    #[must_use]
    pub fn outcomes(&self, context: &Context) -> [Outcome; 2] {
        [self.test.outcome(context), self.absent.outcome(context)]
    }

    #[must_use]
    pub fn evaluate(&self, context: &Context) -> Formula {
        if let Some(doubt) = &self.doubt {
            return Formula::Doubt(Arc::clone(doubt));
        }
        let asked = put(&self.test, context);
        let asked = if self.negated { asked.opposite() } else { asked };
        if self.if_exists { Formula::any([put(&self.absent, context), asked]) } else { asked }
    }
}

fn put(test: &Arc<Test>, context: &Context) -> Formula {
    match test.outcome(context) {
        Outcome::Holds => Formula::Yes,
        Outcome::Fails => Formula::No,
        Outcome::Unknown => Formula::Leaf(Leaf::Condition(Arc::clone(test))),
    }
}

//! Whether a formula can hold at all.
//!
//! "`kms:ViaService` is s3" from an allow and "is not s3" from a deny can never both be:
//! that is a denial, and no condition under which access would hold.

use super::{Formula, Leaf};
use crate::access::condition::{Beyond, Context, Lookup, Outcome, Quantity, Relation, Test};

/// With more ways than these, a formula is taken to be possible.
const MOST: usize = 256;

/// A way with more literals than these is taken to be possible, too: whether they fit
/// together takes time that grows with the square of their number.
const LONGEST: usize = 48;

/// Keys that hold several values at once, of which each may suit another test (AWS global
/// condition context keys; Condition keys for AWS KMS: "multi-valued").
const MANY_VALUED: &[&str] = &[
    "aws:calledvia",
    "aws:principalorgpaths",
    "aws:resourceorgpaths",
    "aws:sourceorgpaths",
    "aws:sourcevpcorgpaths",
    "aws:tagkeys",
    "kms:encryptioncontextkeys",
    "kms:grantoperations",
    "kms:resourcealiases",
];

/// A leaf, and whether it has to hold.
type Literal<'a> = (&'a Leaf, bool);

impl Formula {
    /// False only where no request can make the formula hold.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        match self {
            Self::Yes => true,
            Self::No => false,
            _ => self.ways().is_none_or(|ways| ways.iter().any(|way| fit_together(way))),
        }
    }

    /// The disjunctive normal form.
    fn ways(&self) -> Option<Vec<Vec<Literal<'_>>>> {
        match self {
            Self::Yes | Self::Doubt(_) => Some(vec![Vec::new()]),
            Self::No => Some(Vec::new()),
            Self::Leaf(leaf) => Some(vec![vec![(leaf, true)]]),
            Self::Not(inner) => match &**inner {
                Self::Leaf(leaf) => Some(vec![vec![(leaf, false)]]),
                _ => Some(vec![Vec::new()]),
            },
            Self::Any(parts) => {
                let ways: Vec<_> = parts.iter().map(Self::ways).collect::<Option<Vec<_>>>()?.concat();
                (ways.len() <= MOST).then_some(ways)
            }
            Self::All(parts) => {
                parts.iter().try_fold(vec![Vec::new()], |ways, part| joined(ways, part.ways()?))
            }
        }
    }
}

/// Ways that cannot be are dropped early, so that few are left.
fn joined<'a>(ways: Vec<Vec<Literal<'a>>>, more: Vec<Vec<Literal<'a>>>) -> Option<Vec<Vec<Literal<'a>>>> {
    let longest = |ways: &[Vec<Literal<'_>>]| ways.iter().map(Vec::len).max().unwrap_or(0);
    if ways.len().saturating_mul(more.len()) > MOST || longest(&ways) + longest(&more) > LONGEST {
        return None;
    }
    let pairs = ways.iter().flat_map(|way| more.iter().map(|other| [&**way, &**other].concat()));
    Some(pairs.filter(|way| fit_together(way)).collect())
}

fn fit_together(way: &[Literal<'_>]) -> bool {
    let opposed = |(leaf, holds): &Literal<'_>| way.contains(&(*leaf, !*holds));
    !way.iter().any(opposed) && way.iter().all(|literal| has_a_value(literal, way))
}

/// Where a key can only have few values, one of them has to suit every other test of it.
fn has_a_value((leaf, holds): &Literal<'_>, way: &[Literal<'_>]) -> bool {
    let Leaf::Condition(test) = leaf else { return true };
    let others = way.iter().filter_map(|(leaf, holds)| match leaf {
        Leaf::Condition(other) if other.lower == test.lower => Some((&**other, *holds)),
        _ => None,
    });
    if test.relation == Relation::Null && *holds {
        let context = Context::new(Beyond::Unknown).without(&test.lower);
        return others.into_iter().all(|other| suits(other, &context));
    }
    if MANY_VALUED.contains(&&*test.lower) {
        return true;
    }
    let Some(values) = test.only_values().filter(|_| *holds) else { return true };
    let others: Vec<_> = others.collect();
    values.iter().any(|value| {
        let context = Context::new(Beyond::Unknown).with(&test.lower, value.as_str());
        others.iter().all(|other| suits(*other, &context))
    })
}

/// Set operators look at keys with many values, of which one value says nothing.
fn suits((test, holds): (&Test, bool), context: &Context) -> bool {
    let many = test.quantity != Quantity::One;
    match test.outcome(context) {
        Outcome::Unknown => true,
        _ if many && test.relation != Relation::Null && !is_absent(context, test) => true,
        Outcome::Holds => holds,
        Outcome::Fails => !holds,
    }
}

fn is_absent(context: &Context, test: &Test) -> bool {
    context.lookup(&test.lower) == Lookup::Absent
}

use super::*;

fn leaf(name: &str) -> Formula {
    Formula::fact(name, &format!("not {name}"))
}

#[test]
fn parts_that_decide_end_the_question() {
    assert_eq!(Formula::all([Formula::Yes, leaf("a"), Formula::No]), Formula::No);
    assert_eq!(Formula::any([Formula::No, leaf("a"), Formula::Yes]), Formula::Yes);
    assert_eq!(Formula::all([Formula::Yes, leaf("a")]), leaf("a"));
    assert_eq!(Formula::all([]), Formula::Yes);
    assert_eq!(Formula::any([]), Formula::No);
    assert_eq!(Formula::any([Formula::doubt("x"), Formula::Yes]), Formula::Yes);
}

#[test]
fn the_opposite_of_the_opposite_is_the_same() {
    let formula = Formula::any([Formula::all([leaf("a"), leaf("b").opposite()]), Formula::doubt("x")]);
    assert_eq!(formula.clone().opposite().opposite(), formula);
}

#[test]
fn doubts_are_settled_against_and_for() {
    let formula = Formula::all([leaf("a"), Formula::doubt("x").opposite()]);
    assert_eq!(formula.at_least(), Formula::No);
    assert_eq!(formula.at_most(), leaf("a"));
    assert_eq!(formula.doubts(), ["x".into()]);
}

#[test]
fn opposites_cannot_both_be() {
    let both = Formula::all([leaf("a"), Formula::any([leaf("b"), leaf("c")]), leaf("a").opposite()]);
    assert!(!both.is_possible());
    let either = Formula::any([leaf("a"), leaf("a").opposite()]);
    assert!(either.is_possible());
}

/// Where there are too many ways to look at, access is taken to be possible.
#[test]
fn very_many_ways_are_taken_to_be_possible() {
    let pair = |at: usize| Formula::any([leaf(&format!("a{at}")), leaf(&format!("b{at}"))]);
    assert!(Formula::all((0..200).map(pair)).is_possible());
}

/// Parts of which nobody could list all ways are still put together in no time: comparing each
/// with each would take hours here.
#[test]
fn very_many_parts_are_put_together_at_once() {
    let many = || (0..200_000).map(|at| leaf(&format!("a{at}")));
    for formula in [Formula::all(many()), Formula::any(many())] {
        assert!(formula.is_possible());
        assert!(formula.opposite().is_possible());
    }
}

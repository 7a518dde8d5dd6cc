//! Conditions, as far as they can be decided before a run: by the finite choices that they
//! compare.

use std::collections::HashMap;

use serde_json::Value;

use super::{choices, shape};
use crate::document::ParamKind;
use crate::document::action::{Action, Answering};
use crate::document::draft::Draft;
use crate::document::expr::{Relation, Tree, Use};

/// How many combinations of choices are looked at; past that the rest of the choices count
/// as unknown.
const MAX_WORLDS: usize = 256;

/// Something that has one of a few values, by its name in expressions.
#[derive(Debug)]
pub(super) struct Variable {
    pub name: String,
    pub values: Vec<Value>,
}

/// One combination of choices.
pub(super) type World<'v> = HashMap<&'v str, &'v Value>;

/// The choices that these conditions compare.
pub(super) fn variables<'d>(draft: &Draft, trees: impl IntoIterator<Item = &'d Tree>) -> Vec<Variable> {
    let mut variables: Vec<Variable> = Vec::new();
    for tree in trees {
        tree.visit(&mut |part| {
            if let Tree::Name(used) = part
                && !variables.iter().any(|variable| variable.name == used.path)
                && let Some(values) = values(draft, used)
            {
                variables.push(Variable { name: used.path.clone(), values });
            }
        });
    }
    variables
}

fn values(draft: &Draft, used: &Use) -> Option<Vec<Value>> {
    if is_yes_or_no(draft, used) {
        return Some(vec![Value::Bool(true), Value::Bool(false)]);
    }
    // Several answers at once are no finite choice worth counting out.
    if used.step().is_some_and(|id| !asks_for_one(draft, id)) {
        return None;
    }
    choices::of(draft, used).map(|texts| texts.into_iter().map(Value::String).collect())
}

fn is_yes_or_no(draft: &Draft, used: &Use) -> bool {
    match used.path.split('.').collect::<Vec<_>>().as_slice() {
        ["params", name] => draft.playbook.param(name).is_some_and(|param| param.kind == ParamKind::Boolean),
        ["steps", id, "answer"] => {
            let asked = shape::sound_step(draft, id).map(|(_, step)| &step.action);
            matches!(asked, Some(Action::Ask(ask)) if matches!(ask.answering, Answering::YesNo))
        }
        _ => false,
    }
}

fn asks_for_one(draft: &Draft, id: &str) -> bool {
    let step = shape::sound_step(draft, id).map(|(_, step)| step).filter(|step| step.for_each.is_none());
    let asked = step.map(|step| &step.action);
    matches!(asked, Some(Action::Ask(ask)) if matches!(ask.answering, Answering::Choice(_)))
}

/// Every combination of the choices, as far as there are not too many.
pub(super) fn worlds(variables: &[Variable]) -> Vec<World<'_>> {
    let mut worlds = vec![World::new()];
    for variable in variables {
        if variable.values.is_empty() || worlds.len() * variable.values.len() > MAX_WORLDS {
            continue;
        }
        let mut more = Vec::with_capacity(worlds.len() * variable.values.len());
        for world in &worlds {
            for value in &variable.values {
                let mut world = world.clone();
                world.insert(variable.name.as_str(), value);
                more.push(world);
            }
        }
        worlds = more;
    }
    worlds
}

/// What decides the parts of a condition that the choices leave open.
pub(super) trait Sight {
    /// Whether the name is defined.
    fn defined(&self, used: &Use) -> Option<bool>;

    /// Whether a part that no rule knows is true.
    fn open(&self, part: &Tree) -> Option<bool>;
}

/// Decides nothing.
pub(super) struct Blind;

impl Sight for Blind {
    fn defined(&self, _: &Use) -> Option<bool> {
        None
    }

    fn open(&self, _: &Tree) -> Option<bool> {
        None
    }
}

/// Whether a condition is true in a world; `None` where that cannot be told.
pub(super) fn truth(tree: &Tree, world: &World<'_>, sight: &dyn Sight) -> Option<bool> {
    let inner = |tree: &Tree| truth(tree, world, sight);
    match tree {
        Tree::Literal(value) => value.as_bool(),
        Tree::Name(used) => match world.get(used.path.as_str()) {
            Some(value) => value.as_bool(),
            None => sight.open(tree),
        },
        Tree::Not(part) => inner(part).map(|truth| !truth),
        Tree::And(left, right) => both(inner(left), inner(right)),
        Tree::Or(left, right) => {
            both(inner(left).map(|truth| !truth), inner(right).map(|truth| !truth)).map(|truth| !truth)
        }
        Tree::Defined(part) => match &**part {
            Tree::Name(used) => sight.defined(used).or_else(|| sight.open(tree)),
            _ => sight.open(tree),
        },
        Tree::Compare { relation, left, right } => {
            let known = value(left, world).zip(value(right, world));
            known.and_then(|(left, right)| compare(*relation, &left, &right)).or_else(|| sight.open(tree))
        }
        Tree::List(_) | Tree::Other(..) => sight.open(tree),
    }
}

fn both(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn value(tree: &Tree, world: &World<'_>) -> Option<Value> {
    match tree {
        Tree::Literal(value) => Some(value.clone()),
        Tree::Name(used) => world.get(used.path.as_str()).map(|value| (*value).clone()),
        Tree::List(items) => items.iter().map(|item| value(item, world)).collect(),
        _ => None,
    }
}

fn compare(relation: Relation, left: &Value, right: &Value) -> Option<bool> {
    match relation {
        Relation::Equal => Some(left == right),
        Relation::Unequal => Some(left != right),
        Relation::In => right.as_array().map(|items| items.contains(left)),
        Relation::NotIn => right.as_array().map(|items| !items.contains(left)),
        _ => order(relation, left.as_f64()?, right.as_f64()?),
    }
}

fn order(relation: Relation, left: f64, right: f64) -> Option<bool> {
    match relation {
        Relation::Less => Some(left < right),
        Relation::LessOrEqual => Some(left <= right),
        Relation::Greater => Some(left > right),
        Relation::GreaterOrEqual => Some(left >= right),
        _ => None,
    }
}

/// The parts that all have to be true for a condition to be.
pub(super) fn conjuncts<'t>(tree: &'t Tree, parts: &mut Vec<&'t Tree>) {
    match tree {
        Tree::And(left, right) => {
            conjuncts(left, parts);
            conjuncts(right, parts);
        }
        part => parts.push(part),
    }
}

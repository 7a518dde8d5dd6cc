//! What a step needs of one that may not have run.

use std::collections::{HashMap, HashSet};

use super::conditions::{self, Blind, Sight, Variable, World, conjuncts, truth};
use super::uses::{self, Site};
use crate::document::draft::Draft;
use crate::document::expr::{Tree, Use};
use crate::document::{OnFailure, Step};
use crate::text::Diagnostic;

pub(super) fn check(draft: &Draft, found: &mut Vec<Diagnostic>) {
    let jumps = jumps(draft);
    let mut implied = HashMap::new();
    for (index, step) in draft.playbook.steps.iter().enumerate() {
        let mut told: HashSet<&str> = HashSet::new();
        uses::of_step(step, &mut |site| {
            let Some(warning) = Skips { draft, jumps: &jumps, index, step }.warning(site, &mut implied)
            else {
                return;
            };
            if site.used.step().is_some_and(|id| told.insert(id)) {
                found.push(warning);
            }
        });
    }
}

/// From which step on failure to which other.
fn jumps(draft: &Draft) -> Vec<(usize, usize)> {
    let target = |(from, step): (usize, &Step)| match &step.on_failure {
        OnFailure::Goto(to) => draft.playbook.step(to).map(|(to, _)| (from, to)),
        OnFailure::Stop | OnFailure::Continue => None,
    };
    draft.playbook.steps.iter().enumerate().filter_map(target).collect()
}

struct Skips<'c, 'd> {
    draft: &'d Draft,
    jumps: &'c [(usize, usize)],
    index: usize,
    step: &'d Step,
}

impl<'d> Skips<'_, 'd> {
    fn warning(&self, site: Site<'d>, implied: &mut HashMap<(usize, usize), bool>) -> Option<Diagnostic> {
        let id = site.used.step()?;
        let (at, earlier) = self.draft.playbook.step(id)?;
        if at >= self.index || site.used.tested || self.asks_before(site.used) {
            return None;
        }
        let in_when = self.step.when.as_ref().is_some_and(|when| when.uses.contains(site.used));
        let name = site.used.name();
        let warn = |why: String| {
            let message = format!("{why}, and then `{name}` is undefined and `{}` fails", self.step.id);
            Diagnostic::warning("may-be-skipped", site.used.span, message)
        };
        if let Some(when) = &earlier.when {
            let sure =
                !in_when && *implied.entry((self.index, at)).or_insert_with(|| self.implies(&when.tree));
            if !sure {
                return Some(
                    warn(format!("`{id}` may be skipped"))
                        .also(when.span, "skipped if this is false")
                        .help(format!("give this step the same `when`, or ask first: steps.{id} is defined")),
                );
            }
        }
        if earlier.on_failure != OnFailure::Stop {
            let help = format!("ask first: steps.{id} is defined");
            return Some(
                warn(format!("`{id}` may fail and the run goes on"))
                    .also(earlier.span, "goes on after a failure")
                    .help(help),
            );
        }
        let passed =
            self.jumps.iter().find(|(from, to)| (from + 1..*to).contains(&at) && *to <= self.index)?;
        let jump = self.draft.playbook.steps.get(passed.0)?;
        let help = format!("ask first: steps.{id} is defined");
        Some(
            warn(format!("`{id}` is passed over if `{}` fails", jump.id))
                .also(jump.span, "goes on behind it")
                .help(help),
        )
    }

    /// Whether the step runs only if the name, or what it is looked up in, is defined.
    fn asks_before(&self, used: &Use) -> bool {
        let Some(when) = &self.step.when else { return false };
        if when.uses.contains(used) {
            return false;
        }
        let mut parts = Vec::new();
        conjuncts(&when.tree, &mut parts);
        parts.into_iter().any(|part| match part {
            Tree::Defined(inner) => matches!(&**inner, Tree::Name(asked) if asked.step() == used.step()),
            _ => false,
        })
    }

    /// Whether this step runs only when the other condition is true.
    fn implies(&self, other: &Tree) -> bool {
        let mut own = Vec::new();
        if let Some(when) = &self.step.when {
            conjuncts(&when.tree, &mut own);
        }
        let own_texts: HashSet<String> = own.iter().map(|part| part.canonical()).collect();
        let mut others = Vec::new();
        conjuncts(other, &mut others);
        others.into_iter().all(|part| own_texts.contains(&part.canonical())) || self.implies_by_cases(other)
    }

    fn implies_by_cases(&self, other: &Tree) -> bool {
        let own = self.step.when.as_ref().map(|when| &*when.tree);
        let mut variables = conditions::variables(self.draft, own.into_iter().chain([other]));
        let open = open_parts(own.into_iter().chain([other]), &variables);
        variables.extend(open);
        let all =
            variables.iter().fold(1_usize, |all, variable| all.saturating_mul(variable.values.len().max(1)));
        let worlds = conditions::worlds(&variables);
        all == worlds.len()
            && worlds.iter().all(|world| {
                let runs = own.is_none_or(|own| truth(own, world, &Open { world }) != Some(false));
                !runs || truth(other, world, &Open { world }) == Some(true)
            })
    }
}

/// Parts that the choices do not decide are true or false, but the same wherever they stand.
fn open_parts<'d>(trees: impl Iterator<Item = &'d Tree>, decided: &[Variable]) -> Vec<Variable> {
    let worlds = conditions::worlds(decided);
    let mut leaves = Vec::new();
    trees.for_each(|tree| gather(tree, &mut leaves));
    let mut open: Vec<Variable> = Vec::new();
    for leaf in leaves {
        let name = leaf.canonical();
        let undecided = worlds.first().is_none_or(|world| truth(leaf, world, &Blind).is_none());
        if undecided && !open.iter().any(|variable| variable.name == name) {
            open.push(Variable { name, values: vec![true.into(), false.into()] });
        }
    }
    open
}

fn gather<'t>(tree: &'t Tree, leaves: &mut Vec<&'t Tree>) {
    match tree {
        Tree::And(left, right) | Tree::Or(left, right) => {
            gather(left, leaves);
            gather(right, leaves);
        }
        Tree::Not(inner) => gather(inner, leaves),
        leaf => leaves.push(leaf),
    }
}

struct Open<'w, 'v> {
    world: &'w World<'v>,
}

impl Sight for Open<'_, '_> {
    fn defined(&self, _: &Use) -> Option<bool> {
        None
    }

    fn open(&self, part: &Tree) -> Option<bool> {
        self.world.get(part.canonical().as_str()).and_then(|value| value.as_bool())
    }
}

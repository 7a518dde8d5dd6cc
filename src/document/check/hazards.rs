//! Hazards of order: a step that needs a key in one state after another step left it in a
//! different one. The steps are walked once for each combination of the choices that their
//! conditions compare; what that does not decide counts as true.

use std::collections::{HashMap, HashSet};

use super::conditions::{Sight, World, truth, variables, worlds};
use super::identity;
use crate::document::Step;
use crate::document::action::{Action, KeyState, KeyUse, Operation, Wait};
use crate::document::draft::Draft;
use crate::document::expr::{Tree, Use};
use crate::text::Diagnostic;

pub(super) fn check(draft: &Draft, found: &mut Vec<Diagnostic>) {
    let moves = moves(draft);
    // Without a step that leaves a state, no other can stumble over it.
    if !moves.iter().any(|step| step.uses.iter().any(|used| used.fact.leaves.is_some())) {
        return;
    }
    let conditions = moves.iter().filter_map(|step| step.step.when.as_ref()).map(|when| &*when.tree);
    let variables = variables(draft, conditions);
    let worlds = worlds(&variables);
    let mut hazards: Vec<Hazard<'_>> = Vec::new();
    for (number, world) in worlds.iter().enumerate() {
        for met in walk(&moves, world) {
            match hazards.iter_mut().find(|hazard| hazard.is(&met)) {
                Some(hazard) => hazard.worlds.push(number),
                None => hazards.push(Hazard { worlds: vec![number], ..met }),
            }
        }
    }
    found.extend(hazards.iter().map(|hazard| hazard.diagnostic(&worlds)));
}

/// A step that works on keys, in the order of the document.
struct Move<'d> {
    step: &'d Step,
    uses: Vec<KeyTouch>,
}

struct KeyTouch {
    key: String,
    fact: &'static KeyUse,
    /// Whether the touch is part of a reading after the act, which leaves nothing behind.
    reading: bool,
}

fn moves(draft: &Draft) -> Vec<Move<'_>> {
    let mut moves = Vec::new();
    for step in draft.playbook.steps.iter().filter(|step| !draft.broken.steps.contains(&step.id)) {
        let mut uses = Vec::new();
        touches(draft, step, &step.action, false, &mut uses);
        if let Some(verify) = &step.verify {
            touches(draft, step, &verify.action, true, &mut uses);
        }
        // A step without keys still decides whether another one's outputs are defined.
        moves.push(Move { step, uses });
    }
    moves
}

fn touches(draft: &Draft, step: &Step, action: &Action, reading: bool, uses: &mut Vec<KeyTouch>) {
    match action {
        Action::Operation(Operation { spec, inputs, .. }) => {
            for fact in spec.keys {
                if let Some((_, input)) = inputs.iter().find(|(field, _)| field.name == fact.key) {
                    uses.push(KeyTouch { key: identity::of_key(draft, step, input), fact, reading });
                }
            }
        }
        Action::Wait(wait) => {
            if let Wait::Until(watch) = &**wait {
                touches(draft, step, &watch.action, true, uses);
            }
        }
        Action::Manual(_) | Action::Ask(_) | Action::Shell(_) | Action::Notify(_) | Action::Assert(_) => {}
    }
}

/// A step met a key in a state in which it does not work.
struct Hazard<'d> {
    step: &'d Step,
    fact: &'static KeyUse,
    state: KeyState,
    /// The step that left the key so.
    by: &'d Step,
    /// In which worlds.
    worlds: Vec<usize>,
}

fn walk<'d>(moves: &[Move<'d>], world: &World<'_>) -> Vec<Hazard<'d>> {
    let mut states: HashMap<&str, (KeyState, &'d Step)> = HashMap::new();
    let mut skipped: HashSet<&str> = HashSet::new();
    let mut hazards = Vec::new();
    for Move { step, uses } in moves {
        let runs = step.when.as_ref().and_then(|when| truth(&when.tree, world, &Past { skipped: &skipped }));
        if runs == Some(false) {
            skipped.insert(&step.id);
            continue;
        }
        for touch in uses {
            if let Some(&(state, by)) = states.get(touch.key.as_str())
                && !touch.fact.works_in.is_empty()
                && !touch.fact.works_in.contains(&state)
            {
                hazards.push(Hazard { step, fact: touch.fact, state, by, worlds: Vec::new() });
            }
            if let (Some(state), false) = (touch.fact.leaves, touch.reading) {
                states.insert(&touch.key, (state, step));
            }
        }
    }
    hazards
}

/// What a step knows of those before it: whether they were skipped.
struct Past<'w> {
    skipped: &'w HashSet<&'w str>,
}

impl Sight for Past<'_> {
    fn defined(&self, used: &Use) -> Option<bool> {
        used.step().map(|id| !self.skipped.contains(id))
    }

    fn open(&self, _: &Tree) -> Option<bool> {
        None
    }
}

impl Hazard<'_> {
    fn is(&self, other: &Self) -> bool {
        self.step.id == other.step.id && self.by.id == other.by.id && self.state == other.state
    }

    fn diagnostic(&self, worlds: &[World<'_>]) -> Diagnostic {
        let (code, help) = match self.state {
            KeyState::PendingDeletion => (
                "hazard-key-deleted",
                "schedule the deletion last, when everything is re-encrypted and proved to be; kms.cancel_key_deletion takes it back",
            ),
            KeyState::Disabled => (
                "hazard-key-disabled",
                "fence the key, enable it behind the fence, re-encrypt, then disable it again",
            ),
            KeyState::Enabled => ("hazard-key-enabled", "change the order of the steps"),
        };
        let needs = self.fact.works_in.iter().map(|state| state.words()).collect::<Vec<_>>().join(" or ");
        let message = format!(
            "`{}` needs the key {needs}, and `{}` left it {}",
            self.step.id,
            self.by.id,
            self.state.words()
        );
        let fault = Diagnostic::error(code, self.step.span, message)
            .label(self.fact.because)
            .also(self.by.span, format!("{} here", self.state.words()));
        let fault = match self.circumstances(worlds) {
            Some(when) => fault.help(format!("this happens when {when}")),
            None => fault,
        };
        fault.help(help)
    }

    /// The choices that all worlds with this hazard share, and not all worlds do.
    fn circumstances(&self, worlds: &[World<'_>]) -> Option<String> {
        let met: Vec<&World<'_>> = self.worlds.iter().filter_map(|&number| worlds.get(number)).collect();
        let first = met.first()?;
        let mut shared: Vec<String> = first
            .iter()
            .filter(|(name, value)| met.iter().all(|world| world.get(*name) == Some(*value)))
            .filter(|(name, value)| worlds.iter().any(|world| world.get(*name) != Some(*value)))
            .map(|(name, value)| format!("{name} is {value}"))
            .collect();
        shared.sort();
        (!shared.is_empty()).then(|| shared.join(" and "))
    }
}

//! Hazards of order: a step that needs a key in one state after another step left it in a
//! different one, and a compromised key that is switched on again without a fence. The steps
//! are walked once for each combination of the choices that their conditions compare; what
//! that does not decide counts as true.

use std::collections::{HashMap, HashSet};

use super::conditions::{Sight, World, truth, variables, worlds};
use super::identity;
use crate::document::action::{Action, Fence, KeyState, KeyUse, Operation, Wait};
use crate::document::draft::Draft;
use crate::document::expr::{Tree, Use};
use crate::document::{Species, Step};
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
        for met in walk(&moves, world, draft.playbook.species) {
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
        Action::Manual(_)
        | Action::Ask(_)
        | Action::Review(_)
        | Action::Shell(_)
        | Action::Notify(_)
        | Action::Assert(_) => {}
    }
}

/// Why a step must not come where it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Danger {
    /// It meets the key in a state in which it does not work.
    State(KeyState),
    /// It makes a compromised key usable again, and nothing keeps the attacker out.
    NoFence,
}

struct Hazard<'d> {
    step: &'d Step,
    fact: &'static KeyUse,
    danger: Danger,
    /// The step that left the key so; for a key without a fence the one that it is
    /// switched on for.
    by: &'d Step,
    /// In which worlds.
    worlds: Vec<usize>,
}

/// What the steps so far made of one key.
#[derive(Default)]
struct KeyTale<'d> {
    state: Option<(KeyState, &'d Step)>,
    fenced: bool,
    /// The step that took the key out of its containment while there was no fence.
    bare: Option<(&'d Step, &'static KeyUse)>,
}

impl<'d> KeyTale<'d> {
    /// What is wrong with touching the key in this way, now.
    fn danger(&self, step: &'d Step, fact: &'static KeyUse) -> Option<Hazard<'d>> {
        let hazard = |step, fact, danger, by| Some(Hazard { step, fact, danger, by, worlds: Vec::new() });
        if fact.works_in.is_empty() {
            return None;
        }
        match (self.state, self.bare) {
            (Some((state, by)), _) if !fact.works_in.contains(&state) => {
                hazard(step, fact, Danger::State(state), by)
            }
            (_, Some((opened, because))) if fact.works_in == [KeyState::Enabled] => {
                hazard(opened, because, Danger::NoFence, step)
            }
            _ => None,
        }
    }

    fn goes_on(&mut self, step: &'d Step, fact: &'static KeyUse) {
        match fact.fence {
            Some(Fence::Builds) => self.fenced = true,
            Some(Fence::Needs) if !self.fenced && self.is(KeyState::Disabled) => {
                self.bare = Some((step, fact));
            }
            Some(Fence::Needs) | None => {}
        }
        if let Some(state) = fact.leaves {
            self.state = Some((state, step));
        }
    }

    fn is(&self, state: KeyState) -> bool {
        self.state.is_some_and(|(now, _)| now == state)
    }
}

fn walk<'d>(moves: &[Move<'d>], world: &World<'_>, species: Species) -> Vec<Hazard<'d>> {
    let mut keys: HashMap<&str, KeyTale<'d>> = HashMap::new();
    let mut skipped: HashSet<&str> = HashSet::new();
    let mut hazards = Vec::new();
    for Move { step, uses } in moves {
        let runs = step.when.as_ref().and_then(|when| truth(&when.tree, world, &Past { skipped: &skipped }));
        if runs == Some(false) {
            skipped.insert(&step.id);
            continue;
        }
        for touch in uses {
            let key = keys.entry(&touch.key).or_default();
            // Routine work switches keys on and off, and nobody waits outside.
            let danger = key
                .danger(step, touch.fact)
                .filter(|met| met.danger != Danger::NoFence || species == Species::Playbook);
            hazards.extend(danger);
            if !touch.reading {
                key.goes_on(step, touch.fact);
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
        self.step.id == other.step.id && self.by.id == other.by.id && self.danger == other.danger
    }

    fn diagnostic(&self, worlds: &[World<'_>]) -> Diagnostic {
        let (code, help) = match self.danger {
            Danger::State(KeyState::PendingDeletion) => (
                "hazard-key-deleted",
                "schedule the deletion last, when everything is re-encrypted and proved to be; kms.cancel_key_deletion takes it back",
            ),
            Danger::State(KeyState::Disabled) => (
                "hazard-key-disabled",
                "fence the key, enable it behind the fence, re-encrypt, then disable it again",
            ),
            Danger::State(KeyState::Enabled) => ("hazard-key-enabled", "change the order of the steps"),
            Danger::NoFence => {
                ("hazard-key-unfenced", "put kms.fence_key before this step, while the key is still disabled")
            }
        };
        let fault = match self.danger {
            Danger::State(state) => self.wrong_state(code, state),
            Danger::NoFence => self.no_fence(code),
        };
        let fault = match self.circumstances(worlds) {
            Some(when) => fault.help(format!("this happens when {when}")),
            None => fault,
        };
        fault.help(help)
    }

    fn wrong_state(&self, code: &'static str, state: KeyState) -> Diagnostic {
        let needs = self.fact.works_in.iter().map(|state| state.words()).collect::<Vec<_>>().join(" or ");
        let (step, by, left) = (&self.step.id, &self.by.id, state.words());
        let message = format!("`{step}` needs the key {needs}, and `{by}` left it {left}");
        Diagnostic::error(code, self.step.span, message)
            .label(self.fact.fact(state))
            .also(self.by.span, format!("{left} here"))
    }

    fn no_fence(&self, code: &'static str) -> Diagnostic {
        let (step, by) = (&self.step.id, &self.by.id);
        let message = format!("`{step}` switches the key on for `{by}`, and for the attacker too");
        Diagnostic::error(code, self.step.span, message)
            .label("an enabled key works for everybody whom its policy does not keep out")
            .also(self.by.span, "the key is needed here")
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

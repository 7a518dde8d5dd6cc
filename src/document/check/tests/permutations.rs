//! Every order of the steps of the key-compromise playbook that touch the old key, against
//! a simulator that knows the table of the AWS KMS developer guide, "Key states of AWS KMS
//! keys", and nothing of the checks.

use super::*;
use crate::document::check::check;
use crate::document::decode::decode;
use crate::document::draft::Draft;
use crate::document::yaml;

const PLAYBOOK: &str = include_str!("../../../../playbooks/key-compromise.yaml");

/// The runbook that the deletion is moved to: what comes before it is proven there anew.
const FOLLOW_UP: &str = include_str!("../../../../runbooks/delete-compromised-key.yaml");

/// What the steps below need of those before them, in the order of the playbook.
const BEFORE: [&str; 11] = [
    "pin",
    "record_state",
    "disable_key",
    "fence_services",
    "fence_key",
    "inventory_s3",
    "new_key",
    "recovery_services",
    "grants_left",
    "choose_service_grants",
    "late",
];

/// The steps that touch the old key once it is contained, in the order of the playbook.
const STEPS: [&str; 7] = [
    "move_aliases",
    "fence_for_recovery",
    "enable_behind_fence",
    "reencrypt_s3",
    "revoke_service_grants",
    "disable_old_key",
    "schedule_deletion",
];

#[test]
fn of_all_orders_only_those_that_a_key_can_live_through_pass() {
    let mut draft = playbook();
    assert_eq!(judged(&draft), [], "the order of the playbook");
    let (mut orders, mut safe) = (0, 0);
    permute(&mut draft, BEFORE.len(), &mut |draft| {
        let order: Vec<&str> = draft.playbook.steps[BEFORE.len()..].iter().map(|step| &*step.id).collect();
        let found = judged(draft);
        let ends = [Containment::Disable, Containment::Fence].map(|way| simulate(way, &order));
        for end in ends.iter().filter_map(|end| end.as_ref().err()) {
            assert!(found.iter().any(|found| end.is_told_by(found)), "{order:?}: {end:?}, but {found:#?}");
        }
        if ends.iter().all(Result::is_ok) {
            assert_eq!(found, [], "{order:?} is safe");
            safe += 1;
        }
        orders += 1;
    });
    // Fence, enable, re-encrypt, disable, delete follow one another; the aliases and the
    // grants may be dealt with at any time: 7 * 6.
    assert_eq!((orders, safe), (5040, 42));
}

/// The playbook with no steps but those above, read and not yet checked.
fn playbook() -> Draft {
    let head = PLAYBOOK.split_once("\nobjectives:").expect("a head").0;
    let (_, params) = FOLLOW_UP.split_once("\n  incident:").expect("a parameter");
    let params = params.split_once("\n\n").expect("the end of the parameters").0;
    let head = head.replacen("\nparams:", &format!("\nparams:\n  incident:{params}"), 1);
    let steps: String = BEFORE.iter().chain(&STEPS).map(|id| step(id)).collect();
    let text = format!("{head}\nphases:\n  - id: all\n    title: All\n    steps:\n{steps}");
    let (root, mut found) = yaml::parse(&text);
    let source = Source::new("key-compromise.yaml", text);
    let draft = decode(&root.expect("a document"), &source, Some("key-compromise"), &mut found);
    assert_eq!(found, []);
    draft.expect("a playbook")
}

/// The text of a step as it stands in the playbook, or in the runbook that follows it.
fn step(id: &str) -> String {
    let begin = format!("      - id: {id}");
    let home = if PLAYBOOK.lines().any(|line| line == begin) { PLAYBOOK } else { FOLLOW_UP };
    let lines = home.lines().skip_while(|line| *line != begin);
    let rest = lines.clone().skip(1);
    let rest = rest.take_while(|line| !line.starts_with("      - id:") && !line.starts_with("  - id:"));
    let text: Vec<&str> = lines.take(1).chain(rest).collect();
    assert!(text.len() > 1, "there is no step {id}");
    text.join("\n") + "\n"
}

/// The errors about a document; warnings pass.
fn judged(draft: &Draft) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    check(draft, &mut found);
    found.retain(|found| found.severity == Severity::Error);
    found
}

fn permute(draft: &mut Draft, from: usize, see: &mut impl FnMut(&Draft)) {
    if from == draft.steps.len() {
        return see(draft);
    }
    for to in from..draft.steps.len() {
        swap(draft, from, to);
        permute(draft, from + 1, see);
        swap(draft, from, to);
    }
}

fn swap(draft: &mut Draft, one: usize, other: usize) {
    draft.steps.swap(one, other);
    draft.playbook.steps.swap(one, other);
    for at in [one, other] {
        let id = draft.playbook.steps[at].id.clone();
        draft.playbook.index.insert(id, at);
    }
}

/// How the key was contained in the first phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Containment {
    Disable,
    Fence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Enabled,
    Disabled,
    PendingDeletion,
}

/// Why an order is not to be followed.
#[derive(Debug)]
enum Unsafe {
    /// KMS refuses an operation.
    Refused { step: String, operation: &'static str, state: State, by: String },
    /// The key was switched on again for everybody, and needed so.
    Exposed { step: String },
}

impl Unsafe {
    fn is_told_by(&self, found: &Diagnostic) -> bool {
        match self {
            Self::Refused { step, operation, state, by } => {
                let code = match state {
                    State::Enabled => "hazard-key-enabled",
                    State::Disabled => "hazard-key-disabled",
                    State::PendingDeletion => "hazard-key-deleted",
                };
                found.code == code
                    && found.message.contains(&format!("`{step}`"))
                    && found.message.contains(&format!("`{by}`"))
                    && found.label.as_ref().is_some_and(|fact| fact.contains(operation))
            }
            Self::Exposed { step } => {
                found.code == "hazard-key-unfenced" && found.message.contains(&format!("`{step}`"))
            }
        }
    }
}

/// The rows of the table that the steps need: whether the operation succeeds on a key that
/// is enabled, disabled, pending deletion.
const TABLE: [(&str, [bool; 3]); 9] = [
    ("Decrypt", [true, false, false]),
    ("DisableKey", [true, true, false]),
    ("EnableKey", [true, true, false]),
    ("ListGrants", [true, true, true]),
    ("PutKeyPolicy", [true, true, true]),
    ("ReEncrypt", [true, false, false]),
    ("RevokeGrant", [true, true, true]),
    ("ScheduleKeyDeletion", [true, true, false]),
    // "If the source KMS key is pending deletion, the command succeeds."
    ("UpdateAlias", [true, true, true]),
];

struct Key {
    state: State,
    by: String,
    fenced: bool,
    exposed: Option<String>,
}

impl Key {
    fn call(&self, step: &str, operation: &'static str) -> Result<(), Unsafe> {
        let (_, row) = TABLE.iter().find(|(name, _)| *name == operation).expect("a row of the table");
        if row[self.state as usize] {
            return Ok(());
        }
        let (state, by) = (self.state, self.by.clone());
        Err(Unsafe::Refused { step: step.to_owned(), operation, state, by })
    }

    fn becomes(&mut self, state: State, by: &str) {
        (self.state, self.by) = (state, by.to_owned());
    }
}

fn simulate(way: Containment, order: &[&str]) -> Result<(), Unsafe> {
    let mut key = match way {
        Containment::Disable => {
            Key { state: State::Disabled, by: "disable_key".into(), fenced: false, exposed: None }
        }
        Containment::Fence => Key { state: State::Enabled, by: String::new(), fenced: true, exposed: None },
    };
    for step in order {
        match *step {
            "move_aliases" => key.call(step, "UpdateAlias")?,
            "fence_for_recovery" if way == Containment::Disable => {
                key.call(step, "PutKeyPolicy")?;
                key.fenced = true;
            }
            "enable_behind_fence" if way == Containment::Disable => {
                key.call(step, "EnableKey")?;
                if !key.fenced && key.state == State::Disabled {
                    key.exposed = Some((*step).to_owned());
                }
                key.becomes(State::Enabled, step);
            }
            "reencrypt_s3" => {
                key.call(step, "ReEncrypt")?;
                key.call(step, "Decrypt")?;
                if let Some(step) = key.exposed.take() {
                    return Err(Unsafe::Exposed { step });
                }
            }
            "revoke_service_grants" => {
                key.call(step, "ListGrants")?;
                key.call(step, "RevokeGrant")?;
            }
            "disable_old_key" => {
                key.call(step, "DisableKey")?;
                key.becomes(State::Disabled, step);
            }
            "schedule_deletion" => {
                key.call(step, "ScheduleKeyDeletion")?;
                key.becomes(State::PendingDeletion, step);
            }
            "fence_for_recovery" | "enable_behind_fence" => {}
            other => panic!("nobody knows what {other} does to the key"),
        }
    }
    Ok(())
}

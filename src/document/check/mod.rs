//! What the parts of a document mean to each other: one file for each family of rules, all
//! over the same draft.

mod approvals;
mod channels;
mod choices;
mod conditions;
mod deletion;
mod gates;
mod hazards;
mod identity;
mod kinds;
mod names;
mod objectives;
mod order;
mod secrets;
mod shape;
mod shell;
mod signatures;
mod skips;
mod uses;

#[cfg(test)]
mod screens;
#[cfg(test)]
mod tests;

use super::draft::Draft;
use crate::text::Diagnostic;

/// Runs every rule.
pub(super) fn check(draft: &Draft, found: &mut Vec<Diagnostic>) {
    names::check(draft, found);
    kinds::check(draft, found);
    choices::check(draft, found);
    order::check(draft, found);
    skips::check(draft, found);
    objectives::check(draft, found);
    channels::check(draft, found);
    approvals::check(draft, found);
    gates::check(draft, found);
    hazards::check(draft, found);
    deletion::check(draft, found);
    secrets::check(draft, found);
    shell::check(draft, found);
    signatures::check(draft, found);
}

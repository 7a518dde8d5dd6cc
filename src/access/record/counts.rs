//! Everything that is counted of a review, counted in one place.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Edit, Excluded, Finding, MADE, UNDECIDED};
use crate::access::evaluate::Verdict;

/// The decisions that a review of access has; others are counted where they were made.
const DECISIONS: [&str; 5] = ["delegate", "keep", "narrow", "revoke", UNDECIDED];

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    pub population: Population,
    /// Of the reviewed and the unknown together.
    pub verdicts: Verdicts,
    /// Of everybody who is not denied, by decision.
    pub decisions: BTreeMap<String, usize>,
    pub revocations: Revocations,
    pub edits: Edits,
}

/// Everybody: the reviewed, the excluded and the unknown add up to the total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Population {
    pub total: usize,
    pub reviewed: usize,
    pub excluded: usize,
    pub unknown: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdicts {
    pub allowed: usize,
    pub allowed_if: usize,
    pub unknown: usize,
    pub implicit_deny: usize,
    pub explicit_deny: usize,
}

/// What came of each decision to revoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocations {
    pub proven: usize,
    pub not_proven: usize,
    /// Nobody asked AWS again.
    pub not_asked_again: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edits {
    pub planned: usize,
    pub made: usize,
}

impl Counts {
    pub(super) fn of(findings: &[Finding], excluded: &[Excluded], edits: &[Edit]) -> Self {
        let with = |verdict| findings.iter().filter(|finding| finding.verdict == verdict).count();
        let unknown = with(Verdict::Unknown);
        Self {
            population: Population {
                total: findings.len() + excluded.len(),
                reviewed: findings.len() - unknown,
                excluded: excluded.len(),
                unknown,
            },
            verdicts: Verdicts {
                allowed: with(Verdict::Allowed),
                allowed_if: with(Verdict::AllowedIf),
                unknown,
                implicit_deny: with(Verdict::ImplicitDeny),
                explicit_deny: with(Verdict::ExplicitDeny),
            },
            decisions: decisions(findings),
            revocations: Revocations::of(findings),
            edits: Edits {
                planned: edits.len(),
                made: edits.iter().filter(|edit| edit.state == MADE).count(),
            },
        }
    }
}

fn decisions(findings: &[Finding]) -> BTreeMap<String, usize> {
    let mut counted: BTreeMap<String, usize> = DECISIONS.map(|decision| (decision.to_owned(), 0)).into();
    for decided in findings.iter().filter_map(Finding::decided) {
        *counted.entry(decided.to_owned()).or_default() += 1;
    }
    counted
}

impl Revocations {
    fn of(findings: &[Finding]) -> Self {
        let mut counted = Self { proven: 0, not_proven: 0, not_asked_again: 0 };
        for finding in findings.iter().filter(|finding| finding.is_revoked()) {
            let came = match &finding.proof {
                Some(proof) if proof.proven => &mut counted.proven,
                Some(_) => &mut counted.not_proven,
                None => &mut counted.not_asked_again,
            };
            *came += 1;
        }
        counted
    }

    #[must_use]
    pub const fn decided(&self) -> usize {
        self.proven + self.not_proven + self.not_asked_again
    }
}

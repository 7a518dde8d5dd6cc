//! From a decision to the exact edits that carry it out, each with its undo.
//!
//! Edits are made on a copy of what was collected, and everybody is asked again: a plan says
//! of each revocation whether the verdict would flip, and is refused where the key would be
//! left without anybody who may change its policy.

mod books;
mod document;
mod edit;
mod revoke;

pub use books::Books;
pub use edit::Edit;

use super::evaluate::Verdict;
use super::review::{Files, Finding, Gap, Gathered, because, gather, review};

/// Who may repair a key has one of these.
const ADMINISTERS: &str = "kms:PutKeyPolicy";

/// What is to be done, and what would come of it.
#[derive(Debug)]
pub struct Plan {
    pub edits: Vec<Edit>,
    pub outcomes: Vec<Outcome>,
    /// Why the plan must not be carried out.
    pub refusal: Option<String>,
}

/// One revocation.
#[derive(Debug)]
pub struct Outcome {
    pub principal: String,
    pub before: Verdict,
    pub after: Verdict,
    /// What stands in the way, in words; a person has to decide.
    pub obstacles: Vec<String>,
}

impl Outcome {
    /// Whether the revocation would take effect.
    #[must_use]
    pub fn flips(&self) -> bool {
        is_denied(self.after)
    }
}

#[must_use]
pub const fn is_denied(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::ExplicitDeny | Verdict::ImplicitDeny)
}

/// Plans the revocation of an action from some principals.
///
/// # Errors
/// When what was collected cannot be read.
pub fn plan<F: Files>(
    files: &F,
    key: &str,
    action: &str,
    principals: &[String],
) -> Result<Plan, Gap<F::Error>> {
    let mut books = Books::open(files)?;
    let before = asked(&books, key, action)?;
    let arn = before.key.clone();
    let mut edits = Vec::new();
    let mut obstacles = Vec::new();
    for principal in principals {
        let revoked = revoke::revoke(&mut books, &arn, action, principal);
        edits.extend(revoked.edits);
        obstacles.push(revoked.obstacles);
    }
    let after = asked(&books, &arn, action)?;
    let outcome = |(principal, mut obstacles): (&String, Vec<String>)| {
        obstacles.extend(after.what_still_allows(principal));
        Outcome {
            before: before.verdict(principal),
            after: after.verdict(principal),
            principal: principal.clone(),
            obstacles,
        }
    };
    let outcomes = principals.iter().zip(obstacles).map(outcome).collect();
    // A plan that changes nothing leaves nobody worse off.
    let refusal =
        if edits.is_empty() { None } else { without_administrator(&asked(&books, &arn, ADMINISTERS)?) };
    Ok(Plan { edits: together(edits), outcomes, refusal })
}

/// Everybody's answer.
struct Asked {
    key: String,
    findings: Vec<Finding>,
}

impl Asked {
    fn of(&self, principal: &str) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.person.name == principal)
    }

    /// Whoever is not among the population any more has nothing left.
    fn verdict(&self, principal: &str) -> Verdict {
        self.of(principal).map_or(Verdict::ImplicitDeny, |finding| finding.answer.verdict)
    }

    /// What no edit of one principal takes away: statements that name everybody or the whole
    /// account, and what nobody can read.
    fn what_still_allows(&self, principal: &str) -> Vec<String> {
        let still = self.of(principal).filter(|finding| !is_denied(finding.answer.verdict));
        let reasons = still.into_iter().flat_map(|finding| finding.answer.because.iter());
        reasons.map(|reason| format!("still: {}", because(reason))).collect()
    }
}

fn asked<E>(books: &Books<'_, impl Files<Error = E>>, key: &str, action: &str) -> Result<Asked, Gap<E>> {
    let Gathered { collected, .. } = gather(books, key, action)?;
    Ok(Asked { key: collected.key.arn.clone(), findings: review(&collected, action).findings })
}

/// A key that nobody can manage needs AWS Support to be saved (AWS KMS developer guide,
/// "Default key policy").
fn without_administrator(asked: &Asked) -> Option<String> {
    let administers = |finding: &&Finding| {
        matches!(finding.person.kind, "user" | "role")
            && matches!(finding.answer.verdict, Verdict::Allowed | Verdict::AllowedIf)
    };
    asked.findings.iter().find(administers).is_none().then(|| {
        format!("nobody of the account could change the key policy any more ({ADMINISTERS}); keep an administrator")
    })
}

/// The key policy is written once, with all that is taken out of it.
fn together(edits: Vec<Edit>) -> Vec<Edit> {
    let mut joined: Vec<Edit> = Vec::new();
    for edit in edits {
        match joined.iter_mut().find(|earlier| earlier.writes_over(&edit)) {
            Some(earlier) => earlier.follow(edit),
            None => joined.push(edit),
        }
    }
    joined
}

#[cfg(test)]
mod tests;

//! Requests as JSON lines, each with its own policies, so that a change can be tried before
//! it is made. One line in, one line out.

mod answer;
mod case;
mod documents;
mod grants;

pub use answer::{as_json, reason_as_json};
pub use case::Case;
pub use documents::{levels as read_levels, policy as read_policy};
pub use grants::{grant, grants};

use super::evaluate::{Held, Layers, decide};
use super::json::{self, Flaw};
use super::policy::{LARGEST, Policy};

/// The longest line that is read: several policies of the largest size.
pub const LONGEST: usize = 16 * LARGEST;

/// Answers one line.
///
/// # Errors
/// When the line is no request. Policies that cannot be read are no error of the line: the
/// answer is then `Unknown`, with the reason, unless something else denies for sure.
pub fn answer(line: &str) -> Result<serde_json::Value, Flaw> {
    if line.len() > LONGEST {
        return Err(Flaw::new(0, format!("longer than {LONGEST} bytes")));
    }
    let case = Case::read(&json::parse(line)?, line)?;
    let answer = decide(&case.request, &case.layers());
    Ok(as_json(&case.id, &answer, case.dormant.as_deref()))
}

impl Case {
    fn layers(&self) -> Layers<'_> {
        Layers {
            identity: many(self.identity.as_deref()),
            resource: self.resource.as_ref().map_or(Held::Absent, Held::Given),
            boundary: self.boundary.as_ref().map_or(Held::Absent, Held::Given),
            sessions: many(self.sessions.as_deref()),
            scps: levels(self.scps.as_deref()),
            rcps: levels(self.rcps.as_deref()),
            grants: self.grants.as_ref().map_or(Held::Absent, |grants| Held::Given(grants)),
        }
    }
}

fn many(policies: Option<&[Policy]>) -> Held<Vec<&Policy>> {
    policies.map_or(Held::Absent, |policies| Held::Given(policies.iter().collect()))
}

fn levels(levels: Option<&[Vec<Policy>]>) -> Held<Vec<Vec<&Policy>>> {
    levels.map_or(Held::Absent, |levels| {
        Held::Given(levels.iter().map(|level| level.iter().collect()).collect())
    })
}

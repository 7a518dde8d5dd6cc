//! `RoleLastUsed`: any service, any Region, in the trailing 400 days (IAM API reference).

use chrono::{DateTime, TimeDelta, Utc};

use super::region::is_tracked;
use super::{Confidence, LastUse, Sight, Source, parsed, shown};

/// "Activity is only reported for the trailing 400 days" (`RoleLastUsed`); "at least 400 days"
/// ("Refine permissions in AWS using last accessed information", "Tracking period").
pub const TRACKED_FOR: TimeDelta = TimeDelta::days(400);

/// What IAM says of a role. `as_of` is when it was asked, where that is known, and `region`
/// that of the key.
#[must_use]
pub fn last_use(
    last: Option<&str>,
    where_: Option<&str>,
    as_of: Option<DateTime<Utc>>,
    region: &str,
) -> LastUse {
    let at = last.and_then(parsed);
    let since = as_of.map(|as_of| as_of - TRACKED_FOR);
    let place = where_.map(|region| format!(" in {region}")).unwrap_or_default();
    let words = match (at, since) {
        (Some(at), _) => format!("role last used {}{place} (RoleLastUsed, any service)", shown(at)),
        (None, Some(since)) => format!(
            "no use of the role recorded since {}, when tracking began, which is not never (RoleLastUsed)",
            shown(since)
        ),
        (None, None) => {
            "no use of the role recorded in the 400 days before it was collected, which is not never (RoleLastUsed)"
                .to_owned()
        }
    };
    LastUse {
        source: Source::RoleLastUsed,
        confidence: Confidence::Anything,
        at,
        what: where_.map(|region| format!("any service, in {region}")).unwrap_or_default(),
        tracked_since: since,
        sees_all: if is_tracked(region) { Sight::Whole } else { Sight::Partial },
        words: format!("{words}{}", super::accessed::untold(region)),
    }
}

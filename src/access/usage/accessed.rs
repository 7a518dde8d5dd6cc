//! Service last accessed (IAM API reference, `GetServiceLastAccessedDetails`; user guide, "Refine
//! permissions in AWS using last accessed information"): when somebody last tried to use a
//! service, and, for actions that manage it, when it last tried which. Refused attempts
//! count. Only services that its identity policies allow are listed, and what other policies
//! allow is not included.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::join::Via;
use super::region::is_tracked;
use super::role::TRACKED_FOR;
use super::{Confidence, LastUse, Sight, Source, instant, operation, shown};

/// The service whose use is asked for.
const KMS: &str = "kms";

/// The answer about one user or role, as far as it is about KMS.
#[derive(Debug, PartialEq, Eq)]
pub enum Accessed {
    /// The report is whole, and lists KMS.
    Listed { last: Attempt, actions: Vec<(String, Attempt)>, as_of: Option<DateTime<Utc>> },
    /// The report is whole, and does not list it.
    Unlisted { as_of: Option<DateTime<Utc>> },
    /// There is no report, and why.
    Failed(String),
}

/// The last attempt; empty where none is recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempt {
    at: Option<DateTime<Utc>>,
    region: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Details<'a> {
    #[serde(borrow)]
    job_status: Cow<'a, str>,
    job_completion_date: Option<Value>,
    #[serde(default)]
    is_truncated: bool,
    #[serde(borrow, default)]
    services_last_accessed: Vec<OfService<'a>>,
    error: Option<Failure>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OfService<'a> {
    #[serde(borrow)]
    service_namespace: Cow<'a, str>,
    last_authenticated: Option<Value>,
    last_authenticated_region: Option<String>,
    #[serde(default)]
    tracked_actions_last_accessed: Option<Vec<Tracked>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tracked {
    action_name: Option<String>,
    last_accessed_time: Option<Value>,
    last_accessed_region: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Failure {
    message: Option<String>,
}

impl Accessed {
    /// Reads an answer.
    ///
    /// # Errors
    /// When it is none, and when KMS may stand on a page that is not here.
    pub fn read(text: &str) -> Result<Self, serde_json::Error> {
        use serde::de::Error as _;
        let details: Details<'_> = serde_json::from_str(text)?;
        let as_of = details.job_completion_date.as_ref().and_then(instant);
        if details.job_status != "COMPLETED" {
            let why = details.error.and_then(|error| error.message);
            return Ok(Self::Failed(why.unwrap_or_else(|| format!("the job is {}", details.job_status))));
        }
        let kms = details.services_last_accessed.into_iter().find(|service| service.service_namespace == KMS);
        match kms {
            Some(kms) => Ok(Self::listed(kms, as_of)),
            None if details.is_truncated => Err(serde_json::Error::custom(
                "the answer is truncated before KMS; ask with --max-items 1000, or put all pages together",
            )),
            None => Ok(Self::Unlisted { as_of }),
        }
    }

    fn listed(kms: OfService<'_>, as_of: Option<DateTime<Utc>>) -> Self {
        let attempt = |at: Option<&Value>, region| Attempt { at: at.and_then(instant), region };
        let tracked = kms.tracked_actions_last_accessed.unwrap_or_default().into_iter();
        let actions = tracked.filter_map(|action| {
            let last = attempt(action.last_accessed_time.as_ref(), action.last_accessed_region);
            Some((action.action_name?, last))
        });
        Self::Listed {
            last: attempt(kms.last_authenticated.as_ref(), kms.last_authenticated_region),
            actions: actions.collect(),
            as_of,
        }
    }

    /// When the report was made.
    #[must_use]
    pub const fn as_of(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Listed { as_of, .. } | Self::Unlisted { as_of } => *as_of,
            Self::Failed(_) => None,
        }
    }

    /// What it says of an action with a key in a Region, for somebody whose access stands so.
    #[must_use]
    pub fn uses(&self, action: &str, region: &str, via: Via) -> Vec<LastUse> {
        let name = operation(action);
        match self {
            Self::Listed { last, actions, as_of } => {
                let place = Place { since: as_of.map(|as_of| as_of - TRACKED_FOR), region, via };
                let tracked = actions.iter().find(|(tracked, _)| tracked.eq_ignore_ascii_case(name));
                let tracked = tracked.map(|(_, last)| place.action(name, last));
                tracked.into_iter().chain([place.service(last)]).collect()
            }
            Self::Unlisted { .. } => vec![silent(
                "IAM tracks no use of KMS for it: none of its identity policies allows KMS (service last accessed)",
            )],
            Self::Failed(why) => vec![silent(&format!("service last accessed: there is no report: {why}"))],
        }
    }
}

/// It was not asked for.
#[must_use]
pub fn uncollected() -> LastUse {
    silent("when it last used KMS is not known: service last accessed was not collected")
}

fn silent(words: &str) -> LastUse {
    LastUse {
        source: Source::ServiceLastAccessed,
        confidence: Confidence::Service,
        at: None,
        what: String::new(),
        tracked_since: None,
        sees_all: Sight::Partial,
        words: words.to_owned(),
    }
}

struct Place<'a> {
    since: Option<DateTime<Utc>>,
    region: &'a str,
    via: Via,
}

impl Place<'_> {
    fn action(&self, name: &str, last: &Attempt) -> LastUse {
        let none = format!("no attempt at {name} recorded");
        self.told(Confidence::Action, last, name, &none, "any key, refused attempts too")
    }

    fn service(&self, last: &Attempt) -> LastUse {
        let none = "no use of KMS recorded";
        self.told(Confidence::Service, last, "KMS", none, "any key and action, refused attempts too")
    }

    fn told(&self, confidence: Confidence, last: &Attempt, what: &str, none: &str, wide: &str) -> LastUse {
        let place = last.region.as_deref().map(|region| format!(" in {region}")).unwrap_or_default();
        let words = match (last.at, self.since) {
            (Some(at), _) => {
                format!("{what} last tried {}{place} (service last accessed, {wide})", shown(at))
            }
            (None, Some(since)) => {
                format!(
                    "{none} since {}, when tracking began, which is not never (service last accessed)",
                    shown(since)
                )
            }
            (None, None) => {
                format!("{none}, nobody says since when, which is not never (service last accessed)")
            }
        };
        let whole = self.via == Via::Identity && is_tracked(self.region);
        let elsewhere = match self.via {
            Via::Identity => "",
            Via::Elsewhere => ", perhaps without what the key policy or a grant allows",
        };
        LastUse {
            source: Source::ServiceLastAccessed,
            confidence,
            at: last.at,
            what: if last.at.is_some() { format!("{what}{place}") } else { String::new() },
            tracked_since: self.since,
            sees_all: if whole { Sight::Whole } else { Sight::Partial },
            words: format!("{words}{elsewhere}{}", untold(self.region)),
        }
    }
}

/// What has to be said of a Region of which IAM tells nothing.
pub(super) fn untold(region: &str) -> String {
    if is_tracked(region) { String::new() } else { format!(", but IAM tells of no use in {region}") }
}

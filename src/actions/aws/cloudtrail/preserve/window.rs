//! The window of a collection, and which names of files lie in it (CloudTrail user guide,
//! "Finding your CloudTrail log files": the name holds the time of delivery, in UTC).

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::actions::aws::order::Order;
use crate::actions::aws::when::show;
use crate::run::Fault;

/// What happened until the end is delivered within this, typically within minutes.
const LAG: TimeDelta = TimeDelta::hours(1);
/// How much of the digest chain is taken on both sides.
const BESIDE: TimeDelta = TimeDelta::hours(1);
const LOOKBACK: TimeDelta = TimeDelta::hours(24);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) from: DateTime<Utc>,
    pub(super) to: DateTime<Utc>,
}

/// The kinds of files that a trail delivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Digest,
    Log,
    Insight,
}

impl Kind {
    /// In the order in which they are taken: the first digest says where logs begin.
    pub(super) const ALL: [Self; 3] = [Self::Digest, Self::Log, Self::Insight];

    /// The folder of a kind, below the account's (CloudTrail user guide, "Finding your
    /// CloudTrail log files", "CloudTrail digest file structure" and, for Insights, "Updating
    /// a trail with the CloudTrail console").
    pub(super) const fn folder(self) -> &'static str {
        match self {
            Self::Digest => "CloudTrail-Digest",
            Self::Log => "CloudTrail",
            Self::Insight => "CloudTrail-Insight",
        }
    }
}

impl Window {
    /// The window that an interrupted attempt had, else the one that the inputs say.
    pub(super) fn of(order: &Order<'_>) -> Result<Self, Fault> {
        if let Some(window) = order.progress.and_then(Self::resumed) {
            return Ok(window);
        }
        let inputs = order.inputs();
        let to = inputs.optional_time("to")?.unwrap_or_else(|| order.paper.now());
        let back = match inputs.get("lookback") {
            Some(_) => TimeDelta::from_std(inputs.duration("lookback")?).unwrap_or(TimeDelta::MAX),
            None => LOOKBACK,
        };
        let from = inputs.optional_time("from")?.or_else(|| to.checked_sub_signed(back));
        match from {
            Some(from) if from < to => Ok(Self { from, to }),
            _ => Err(inputs.fault("from", "the window has to begin before it ends")),
        }
    }

    fn resumed(progress: &Value) -> Option<Self> {
        let time = |name: &str| DateTime::parse_from_rfc3339(progress[name].as_str()?).ok();
        Some(Self { from: time("from")?.to_utc(), to: time("to")?.to_utc() })
    }

    /// For the record, so that a resumed attempt has the same window.
    pub(super) fn kept(self) -> Value {
        json!({ "from": self.from.to_rfc3339(), "to": self.to.to_rfc3339() })
    }

    /// From when to when files of a kind were delivered that belong to the window.
    pub(super) fn deliveries(self, kind: Kind) -> Self {
        match kind {
            Kind::Digest => Self { from: self.from - BESIDE, to: self.to + LAG + BESIDE },
            // As far as the last digest reaches, so that none that it names is missing.
            Kind::Log | Kind::Insight => Self { from: self.from, to: self.to + LAG + BESIDE },
        }
    }

    /// Log files from where the first digest begins, so that none that it names is missing.
    pub(super) fn back_to(self, first_digest: Option<DateTime<Utc>>) -> Self {
        let begins = first_digest.map_or(self.from, |ended| ended - BESIDE);
        Self { from: self.from.min(begins), ..self }
    }

    /// The days of the window, as folders are named; none lies in the future.
    pub(super) fn days(self, now: DateTime<Utc>) -> impl Iterator<Item = NaiveDate> {
        let last = self.to.min(now).date_naive();
        std::iter::successors(Some(self.from.date_naive()), |day| day.checked_add_days(Days::new(1)))
            .take_while(move |day| *day <= last)
    }

    /// How many days are likely to be listed for a kind.
    pub(super) fn days_of(self, kind: Kind, now: DateTime<Utc>) -> u64 {
        self.deliveries(kind).days(now).count() as u64
    }

    /// Whether a file delivered then belongs to it; names tell minutes or seconds.
    pub(super) fn holds(self, delivered: DateTime<Utc>) -> bool {
        delivered + TimeDelta::minutes(1) > self.from && delivered <= self.to
    }

    pub(super) fn told(self) -> Value {
        json!({ "from": show(self.from), "to": show(self.to) })
    }
}

/// The time in a file's name: `…_20261122T0310Z_….json.gz`, or `…_20261122T031000Z.json.gz`.
pub(super) fn delivered(key: &str) -> Option<DateTime<Utc>> {
    let name = key.rsplit('/').next()?;
    name.split(['_', '.']).find_map(|part| {
        let read = |format| NaiveDateTime::parse_from_str(part, format).ok();
        let time = match part.len() {
            14 => read("%Y%m%dT%H%MZ"),
            16 => read("%Y%m%dT%H%M%SZ"),
            _ => None,
        };
        time.map(|time| time.and_utc())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    #[test]
    fn names_tell_when_they_were_delivered() {
        // Names as in the CloudTrail user guide, "CloudTrail log file examples".
        let log = "AWSLogs/111122223333/CloudTrail/us-east-2/2020/01/09/111122223333_CloudTrail_us-east-2_20200109T1405Z_Mu0KsOhtH1ar15ZZ.json.gz";
        assert_eq!(delivered(log), Some(at("2020-01-09T14:05:00Z")));
        let digest = "x/111122223333_CloudTrail-Digest_us-east-2_trail_us-east-2_20200109T140512Z.json.gz";
        assert_eq!(delivered(digest), Some(at("2020-01-09T14:05:12Z")));
        assert_eq!(delivered("CloudTrail/other.txt"), None);
    }

    #[test]
    fn the_window_has_its_days_and_the_digests_an_hour_on_both_sides() {
        let window = Window { from: at("2026-11-21T23:30:00Z"), to: at("2026-11-22T00:10:00Z") };
        let days = |window: Window| {
            window.days(at("2026-11-25T00:00:00Z")).map(|day| day.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(days(window), ["2026-11-21", "2026-11-22"]);
        let digests = window.deliveries(Kind::Digest);
        assert!(digests.holds(at("2026-11-21T22:30:00Z")) && !digests.holds(at("2026-11-21T22:00:00Z")));
        assert!(digests.holds(at("2026-11-22T01:10:00Z")));
        let back = window.deliveries(Kind::Log).back_to(Some(at("2026-11-21T23:00:00Z")));
        assert_eq!(back.from, at("2026-11-21T22:00:00Z"));
    }
}

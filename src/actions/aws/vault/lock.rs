//! Retention: how strict, and until when.

use aws_sdk_s3::primitives::DateTime as Moment;
use aws_sdk_s3::types::{
    DefaultRetention, ObjectLockConfiguration, ObjectLockEnabled, ObjectLockMode, ObjectLockRetention,
    ObjectLockRetentionMode,
};
use chrono::{DateTime, Days, NaiveTime, Utc};

use crate::error::{Error, Result};

/// S3 keeps no object for longer: 100 years (Amazon S3 user guide, "Object Lock
/// considerations").
const LONGEST: u32 = 36_500;

/// How strict a lock is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Those with `s3:BypassGovernanceRetention` can take it off.
    Governance,
    /// Nobody can, not the account's owner either.
    Compliance,
}

impl Mode {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Governance => "governance",
            Self::Compliance => "compliance",
        }
    }

    pub(super) const fn of_object(self) -> ObjectLockMode {
        match self {
            Self::Governance => ObjectLockMode::Governance,
            Self::Compliance => ObjectLockMode::Compliance,
        }
    }
}

/// A lock on one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lock {
    pub mode: Mode,
    pub until: DateTime<Utc>,
}

impl Lock {
    /// Whether it is at least as strict, and lasts at least as long. S3 keeps milliseconds.
    pub(super) fn covers(&self, wanted: &Self) -> bool {
        self.mode >= wanted.mode && self.until.timestamp_millis() >= wanted.until.timestamp_millis()
    }

    /// The lock that covers both.
    pub(super) fn and(&self, other: &Self) -> Self {
        Self { mode: self.mode.max(other.mode), until: self.until.max(other.until) }
    }

    pub(super) fn moment(&self) -> Moment {
        Moment::from_secs(self.until.timestamp())
    }

    pub(super) fn retention(&self) -> ObjectLockRetention {
        let mode = match self.mode {
            Mode::Governance => ObjectLockRetentionMode::Governance,
            Mode::Compliance => ObjectLockRetentionMode::Compliance,
        };
        ObjectLockRetention::builder().mode(mode).retain_until_date(self.moment()).build()
    }
}

/// What the command line says of the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    pub mode: Option<Mode>,
    pub days: Option<u32>,
    pub now: DateTime<Utc>,
}

/// The rule of a bucket for what is put into it without a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    mode: Mode,
    days: u32,
}

impl Wish {
    /// What is not said is as the bucket does it, and governance where it has no rule: a
    /// lock in compliance mode cannot be taken back, so that it has to be asked for.
    ///
    /// Until the end of the day, so that whoever goes on with an upload on the same day asks
    /// for the same lock.
    pub(super) fn with(self, rule: Option<Rule>) -> Result<Lock> {
        let days = self.days.or(rule.map(|rule| rule.days)).ok_or_else(|| {
            Error::usage("nobody says for how long the record is to be locked")
                .hint("pass --retain DAYS, or give the bucket a default retention")
        })?;
        if !(1..=LONGEST).contains(&days) {
            return Err(Error::usage(format!("a lock lasts between 1 and {LONGEST} days, not {days}")));
        }
        let mode = self.mode.or(rule.map(|rule| rule.mode)).unwrap_or(Mode::Governance);
        let until = self.now.date_naive().checked_add_days(Days::new(u64::from(days) + 1));
        let until = until.ok_or_else(|| Error::usage("the lock would last too long"))?;
        Ok(Lock { mode, until: until.and_time(NaiveTime::MIN).and_utc() })
    }
}

/// The default rule of a bucket; `None` where it has none.
///
/// # Errors
/// When the bucket has no Object Lock.
pub(super) fn rule(bucket: &str, told: Option<&ObjectLockConfiguration>) -> Result<Option<Rule>> {
    let enabled = told.and_then(ObjectLockConfiguration::object_lock_enabled);
    if enabled != Some(&ObjectLockEnabled::Enabled) {
        return Err(unlocked(bucket));
    }
    let default = told.and_then(|told| told.rule()).and_then(|rule| rule.default_retention());
    Ok(default.and_then(of_bucket))
}

fn of_bucket(default: &DefaultRetention) -> Option<Rule> {
    let mode = match default.mode()? {
        ObjectLockRetentionMode::Compliance => Mode::Compliance,
        ObjectLockRetentionMode::Governance => Mode::Governance,
        _ => return None,
    };
    let days = default.days().filter(|days| *days > 0);
    let days = days.or_else(|| default.years().and_then(|years| years.checked_mul(365)));
    let days = days.and_then(|days| u32::try_from(days).ok()).filter(|days| *days > 0)?;
    Some(Rule { mode, days })
}

pub(super) fn unlocked(bucket: &str) -> Error {
    Error::refused(format!("the bucket {bucket} has no Object Lock, so that nothing was put there"))
        .hint("whoever can write there could change the record; name a bucket with Object Lock")
        .hint("Object Lock can be switched on for a bucket that has versioning (PutObjectLockConfiguration)")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(mode: Option<Mode>, days: Option<u32>) -> Wish {
        Wish { mode, days, now: DateTime::from_timestamp(1_795_316_400, 0).unwrap() }
    }

    #[test]
    fn what_is_not_said_is_as_the_bucket_does_it() {
        let rule = Some(Rule { mode: Mode::Compliance, days: 365 });
        let lock = wish(None, None).with(rule).unwrap();
        assert_eq!(
            (lock.mode, lock.until.to_rfc3339().as_str()),
            (Mode::Compliance, "2027-11-23T00:00:00+00:00")
        );
        let lock = wish(Some(Mode::Governance), Some(1)).with(rule).unwrap();
        assert_eq!(
            (lock.mode, lock.until.to_rfc3339().as_str()),
            (Mode::Governance, "2026-11-24T00:00:00+00:00")
        );
        assert_eq!(wish(None, Some(7)).with(None).unwrap().mode, Mode::Governance);
        assert!(wish(Some(Mode::Compliance), None).with(None).unwrap_err().hints[0].contains("--retain"));
        for days in [0, LONGEST + 1, u32::MAX] {
            assert!(wish(None, Some(days)).with(None).is_err(), "{days}");
        }
    }

    #[test]
    fn a_lock_covers_another_that_is_shorter_or_weaker() {
        let lock = |mode, days| wish(Some(mode), Some(days)).with(None).unwrap();
        let (weak, strong) = (lock(Mode::Governance, 7), lock(Mode::Compliance, 7));
        assert!(strong.covers(&weak) && weak.covers(&weak) && !weak.covers(&strong));
        assert!(!lock(Mode::Compliance, 6).covers(&weak));
    }

    #[test]
    fn a_bucket_without_object_lock_is_refused() {
        let told = ObjectLockConfiguration::builder().build();
        for told in [None, Some(&told)] {
            assert_eq!(rule("b", told).unwrap_err().kind, crate::error::Kind::Refused);
        }
        let told = ObjectLockConfiguration::builder().object_lock_enabled(ObjectLockEnabled::Enabled).build();
        assert_eq!(rule("b", Some(&told)).unwrap(), None);
    }
}

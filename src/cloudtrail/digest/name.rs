//! What the key of an object tells: kind, account, Region, trail, time.
//!
//! Keys are `[prefix/]AWSLogs/[o-organization/]account/folder/region/year/month/day/file`, by
//! "CloudTrail digest file structure" and "Finding your CloudTrail log files".

use chrono::{DateTime, Datelike as _, NaiveDateTime, Utc};
use serde::Serialize;

const DIGESTS: &str = "CloudTrail-Digest";

/// What an object in a trail's bucket is, by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Digest,
    Log,
    /// Nothing of CloudTrail's.
    Other,
}

impl Kind {
    #[must_use]
    pub fn of(key: &str) -> Self {
        let mut below = key.split('/').skip_while(|segment| *segment != "AWSLogs").skip(1);
        match below.find(|segment| segment.starts_with("CloudTrail")) {
            Some(DIGESTS) => Self::Digest,
            Some(_) => Self::Log,
            None => Self::Other,
        }
    }
}

/// The chain that a digest is part of: one for each account, Region and trail. Backfill
/// digests, which list log files that came late, are chained among themselves.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct ChainId {
    pub organization: Option<String>,
    pub account: String,
    pub region: String,
    pub trail: String,
    pub home_region: String,
    pub backfill: bool,
}

impl ChainId {
    /// For a sentence: `trail in Region of account`.
    #[must_use]
    pub fn told(&self) -> String {
        let backfill = if self.backfill { ", backfill" } else { "" };
        format!("trail {} in {} of account {}{backfill}", self.trail, self.region, self.account)
    }
}

/// What the name of a digest file tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestName {
    pub chain: ChainId,
    pub end: DateTime<Utc>,
}

impl DigestName {
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        let parts = Parts::of(key)?;
        let head = format!("{}_{DIGESTS}_{}_", parts.account, parts.region);
        let rest = parts.file.strip_prefix(&head)?.strip_suffix(".json.gz")?;
        let regular = rest.strip_suffix("_backfill");
        let (rest, end) = regular.unwrap_or(rest).rsplit_once('_')?;
        let (trail, home_region) = rest.rsplit_once('_')?;
        let chain = ChainId {
            organization: parts.organization.map(str::to_owned),
            account: parts.account.to_owned(),
            region: parts.region.to_owned(),
            trail: trail.to_owned(),
            home_region: home_region.to_owned(),
            backfill: regular.is_some(),
        };
        (parts.folder == DIGESTS).then_some(Self { chain, end: instant(end, "%Y%m%dT%H%M%SZ")? })
    }
}

/// What the name of a log file tells. Several trails may deliver to the same folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogName {
    pub organization: Option<String>,
    pub account: String,
    pub region: String,
    /// `CloudTrail`, `CloudTrail-Insight` and so on.
    pub folder: String,
    /// To the minute; it is delivered some minutes later. `None` where the name is not one
    /// that CloudTrail gives.
    pub at: Option<DateTime<Utc>>,
}

impl LogName {
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        let parts = Parts::of(key)?;
        let mut words = parts.file.strip_suffix(".json.gz").unwrap_or_default().rsplit('_').skip(1);
        Some(Self {
            organization: parts.organization.map(str::to_owned),
            account: parts.account.to_owned(),
            region: parts.region.to_owned(),
            folder: parts.folder.to_owned(),
            at: words.next().and_then(|time| instant(time, "%Y%m%dT%H%MZ")),
        })
    }
}

struct Parts<'a> {
    organization: Option<&'a str>,
    account: &'a str,
    folder: &'a str,
    region: &'a str,
    file: &'a str,
}

impl<'a> Parts<'a> {
    fn of(key: &'a str) -> Option<Self> {
        let mut segments = key.split('/').skip_while(|segment| *segment != "AWSLogs").skip(1).peekable();
        let organization = segments.next_if(|segment| segment.starts_with("o-"));
        let (account, folder, region) = (segments.next()?, segments.next()?, segments.next()?);
        let file = segments.nth(3)?;
        segments.next().is_none().then_some(Self { organization, account, folder, region, file })
    }
}

/// Years have four digits; there is no arithmetic with others that could not overflow.
fn instant(text: &str, format: &str) -> Option<DateTime<Utc>> {
    text.starts_with(|first: char| first.is_ascii_digit()).then_some(())?;
    let naive = NaiveDateTime::parse_from_str(text, format).ok()?;
    (naive.year() <= 9999).then(|| naive.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_name_tells_its_chain_and_its_end() {
        // The sample of "CloudTrail digest file structure", with a trail's name that has an
        // underscore, a prefix and an organization.
        let name = DigestName::parse(
            "a/b/AWSLogs/o-exampleorgid/111122223333/CloudTrail-Digest/us-east-2/2015/08/17/111122223333_CloudTrail-Digest_us-east-2_your_trail-name_eu-west-1_20150817T150131Z.json.gz",
        )
        .unwrap();
        assert_eq!(name.chain.organization.as_deref(), Some("o-exampleorgid"));
        assert_eq!(name.chain.account, "111122223333");
        assert_eq!(name.chain.region, "us-east-2");
        assert_eq!(name.chain.trail, "your_trail-name");
        assert_eq!(name.chain.home_region, "eu-west-1");
        assert_eq!(name.end.to_rfc3339(), "2015-08-17T15:01:31+00:00");
        assert!(!name.chain.backfill);
    }

    #[test]
    fn a_backfill_digest_is_of_a_chain_of_its_own() {
        let name = DigestName::parse(
            "AWSLogs/111122223333/CloudTrail-Digest/us-east-2/2015/08/17/111122223333_CloudTrail-Digest_us-east-2_t_us-east-2_20150817T150131Z_backfill.json.gz",
        )
        .unwrap();
        assert!(name.chain.backfill);
        assert_eq!(name.chain.trail, "t");
    }

    #[test]
    fn a_log_name_tells_its_minute() {
        let name = LogName::parse(
            "AWSLogs/111122223333/CloudTrail/us-east-2/2015/08/17/111122223333_CloudTrail_us-east-2_20150817T1445Z_9nYN7gp2eWAJHIfT.json.gz",
        )
        .unwrap();
        assert_eq!(name.at.unwrap().to_rfc3339(), "2015-08-17T14:45:00+00:00");
        assert_eq!(Kind::of("x/AWSLogs/1/CloudTrail-Digest/us-east-1/y"), Kind::Digest);
        assert_eq!(Kind::of("AWSLogs/1/CloudTrail/us-east-1/y"), Kind::Log);
        assert_eq!(Kind::of("AWSLogs/1/Config/us-east-1/y"), Kind::Other);
        assert_eq!(Kind::of("CloudTrail/y"), Kind::Other);
    }
}

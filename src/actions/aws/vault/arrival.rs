//! What S3 says of an object that is there.

use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::ObjectLockMode;
use chrono::{DateTime, Utc};

use super::lock::{Lock, Mode};
use super::parcel::Parcel;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Arrival {
    bytes: Option<u64>,
    /// SHA-256, as the uploader and S3 agreed on.
    sum: Option<String>,
    pub(super) version: Option<String>,
    pub(super) lock: Option<Lock>,
}

impl Arrival {
    pub(super) fn of(said: &HeadObjectOutput) -> Self {
        let mode = match said.object_lock_mode() {
            Some(ObjectLockMode::Compliance) => Some(Mode::Compliance),
            Some(ObjectLockMode::Governance) => Some(Mode::Governance),
            _ => None,
        };
        let until = said.object_lock_retain_until_date();
        let until =
            until.and_then(|until| until.to_millis().ok()).and_then(DateTime::<Utc>::from_timestamp_millis);
        Self {
            bytes: said.content_length().and_then(|bytes| u64::try_from(bytes).ok()),
            sum: said.checksum_sha256().map(str::to_owned),
            version: said.version_id().filter(|id| *id != "null").map(str::to_owned),
            lock: mode.zip(until).map(|(mode, until)| Lock { mode, until }),
        }
    }

    /// Whether it has the content of a parcel.
    pub(super) fn is_whole(&self, parcel: &Parcel) -> bool {
        self.bytes == Some(parcel.bytes) && self.sum.as_ref() == Some(&parcel.sum)
    }

    /// # Errors
    /// Says what is not as it was sent.
    pub(super) fn check(&self, parcel: &Parcel, version: &str, lock: &Lock) -> Result<(), String> {
        if self.bytes != Some(parcel.bytes) {
            return Err(format!("it has {} bytes, and {} were sent", told(self.bytes), parcel.bytes));
        }
        if self.sum.as_ref() != Some(&parcel.sum) {
            return Err(format!("its SHA-256 is {}, and {} was sent", told(self.sum.as_ref()), parcel.sum));
        }
        if self.version.as_deref() != Some(version) {
            return Err(format!("its version is {}, not {version}", told(self.version.as_ref())));
        }
        match &self.lock {
            Some(there) if there.covers(lock) => Ok(()),
            Some(there) => Err(format!("its lock is {} until {}", there.mode.word(), there.until)),
            None => {
                Err("it has no lock, or its retention may not be read (s3:GetObjectRetention)".to_owned())
            }
        }
    }
}

fn told(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "not told".to_owned(), |value| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_not_as_it_was_sent_is_told() {
        let until = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let lock = Lock { mode: Mode::Compliance, until };
        let parcel = Parcel { path: "a".into(), bytes: 3, part: 9, sums: vec![], sum: "s".into() };
        let good =
            Arrival { bytes: Some(3), sum: Some("s".into()), version: Some("v".into()), lock: Some(lock) };
        assert_eq!(good.check(&parcel, "v", &lock), Ok(()));
        let weaker = Lock { mode: Mode::Governance, until };
        for (there, said) in [
            (Arrival { bytes: Some(4), ..good.clone() }, "bytes"),
            (Arrival { sum: None, ..good.clone() }, "SHA-256"),
            (Arrival { sum: Some("t".into()), ..good.clone() }, "SHA-256"),
            (Arrival { version: Some("w".into()), ..good.clone() }, "version"),
            (Arrival { lock: Some(weaker), ..good.clone() }, "governance"),
            (Arrival { lock: None, ..good.clone() }, "no lock"),
        ] {
            let why = there.check(&parcel, "v", &lock).unwrap_err();
            assert!(why.contains(said), "{said}: {why}");
        }
    }
}

//! A bucket that keeps what is put into it: every object under Object Lock, none of which
//! anybody can change before its time (Amazon S3 user guide, "Locking objects with Object
//! Lock").

mod arrival;
mod destination;
mod lock;
mod parcel;
mod upload;

use std::path::Path;
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use self::arrival::Arrival;
use self::parcel::Parcel;
use super::again::Again;
use super::connect::{ATTEMPTS, CONNECT};
use super::fault::{self, Asked};
use super::stop::Stop;
use super::tape::{Keeping, Tape};
use super::{Aws, Options};
use crate::error::{Error, Result};
use crate::run::FaultKind;

pub use destination::Destination;
pub use lock::{Lock, Mode, Wish};

/// A part of 64 MB over a slow line takes a while.
const ATTEMPT: Duration = Duration::from_mins(15);

/// What the caller needs to be allowed.
const PERMISSIONS: &[&str] = &[
    "s3:GetBucketObjectLockConfiguration",
    "s3:PutObject",
    "s3:PutObjectRetention",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:GetObjectRetention",
    "s3:AbortMultipartUpload",
    "s3:ListBucketMultipartUploads",
];

/// A place in a bucket, and the lock under which everything is put there.
#[derive(Debug)]
pub struct Vault {
    s3: Client,
    tape: Tape,
    region: String,
    pub to: Destination,
    pub lock: Lock,
}

/// A file lies in the vault, as checked after it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub version: String,
    pub how: How,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Uploaded,
    /// It was there with the same content; its lock lasts longer now.
    Extended,
    /// It was there with the same content, under a lock that is as good.
    Already,
}

impl Vault {
    /// Finds the bucket, and how it locks. Nothing is put there yet.
    ///
    /// # Errors
    /// When the bucket cannot be asked, or has no Object Lock, or nobody says for how long.
    pub async fn open(options: Options, to: Destination, wish: Wish) -> Result<Self> {
        let aws = Aws::live(options);
        let config = aws.config().await.map_err(fault_as_error)?;
        let by_path = config.endpoint_url().is_some();
        let (tape, region) = (Tape::default(), config.region().map(ToString::to_string).unwrap_or_default());
        // A record may have a hundred thousand files.
        tape.keep(Keeping::Notable);
        let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ATTEMPT);
        let config = Builder::from(&config)
            .timeout_config(timeouts.build())
            .interceptor(tape.clone())
            .retry_classifier(Again::after(&tape, &aws.renewal))
            .force_path_style(by_path)
            .build();
        let s3 = Client::from_conf(config);
        let said = s3.get_object_lock_configuration().bucket(&to.bucket).send().await;
        let rule = match said {
            Ok(said) => lock::rule(&to.bucket, said.object_lock_configuration())?,
            Err(error) if error.code() == Some("ObjectLockConfigurationNotFoundError") => {
                return Err(lock::unlocked(&to.bucket));
            }
            Err(error) => return Err(heard(&tape, &region, &error)),
        };
        let lock = wish.with(rule)?;
        Ok(Self { s3, tape, region, to, lock })
    }

    /// Puts a file there, unless it is there as it should be, and checks what is there then.
    ///
    /// # Errors
    /// When the file cannot be read, S3 says no, or what arrived is not what was sent.
    pub async fn keep(&self, file: &Path, name: &str) -> Result<Kept> {
        let parcel = Parcel::of(file)?;
        let key = self.to.key(name);
        let there = self.arrival(&key, None).await?;
        let whole = there.as_ref().is_some_and(|there| there.is_whole(&parcel));
        let (version, how) = match there {
            Some(Arrival { version: Some(version), lock, .. }) if whole => {
                if lock.is_some_and(|lock| lock.covers(&self.lock)) {
                    return Ok(Kept { version, how: How::Already });
                }
                self.extend(&key, &version, lock).await?;
                (version, How::Extended)
            }
            _ => (self.put(&key, &parcel).await?, How::Uploaded),
        };
        if parcel.goes_in_parts() {
            self.tidy(&key).await;
        }
        match self.arrival(&key, Some(&version)).await? {
            None => Err(Error::failure(format!("{key} was put there and is not there"))),
            Some(there) => {
                there.check(&parcel, &version, &self.lock).map(|()| Kept { version, how }).map_err(|why| {
                    Error::failure(format!("{}/{key} is not there as it was sent: {why}", self.to.bucket))
                        .hint("run the same command again; what is there already is not sent twice")
                })
            }
        }
    }

    /// Uploads. Where no answer came, the bucket says whether it arrived, and only where it did
    /// not is it sent again.
    async fn put(&self, key: &str, parcel: &Parcel) -> Result<String> {
        let mut left = ATTEMPTS;
        loop {
            left -= 1;
            match self.upload(key, parcel).await {
                Ok(version) => return Ok(version),
                Err(Stop::Fault(fault)) if fault.kind == FaultKind::Lost => {
                    let there = self.arrival(key, None).await?.filter(|there| there.is_whole(parcel));
                    match there.and_then(|there| there.version) {
                        Some(version) => return Ok(version),
                        None if left > 0 => {}
                        None => return Err(fault_as_error(*fault)),
                    }
                }
                Err(Stop::Fault(fault)) => return Err(fault_as_error(*fault)),
                Err(Stop::Error(error)) => return Err(*error),
            }
        }
    }

    /// What lies under a key: its newest version, or the one that is named.
    async fn arrival(&self, key: &str, version: Option<&str>) -> Result<Option<Arrival>> {
        let asked = self
            .s3
            .head_object()
            .bucket(&self.to.bucket)
            .key(key)
            .set_version_id(version.map(str::to_owned))
            .checksum_mode(aws_sdk_s3::types::ChecksumMode::Enabled);
        match asked.send().await {
            Ok(said) => Ok(Some(Arrival::of(&said))),
            Err(error) if error.raw_response().is_some_and(|answer| answer.status().as_u16() == 404) => {
                Ok(None)
            }
            Err(error) => Err(self.heard(&error)),
        }
    }

    /// A lock can be made longer and stricter, and never the other way.
    async fn extend(&self, key: &str, version: &str, there: Option<Lock>) -> Result<()> {
        let lock = there.map_or(self.lock, |there| there.and(&self.lock));
        let asked = self.s3.put_object_retention().bucket(&self.to.bucket).key(key).version_id(version);
        let asked = asked
            .retention(lock.retention())
            .checksum_algorithm(aws_sdk_s3::types::ChecksumAlgorithm::Sha256);
        asked.send().await.map(drop).map_err(|error| self.heard(&error))
    }

    fn heard<E>(&self, error: &SdkError<E, HttpResponse>) -> Error
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        heard(&self.tape, &self.region, error)
    }

    /// The fault of an upload. Others are under way beside it on the same tape: whether it may
    /// have taken place is told by its error alone.
    fn fault<E>(&self, error: &SdkError<E, HttpResponse>) -> Stop
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let mut told = fault::of(error, &self.tape, Asked { permissions: PERMISSIONS, region: &self.region });
        if fault::leaves_doubt(error) {
            told.kind = FaultKind::Lost;
        }
        told.into()
    }
}

fn heard<E>(tape: &Tape, region: &str, error: &SdkError<E, HttpResponse>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    fault_as_error(fault::of(error, tape, Asked { permissions: PERMISSIONS, region }))
}

fn fault_as_error(fault: crate::run::Fault) -> Error {
    let mut error = Error::failure(fault.message);
    error.hints = fault.hints;
    error
}

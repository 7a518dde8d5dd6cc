//! What the bytes of one object tell, before anything is known of the others.

use std::fmt;
use std::io::BufRead;

use super::file::DigestFile;
use super::keys::PublicKeys;
use super::metadata::Metadata;
use super::place::Place;
use crate::cloudtrail::gzip::{Damage, Gunzip};
use crate::text::{Digest, Digesting};

/// No hour has so many log files that its digest would be larger, inflated.
const LARGEST_DIGEST: u64 = 64 << 20;

/// CloudTrail's log files are smaller than 50 MB, inflated.
const LARGEST_LOG: u64 = 1 << 30;

/// `SHA256withRSA` is PKCS #1 v1.5 in Java's names.
const ALGORITHM: &str = "SHA256withRSA";

/// Why an object is not what it should be, whatever the chain says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// It cannot be inflated, or not to its end.
    Damaged(String),
    /// Whole, and something follows it that no digest covers.
    TrailingData,
    /// It inflates to something that is no digest.
    Malformed(String),
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(why) | Self::Malformed(why) => f.write_str(why),
            Self::TrailingData => f.write_str("there is data after the end of the gzip stream"),
        }
    }
}

impl From<Damage> for Broken {
    fn from(damage: Damage) -> Self {
        match damage {
            Damage::MoreAfter => Self::TrailingData,
            other => Self::Damaged(other.to_string()),
        }
    }
}

/// A digest where it lies.
#[derive(Clone, Debug)]
pub struct Reading {
    pub place: Place,
    pub content: Result<DigestFile, Broken>,
    pub metadata: Metadata,
    pub(super) proof: Proof,
}

/// What became of the signature in the metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    Holds,
    Fails,
    /// There is none in the metadata, or there are no metadata.
    Unsigned,
    UnknownKey,
    ExpiredKey,
    UnknownAlgorithm,
    /// There is nothing to prove.
    Moot,
}

impl Reading {
    /// Reads the digest that lies at `place`, as it was delivered: gzip, with its metadata.
    pub fn of(place: Place, gzip: impl BufRead, metadata: Metadata, keys: &PublicKeys) -> Self {
        let content = inflated(gzip).and_then(|json| {
            DigestFile::parse(&json).map_err(|why| Broken::Malformed(format!("no digest: {why}")))
        });
        let proof = content.as_ref().map_or(Proof::Moot, |file| proof(file, &metadata, keys));
        Self { place, content, metadata, proof }
    }

    /// The contents, where they are those of this very place.
    pub(super) fn at_home(&self) -> Option<&DigestFile> {
        let file = self.content.as_ref().ok()?;
        let elsewhere = self.metadata.place.as_ref().is_some_and(|place| *place != self.place);
        (file.place == self.place && !elsewhere).then_some(file)
    }
}

/// Whether `signature` is one for this digest, by a key that is known.
pub(super) fn signed(file: &DigestFile, signature: &str, keys: &PublicKeys) -> bool {
    keys.get(&file.fingerprint).is_some_and(|key| key.verifies(&file.string_to_sign(), signature))
}

fn proof(file: &DigestFile, metadata: &Metadata, keys: &PublicKeys) -> Proof {
    let told = metadata.signature_algorithm.as_deref().unwrap_or(ALGORITHM);
    if file.algorithm != ALGORITHM || told != ALGORITHM {
        return Proof::UnknownAlgorithm;
    }
    let Some(key) = keys.get(&file.fingerprint) else { return Proof::UnknownKey };
    match &metadata.signature {
        _ if !key.was_valid(metadata.backfilled_at.unwrap_or(file.end)) => Proof::ExpiredKey,
        None => Proof::Unsigned,
        Some(signature) if key.verifies(&file.string_to_sign(), signature) => Proof::Holds,
        Some(_) => Proof::Fails,
    }
}

fn inflated(gzip: impl BufRead) -> Result<Vec<u8>, Broken> {
    let mut gunzip = Gunzip::new(gzip, LARGEST_DIGEST);
    let (mut json, mut piece) = (Vec::new(), [0; 8 << 10]);
    loop {
        match gunzip.read(&mut piece)? {
            0 => return Ok(json),
            read => json.extend_from_slice(piece.get(..read).unwrap_or_default()),
        }
    }
}

/// A log file where it lies, with the digest of its inflated bytes.
#[derive(Clone, Debug)]
pub struct LogReading {
    pub place: Place,
    pub sha256: Result<Digest, Broken>,
}

impl LogReading {
    /// Reads through a log file. Nothing of it is kept; `piece` is room to work in.
    pub fn of(place: Place, gzip: impl BufRead, piece: &mut [u8]) -> Self {
        Self { place, sha256: hashed(gzip, piece) }
    }
}

fn hashed(gzip: impl BufRead, piece: &mut [u8]) -> Result<Digest, Broken> {
    let mut gunzip = Gunzip::new(gzip, LARGEST_LOG);
    let mut digesting = Digesting::default();
    loop {
        match gunzip.read(piece)? {
            0 => return Ok(digesting.finish()),
            read => digesting.update(piece.get(..read).unwrap_or_default()),
        }
    }
}

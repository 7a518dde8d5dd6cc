//! A file that is to be sent, with the checksums that S3 will have to tell of it.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, Digest, SHA256};
use aws_smithy_types::base64;

use crate::error::{Error, Result};

/// Larger files go in parts of this size: 64 MiB. One request takes at most 5 GB.
pub(super) const PART: u64 = 64 << 20;
/// S3 takes no more parts (Amazon S3 user guide, "Multipart upload limits").
const PARTS: u64 = 10_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parcel {
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    /// In bytes; the last part may be shorter.
    pub(super) part: u64,
    /// SHA-256 of each part in Base64; one for a file that is sent whole.
    pub(super) sums: Vec<String>,
    /// What S3 tells of the whole: the SHA-256, or that of all parts' digests with their
    /// number (Amazon S3 user guide, "Checking object integrity").
    pub(super) sum: String,
}

impl Parcel {
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn of(path: &Path) -> Result<Self> {
        let failed = |error| Error::io("could not read", path, error);
        let mut file = File::open(path).map_err(failed)?;
        let bytes = file.metadata().map_err(failed)?.len();
        let part = PART.max(bytes.div_ceil(PARTS));
        let mut digests = Vec::new();
        while digests.is_empty() || (digests.len() as u64).saturating_mul(part) < bytes {
            digests.push(digest((&mut file).take(part)).map_err(failed)?);
        }
        let sums: Vec<String> = digests.iter().map(base64::encode).collect();
        let whole = sums.first().filter(|_| bytes <= part).cloned();
        let sum = whole.unwrap_or_else(|| of_parts(&digests));
        Ok(Self { path: path.to_owned(), bytes, part, sums, sum })
    }

    pub(super) fn goes_in_parts(&self) -> bool {
        self.bytes > self.part
    }
}

fn of_parts(digests: &[Digest]) -> String {
    let mut all = Context::new(&SHA256);
    for digest in digests {
        all.update(digest.as_ref());
    }
    format!("{}-{}", base64::encode(all.finish()), digests.len())
}

fn digest(mut from: impl Read) -> io::Result<Digest> {
    let (mut context, mut buffer) = (Context::new(&SHA256), vec![0; 256 << 10]);
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(context.finish()),
            Ok(count) => context.update(buffer.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: u64) -> Parcel {
        let place = tempfile::TempDir::new().unwrap();
        let path = place.path().join("file");
        File::create(&path).unwrap().set_len(bytes).unwrap();
        Parcel::of(&path).unwrap()
    }

    #[test]
    fn a_small_file_has_the_checksum_of_its_content() {
        // SHA-256 of nothing, in Base64 (FIPS 180-4; openssl dgst -binary | base64).
        let empty = of(0);
        assert_eq!(empty.sum, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert!(!empty.goes_in_parts());
        assert!(!of(PART).goes_in_parts());
    }

    #[test]
    fn a_large_file_has_the_checksum_of_its_parts() {
        let large = of(PART + 1);
        assert!(large.goes_in_parts());
        assert_eq!(large.sums.len(), 2);
        // head -c 1 /dev/zero | sha256sum, in Base64.
        assert_eq!(large.sums[1], "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=");
        assert!(large.sum.ends_with("=-2"));
    }
}

//! Where in S3: `s3://bucket/prefix`.

use std::fmt;
use std::str::FromStr;

/// A bucket, and what stands before every key; the prefix may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    pub bucket: String,
    pub prefix: String,
}

impl Destination {
    /// One folder deeper.
    #[must_use]
    pub fn below(&self, name: &str) -> Self {
        Self { bucket: self.bucket.clone(), prefix: self.key(name) }
    }

    pub(super) fn key(&self, name: &str) -> String {
        if self.prefix.is_empty() { name.to_owned() } else { format!("{}/{name}", self.prefix) }
    }
}

impl FromStr for Destination {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no place in S3; write it as s3://bucket/prefix");
        let rest = text.strip_prefix("s3://").ok_or_else(wrong)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        // Bucket naming rules (Amazon S3 user guide).
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
        if !(3..=63).contains(&bucket.len()) || !bucket.chars().all(plain) {
            return Err(wrong());
        }
        Ok(Self { bucket: bucket.to_owned(), prefix: prefix.trim_matches('/').to_owned() })
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_bucket_and_a_prefix() {
        let place = |text: &str| text.parse::<Destination>();
        let run = place("s3://vault/evidence/2026/").unwrap().below("INC-1");
        assert_eq!(run.key("bag/bagit.txt"), "evidence/2026/INC-1/bag/bagit.txt");
        assert_eq!(run.to_string(), "s3://vault/evidence/2026/INC-1");
        assert_eq!(place("s3://vault").unwrap().below("INC-1").key("a"), "INC-1/a");
        for wrong in ["", "vault", "s3:/vault", "s3://", "s3://No/x", "s3://a b/x", "https://vault/x"] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }
}

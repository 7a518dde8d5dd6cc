//! The checksum algorithms of manifests (RFC 8493, section 2.4), and checksums.

use std::fmt;

use md5::Md5;
use sha1::Sha1;
use sha2::digest::DynDigest;
use sha2::{Sha224, Sha256, Sha384, Sha512};

use crate::text::Digest;

/// An algorithm by which a manifest can list files. MD5 and SHA-1 are read, because old bags
/// have nothing else; bags are written with SHA-256, or with SHA-512 beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Algorithm {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    const ALL: [Self; 6] = [Self::Md5, Self::Sha1, Self::Sha224, Self::Sha256, Self::Sha384, Self::Sha512];

    /// As it stands in the names of manifests: lower case, letters and digits only.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha224 => "sha224",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// The length of its checksums, in bytes.
    const fn length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    pub(super) fn begin(self) -> Box<dyn DynDigest + Send> {
        match self {
            Self::Md5 => Box::new(Md5::default()),
            Self::Sha1 => Box::new(Sha1::default()),
            Self::Sha224 => Box::new(Sha224::default()),
            Self::Sha256 => Box::new(Sha256::default()),
            Self::Sha384 => Box::new(Sha384::default()),
            Self::Sha512 => Box::new(Sha512::default()),
        }
    }

    pub(super) fn of(self, bytes: &[u8]) -> Checksum {
        let mut summing = self.begin();
        summing.update(bytes);
        Checksum(summing.finalize())
    }
}

/// A checksum, written in lower-case hex.
#[derive(Clone, PartialEq, Eq)]
pub struct Checksum(pub(super) Box<[u8]>);

impl Checksum {
    /// Reads hex digits in either case; `None` for anything that this algorithm cannot give.
    #[must_use]
    pub fn parse(hex: &str, algorithm: Algorithm) -> Option<Self> {
        let digits = hex.as_bytes();
        if digits.len() != 2 * algorithm.length() {
            return None;
        }
        let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
        let byte = |pair: &[u8]| match pair {
            [high, low] => Some(value(*high)? << 4 | value(*low)?),
            _ => None,
        };
        digits.chunks(2).map(byte).collect::<Option<Box<[u8]>>>().map(Self)
    }
}

impl From<Digest> for Checksum {
    fn from(digest: Digest) -> Self {
        Self(digest.bytes().as_slice().into())
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Checksum({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 1321, appendix A.5; RFC 3174, section 7.3; FIPS 180-4 examples: "abc".
    #[test]
    fn checksums_are_those_of_their_specifications() {
        for (algorithm, of_abc) in [
            (Algorithm::Md5, "900150983cd24fb0d6963f7d28e17f72"),
            (Algorithm::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (Algorithm::Sha224, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"),
            (Algorithm::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                Algorithm::Sha384,
                "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed\
                 8086072ba1e7cc2358baeca134c825a7",
            ),
            (
                Algorithm::Sha512,
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                 2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            ),
        ] {
            assert_eq!(algorithm.of(b"abc").to_string(), of_abc);
            assert_eq!(Checksum::parse(&of_abc.to_uppercase(), algorithm), Some(algorithm.of(b"abc")));
            assert_eq!(Checksum::parse(&of_abc[1..], algorithm), None);
            assert_eq!(Checksum::parse(&of_abc.replacen('9', "g", 1), algorithm), None);
            assert_eq!(Algorithm::named(algorithm.name()), Some(algorithm));
        }
        assert_eq!(Algorithm::named("SHA256"), None);
    }
}

//! The certificates that the reader of a record trusts, in a PEM file (RFC 7468).

use std::path::Path;

use der::DecodePem as _;
use x509_cert::Certificate;

use crate::error::{Error, Result};
use crate::evidence::given;

/// The bundle of a whole operating system is smaller: 16 MiB.
const LIMIT: u64 = 16 << 20;

#[derive(Clone, Debug, Default)]
pub struct Authorities {
    pub(super) certificates: Vec<Certificate>,
}

impl Authorities {
    /// # Errors
    /// When the file cannot be read, or holds no certificate, or one that cannot be read.
    pub fn read(path: &Path) -> Result<Self> {
        let text = given::text("could not read the certificates in", path, LIMIT)?;
        let hint = "name a PEM file with the certificate of the authority's root, or of the authority";
        match Self::parse(&text) {
            Err(why) => Err(Error::usage(format!("{}: {why}", path.display())).hint(hint)),
            Ok(read) if read.certificates.is_empty() => {
                Err(Error::usage(format!("{} holds no certificate", path.display())).hint(hint))
            }
            Ok(read) => Ok(read),
        }
    }

    /// Every certificate in a text; what stands between is for people.
    fn parse(text: &str) -> Result<Self, String> {
        const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
        const END: &str = "-----END CERTIFICATE-----";
        let mut certificates = Vec::new();
        for block in text.split(BEGIN).skip(1) {
            let (body, _) = block.split_once(END).ok_or("a certificate has no end")?;
            let whole = format!("{BEGIN}{}{END}\n", body.replace('\r', ""));
            let read = Certificate::from_pem(whole.as_bytes());
            certificates.push(read.map_err(|error| {
                format!("certificate {} cannot be read: {error}", certificates.len() + 1)
            })?);
        }
        Ok(Self { certificates })
    }
}

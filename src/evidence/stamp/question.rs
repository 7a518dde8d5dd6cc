//! Asking an authority for a token, and keeping what it answers.

use std::fs;

use chrono::{DateTime, Utc};
use der::Encode as _;
use der::asn1::{Int, OctetString};

use super::asn1::{MessageImprint, TimeStampReq, sha_256};
use super::{CHAIN, QUERY, Stamp, TOKEN, check};
use crate::error::{Error, Result};
use crate::evidence::custody::{self, Addition, Deed, Log};
use crate::evidence::folder::Folder;
use crate::evidence::seal::SIGNATURE;
use crate::journal::write_durably;

/// A question about the signature under a record.
#[derive(Clone, Debug)]
pub struct Question {
    signature: Vec<u8>,
    query: Vec<u8>,
}

/// Who asked which authority, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub at: DateTime<Utc>,
    pub who: String,
    /// Its URL.
    pub authority: String,
}

impl Question {
    /// A question with a nonce, which has to be random; certificates are asked for.
    ///
    /// # Errors
    /// When the record is not signed.
    pub fn about(folder: &Folder, nonce: [u8; 16]) -> Result<Self> {
        let path = folder.sig().join(SIGNATURE);
        let signature = fs::read(&path).map_err(|error| {
            Error::refused(format!(
                "{} is not signed, so that there is nothing to put a time under",
                folder.id()
            ))
            .caused_by(error)
            .hint("an authority's time stands under the signature of whoever sealed the record")
        })?;
        let query = encoded(&signature, nonce).map_err(|error| {
            Error::failure("the question could not be written").caused_by(error.to_string())
        })?;
        Ok(Self { signature, query })
    }

    /// The bytes for the authority: DER, `application/timestamp-query`.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.query
    }

    /// Keeps an answer that holds, with the question and the certificates. One that does
    /// not hold is not kept.
    ///
    /// # Errors
    /// When it does not hold, or the disk refuses.
    pub fn keep(&self, folder: &Folder, answer: &[u8], asked: Asked) -> Result<Stamp> {
        let (stamp, chain) = check(&self.signature, &self.query, answer, None).map_err(|why| {
            Error::failure(format!(
                "what {} answered is no token for this record, and was not kept: {why}",
                asked.authority
            ))
            .hint(format!("ask again, or another authority, with `playbook seal {} --tsa URL`", folder.id()))
        })?;
        let files = [(QUERY, &*self.query), (CHAIN, chain.as_bytes()), (TOKEN, answer)];
        for (name, bytes) in files {
            write_durably(&folder.sig().join(name), bytes)?;
        }
        let files = custody::digests(folder, files.map(|(name, _)| format!("sig/{name}")))?;
        let Asked { at, who, authority } = asked;
        let what = Deed::Timestamped { authority, time: stamp.time };
        custody::append(folder, Addition { at, who, files, what })?;
        Ok(stamp)
    }
}

/// Whether a record has its token.
///
/// # Errors
/// When the custody log cannot be read.
pub fn is_stamped(folder: &Folder) -> Result<bool> {
    let log = Log::read(folder).map_err(|error| Error::io("could not read", &folder.sig(), error))?;
    let stamped = |log: Log| log.lines().any(|line| matches!(line.what, Deed::Timestamped { .. }));
    Ok(log.is_some_and(stamped))
}

fn encoded(signature: &[u8], mut nonce: [u8; 16]) -> der::Result<Vec<u8>> {
    // An integer that is positive, and has no zeros before it.
    let [first, ..] = &mut nonce;
    *first = (*first & 0x7f) | 0x40;
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, signature);
    let question = TimeStampReq {
        version: 1,
        message_imprint: MessageImprint {
            hash_algorithm: sha_256(),
            hashed_message: OctetString::new(digest.as_ref())?,
        },
        req_policy: None,
        nonce: Some(Int::new(&nonce)?),
        cert_req: true,
        extensions: None,
    };
    question.to_der()
}

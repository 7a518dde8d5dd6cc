//! Time-stamp tokens of RFC 3161: an authority says that the sealer's signature was there
//! at a time. What is stamped are the bytes of the signature's file.
//!
//! [`Question`] asks and keeps the answer; [`check`] verifies an answer offline. Without
//! certificates that the reader trusts, a token is the authority's own word: anybody can
//! make an authority, and say any time.

mod answer;
mod arithmetic;
mod asn1;
mod authorities;
mod chain;
mod question;
mod token;

use chrono::{DateTime, Utc};

pub use authorities::Authorities;
pub use question::{Asked, Question, is_stamped};

/// The files in `sig/`.
pub(super) const QUERY: &str = "tagmanifest-sha256.txt.sig.tsq";
pub(super) const TOKEN: &str = "tagmanifest-sha256.txt.sig.tsr";
pub(super) const CHAIN: &str = "tsa-chain.pem";

/// No answer of an authority is longer: 1 MiB.
pub const LIMIT: u64 = 1 << 20;

/// A token that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub time: DateTime<Utc>,
    /// The subject of the certificate that signed.
    pub authority: String,
    pub word: Word,
}

/// Who says that the authority is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// A chain leads to a certificate that the reader trusts.
    Vouched,
    /// Nobody but the token itself.
    Own,
}

/// Checks an answer against the question and what was stamped; the certificates that it
/// carries come with it, as PEM.
///
/// # Errors
/// Says why it does not hold.
pub(super) fn check(
    stamped: &[u8],
    query: &[u8],
    answer: &[u8],
    authorities: Option<&Authorities>,
) -> Result<(Stamp, String), String> {
    let token = token::Token::open(answer)?;
    token.answers(stamped, query)?;
    token.is_signed()?;
    token.signer_stamps_time()?;
    let word = match authorities {
        None => Word::Own,
        Some(authorities) => {
            chain::leads_to(authorities, token.signer(), token.carried(), token.time())?;
            Word::Vouched
        }
    };
    let chain = token.chain().ok_or("its certificates cannot be written down")?;
    Ok((
        Stamp { time: token.time(), authority: token.signer().tbs_certificate.subject.to_string(), word },
        chain,
    ))
}

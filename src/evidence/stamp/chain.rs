//! From a certificate to one that the reader trusts (RFC 5280, section 6), at a time. Names,
//! signatures, validity and what an issuer may do are checked; revocation is not, since
//! that would need the network.

use chrono::{DateTime, Utc};
use der::Encode as _;
use x509_cert::Certificate;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};

use super::arithmetic;
use super::authorities::Authorities;

/// No authority has a longer chain.
const LONGEST: u8 = 8;

/// # Errors
/// Says where the chain breaks.
pub(super) fn leads_to(
    trusted: &Authorities,
    from: &Certificate,
    carried: &[Certificate],
    at: DateTime<Utc>,
) -> Result<(), String> {
    let mut current = from;
    for below in 0..LONGEST {
        if trusted.certificates.contains(current) {
            return Ok(());
        }
        let candidates = trusted.certificates.iter().chain(carried);
        let issuer = candidates
            .filter(|issuer| *issuer != current)
            .find(|issuer| issued(issuer, current, below) && was_good(issuer, at).is_ok());
        current = issuer.ok_or_else(|| {
            format!(
                "no chain leads from its certificate to a trusted one: {} is issued by {}",
                current.tbs_certificate.subject, current.tbs_certificate.issuer
            )
        })?;
    }
    Err("the chain of its certificates has no end".to_owned())
}

/// # Errors
/// When the certificate was not yet, or no longer, good at that time.
pub(super) fn was_good(certificate: &Certificate, at: DateTime<Utc>) -> Result<(), String> {
    let validity = &certificate.tbs_certificate.validity;
    let seconds =
        |time: &x509_cert::time::Time| i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    if at.timestamp() < seconds(&validity.not_before) {
        return Err("its certificate was not yet good at that time".to_owned());
    }
    if at.timestamp() > seconds(&validity.not_after) {
        return Err("its certificate had expired at that time".to_owned());
    }
    Ok(())
}

/// Whether an issuer may have signed a certificate with so many issuers below it, and did.
fn issued(issuer: &Certificate, certificate: &Certificate, below: u8) -> bool {
    issuer.tbs_certificate.subject == certificate.tbs_certificate.issuer
        && may_issue(issuer, below)
        && signed(issuer, certificate)
}

fn may_issue(issuer: &Certificate, below: u8) -> bool {
    let told = &issuer.tbs_certificate;
    let constraints = told.get::<BasicConstraints>().ok().flatten();
    let authority = constraints.is_some_and(|(_, constraints)| {
        constraints.ca && constraints.path_len_constraint.is_none_or(|most| below <= most)
    });
    let usage = told.get::<KeyUsage>();
    let signs = usage.is_ok_and(|usage| usage.is_none_or(|(_, usage)| usage.key_cert_sign()));
    authority && signs
}

fn signed(issuer: &Certificate, certificate: &Certificate) -> bool {
    let Ok(message) = certificate.tbs_certificate.to_der() else { return false };
    let Some(signature) = certificate.signature.as_bytes() else { return false };
    let with = &certificate.signature_algorithm;
    let key = &issuer.tbs_certificate.subject_public_key_info;
    arithmetic::holds(key, with, with.oid, &message, signature).unwrap_or(false)
}

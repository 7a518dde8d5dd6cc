//! Digests and signatures by their object identifiers (RFC 3279, RFC 4055, RFC 5758,
//! RFC 8410), through the library that the TLS connections use.

use aws_lc_rs::digest;
use aws_lc_rs::signature::{self as algorithm, UnparsedPublicKey, VerificationAlgorithm};
use der::asn1::ObjectIdentifier;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use super::asn1::PssParameters;

/// RSASSA-PSS, and its only mask generation function (RFC 4055, section 2.2).
const PSS: &str = "1.2.840.113549.1.1.10";
const MGF_1: &str = "1.2.840.113549.1.1.8";

/// The digest under an algorithm; SHA-1 is only for old references to a certificate.
pub(super) fn digest(oid: ObjectIdentifier, bytes: &[u8]) -> Result<digest::Digest, String> {
    let algorithm = match name(oid).as_str() {
        "2.16.840.1.101.3.4.2.1" => &digest::SHA256,
        "2.16.840.1.101.3.4.2.2" => &digest::SHA384,
        "2.16.840.1.101.3.4.2.3" => &digest::SHA512,
        other => return Err(format!("the digest algorithm {other} is not accepted")),
    };
    Ok(digest::digest(algorithm, bytes))
}

pub(super) fn sha_1(bytes: &[u8]) -> digest::Digest {
    digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bytes)
}

/// Whether a key made a signature over a message. `digested` names the digest where the
/// signature's algorithm does not.
///
/// # Errors
/// When the algorithm is not accepted.
pub(super) fn holds(
    key: &SubjectPublicKeyInfoOwned,
    signed_with: &AlgorithmIdentifierOwned,
    digested: ObjectIdentifier,
    message: &[u8],
    signature: &[u8],
) -> Result<bool, String> {
    let algorithm = verification(key, signed_with, digested)?;
    let Some(bytes) = key.subject_public_key.as_bytes() else { return Ok(false) };
    Ok(UnparsedPublicKey::new(algorithm, bytes).verify(message, signature).is_ok())
}

fn verification(
    key: &SubjectPublicKeyInfoOwned,
    signed_with: &AlgorithmIdentifierOwned,
    digested: ObjectIdentifier,
) -> Result<&'static dyn VerificationAlgorithm, String> {
    let signed_with = match name(signed_with.oid).as_str() {
        PSS => return pss(signed_with),
        // rsaEncryption: the digest is told beside it.
        "1.2.840.113549.1.1.1" => format!("rsa {}", name(digested)),
        "1.2.840.113549.1.1.11" => "rsa 2.16.840.1.101.3.4.2.1".to_owned(),
        "1.2.840.113549.1.1.12" => "rsa 2.16.840.1.101.3.4.2.2".to_owned(),
        "1.2.840.113549.1.1.13" => "rsa 2.16.840.1.101.3.4.2.3".to_owned(),
        other => format!("{other} {}", curve(key)),
    };
    Ok(match signed_with.trim_end() {
        "rsa 2.16.840.1.101.3.4.2.1" => &algorithm::RSA_PKCS1_2048_8192_SHA256,
        "rsa 2.16.840.1.101.3.4.2.2" => &algorithm::RSA_PKCS1_2048_8192_SHA384,
        "rsa 2.16.840.1.101.3.4.2.3" => &algorithm::RSA_PKCS1_2048_8192_SHA512,
        "1.2.840.10045.4.3.2 1.2.840.10045.3.1.7" => &algorithm::ECDSA_P256_SHA256_ASN1,
        "1.2.840.10045.4.3.3 1.2.840.10045.3.1.7" => &algorithm::ECDSA_P256_SHA384_ASN1,
        "1.2.840.10045.4.3.2 1.3.132.0.34" => &algorithm::ECDSA_P384_SHA256_ASN1,
        "1.2.840.10045.4.3.3 1.3.132.0.34" => &algorithm::ECDSA_P384_SHA384_ASN1,
        "1.2.840.10045.4.3.4 1.3.132.0.35" => &algorithm::ECDSA_P521_SHA512_ASN1,
        "1.3.101.112" => &algorithm::ED25519,
        other => return Err(format!("the signature algorithm {other} is not accepted")),
    })
}

/// One digest for message and mask, and a salt as long as it: what RFC 4055 recommends, and
/// what is used.
fn pss(signed_with: &AlgorithmIdentifierOwned) -> Result<&'static dyn VerificationAlgorithm, String> {
    let told = signed_with.parameters.as_ref().and_then(|told| told.decode_as::<PssParameters>().ok());
    let told = told.ok_or("the parameters of its RSA-PSS signature cannot be read")?;
    let digest = told.hash.map(|hash| name(hash.oid)).unwrap_or_default();
    let mask = told.mask.filter(|mask| name(mask.oid) == MGF_1).and_then(|mask| mask.parameters);
    let masked = mask.and_then(|mask| mask.decode_as::<AlgorithmIdentifierOwned>().ok());
    let one_digest = masked.is_some_and(|masked| name(masked.oid) == digest);
    Ok(match (digest.as_str(), one_digest, told.salt, told.trailer.unwrap_or(1)) {
        ("2.16.840.1.101.3.4.2.1", true, Some(32), 1) => &algorithm::RSA_PSS_2048_8192_SHA256,
        ("2.16.840.1.101.3.4.2.2", true, Some(48), 1) => &algorithm::RSA_PSS_2048_8192_SHA384,
        ("2.16.840.1.101.3.4.2.3", true, Some(64), 1) => &algorithm::RSA_PSS_2048_8192_SHA512,
        _ => return Err("RSA-PSS with these parameters is not accepted".to_owned()),
    })
}

/// The named curve of an elliptic curve key; nothing for other keys.
fn curve(key: &SubjectPublicKeyInfoOwned) -> String {
    let parameters = key.algorithm.parameters.as_ref();
    let curve = parameters.and_then(|parameters| parameters.decode_as::<ObjectIdentifier>().ok());
    curve.map(name).unwrap_or_default()
}

fn name(oid: ObjectIdentifier) -> String {
    oid.to_string()
}

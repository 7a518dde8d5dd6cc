//! The arithmetic of each kind of key: ed25519 and security keys by `ssh-key`; RSA and
//! ECDSA by the library that the TLS connections use.

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey, VerificationAlgorithm,
};
use ssh_key::public::{EcdsaPublicKey, KeyData, RsaPublicKey};
use ssh_key::{Algorithm, HashAlg, PublicKey, Signature, SshSig};

/// Whether the key made the signature over the message, for this namespace.
///
/// # Errors
/// Says why it did not.
pub(super) fn check(
    namespace: &str,
    key: &PublicKey,
    signature: &SshSig,
    message: &[u8],
) -> Result<(), String> {
    let made = signature.signature();
    let holds = match key.key_data() {
        // Whether a security key wants a touch is its owner's choice, as for ssh-keygen.
        KeyData::Ed25519(_) | KeyData::SkEd25519(_) | KeyData::SkEcdsaSha2NistP256(_) => {
            key.verify(namespace, message, signature).is_ok()
        }
        KeyData::Ecdsa(point) => by_curve(point, made, &signed(namespace, signature, message)?),
        KeyData::Rsa(key) => by_rsa(key, made, &signed(namespace, signature, message)?)?,
        other => {
            return Err(format!(
                "keys of the kind {} are not accepted; ed25519, ECDSA, RSA and security keys are",
                other.algorithm()
            ));
        }
    };
    if holds { Ok(()) } else { Err("it is not over these bytes: one of the two was changed".to_owned()) }
}

fn signed(namespace: &str, signature: &SshSig, message: &[u8]) -> Result<Vec<u8>, String> {
    SshSig::signed_data(namespace, signature.hash_alg(), message)
        .map_err(|error| format!("it cannot be read: {error}"))
}

fn by_curve(point: &EcdsaPublicKey, signature: &Signature, signed: &[u8]) -> bool {
    let (algorithm, width): (&'static dyn VerificationAlgorithm, usize) = match point {
        EcdsaPublicKey::NistP256(_) => (&ECDSA_P256_SHA256_FIXED, 32),
        EcdsaPublicKey::NistP384(_) => (&ECDSA_P384_SHA384_FIXED, 48),
        EcdsaPublicKey::NistP521(_) => (&ECDSA_P521_SHA512_FIXED, 66),
    };
    let same_curve = signature.algorithm() == Algorithm::Ecdsa { curve: point.curve() };
    let fixed = pair(signature.as_bytes(), width);
    fixed.is_some_and(|fixed| {
        same_curve && UnparsedPublicKey::new(algorithm, point.as_sec1_bytes()).verify(signed, &fixed).is_ok()
    })
}

/// Two multiple precision integers (RFC 4251, section 5) as numbers of a fixed width.
fn pair(bytes: &[u8], width: usize) -> Option<Vec<u8>> {
    let (r, rest) = string(bytes)?;
    let (s, rest) = string(rest)?;
    let padded = |number: &[u8]| {
        let number = number.strip_prefix(&[0]).unwrap_or(number);
        let zeros = width.checked_sub(number.len())?;
        Some([vec![0; zeros], number.to_vec()].concat())
    };
    rest.is_empty().then(|| Some([padded(r)?, padded(s)?].concat()))?
}

/// A string with its length in four bytes before it, and what follows.
fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

/// RSA with SHA-256 or SHA-512 (RFC 8332); `ssh-rsa` stands for SHA-1 and is not accepted.
fn by_rsa(key: &RsaPublicKey, signature: &Signature, signed: &[u8]) -> Result<bool, String> {
    let algorithm = match signature.algorithm() {
        Algorithm::Rsa { hash: Some(HashAlg::Sha256) } => &RSA_PKCS1_2048_8192_SHA256,
        Algorithm::Rsa { hash: Some(HashAlg::Sha512) } => &RSA_PKCS1_2048_8192_SHA512,
        other => return Err(format!("{other} is no signature algorithm for an RSA key")),
    };
    let (Some(n), Some(e)) = (key.n.as_positive_bytes(), key.e.as_positive_bytes()) else { return Ok(false) };
    if n.len() < 256 {
        return Err("its RSA key has less than 2048 bits".to_owned());
    }
    Ok(PublicKeyComponents { n, e }.verify(algorithm, signed, signature.as_bytes()).is_ok())
}

//! The operations of KMS that need the key itself.

/// AWS KMS developer guide, "Cryptographic operations". `ReEncrypt` is how CloudTrail names
/// what IAM knows as `ReEncryptFrom` and `ReEncryptTo`.
const CRYPTOGRAPHIC: [&str; 14] = [
    "Decrypt",
    "DeriveSharedSecret",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "ReEncrypt",
    "ReEncryptFrom",
    "ReEncryptTo",
    "Sign",
    "Verify",
    "VerifyMac",
];

/// Whether an operation uses a key, and does not manage it.
#[must_use]
pub fn is_cryptographic(operation: &str) -> bool {
    CRYPTOGRAPHIC.iter().any(|known| known.eq_ignore_ascii_case(operation))
}

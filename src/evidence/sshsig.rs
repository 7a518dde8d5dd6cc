//! SSH signatures, checked without `ssh-keygen` (OpenSSH, `PROTOCOL.sshsig`), and the
//! `allowed_signers` file that names who may sign (`ssh-keygen(1)`, ALLOWED SIGNERS).

use ssh_key::public::KeyData;
use ssh_key::{HashAlg, LineEnding, PublicKey, SshSig};

/// What the signature is for; a signature for anything else is none.
pub const NAMESPACE: &str = "playbook-evidence";

/// One line of an `allowed_signers` file as this program writes it: a name, the namespace,
/// a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedSigner {
    pub principal: String,
    pub key: PublicKey,
}

/// How a check of a signature ended that found nothing wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    Holds,
    /// Everything fits, but the arithmetic of this kind of key is not built in.
    NotHere,
}

impl AllowedSigner {
    /// The line, without a newline; `None` for a key that cannot be written down.
    #[must_use]
    pub fn line(&self) -> Option<String> {
        let key = PublicKey::from(self.key.key_data().clone()).to_openssh().ok()?;
        Some(format!("{} namespaces=\"{NAMESPACE}\" {}", self.principal, key.trim_end()))
    }

    /// Reads what [`line`](Self::line) writes, and nothing else.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let (principal, rest) = line.split_once(' ')?;
        let key = rest.strip_prefix(&format!("namespaces=\"{NAMESPACE}\" "))?;
        let signer = Self { principal: principal.to_owned(), key: PublicKey::from_openssh(key).ok()? };
        (signer.line()? == line).then_some(signer)
    }

    /// As `ssh-keygen -l` prints it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.key.fingerprint(HashAlg::Sha256).to_string()
    }

    /// Whether `armoured` is this signer's signature over `message`.
    ///
    /// # Errors
    /// Says why it is not.
    pub fn check(&self, armoured: &str, message: &[u8]) -> Result<Checked, String> {
        let signature = SshSig::from_pem(armoured).map_err(|error| format!("it cannot be read: {error}"))?;
        // One signature has one spelling, so that every changed byte is seen.
        let spelled = signature.to_pem(LineEnding::LF).unwrap_or_default();
        if format!("{}\n", spelled.trim_end()) != armoured {
            return Err("it is not spelled as ssh-keygen writes it".to_owned());
        }
        if signature.public_key() != self.key.key_data() {
            return Err("another key made it than the one in allowed_signers".to_owned());
        }
        if signature.namespace() != NAMESPACE {
            return Err(format!("it was made for `{}`, not for `{NAMESPACE}`", signature.namespace()));
        }
        if !is_built_in(self.key.key_data()) {
            return Ok(Checked::NotHere);
        }
        match self.key.verify(NAMESPACE, message, &signature) {
            Ok(()) => Ok(Checked::Holds),
            Err(_) => Err("it is not over this tag manifest: one of the two was changed".to_owned()),
        }
    }
}

fn is_built_in(key: &KeyData) -> bool {
    match key {
        KeyData::Ed25519(_) | KeyData::SkEd25519(_) | KeyData::SkEcdsaSha2NistP256(_) => true,
        KeyData::Ecdsa(key) => matches!(key.curve(), ssh_key::EcdsaCurve::NistP256),
        _ => false,
    }
}

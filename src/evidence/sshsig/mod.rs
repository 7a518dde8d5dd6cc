//! SSH signatures, checked without `ssh-keygen` (OpenSSH, `PROTOCOL.sshsig`), and the
//! `allowed_signers` file that names who may sign (`ssh-keygen(1)`, ALLOWED SIGNERS).

mod allowed;
mod arithmetic;
mod pattern;
mod time;

use ssh_key::{HashAlg, LineEnding, PublicKey, SshSig};

pub use allowed::AllowedSigners;

/// What the signature is for; a signature for anything else is none.
pub const NAMESPACE: &str = "playbook-evidence";

/// One line of an `allowed_signers` file as this program writes it: a name, the namespace,
/// a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedSigner {
    pub principal: String,
    pub key: PublicKey,
}

impl AllowedSigner {
    /// The line, without a newline; `None` for a key that cannot be written down.
    #[must_use]
    pub fn line(&self) -> Option<String> {
        let key = self.bare_key();
        (!key.is_empty()).then(|| format!("{} namespaces=\"{NAMESPACE}\" {key}", self.principal))
    }

    /// The public key without a comment; empty for one that cannot be written down.
    #[must_use]
    pub fn bare_key(&self) -> String {
        let key = PublicKey::from(self.key.key_data().clone()).to_openssh().unwrap_or_default();
        key.trim_end().to_owned()
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
    pub fn check(&self, armoured: &str, message: &[u8]) -> Result<(), String> {
        let signature = read(armoured)?;
        if signature.public_key() != self.key.key_data() {
            return Err("another key made it than the one in allowed_signers".to_owned());
        }
        made_for(NAMESPACE, &signature)?;
        arithmetic::check(NAMESPACE, &self.key, &signature, message)
    }
}

/// The key that made `armoured` over `message`, for a purpose. Whose key it is, a list of
/// allowed signers says.
///
/// # Errors
/// Says why the signature does not hold.
pub fn signed_by(armoured: &str, message: &[u8], namespace: &str) -> Result<PublicKey, String> {
    let signature = read(armoured)?;
    made_for(namespace, &signature)?;
    let key = PublicKey::from(signature.public_key().clone());
    arithmetic::check(namespace, &key, &signature, message)?;
    Ok(key)
}

/// One signature has one spelling, so that every changed byte is seen.
fn read(armoured: &str) -> Result<SshSig, String> {
    let signature = SshSig::from_pem(armoured).map_err(|error| format!("it cannot be read: {error}"))?;
    let spelled = signature.to_pem(LineEnding::LF).unwrap_or_default();
    if format!("{}\n", spelled.trim_end()) == armoured {
        Ok(signature)
    } else {
        Err("it is not spelled as ssh-keygen writes it".to_owned())
    }
}

fn made_for(namespace: &str, signature: &SshSig) -> Result<(), String> {
    match signature.namespace() {
        purpose if purpose == namespace => Ok(()),
        other => Err(format!("it was made for `{other}`, not for `{namespace}`")),
    }
}

#[cfg(test)]
mod tests;

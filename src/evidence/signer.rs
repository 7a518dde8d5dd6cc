//! The operator's SSH key puts its name under a record: `ssh-keygen -Y sign`, so that
//! agents and hardware keys work, and the private key is never read here.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ssh_key::PublicKey;

use super::sshsig::NAMESPACE;
use crate::error::{Error, Result};

/// Who signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signer {
    /// The private key in this file, or the one in the agent whose public key is in it.
    Key(PathBuf),
    /// The first key that the SSH agent offers. Without one the record stays unsigned.
    Agent,
    /// Nobody.
    None,
}

/// A key that can sign, and its public half.
pub(super) struct SigningKey {
    /// None for a key that only the agent has.
    path: Option<PathBuf>,
    pub public: PublicKey,
}

impl Signer {
    /// Why there is no key to sign with; nothing where there is one.
    ///
    /// # Errors
    /// When the operator named a key that is none.
    pub fn lacks(&self) -> Result<Option<String>> {
        Ok(self.key()?.err())
    }

    /// Finds the key. `Err` within is why there is none, where that is allowed.
    ///
    /// # Errors
    /// When the operator named a key that is none.
    pub(super) fn key(&self) -> Result<Result<SigningKey, String>> {
        match self {
            Self::None => Ok(Err("no key was asked for".to_owned())),
            Self::Key(path) => SigningKey::in_file(path).map(Ok),
            Self::Agent => Ok(SigningKey::of_agent()),
        }
    }
}

impl SigningKey {
    fn in_file(path: &Path) -> Result<Self> {
        let text =
            fs::read_to_string(path).map_err(|error| Error::io("could not read the key", path, error))?;
        let unfit = || {
            Error::failure(format!("{} holds no SSH key", path.display())).hint(
                "name the private key, such as ~/.ssh/id_ed25519, or the public half of a key in the agent",
            )
        };
        let public = if let Ok(public) = PublicKey::from_openssh(&text) {
            public
        } else {
            let text = public_half(path).map_err(|error| unfit().caused_by(error))?;
            PublicKey::from_openssh(&text).map_err(|_| unfit())?
        };
        Ok(Self { path: Some(path.to_owned()), public })
    }

    fn of_agent() -> Result<Self, String> {
        let listed = Command::new("ssh-add").arg("-L").stdin(Stdio::null()).output();
        let listed = listed.map_err(|_| "there is no `ssh-add` to ask for a key".to_owned())?;
        let offered = String::from_utf8_lossy(&listed.stdout).into_owned();
        let public = offered.lines().find_map(|line| PublicKey::from_openssh(line).ok());
        public.map(|public| Self { path: None, public }).ok_or_else(|| "no SSH agent offers a key".to_owned())
    }

    /// Signs a file; gives the armoured signature. `scratch` is a folder in which the public
    /// half of an agent's key may lie for that long: it is how `ssh-keygen` is told which.
    ///
    /// # Errors
    /// When `ssh-keygen` is not there or does not sign: a wrong passphrase, a key that the
    /// agent does not hold, a hardware key that nobody touched.
    pub(super) fn sign(&self, file: &Path, scratch: &Path) -> Result<String> {
        if let Some(path) = &self.path {
            return self.sign_with(path, file);
        }
        let path = scratch.join("signer.part");
        let line = self.public.to_openssh().unwrap_or_default();
        fs::write(&path, line).map_err(|error| Error::io("could not write", &path, error))?;
        let signature = self.sign_with(&path, file);
        let _ = fs::remove_file(&path);
        signature
    }

    fn sign_with(&self, key: &Path, file: &Path) -> Result<String> {
        let input = File::open(file).map_err(|error| Error::io("could not read", file, error))?;
        let mut command = keygen(["-q", "-Y", "sign", "-n", NAMESPACE, "-f"]);
        command.arg(key).stdin(input);
        if self.wants_a_touch() {
            // The request to touch the key comes on this way, and must be seen.
            command.stderr(Stdio::inherit());
        }
        let output = command.output().map_err(missing)?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(Error::failure(format!(
                "ssh-keygen did not sign with {}: {}",
                key.display(),
                said.trim()
            ))
            .hint("the record is complete without the signature; `playbook seal` tries again")
            .hint("--key FILE names another key"));
        }
        String::from_utf8(output.stdout)
            .map_err(|error| Error::failure("ssh-keygen gave no signature").caused_by(error))
    }

    fn wants_a_touch(&self) -> bool {
        self.public.key_data().is_sk_ed25519() || self.public.key_data().is_sk_ecdsa_p256()
    }
}

/// The public half: the file beside the private key, or what `ssh-keygen` derives; it asks
/// for the passphrase if there is one.
fn public_half(private: &Path) -> io::Result<String> {
    let mut beside = private.as_os_str().to_owned();
    beside.push(".pub");
    fs::read_to_string(&beside).or_else(|_| {
        let output = keygen(["-y", "-f"]).arg(private).stdin(Stdio::null()).output()?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(io::Error::other(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
        }
    })
}

fn keygen<const N: usize>(arguments: [&str; N]) -> Command {
    let mut command = Command::new("ssh-keygen");
    command.args(arguments.map(OsStr::new));
    command
}

fn missing(error: io::Error) -> Error {
    Error::failure("could not run ssh-keygen")
        .caused_by(error)
        .hint("it comes with OpenSSH; install the client package")
}

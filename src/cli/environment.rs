//! What the operating system tells of this process. The only reader of the environment.

use std::io::IsTerminal;
use std::thread::JoinHandle;

use crate::run::{Operator, Program};
use crate::text::{Digest, Digesting};

/// A variable, when it is set to something.
#[allow(clippy::disallowed_methods, reason = "this file owns the environment")]
#[must_use]
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Who is at the keyboard, as the operating system says: `sudo` does not hide it.
#[must_use]
pub(super) fn operator() -> Operator {
    let user = ["SUDO_USER", "USER", "LOGNAME"].into_iter().find_map(variable);
    let user = user.unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()));
    Operator { user, name: variable("PLAYBOOK_OPERATOR") }
}

#[must_use]
pub(super) fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Whether a person can read and type here.
#[must_use]
pub(super) fn is_attended() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// The digest of the running program, taken on another core while the run is prepared.
pub(super) struct Identity(JoinHandle<Option<Digest>>);

impl Identity {
    #[must_use]
    pub(super) fn establish() -> Self {
        Self(std::thread::spawn(digest_of_this_program))
    }

    #[must_use]
    pub(super) fn program(self) -> Program {
        Program { version: env!("CARGO_PKG_VERSION").to_owned(), digest: self.0.join().ok().flatten() }
    }
}

#[allow(clippy::disallowed_methods, reason = "this file owns the environment")]
fn digest_of_this_program() -> Option<Digest> {
    use std::io::Read;
    let mut program = std::fs::File::open(std::env::current_exe().ok()?).ok()?;
    let (mut digesting, mut piece) = (Digesting::default(), vec![0; 1 << 18]);
    loop {
        match program.read(&mut piece).ok()? {
            0 => return Some(digesting.finish()),
            read => digesting.update(piece.get(..read)?),
        }
    }
}

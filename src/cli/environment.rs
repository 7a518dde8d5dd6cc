//! What the operating system tells of this process. The only reader of the environment.

use std::io::IsTerminal;

use crate::run::Operator;

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
    let name = variable("PLAYBOOK_OPERATOR").map(|name| name.trim().to_owned());
    Operator { user, name: name.filter(|name| !name.is_empty()), role: None, attends: false }
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

//! Where mail is handed over: `smtps://HOST[:465]` or `smtp://HOST[:587]`.

use crate::actions::notify::address::is_this_machine;

/// TLS with a mail server (RFC 8314, section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::actions::notify) enum Security {
    /// From the first byte.
    Implicit,
    /// By STARTTLS, which the server has to offer.
    Demanded,
    /// By STARTTLS where it is offered: the server is this machine.
    Offered,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::actions::notify) struct Server {
    pub(in crate::actions::notify) host: String,
    pub(in crate::actions::notify) port: u16,
    pub(super) security: Security,
}

impl Server {
    /// # Errors
    /// What is wrong with the address, without its text.
    pub(in crate::actions::notify) fn parse(text: &str) -> Result<Self, String> {
        let form = || "its `server` has to be smtps://HOST[:PORT] or smtp://HOST[:PORT]".to_owned();
        let (scheme, rest) = text.trim().split_once("://").ok_or_else(form)?;
        let authority = rest.trim_end_matches('/');
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, Some(port.parse().map_err(|_| form())?)),
            _ => (authority, None),
        };
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if bare.is_empty()
            || bare.contains(['/', '@', ' '])
            || !bare.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return Err(form());
        }
        let (security, usual) = match scheme {
            "smtps" => (Security::Implicit, 465),
            "smtp" if is_this_machine(host) => (Security::Offered, 587),
            "smtp" => (Security::Demanded, 587),
            _ => return Err(form()),
        };
        Ok(Self { host: bare.to_owned(), port: port.unwrap_or(usual), security })
    }
}

//! Principals as policies name them (AWS JSON policy elements: Principal).

use std::fmt;

use crate::access::matching::{Arn, is_account};

/// Somebody who is named. Names of roles and users are without their paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    Everyone,
    /// A bare id, or the ARN of its root.
    Account(String),
    User {
        arn: String,
    },
    Role {
        arn: String,
    },
    /// `assumed-role/ROLE/SESSION`.
    Session {
        account: String,
        role: String,
        session: String,
    },
    FederatedUser {
        arn: String,
    },
    Service(String),
    /// A SAML or OpenID Connect provider.
    Federated(String),
    CanonicalUser(String),
    /// A unique id (`AIDA...`, `AROA...`): AWS shows it where the principal is gone.
    UniqueId(String),
    Malformed(String),
}

impl Named {
    /// What stands under `AWS`.
    #[must_use]
    pub fn aws(text: &str) -> Self {
        if text == "*" {
            return Self::Everyone;
        }
        if is_account(text) {
            return Self::Account(text.to_owned());
        }
        if is_unique_id(text) {
            return Self::UniqueId(text.to_owned());
        }
        Self::from_arn(text).unwrap_or_else(|| Self::Malformed(text.to_owned()))
    }

    fn from_arn(text: &str) -> Option<Self> {
        let arn = Arn::parse(text).filter(|arn| is_account(arn.account) && !text.contains(['*', '?']))?;
        let owned = || text.to_owned();
        match (arn.service, arn.resource.split_once('/')) {
            ("iam", None) if arn.resource == "root" => Some(Self::Account(arn.account.to_owned())),
            ("iam", Some(("user", name))) if !name.is_empty() => Some(Self::User { arn: owned() }),
            ("iam", Some(("role", name))) if !name.is_empty() => Some(Self::Role { arn: owned() }),
            ("sts", Some(("federated-user", name))) if !name.is_empty() => {
                Some(Self::FederatedUser { arn: owned() })
            }
            ("sts", Some(("assumed-role", rest))) => {
                let (role, session) =
                    rest.split_once('/').filter(|(role, session)| !role.is_empty() && !session.is_empty())?;
                let [account, role, session] = [arn.account, role, session].map(str::to_owned);
                Some(Self::Session { account, role, session })
            }
            _ => None,
        }
    }

    /// What stands under a type of principals; nothing where AWS knows no such type.
    #[must_use]
    pub fn of(kind: &str, text: &str) -> Option<Self> {
        match kind {
            "AWS" => Some(Self::aws(text)),
            "Service" if text.contains('*') => Some(Self::Malformed(text.to_owned())),
            "Service" => Some(Self::Service(text.to_owned())),
            "Federated" => Some(Self::Federated(text.to_owned())),
            "CanonicalUser" => Some(Self::CanonicalUser(text.to_owned())),
            _ => None,
        }
    }

    /// The account that it belongs to, where it belongs to one.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Account(account) | Self::Session { account, .. } => Some(account),
            Self::User { arn } | Self::Role { arn } | Self::FederatedUser { arn } => {
                Arn::parse(arn).map(|arn| arn.account)
            }
            _ => None,
        }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => f.write_str("*"),
            Self::Session { account, role, session } => {
                write!(f, "session {session} of role {role} in {account}")
            }
            Self::Account(name)
            | Self::User { arn: name }
            | Self::Role { arn: name }
            | Self::FederatedUser { arn: name }
            | Self::Service(name)
            | Self::Federated(name)
            | Self::CanonicalUser(name)
            | Self::UniqueId(name)
            | Self::Malformed(name) => f.write_str(name),
        }
    }
}

/// "IAM identifiers", "Unique identifiers": a known prefix, then capitals and digits.
fn is_unique_id(text: &str) -> bool {
    let known = ["AIDA", "AROA", "AGPA", "AIPA", "ANPA", "ASCA", "APKA", "ACCA"];
    text.len() >= 16
        && text.get(..4).is_some_and(|prefix| known.contains(&prefix))
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

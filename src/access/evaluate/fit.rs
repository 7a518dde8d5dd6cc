//! How a statement of a resource's policy names the caller, if it does.

use super::{Caller, Who};
use crate::access::formula::Formula;
use crate::access::matching::Arn;
use crate::access::policy::{Effect, Named, Principals};

/// How the caller is named decides which other layers count ("How AWS enforcement code
/// logic evaluates requests to allow or deny access", resource-based policies).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fit {
    No,
    /// By `*`, by a user's ARN, by a session's ARN, as a service, as the root itself:
    /// no boundary and no session policy limits that.
    Free,
    /// By the role's ARN: boundary and session policies limit that.
    Role,
    /// By the account: its IAM policies decide.
    Account,
    /// Names one session of the role; which session calls, is not said.
    Session(String),
    Doubt(String),
}

impl Fit {
    /// Whether the statement means the caller, leaving aside how.
    #[must_use]
    pub fn formula(&self) -> Formula {
        match self {
            Self::No => Formula::No,
            Self::Free | Self::Role | Self::Account => Formula::Yes,
            Self::Session(name) => Formula::fact(
                &format!("the session of the role is named `{name}`"),
                &format!("the session of the role is not named `{name}`"),
            ),
            Self::Doubt(why) => Formula::doubt(why.as_str()),
        }
    }
}

/// All the ways in which a statement means the caller. `bounded` callers are always hit by
/// a Deny with NotPrincipal (Permissions boundaries for IAM entities).
#[must_use]
pub fn fits(principals: &Principals, effect: Effect, caller: &Caller, boundary: Boundary) -> Vec<Fit> {
    match principals {
        Principals::Unsaid => Vec::new(),
        Principals::Named(named) => {
            let mut fits: Vec<Fit> =
                named.iter().map(|named| fit(named, caller)).filter(|fit| *fit != Fit::No).collect();
            fits.dedup();
            fits
        }
        Principals::AllBut(_) if effect == Effect::Deny && boundary == Boundary::Set => vec![Fit::Free],
        Principals::AllBut(named) => all_but(named, effect, caller),
    }
}

/// Whether the caller has a permissions boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boundary {
    Set,
    Unset,
}

/// An account in NotPrincipal spares its users and roles only where none of them is named
/// beside it (AWS JSON policy elements: NotPrincipal names both, to spare only the one).
fn all_but(named: &[Named], effect: Effect, caller: &Caller) -> Vec<Fit> {
    let alone = |account: &str| {
        let members = named.iter().filter(|named| !matches!(named, Named::Account(_)));
        !members.into_iter().any(|member| member.account() == Some(account))
    };
    let spares = |named: &Named| match (fit(named, caller), named) {
        (Fit::Account, Named::Account(account)) if !alone(account) => Fit::No,
        (fit, _) => fit,
    };
    let spared: Vec<Fit> = named.iter().map(spares).collect();
    if spared.iter().any(|fit| matches!(fit, Fit::Free | Fit::Role | Fit::Account)) {
        let half = (effect == Effect::Deny).then(|| half_spared(named, &spared, caller)).flatten();
        return half.into_iter().collect();
    }
    let maybe = spared.into_iter().find_map(|fit| match fit {
        Fit::Session(name) => Some(format!("whether the session is `{name}`, which NotPrincipal spares")),
        Fit::Doubt(why) => Some(why),
        _ => None,
    });
    vec![maybe.map_or(Fit::Free, Fit::Doubt)]
}

/// AWS may look at the account first, then at the role, then at the session, and deny where
/// one of them is not named (AWS JSON policy elements: NotPrincipal, "Key points").
fn half_spared(named: &[Named], spared: &[Fit], caller: &Caller) -> Option<Fit> {
    let account = |named: &Named| matches!(named, Named::Account(of) if caller.account.as_ref() == Some(of));
    let has_account = named.iter().any(account);
    let everyone = named.contains(&Named::Everyone);
    if everyone
        || spared.contains(&Fit::Account)
        || matches!(caller.who, Who::Service | Who::Provider | Who::Root)
    {
        return None;
    }
    let session = match &caller.who {
        Who::Role { .. } => false,
        Who::Session { .. } => spared.contains(&Fit::Free) && spared.contains(&Fit::Role),
        _ => true,
    };
    let unnamed = match (has_account, session) {
        (true, true) => return None,
        (false, _) => "its account",
        (true, false) => "its session and its role both",
    };
    let name = &caller.name;
    Some(Fit::Doubt(format!("whether NotPrincipal spares {name}, for it does not name {unnamed}")))
}

/// How one named principal stands to the caller.
#[must_use]
pub fn fit(named: &Named, caller: &Caller) -> Fit {
    let free_where = |fits: bool| if fits { Fit::Free } else { Fit::No };
    match named {
        Named::Everyone => Fit::Free,
        Named::Account(account) if caller.account.as_deref() == Some(account) => match caller.who {
            Who::Root => Fit::Free,
            _ => Fit::Account,
        },
        Named::User { arn }
            if caller.who == Who::FederatedUser && named.account() == caller.account.as_deref() =>
        {
            Fit::Doubt(format!("whether {} is a session that {arn} opened", caller.name))
        }
        Named::User { arn } | Named::FederatedUser { arn } => free_where(*arn == caller.name),
        Named::Role { arn } => role(arn, caller),
        Named::Session { account, role, session } if caller.account.as_deref() == Some(account) => {
            match &caller.who {
                Who::Session { role: of, session: named } => free_where(of == role && named == session),
                Who::Role { name } if name == role => Fit::Session(session.clone()),
                _ => Fit::No,
            }
        }
        Named::Service(service) => free_where(caller.who == Who::Service && *service == caller.name),
        Named::Federated(provider) => free_where(caller.who == Who::Provider && *provider == caller.name),
        Named::UniqueId(id) if caller.unique_id.as_ref() == Some(id) => match caller.who {
            Who::User => Fit::Free,
            _ => Fit::Role,
        },
        Named::CanonicalUser(_) if caller.who == Who::Root => {
            Fit::Doubt("the canonical id of the caller's account is not known".to_owned())
        }
        Named::Malformed(text) => {
            Fit::Doubt(format!("the principal `{text}` has no form that AWS documents"))
        }
        _ => Fit::No,
    }
}

/// The ARN of a session leaves out the path of its role, and names of roles are unique in
/// their account.
fn role(named: &str, caller: &Caller) -> Fit {
    let fits = match &caller.who {
        Who::Role { .. } => named == caller.name,
        Who::Session { role, .. } => Arn::parse(named).is_some_and(|arn| {
            Some(arn.account) == caller.account.as_deref() && arn.resource.rsplit('/').next() == Some(role)
        }),
        _ => false,
    };
    if fits { Fit::Role } else { Fit::No }
}

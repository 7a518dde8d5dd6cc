//! Who the run works as. Nobody saws at the branch that the run sits on: what would take from
//! the run what it works by is refused, and so it is where nobody can tell who that is.

use super::arn::Arn;
use super::order::Order;
use super::stop::Stop;
use crate::run::{Fault, FaultKind};

/// The identity whose credentials sign the run's requests.
pub(super) struct Own {
    pub(super) arn: String,
}

/// Asks STS, which needs no permission for it (AWS STS API reference, `GetCallerIdentity`).
pub(super) async fn own(order: &Order<'_>) -> Result<Own, Stop> {
    let said = order.heard(order.sts().await?.get_caller_identity().send().await)?;
    let arn = said.arn.filter(|arn| Arn::parse(arn).is_some());
    let arn = arn.ok_or_else(|| {
        Fault::new(FaultKind::Refused, "sts:GetCallerIdentity does not tell who this run works as")
            .hint("nothing was sent: it may take from the run what it works by")
            .hint("resume with other credentials (--profile), or once STS tells")
    })?;
    Ok(Own { arn })
}

impl Own {
    /// Whether it is this principal: a user, a session, or a role with a session of which the
    /// run works. The ARN of a session does not show the path of its role.
    pub(super) fn is(&self, principal: &str) -> bool {
        let (own, other) = (Arn::parse(&self.arn), Arn::parse(principal));
        let of_role = own.zip(other).is_some_and(|(own, other)| {
            other.resource.starts_with("role/")
                && own.account == other.account
                && other.name().is_some_and(|name| self.is_role(name))
        });
        self.arn == principal || of_role
    }

    /// Whether the run works with a session of a role. Names of IAM are not distinguished by
    /// case (IAM user guide, "IAM and AWS STS quotas").
    pub(super) fn is_role(&self, name: &str) -> bool {
        let own = Arn::parse(&self.arn);
        own.and_then(|arn| arn.session_role()).is_some_and(|role| role.eq_ignore_ascii_case(name))
    }

    pub(super) fn is_user(&self, name: &str) -> bool {
        self.user().is_some_and(|user| user.eq_ignore_ascii_case(name))
    }

    /// The bare name of the user, where it is one.
    pub(super) fn user(&self) -> Option<&str> {
        let arn = Arn::parse(&self.arn)?;
        arn.resource.starts_with("user/").then(|| arn.name()).flatten()
    }
}

/// What is done with other credentials, or not at all.
pub(super) fn refused(why: String) -> Stop {
    let fault = Fault::new(FaultKind::Refused, why);
    fault.hint("nothing was sent; resume with other credentials (--profile), then do this step").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_itself_and_a_session_is_its_role_whatever_the_path_and_nobody_else() {
        let user = Own { arn: "arn:aws:iam::111122223333:user/ops/ana".to_owned() };
        assert!(user.is("arn:aws:iam::111122223333:user/ops/ana") && user.user() == Some("ana"));
        assert!(!user.is("arn:aws:iam::111122223333:user/ana") && !user.is_role("ana"));
        let session = Own { arn: "arn:aws:sts::111122223333:assumed-role/responder/ana".to_owned() };
        for own in [
            "arn:aws:iam::111122223333:role/responder",
            "arn:aws:iam::111122223333:role/ops/Responder",
            "arn:aws:sts::111122223333:assumed-role/responder/ana",
        ] {
            assert!(session.is(own), "{own}");
        }
        for other in [
            "arn:aws:iam::999988887777:role/responder",
            "arn:aws:iam::111122223333:user/responder",
            "arn:aws:iam::111122223333:role/responder/other",
            "arn:aws:sts::111122223333:assumed-role/responder/ben",
            "responder",
            "",
        ] {
            assert!(!session.is(other), "{other}");
        }
        assert_eq!(session.user(), None);
    }
}

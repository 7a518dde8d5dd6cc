//! Who asks.

use crate::access::matching::{Arn, is_account};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// As it was given.
    pub name: String,
    pub who: Who,
    /// Nothing for services and providers, which belong to no account.
    pub account: Option<String>,
    /// `AIDA...` or `AROA...`, where it is known.
    pub unique_id: Option<String>,
}

/// Names are without their paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    Root,
    User,
    /// Some session of a role; which, is not said.
    Role {
        name: String,
    },
    Session {
        role: String,
        session: String,
    },
    FederatedUser,
    Service,
    /// A SAML or OpenID Connect provider.
    Provider,
}

impl Caller {
    /// Nothing where the text names nobody who can call AWS.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if is_account(text) {
            return Some(Self::new(text, Who::Root, Some(text)));
        }
        let Some(arn) = Arn::parse(text) else {
            let service = text.ends_with(".amazonaws.com") || text.ends_with(".amazonaws.com.cn");
            return service.then(|| Self::new(text, Who::Service, None));
        };
        let last = |name: &str| name.rsplit('/').next().filter(|name| !name.is_empty()).map(str::to_owned);
        let who = match (arn.service, arn.resource.split_once('/')) {
            ("iam", None) if arn.resource == "root" => Who::Root,
            ("iam", Some(("user", name))) => last(name).map(|_| Who::User)?,
            ("iam", Some(("role", name))) => Who::Role { name: last(name)? },
            ("iam", Some(("saml-provider" | "oidc-provider", _))) => {
                return Some(Self::new(text, Who::Provider, None));
            }
            ("sts", Some(("federated-user", _))) => Who::FederatedUser,
            ("sts", Some(("assumed-role", rest))) => {
                let (role, session) =
                    rest.split_once('/').filter(|(role, name)| !role.is_empty() && !name.is_empty())?;
                Who::Session { role: role.to_owned(), session: session.to_owned() }
            }
            _ => return None,
        };
        is_account(arn.account).then(|| Self::new(text, who, Some(arn.account)))
    }

    fn new(name: &str, who: Who, account: Option<&str>) -> Self {
        Self { name: name.to_owned(), who, account: account.map(str::to_owned), unique_id: None }
    }

    /// Whether the ARN is that of a role which AWS reserves for a service.
    #[must_use]
    pub fn is_service_linked(&self) -> bool {
        matches!(self.who, Who::Role { .. }) && self.name.contains(":role/aws-service-role/")
    }
}

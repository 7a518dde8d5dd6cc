//! Grants of a KMS key (Grants in AWS KMS; GrantConstraints; CreateGrant).

use std::sync::Arc;

use super::fit::{Fit, fit};
use super::{Caller, Request, Who};
use crate::access::condition::{Clause, Context, Lookup, Variables};
use crate::access::formula::Formula;
use crate::access::matching::Arn;
use crate::access::policy::Named;

/// As ListGrants tells it.
#[derive(Clone, Debug, Default)]
pub struct Grant {
    pub id: String,
    pub name: Option<String>,
    /// The ARN or the id of its key; nothing where nobody said.
    pub key: Option<String>,
    pub grantee: String,
    pub retiring: Option<String>,
    pub operations: Vec<String>,
    pub equals: Option<Vec<(String, String)>>,
    pub subset: Option<Vec<(String, String)>>,
    /// Constraints that this program does not know.
    pub beyond: Vec<String>,
}

/// The operations to which constraints apply: those that take an encryption context.
const WITH_CONTEXT: &[&str] = &[
    "decrypt",
    "encrypt",
    "generatedatakey",
    "generatedatakeypair",
    "generatedatakeypairwithoutplaintext",
    "generatedatakeywithoutplaintext",
    "reencryptfrom",
    "reencryptto",
];

/// Whether a grant names the caller itself, or the account that then decides by IAM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Granted {
    Directly(Formula),
    ByAccount(Formula),
    No,
}

impl Grant {
    /// What the grant says to a request.
    #[must_use]
    pub fn covers(&self, request: &Request) -> Granted {
        let lower = request.action.to_ascii_lowercase();
        let Some(operation) = lower.strip_prefix("kms:") else { return Granted::No };
        if !self.is_on(&request.resource) {
            return Granted::No;
        }
        let listed = self.operations.iter().any(|listed| listed.eq_ignore_ascii_case(operation));
        let grantee = if listed { to(&self.grantee, &request.caller) } else { Granted::No };
        let retiring = self.retiring.as_deref().filter(|_| operation == "retiregrant");
        match (retiring.map(|retiring| to(retiring, &request.caller)), grantee) {
            (Some(retires), Granted::No) => retires,
            (_, Granted::No) => Granted::No,
            (_, Granted::Directly(formula)) => {
                Granted::Directly(self.constrained(operation, formula, &request.context))
            }
            (_, Granted::ByAccount(formula)) => {
                Granted::ByAccount(self.constrained(operation, formula, &request.context))
            }
        }
    }

    #[must_use]
    pub fn label(&self) -> Arc<str> {
        self.name
            .as_deref()
            .filter(|name| !name.is_empty())
            .map_or_else(|| self.id.as_str().into(), |name| format!("{name} ({})", self.id).into())
    }

    fn is_on(&self, resource: &str) -> bool {
        let id = Arn::parse(resource).and_then(|arn| arn.resource.strip_prefix("key/"));
        self.key.as_deref().is_none_or(|key| key == resource || Some(key) == id)
    }

    fn constrained(&self, operation: &str, formula: Formula, context: &Context) -> Formula {
        let beyond = self
            .beyond
            .iter()
            .map(|name| Formula::doubt(format!("what the constraint {name} of a grant asks")));
        if WITH_CONTEXT.contains(&operation) {
            let equals = self.equals.iter().map(|pairs| equals(pairs, context));
            let subset = self.subset.iter().map(|pairs| subset(pairs, context));
            return Formula::all(std::iter::once(formula).chain(equals).chain(subset).chain(beyond));
        }
        let constrains = self.equals.is_some() || self.subset.is_some();
        if operation == "creategrant" && constrains {
            let stricter = Formula::fact(
                "the new grant is constrained to an encryption context at least as strictly",
                "the new grant is not constrained to an encryption context as strictly",
            );
            return Formula::all(std::iter::once(formula).chain([stricter]).chain(beyond));
        }
        Formula::all(std::iter::once(formula).chain(beyond))
    }
}

fn to(principal: &str, caller: &Caller) -> Granted {
    if caller.name == principal {
        return Granted::Directly(Formula::Yes);
    }
    match fit(&Named::aws(principal), caller) {
        Fit::Free | Fit::Role => Granted::Directly(Formula::Yes),
        Fit::Account => Granted::ByAccount(Formula::Yes),
        // A service, which stands there as it is, is nobody else.
        Fit::Doubt(_) if Caller::parse(principal).is_some_and(|other| other.who == Who::Service) => {
            Granted::No
        }
        open @ (Fit::Session(_) | Fit::Doubt(_)) => Granted::Directly(open.formula()),
        Fit::No => Granted::No,
    }
}

const PREFIX: &str = "kms:encryptioncontext:";

/// Every pair is there. Names ignore case, values respect it.
fn subset(pairs: &[(String, String)], context: &Context) -> Formula {
    let pair = |(name, value): &(String, String)| {
        let key = format!("kms:EncryptionContext:{name}");
        Clause::new("StringEquals", &key, &[value], Variables::Literal).evaluate(context)
    };
    Formula::all(pairs.iter().map(pair))
}

/// Every pair is there, and no other.
fn equals(pairs: &[(String, String)], context: &Context) -> Formula {
    let wanted = |name: &str| pairs.iter().any(|(pair, _)| pair.eq_ignore_ascii_case(name));
    let other = context.below(PREFIX).any(|(name, _)| !wanted(name));
    let no_other = if other {
        Formula::No
    } else if context.lookup(PREFIX) == Lookup::Unknown {
        Formula::fact("the encryption context has no other pairs", "the encryption context has other pairs")
    } else {
        Formula::Yes
    };
    Formula::all([subset(pairs, context), no_other])
}

//! What is asked.

use std::sync::Arc;

use super::{Caller, Who};
use crate::access::condition::Context;
use crate::access::matching::Arn;

#[derive(Clone, Debug)]
pub struct Request {
    pub caller: Caller,
    pub action: String,
    pub resource: String,
    /// The account that owns the resource.
    pub account: Option<String>,
    pub context: Arc<Context>,
    /// The management account of the organisation: its own policies do not bind it.
    pub management_account: Option<String>,
    /// The caller is a service-linked role, which no organisation's policy binds.
    pub service_linked: bool,
}

/// From where the caller comes, seen from the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Same,
    Other,
    /// Services and providers, which have no IAM policies.
    Nowhere,
}

/// Cryptographic operations, and what the page lists besides, in lower case.
const ACROSS_ACCOUNTS: &[&str] = &[
    "creategrant",
    "decrypt",
    "derivesharedsecret",
    "describekey",
    "encrypt",
    "generatedatakey",
    "generatedatakeypair",
    "generatedatakeypairwithoutplaintext",
    "generatedatakeywithoutplaintext",
    "generatemac",
    "getkeyrotationstatus",
    "getpublickey",
    "listgrants",
    "reencryptfrom",
    "reencryptto",
    "retiregrant",
    "revokegrant",
    "sign",
    "verify",
    "verifymac",
];

impl Request {
    #[must_use]
    pub fn new(caller: Caller, action: &str, resource: &str) -> Self {
        let account =
            Arn::parse(resource).map(|arn| arn.account.to_owned()).filter(|account| !account.is_empty());
        let service_linked = caller.is_service_linked();
        Self {
            caller,
            action: action.to_owned(),
            resource: resource.to_owned(),
            account,
            context: Arc::default(),
            management_account: None,
            service_linked,
        }
    }

    #[must_use]
    pub fn side(&self) -> Side {
        match (&self.caller.account, &self.account) {
            (None, _) => Side::Nowhere,
            (Some(caller), Some(owner)) if caller != owner => Side::Other,
            _ => Side::Same,
        }
    }

    /// Whether the policy of the resource has to allow, even within an account: for KMS
    /// keys (Key policies in AWS KMS), and for roles that are assumed (their trust policy).
    #[must_use]
    pub fn resource_policy_decides(&self) -> bool {
        let arn = Arn::parse(&self.resource);
        let role = arn.is_some_and(|arn| arn.service == "iam" && arn.resource.starts_with("role/"));
        let assumes = role && self.action.to_ascii_lowercase().starts_with("sts:assumerole");
        (self.is_on_key() && !self.retires_a_grant()) || assumes
    }

    #[must_use]
    pub fn is_on_key(&self) -> bool {
        Arn::parse(&self.resource).is_some_and(|arn| arn.service == "kms" && arn.resource.starts_with("key/"))
    }

    /// Grants say who may retire them, and the account may; key policies and resource
    /// control policies have no say ("Retiring and revoking grants").
    #[must_use]
    pub fn retires_a_grant(&self) -> bool {
        self.action.eq_ignore_ascii_case("kms:RetireGrant")
    }

    /// Whether the operation works on a key of another account: permissions for others have
    /// no effect there ("Allowing users in other accounts to use a KMS key").
    #[must_use]
    pub fn works_across_accounts(&self) -> bool {
        let action = self.action.to_ascii_lowercase();
        let operation = action.strip_prefix("kms:");
        !self.is_on_key() || operation.is_none_or(|operation| ACROSS_ACCOUNTS.contains(&operation))
    }

    /// Service control policies bind the users, roles and roots of member accounts (Service
    /// control policies, "Tasks and entities not restricted by SCPs").
    #[must_use]
    pub fn is_bound_by_scps(&self) -> bool {
        let managing = self.management_account.is_some() && self.management_account == self.caller.account;
        !managing && !self.service_linked && !matches!(self.caller.who, Who::Service | Who::Provider)
    }

    /// Resource control policies bind the resources of member accounts ("Resources and
    /// entities not restricted by RCPs").
    #[must_use]
    pub fn is_bound_by_rcps(&self) -> bool {
        let managing = self.management_account.is_some() && self.management_account == self.account;
        !managing && !self.service_linked && !self.retires_a_grant()
    }
}

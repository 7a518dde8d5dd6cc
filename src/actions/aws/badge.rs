//! Whose credentials sign. They are fetched anew in the middle of a run, by a program, a
//! container's agent or single sign-on, and whoever hands them out may hand out another's:
//! before anything is signed with new ones, AWS is asked whose they are.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_config::SdkConfig;
use aws_config::identity::IdentityCache;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{
    ProvideCredentials, Result as Provided, SharedCredentialsProvider, future,
};

use super::arn::Arn;
use super::fault;
use super::source::Source;
use super::tape::{Exchange, Tape};
use crate::run::Caller;

/// What is known of the one who calls, for as long as the process lives.
#[derive(Clone, Debug, Default)]
pub(super) struct Badge(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    /// The access key id that is known to be the caller's.
    key: Option<String>,
    /// Who the caller is, as AWS said before step one. Where nobody could ask, nothing is compared.
    caller: Option<Caller>,
    /// The way to AWS, without credentials of its own.
    way: Option<SdkConfig>,
    /// Whose other access key ids are, as AWS said.
    strangers: BTreeMap<String, String>,
    /// What was asked on the way, for the record.
    tape: Tape,
}

impl Badge {
    /// Remembers who calls.
    pub(super) fn is_of(&self, caller: &Caller) {
        self.known().caller = Some(caller.clone());
    }

    /// The way by which AWS is asked.
    pub(super) fn goes_by(&self, way: &SdkConfig) {
        self.known().way = Some(way.clone());
    }

    /// The exchanges about new credentials that no order has put into its evidence yet.
    pub(super) fn asked(&self) -> Vec<Exchange> {
        let tape = self.known().tape.clone();
        tape.taken()
    }

    /// The same credentials, each new ones looked at.
    pub(super) fn before(&self, source: Source) -> SharedCredentialsProvider {
        SharedCredentialsProvider::new(Looked { source, badge: self.clone() })
    }

    /// # Errors
    /// When they are another's, or AWS does not say whose they are.
    async fn look(&self, new: &Credentials) -> Result<(), CredentialsError> {
        let (known, way, tape) = {
            let mut known = self.known();
            if known.key.as_deref() == Some(new.access_key_id()) {
                return Ok(());
            }
            let first = known.key.is_none();
            let Some((caller, way)) = known.caller.clone().filter(|_| !first).zip(known.way.clone()) else {
                known.key = Some(new.access_key_id().to_owned());
                return Ok(());
            };
            (caller, way, known.tape.clone())
        };
        let told = self.known().strangers.get(new.access_key_id()).cloned();
        let is = match told {
            Some(is) => is,
            None => whose(new, &way, tape).await?,
        };
        if principal(&is) != principal(&known.arn) {
            self.known().strangers.insert(new.access_key_id().to_owned(), is.clone());
            return Err(CredentialsError::provider_error(Stranger { was: known.arn, is }));
        }
        self.known().key = Some(new.access_key_id().to_owned());
        Ok(())
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The ARN that AWS gives for credentials (`GetCallerIdentity`, which needs no permission).
async fn whose(new: &Credentials, way: &SdkConfig, tape: Tape) -> Result<String, CredentialsError> {
    let config = way
        .to_builder()
        .credentials_provider(SharedCredentialsProvider::new(new.clone()))
        .identity_cache(IdentityCache::no_cache())
        .build();
    let config = aws_sdk_sts::config::Builder::from(&config).interceptor(tape);
    let said = aws_sdk_sts::Client::from_conf(config.build()).get_caller_identity().send().await;
    let said = said.map_err(|error| {
        let why = format!("AWS does not say whose the new credentials are: {}", fault::reason(&error));
        CredentialsError::provider_error(why)
    })?;
    Ok(said.arn().unwrap_or_default().to_owned())
}

/// Account and user or role: a role's session has another name each time.
pub(in crate::actions) fn principal(arn: &str) -> (&str, &str) {
    let Some(parsed) = Arn::parse(arn) else { return ("", arn) };
    (parsed.account, parsed.session_role().unwrap_or(parsed.resource))
}

/// New credentials are somebody else's.
#[derive(Debug)]
pub(super) struct Stranger {
    pub(super) was: String,
    pub(super) is: String,
}

impl fmt::Display for Stranger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the new credentials are those of {}, and this run goes on as {}", self.is, self.was)
    }
}

impl std::error::Error for Stranger {}

/// Hands on what a source provides, once it is known whose it is.
#[derive(Debug)]
struct Looked {
    source: Source,
    badge: Badge,
}

impl Looked {
    async fn provide(&self) -> Provided {
        let new = self.source.provide_credentials().await?;
        self.badge.look(&new).await?;
        Ok(new)
    }
}

impl ProvideCredentials for Looked {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.provide())
    }

    fn fallback_on_interrupt(&self) -> Option<Credentials> {
        self.source.fallback_on_interrupt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_stays_the_same_in_another_session_and_nobody_else_does() {
        let robin = "arn:aws:sts::111122223333:assumed-role/responder/robin";
        let again = "arn:aws:sts::111122223333:assumed-role/responder/1764043200";
        assert_eq!(principal(robin), principal(again));
        for other in [
            "arn:aws:sts::111122223333:assumed-role/admin/robin",
            "arn:aws:sts::999988887777:assumed-role/responder/robin",
            "arn:aws:iam::111122223333:user/responder",
            "arn:aws:iam::111122223333:root",
            "",
        ] {
            assert_ne!(principal(robin), principal(other), "{other}");
        }
    }
}

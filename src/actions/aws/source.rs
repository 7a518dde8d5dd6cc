//! Where the credentials come from. A chain of the SDK reads files and the environment once
//! and remembers them: a source that is asked to forget makes a new chain, which sees what was
//! written there since.

use std::error::Error as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{Region, imds};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{
    ProvideCredentials, Result as Provided, SharedCredentialsProvider, future,
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

/// The instance metadata service answers at once or is not there.
const METADATA: Duration = Duration::from_millis(300);

#[derive(Clone, Debug)]
pub(super) struct Source(Arc<Spring>);

#[derive(Debug)]
struct Spring {
    profile: Option<String>,
    region: Region,
    wire: SharedHttpClient,
    chain: Mutex<Option<SharedCredentialsProvider>>,
}

impl Source {
    pub(super) fn new(profile: Option<String>, region: Region, wire: SharedHttpClient) -> Self {
        Self(Arc::new(Spring { profile, region, wire, chain: Mutex::default() }))
    }

    /// What is handed out next is read anew.
    pub(super) fn forget(&self) {
        *self.chain() = None;
    }

    async fn provide(&self) -> Provided {
        self.supplier().await.provide_credentials().await.map_err(|error| self.0.named(error))
    }

    async fn supplier(&self) -> SharedCredentialsProvider {
        let known = self.chain().clone();
        if let Some(chain) = known {
            return chain;
        }
        let made = self.0.make().await;
        self.chain().insert(made).clone()
    }

    fn chain(&self) -> MutexGuard<'_, Option<SharedCredentialsProvider>> {
        self.0.chain.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Spring {
    /// A profile that has no credentials is named: perhaps it is written wrong.
    fn named(&self, error: CredentialsError) -> CredentialsError {
        match (&error, &self.profile) {
            (CredentialsError::CredentialsNotLoaded(_), Some(profile)) if error.source().is_none() => {
                CredentialsError::not_loaded(format!(
                    "the profile {profile} has none, or there is none of that name"
                ))
            }
            _ => error,
        }
    }

    /// A profile that the command line names goes first, also before keys in the environment:
    /// whoever names one means it.
    async fn make(&self) -> SharedCredentialsProvider {
        let plain = ProviderConfig::default().with_http_client(self.wire.clone());
        if let Some(profile) = &self.profile {
            let plain = plain.with_region(Some(self.region.clone()));
            let named = ProfileFileCredentialsProvider::builder().configure(&plain).profile_name(profile);
            return SharedCredentialsProvider::new(named.build());
        }
        let metadata = metadata(&plain);
        let chain = DefaultCredentialsChain::builder().configure(plain).imds_client(metadata);
        SharedCredentialsProvider::new(chain.region(self.region.clone()).build().await)
    }
}

/// The instance that this runs on, if it is one.
pub(super) fn metadata(plain: &ProviderConfig) -> imds::Client {
    imds::Client::builder()
        .configure(plain)
        .connect_timeout(METADATA)
        .read_timeout(METADATA)
        .max_attempts(1)
        .build()
}

impl ProvideCredentials for Source {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.provide())
    }

    fn fallback_on_interrupt(&self) -> Option<Credentials> {
        self.chain().as_ref().and_then(ProvideCredentials::fallback_on_interrupt)
    }
}

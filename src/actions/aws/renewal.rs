//! Credentials that AWS no longer takes, whatever was said of how long they last: a session
//! was revoked, or the clocks of those who hand them out and of AWS differ. Others are fetched
//! in their place before anything is signed again.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_config::identity::IdentityCache;
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::identity::{
    Identity, IdentityFuture, ResolveCachedIdentity, SharedIdentityCache, SharedIdentityResolver,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use tokio::sync::Mutex as Turns;

use super::source::Source;

/// The access key ids that AWS refused and that nothing was fetched in place of yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Renewal(Arc<Mutex<BTreeSet<String>>>);

impl Renewal {
    pub(super) fn is_due_for(&self, key: &str) {
        self.refused().insert(key.to_owned());
    }

    /// Whether others have to be fetched; told once for each refusal, because a source that
    /// has only these hands them out again.
    fn has_to_replace(&self, key: &str) -> bool {
        self.refused().remove(key)
    }

    fn refused(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Remembers credentials like the SDK until shortly before they end, and no longer than AWS
/// takes them.
#[derive(Debug)]
pub(super) struct WhileTaken {
    source: Source,
    renewal: Renewal,
    /// Requests side by side wait for one fetch.
    known: Turns<SharedIdentityCache>,
}

impl WhileTaken {
    pub(super) fn from(source: Source, renewal: &Renewal) -> Self {
        Self { source, renewal: renewal.clone(), known: Turns::new(empty()) }
    }

    async fn resolve(
        &self,
        resolver: SharedIdentityResolver,
        components: &RuntimeComponents,
        cfg: &ConfigBag,
    ) -> Result<Identity, BoxError> {
        let mut known = self.known.lock().await;
        let identity = known.resolve_cached_identity(resolver.clone(), components, cfg).await?;
        let key = identity.data::<Credentials>().map(Credentials::access_key_id);
        if !key.is_some_and(|key| self.renewal.has_to_replace(key)) {
            return Ok(identity);
        }
        self.source.forget();
        *known = empty();
        known.resolve_cached_identity(resolver, components, cfg).await
    }
}

fn empty() -> SharedIdentityCache {
    IdentityCache::lazy().build()
}

impl ResolveCachedIdentity for WhileTaken {
    fn resolve_cached_identity<'a>(
        &'a self,
        resolver: SharedIdentityResolver,
        runtime_components: &'a RuntimeComponents,
        config_bag: &'a ConfigBag,
    ) -> IdentityFuture<'a> {
        IdentityFuture::new(self.resolve(resolver, runtime_components, config_bag))
    }
}

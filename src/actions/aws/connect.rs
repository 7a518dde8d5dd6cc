//! The SDK's configuration, read once, on the first use of AWS: environment, profiles,
//! single sign-on, credential processes, container and instance roles, `AWS_ENDPOINT_URL`.

use std::time::Duration;

use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::ProvideRegion;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig, imds};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::arn::is_region;
use super::badge::Badge;
use super::guard::Guard;
use super::renewal::{Renewal, WhileTaken};
use super::source::{Source, metadata};
use crate::run::{Fault, FaultKind};

/// Without an answer within this time a connection is given up.
pub(super) const CONNECT: Duration = Duration::from_secs(5);
/// Without an answer within this time an attempt is given up, where a step says nothing.
pub(super) const ATTEMPT: Duration = Duration::from_secs(20);
/// How often the SDK tries; each try is in the record.
pub(super) const ATTEMPTS: u32 = 3;

/// What the command line says about AWS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// `--profile`: goes before every other source of credentials.
    pub profile: Option<String>,
    /// `--region`.
    pub region: Option<String>,
}

/// What may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    Everything,
    Readings,
}

/// Reads the configuration. Sends nothing, unless the Region has to be asked of the
/// instance that this runs on.
pub(super) async fn connect(
    options: &Options,
    reach: Reach,
    wire: SharedHttpClient,
    badge: &Badge,
    renewal: &Renewal,
) -> Result<SdkConfig, Fault> {
    let plain = ProviderConfig::default().with_http_client(wire.clone());
    let region = region(options, &plain).await?;
    let source = Source::new(options.profile.clone(), region.clone(), wire.clone());
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(wire.clone())
        .region(region)
        .credentials_provider(badge.before(source.clone()))
        .identity_cache(WhileTaken::from(source, renewal))
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(
            TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ATTEMPT).build(),
        )
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    if let Ok(name) = AppName::new("playbook") {
        loader = loader.app_name(name);
    }
    if let Some(profile) = &options.profile {
        loader = loader.profile_name(profile);
    }
    let config = loader.load().await;
    // Credentials are fetched below the guard, by the plain client that they were given.
    Ok(match reach {
        Reach::Everything => config,
        Reach::Readings => config.to_builder().http_client(Guard::before(wire)).build(),
    })
}

/// From the command line, the environment, the profile, or the instance that this runs on;
/// a profile that the command line names goes before the environment.
async fn region(options: &Options, plain: &ProviderConfig) -> Result<Region, Fault> {
    let mut profile = ProfileFileRegionProvider::builder().configure(plain);
    if let Some(name) = &options.profile {
        profile = profile.profile_name(name);
    }
    let given = options.region.clone().map(Region::new);
    let named = profile.build();
    let around = EnvironmentVariableRegionProvider::new();
    let instance =
        imds::region::ImdsRegionProvider::builder().configure(plain).imds_client(metadata(plain)).build();
    let chain: [&dyn ProvideRegion; 4] = match &options.profile {
        Some(_) => [&given, &named, &around, &instance],
        None => [&given, &around, &named, &instance],
    };
    for provider in chain {
        // An empty variable is as good as none.
        if let Some(region) = provider.region().await.filter(|region| !region.as_ref().is_empty()) {
            return looks_right(region.as_ref()).map(|()| region);
        }
    }
    Err(Fault::new(FaultKind::Rejected, "no AWS Region is set")
        .hint("pass --region REGION, or set AWS_REGION"))
}

/// Refuses what does not look like a Region before it becomes part of a host name.
pub(super) fn looks_right(region: &str) -> Result<(), Fault> {
    if is_region(region) {
        return Ok(());
    }
    Err(Fault::new(FaultKind::Rejected, format!("`{region}` does not look like an AWS Region"))
        .hint("a Region is written like eu-west-1; see --region and AWS_REGION"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_command_line_names_the_region_and_what_is_none_is_refused() {
        let wire = || SharedHttpClient::new(super::super::wire::Wire::default());
        let (badge, renewal) = (Badge::default(), Renewal::default());
        let options = |region: &str| Options { profile: None, region: Some(region.to_owned()) };
        let config = connect(&options("eu-west-1"), Reach::Everything, wire(), &badge, &renewal)
            .await
            .expect("a configuration");
        assert_eq!(config.region().map(AsRef::as_ref), Some("eu-west-1"));
        assert_eq!(config.retry_config().map(RetryConfig::max_attempts), Some(ATTEMPTS));
        let fault = connect(&options("evil.example/"), Reach::Everything, wire(), &badge, &renewal)
            .await
            .expect_err("no Region");
        assert!(fault.hints.iter().any(|hint| hint.contains("--region")), "{fault:?}");
    }
}

//! Whether somebody answers where a service is. Any answer will do: an unsigned request is
//! refused, and that it is tells that the name resolves, the way is open and TLS holds.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_types::service_config::ServiceConfigKey;
use tokio::task::JoinSet;

use crate::actions::aws::{Aws, causes, door};
use crate::run::{Standing, Subject, Survey};

/// What came of the knocking: each place with how long it took, or why nobody answered.
#[derive(Debug, Default)]
pub(super) struct Reach {
    places: Vec<(String, Result<Duration, String>)>,
}

pub(super) async fn knock(aws: &Aws, services: BTreeSet<&'static str>, patience: Duration) -> Reach {
    let Ok(config) = aws.config().await else { return Reach::default() };
    let mut places = BTreeSet::new();
    for service in services {
        places.extend(place(&config, service).await);
    }
    let mut asked = JoinSet::new();
    for place in places {
        asked.spawn(async move { (place.clone(), answers(&place, patience).await) });
    }
    let mut reach = Reach::default();
    while let Some(said) = asked.join_next().await {
        reach.places.extend(said.ok());
    }
    reach.places.sort_by(|(one, _), (other, _)| one.cmp(other));
    reach
}

impl Reach {
    pub(super) fn note(&self, survey: &mut Survey) {
        let closed = self.places.iter().filter_map(|(place, said)| Some((place, said.as_ref().err()?)));
        let mut open = true;
        for (place, why) in closed {
            open = false;
            survey.note(Subject::Reach, Standing::Warning, format!("{place} does not answer: {why}"));
        }
        let slowest = self.places.iter().filter_map(|(_, said)| said.as_ref().ok()).max();
        if let Some(slowest) = slowest.filter(|_| open) {
            let says = format!("{} answer, the slowest after {} ms", self.places.len(), slowest.as_millis());
            survey.note(Subject::Reach, Standing::Good, says);
        }
    }
}

/// Where a service is, for this configuration: what the environment or the profile says of
/// it, else where the SDK would look. Nothing where one endpoint stands for all services,
/// which the question for the identity has reached already.
async fn place(config: &SdkConfig, service: &str) -> Option<String> {
    if let Some(own) = configured(config, service) {
        return Some(own);
    }
    if config.endpoint_url().is_some() {
        return None;
    }
    let region = config.region()?.to_string();
    macro_rules! resolved {
        ($sdk:ident) => {{
            use $sdk::config::endpoint::{DefaultResolver, Params, ResolveEndpoint as _};
            let params = Params::builder().region(region).build().ok()?;
            let endpoint = DefaultResolver::new().resolve_endpoint(&params).await.ok()?;
            Some(endpoint.url().to_owned())
        }};
    }
    match service {
        "kms" => resolved!(aws_sdk_kms),
        "s3" => resolved!(aws_sdk_s3),
        "cloudtrail" => resolved!(aws_sdk_cloudtrail),
        _ => None,
    }
}

/// `AWS_ENDPOINT_URL_KMS` and its like, or `endpoint_url` of the service in the profile (AWS
/// SDKs and tools reference guide, "Service-specific endpoints").
fn configured(config: &SdkConfig, service: &str) -> Option<String> {
    let id = match service {
        "kms" => "KMS",
        "s3" => "S3",
        "cloudtrail" => "CloudTrail",
        _ => return None,
    };
    let key = ServiceConfigKey::builder().service_id(id).env("AWS_ENDPOINT_URL").profile("endpoint_url");
    config.service_config()?.load_config(key.build().ok()?)
}

#[expect(clippy::disallowed_methods, reason = "how long an answer took is measured, and decides nothing")]
async fn answers(place: &str, patience: Duration) -> Result<Duration, String> {
    let began = Instant::now();
    let mut request = HttpRequest::empty();
    request.set_uri(place).map_err(|_| "it is no URL".to_owned())?;
    request.set_method("HEAD").map_err(|_| "it takes no request".to_owned())?;
    match tokio::time::timeout(patience, door().call(request)).await {
        Ok(Ok(_)) => Ok(began.elapsed()),
        Ok(Err(error)) => Err(causes(&error)),
        Err(_) => Err(format!("not within {} s", patience.as_secs())),
    }
}

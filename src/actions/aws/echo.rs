//! AWS for tests: answers as the API references show them, without a network, and a list of
//! what was sent.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;

use super::badge::Badge;
use super::connect::{Options, Reach};
use super::guard::Guard;
use super::renewal::Renewal;
use super::{Aws, cloudtrail};

/// A secret access key that must be found nowhere.
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// What the network does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Said(u16, &'static str, String),
    /// No body, and these headers: an answer to HEAD.
    Head(u16, Vec<(&'static str, String)>),
    /// No connection comes about.
    Unreachable,
    /// The connection breaks after the request went out.
    Broken,
    /// Nothing comes back for a long time.
    Silence,
}

impl Answer {
    pub(crate) fn json(body: impl Into<String>) -> Self {
        Self::Said(200, "application/x-amz-json-1.1", body.into())
    }

    pub(crate) fn xml(body: impl Into<String>) -> Self {
        Self::Said(200, "text/xml", body.into())
    }

    pub(crate) fn error(status: u16, code: &str) -> Self {
        let body = format!(r#"{{"__type":"{code}","message":"what AWS says"}}"#);
        Self::Said(status, "application/x-amz-json-1.1", body)
    }
}

type Answering = dyn Fn(&str, &HttpRequest) -> Answer + Send + Sync;

#[derive(Clone)]
pub(crate) struct Echo {
    answering: Arc<Answering>,
    sent: Arc<Mutex<Vec<String>>>,
}

impl Echo {
    /// Answers by the operation, as `kms:DisableKey`, `iam:GetRole` or `s3:GET ?versions`.
    pub(crate) fn new(answering: impl Fn(&str, &HttpRequest) -> Answer + Send + Sync + 'static) -> Self {
        Self { answering: Arc::new(answering), sent: Arc::default() }
    }

    /// Every request that got through, in order.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.sent.lock().expect("the list").clone()
    }

    /// The way to it, with everything allowed or readings only.
    pub(crate) fn aws(&self, reach: Reach) -> Aws {
        let plain = SharedHttpClient::new(self.clone());
        let wire = if reach == Reach::Readings { SharedHttpClient::new(Guard::before(plain)) } else { plain };
        let keys = Credentials::new("AKIAIOSFODNN7EXAMPLE", SECRET, None, None, "test");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(keys))
            .retry_config(
                RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(1)),
            )
            .http_client(wire.clone())
            .build();
        let config = tokio::sync::Mutex::new(Some(config));
        let (options, lookups) = (Options::default(), cloudtrail::Pace::default());
        let (badge, renewal) = (Badge::default(), Renewal::default());
        Aws { options, reach, wire, config, lookups, badge, renewal }
    }
}

impl HttpClient for Echo {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Echo {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let operation = operation(&request);
        let answer = (self.answering)(&operation, &request);
        self.sent.lock().expect("the list").push(operation);
        if !matches!(answer, Answer::Unreachable) {
            let captured = request.extension::<CaptureSmithyConnection>();
            captured.expect("a place for it").set_connection_retriever(|| {
                Some(ConnectionMetadata::builder().proxied(false).poison_fn(|| ()).build())
            });
        }
        HttpConnectorFuture::new(async move {
            match answer {
                Answer::Said(status, kind, body) => Ok(response(status, kind, body)),
                Answer::Head(status, headers) => {
                    let mut head = response(status, "text/csv", String::new());
                    for (name, value) in headers {
                        head.headers_mut().insert(name, value);
                    }
                    Ok(head)
                }
                Answer::Unreachable => Err(ConnectorError::io("connection refused".into())),
                Answer::Broken => Err(ConnectorError::io("connection reset by peer".into())),
                Answer::Silence => std::future::pending().await,
            }
        })
    }
}

fn response(status: u16, kind: &'static str, body: String) -> HttpResponse {
    let mut response = HttpResponse::new(status.try_into().expect("a status"), SdkBody::from(body));
    response.headers_mut().insert("content-type", kind);
    response.headers_mut().insert("x-amzn-requestid", "11111111-2222-3333-4444-555555555555");
    response.headers_mut().insert("date", "Sun, 22 Nov 2026 03:10:00 GMT");
    response
}

fn operation(request: &HttpRequest) -> String {
    let header = |name: &str| request.headers().get(name).unwrap_or_default().to_owned();
    let scope = header("authorization");
    let service = scope.split('/').nth(3).unwrap_or("unsigned").to_owned();
    if let Some((_, name)) = header("x-amz-target").rsplit_once('.') {
        return format!("{service}:{name}");
    }
    let body = request.body().bytes().map(String::from_utf8_lossy).unwrap_or_default().into_owned();
    if let Some(name) = body.strip_prefix("Action=").and_then(|rest| rest.split('&').next()) {
        return format!("{service}:{name}");
    }
    let query = request.uri().split_once('?').map_or("", |(_, query)| query);
    let sub = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default());
    let sub =
        sub.filter(|name| ["versions", "encryption", "location", "acl"].contains(name)).collect::<String>();
    format!("{service}:{} ?{sub}", request.method())
}

impl std::fmt::Debug for Echo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Echo")
    }
}

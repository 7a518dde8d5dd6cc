//! The HTTP client below everything: one connector for `http`, one for `https`, each made
//! when the first request wants it, so that a plain endpoint never waits for TLS roots.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

/// Connect and read timeouts: connectors with the same ones share their connections.
type Timeouts = (Option<Duration>, Option<Duration>);

/// Sends requests by the scheme of their URI.
#[derive(Debug, Default)]
pub(super) struct Wire {
    connectors: Mutex<HashMap<Timeouts, SharedHttpConnector>>,
}

impl HttpClient for Wire {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let timeouts = (settings.connect_timeout(), settings.read_timeout());
        let mut connectors = self.connectors.lock().unwrap_or_else(PoisonError::into_inner);
        connectors
            .entry(timeouts)
            .or_insert_with(|| {
                let mut builder = Connector::builder().connector_settings(settings.clone());
                builder.set_sleep_impl(components.sleep_impl());
                // As the SDK's own client does: HTTP_PROXY, HTTPS_PROXY, NO_PROXY.
                builder.set_proxy_config(Some(ProxyConfig::from_env()));
                SharedHttpConnector::new(ByScheme { builder, plain: OnceLock::new(), tls: OnceLock::new() })
            })
            .clone()
    }
}

/// The way out for a request that is none of AWS. It knows no timeouts: its caller does.
pub(in crate::actions) fn door() -> impl HttpConnector {
    let mut builder = Connector::builder();
    builder.set_proxy_config(Some(ProxyConfig::from_env()));
    ByScheme { builder, plain: OnceLock::new(), tls: OnceLock::new() }
}

struct ByScheme {
    builder: ConnectorBuilder,
    plain: OnceLock<Connector>,
    tls: OnceLock<Connector>,
}

impl HttpConnector for ByScheme {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if request.uri().starts_with("http://") {
            self.plain.get_or_init(|| self.builder.clone().build_http()).call(request)
        } else {
            let provider = Provider::Rustls(CryptoMode::AwsLc);
            self.tls.get_or_init(|| self.builder.clone().tls_provider(provider).build()).call(request)
        }
    }
}

impl fmt::Debug for ByScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByScheme")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_plain_endpoint_never_waits_for_tls_roots() {
        let by_scheme =
            ByScheme { builder: Connector::builder(), plain: OnceLock::new(), tls: OnceLock::new() };
        let mut request = HttpRequest::empty();
        // The discard port, where nobody listens.
        request.set_uri("http://127.0.0.1:9/").expect("a URI");
        assert!(by_scheme.call(request).await.is_err());
        assert!(by_scheme.plain.get().is_some() && by_scheme.tls.get().is_none());
    }
}

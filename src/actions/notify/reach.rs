//! Whether a channel could be used: its values are there, and somebody listens. No message is
//! sent to find out.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use hyper_util::client::proxy::matcher::Matcher;
use tokio::net::TcpStream;

use super::address::{Settings, guarded_url};
use super::email::Server;
use crate::actions::aws::{causes, door};
use crate::text::arn::Arn;

/// Who does not take a connection within this time cannot be reached.
const PATIENCE: Duration = Duration::from_secs(2);

/// How a channel stands before anything is sent over it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It takes connections; whether it takes messages is known when one is sent.
    Open,
    /// The document names values that are not there.
    Unset { why: String },
    /// Nobody takes a connection at `host`.
    Closed { host: String, why: String },
}

/// Goes the way that a message would go: through the proxy that the environment names for it,
/// else straight. Without a proxy it connects and hangs up. A proxy alone does not tell what is
/// behind it, so that its host is asked for no more than its head, at `/`: what is secret about
/// the channel's URL stays here.
pub(super) async fn reach(settings: Settings<'_>) -> Reach {
    if settings.medium() == "sns" {
        return topic(settings);
    }
    let Place { host, port, root } = match place(settings) {
        Ok(place) => place,
        Err(why) => return Reach::Unset { why },
    };
    let asked = async {
        match root.filter(|root| goes_through_a_proxy(root)) {
            Some(root) => ask(&root).await,
            None => connect(&host, port).await,
        }
    };
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(())) => Reach::Open,
        Ok(Err(why)) => Reach::Closed { why, host },
        Err(_) => Reach::Closed { why: format!("no answer within {} s", PATIENCE.as_secs()), host },
    }
}

async fn connect(host: &str, port: u16) -> Result<(), String> {
    TcpStream::connect((host, port)).await.map(drop).map_err(|error| error.to_string())
}

/// By the rules of the HTTP client that sends the message.
fn goes_through_a_proxy(url: &str) -> bool {
    url.parse().is_ok_and(|url| Matcher::from_env().intercept(&url).is_some())
}

/// Any answer will do that is not the proxy's own: it wants to know who asks, or did not get
/// through (RFC 9110, sections 15.5.8, 15.6.3 and 15.6.5).
async fn ask(root: &str) -> Result<(), String> {
    let mut request = HttpRequest::empty();
    request.set_uri(root).map_err(|_| "its URL is none".to_owned())?;
    request.set_method("HEAD").map_err(|error| error.to_string())?;
    let answer = door().call(request).await;
    match answer.map_err(|error| causes(&error))?.status().as_u16() {
        status @ (407 | 502 | 504) => Err(format!("the proxy answers with HTTP status {status}")),
        _ => Ok(()),
    }
}

/// Whether AWS answers is asked for all of its services together, where they are.
fn topic(settings: Settings<'_>) -> Reach {
    match settings.text("topic").map(Arn::parse) {
        Ok(Some(_)) => Reach::Open,
        Ok(None) => Reach::Unset { why: "its `topic` is no ARN".to_owned() },
        Err(why) => Reach::Unset { why },
    }
}

/// Where a message would go to.
struct Place {
    host: String,
    port: u16,
    /// The URL without its path, where it goes over HTTP.
    root: Option<String>,
}

fn place(settings: Settings<'_>) -> Result<Place, String> {
    match settings.medium() {
        "email" => {
            settings.text("from")?;
            settings.texts("to")?;
            settings.optional("username")?;
            settings.optional("password")?;
            // Mail knows no proxy, and neither does what sends it.
            let server = Server::parse(settings.text("server")?)?;
            Ok(Place { host: server.host, port: server.port, root: None })
        }
        "pagerduty" => {
            settings.text("routing_key")?;
            let usual = "https://events.pagerduty.com/v2/enqueue";
            of_url(guarded_url("endpoint", settings.optional("endpoint")?.unwrap_or(usual))?)
        }
        _ => {
            settings.optional("signing_key")?;
            of_url(guarded_url("url", settings.text("url")?)?)
        }
    }
}

fn of_url(url: &str) -> Result<Place, String> {
    let (scheme, rest) = url.split_once("://").ok_or("it has no URL")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // Who is named before the host is no part of it, and may be a secret.
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let root = Some(format!("{scheme}://{authority}/"));
    let usual = if scheme == "https" { 443 } else { 80 };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => {
            (host, port.parse().map_err(|_| "its URL has no port".to_owned())?)
        }
        _ => (authority, usual),
    };
    Ok(Place { host: bare(host), port, root })
}

fn bare(host: &str) -> String {
    host.trim_start_matches('[').trim_end_matches(']').to_owned()
}

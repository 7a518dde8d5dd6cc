//! Whether a channel could be used: its values are there, and somebody listens. Nothing is
//! sent to find out.

use std::time::Duration;

use tokio::net::TcpStream;

use super::address::{Settings, guarded_url};
use super::email::Server;
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

/// Connects and hangs up. A proxy is not heeded: behind one the answer is that of the
/// machine itself.
pub(super) async fn reach(settings: Settings<'_>) -> Reach {
    if settings.medium() == "sns" {
        return topic(settings);
    }
    let (host, port) = match place(settings) {
        Ok(place) => place,
        Err(why) => return Reach::Unset { why },
    };
    let connecting = TcpStream::connect((host.as_str(), port));
    match tokio::time::timeout(PATIENCE, connecting).await {
        Ok(Ok(_)) => Reach::Open,
        Ok(Err(error)) => Reach::Closed { why: error.to_string(), host },
        Err(_) => Reach::Closed { why: format!("no answer within {} s", PATIENCE.as_secs()), host },
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

/// Host and port that a message would go to.
fn place(settings: Settings<'_>) -> Result<(String, u16), String> {
    match settings.medium() {
        "email" => {
            settings.text("from")?;
            settings.texts("to")?;
            settings.optional("username")?;
            settings.optional("password")?;
            Server::parse(settings.text("server")?).map(|server| (server.host, server.port))
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

fn of_url(url: &str) -> Result<(String, u16), String> {
    let (scheme, rest) = url.split_once("://").ok_or("it has no URL")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let usual = if scheme == "https" { 443 } else { 80 };
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => {
            Ok((bare(host), port.parse().map_err(|_| "its URL has no port".to_owned())?))
        }
        _ => Ok((bare(authority), usual)),
    }
}

fn bare(host: &str) -> String {
    host.trim_start_matches('[').trim_end_matches(']').to_owned()
}

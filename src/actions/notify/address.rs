//! A channel with its values put in: the only place where `notify` learns a secret.

use std::collections::BTreeMap;

use serde_json::Value;

/// The settings of one channel.
#[derive(Clone, Copy)]
pub(super) struct Settings<'a> {
    pub channel: &'a Value,
    pub values: &'a BTreeMap<String, String>,
}

impl<'a> Settings<'a> {
    pub(super) fn name(self) -> &'a str {
        self.channel.get("name").and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn medium(self) -> &'a str {
        self.channel.get("medium").and_then(Value::as_str).unwrap_or_default()
    }

    /// A value that has to be there.
    ///
    /// # Errors
    /// Why there is none, in words without the value.
    pub(super) fn text(self, key: &str) -> Result<&'a str, String> {
        self.optional(key)?.ok_or_else(|| format!("its `{key}` is missing"))
    }

    /// A value that may be left out; a reference that leads nowhere is an error all the same.
    pub(super) fn optional(self, key: &str) -> Result<Option<&'a str>, String> {
        match self.channel.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Array(texts)) => Ok(texts.first().and_then(Value::as_str)),
            Some(value) => self.referred(key, value).map(Some),
        }
    }

    /// Several values: a list, or one text with commas between them.
    pub(super) fn texts(self, key: &str) -> Result<Vec<&'a str>, String> {
        match self.channel.get(key) {
            Some(Value::Array(texts)) => Ok(texts.iter().filter_map(Value::as_str).collect()),
            Some(value) => {
                let text = self.referred(key, value)?;
                Ok(text.split(',').map(str::trim).filter(|text| !text.is_empty()).collect())
            }
            None => Ok(Vec::new()),
        }
    }

    fn referred(self, key: &str, value: &Value) -> Result<&'a str, String> {
        let name = value.get("$secret").and_then(Value::as_str).unwrap_or_default();
        let known = self.values.get(name).map(|value| value.trim_end_matches(['\r', '\n']));
        known.filter(|value| !value.is_empty()).ok_or_else(|| match name.strip_prefix("env:") {
            Some(variable) => format!("its `{key}` is not known: {variable} is not set; set it and resume"),
            None => format!("its `{key}` is not known: give it again with -p {name}=@FILE"),
        })
    }
}

/// A URL that may be sent to: TLS, or this machine.
///
/// # Errors
/// Why it must not be, without the URL, which may be a secret.
pub(super) fn guarded_url<'a>(key: &str, url: &'a str) -> Result<&'a str, String> {
    let fits = url.bytes().all(|byte| byte.is_ascii_graphic());
    if fits && url.strip_prefix("https://").is_some_and(|rest| !rest.is_empty()) {
        return Ok(url);
    }
    let host = url.strip_prefix("http://").map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    match host.map(without_port) {
        Some(host) if fits && is_this_machine(host) => Ok(url),
        Some(_) => Err(format!("its `{key}` is not sent to: it has to begin with https://")),
        None => Err(format!("its `{key}` is no URL that begins with https://")),
    }
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

/// Whether a host is this machine, by its name alone.
pub(super) fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

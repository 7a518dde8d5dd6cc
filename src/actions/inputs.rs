//! The inputs of a request, read by name and type. What does not fit is a fault before
//! anything is sent.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::run::{Fault, FaultKind, Request};
use crate::text::duration;

#[derive(Clone, Copy)]
pub(crate) struct Inputs<'a> {
    action: &'a str,
    input: &'a Value,
}

impl<'a> Inputs<'a> {
    pub(crate) fn of(request: &'a Request) -> Self {
        Self { action: &request.action, input: &request.input }
    }

    /// The value of an input; `None` where it is absent or null.
    pub(crate) fn get(self, name: &str) -> Option<&'a Value> {
        self.input.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn text(self, name: &str) -> Result<&'a str, Fault> {
        self.optional_text(name)?.ok_or_else(|| self.missing(name))
    }

    pub(crate) fn optional_text(self, name: &str) -> Result<Option<&'a str>, Fault> {
        self.get(name)
            .map(|value| value.as_str().ok_or_else(|| self.wrong(name, "a text", value)))
            .transpose()
    }

    /// A list of texts; empty where absent.
    pub(crate) fn texts(self, name: &str) -> Result<Vec<&'a str>, Fault> {
        let Some(value) = self.get(name) else { return Ok(Vec::new()) };
        let wrong = || self.wrong(name, "a list of texts", value);
        value.as_array().ok_or_else(wrong)?.iter().map(|item| item.as_str().ok_or_else(wrong)).collect()
    }

    /// A list of anything; empty where absent.
    pub(crate) fn list(self, name: &str) -> Result<&'a [Value], Fault> {
        let Some(value) = self.get(name) else { return Ok(&[]) };
        value.as_array().map(Vec::as_slice).ok_or_else(|| self.wrong(name, "a list", value))
    }

    pub(crate) fn integer(self, name: &str) -> Result<i64, Fault> {
        let value = self.get(name).ok_or_else(|| self.missing(name))?;
        value.as_i64().ok_or_else(|| self.wrong(name, "a whole number", value))
    }

    /// A yes or no; no where absent.
    pub(crate) fn flag(self, name: &str) -> Result<bool, Fault> {
        let Some(value) = self.get(name) else { return Ok(false) };
        value.as_bool().ok_or_else(|| self.wrong(name, "true or false", value))
    }

    pub(crate) fn duration(self, name: &str) -> Result<Duration, Fault> {
        let text = self.text(name)?;
        duration::parse(text).map_err(|why| self.fault(name, &why))
    }

    pub(crate) fn optional_time(self, name: &str) -> Result<Option<DateTime<Utc>>, Fault> {
        let Some(text) = self.optional_text(name)? else { return Ok(None) };
        let time = DateTime::parse_from_rfc3339(text).map_err(|_| {
            self.fault(name, &format!("`{text}` is no instant; write one like 2026-11-22T03:10:00Z"))
        })?;
        Ok(Some(time.to_utc()))
    }

    pub(crate) fn fault(self, name: &str, why: &str) -> Fault {
        Fault::new(FaultKind::Rejected, format!("{}: {name}: {why}", self.action)).hint("nothing was sent")
    }

    fn missing(self, name: &str) -> Fault {
        self.fault(name, "is missing")
    }

    fn wrong(self, name: &str, wanted: &str, got: &Value) -> Fault {
        let got = match got {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(fields) if fields.contains_key("$secret") => {
                "a secret, which only `shell` takes, in `env`"
            }
            Value::Object(_) => "a record",
        };
        self.fault(name, &format!("should be {wanted} and is {got}"))
    }
}

//! Last uses: read from the files of a collection, and joined to the people of a review.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::gather::text_of;
use super::{Collected, Files, Gap, Key, Person, Review};
use crate::access::account::Account;
use crate::access::evaluate::{Answer, Layer, Reason, Verdict};
use crate::access::matching::Arn;
use crate::access::policy::Effect;
use crate::access::usage::accessed::Accessed;
use crate::access::usage::credentials::Report;
use crate::access::usage::key::KeyUse;
use crate::access::usage::trail::{Found, Question, Trail};
use crate::access::usage::{Subject, Usage, Uses, Via};
use crate::text::Position;

const FOLDER: &str = "last-used";
const KEY: &str = "key.json";
const CREDENTIALS: &str = "credential-report.csv";
/// One answer of LookupEvents, or several: `lookup-events-2.json`, ...
fn is_search(name: &str) -> bool {
    name.strip_suffix(".json").is_some_and(|name| name.starts_with("lookup-events"))
}

/// Reads `last-used/`, and gives the answer of GetKeyLastUsage as it came, too.
///
/// # Errors
/// When a file cannot be read, or is not what it should be.
pub(super) fn gather<F: Files>(
    files: &F,
    key: &Key,
    action: &str,
    account: &Account,
    missing: &mut Vec<String>,
) -> Result<(Usage, Option<Value>), Gap<F::Error>> {
    let names = files.names(FOLDER).map_err(Gap::Unread)?;
    let mut reading = Reading { files, names, missing };
    let last_usage = reading.last_usage()?;
    let usage = Usage {
        key: last_usage.as_ref().map(KeyUse::read),
        credentials: reading.credentials()?,
        trail: reading.trail(&Question { key: &key.arn, account: &key.account, action })?,
        accessed: reading.accessed(account)?,
    };
    Ok((usage, last_usage))
}

struct Reading<'a, F> {
    files: &'a F,
    names: Vec<String>,
    missing: &'a mut Vec<String>,
}

impl<F: Files> Reading<'_, F> {
    /// The text of a file that the folder lists.
    fn text(&self, name: &str) -> Result<Option<String>, Gap<F::Error>> {
        if !self.names.iter().any(|listed| listed == name) {
            return Ok(None);
        }
        text_of(self.files, &format!("{FOLDER}/{name}"))
    }

    fn last_usage(&mut self) -> Result<Option<Value>, Gap<F::Error>> {
        let Some(text) = self.text(KEY)? else {
            self.missing.push(format!("{FOLDER}/{KEY} is not there: when the key was last used"));
            return Ok(None);
        };
        serde_json::from_str(&text).map(Some).map_err(|error| broken(KEY, &error))
    }

    fn credentials(&mut self) -> Result<Option<Report>, Gap<F::Error>> {
        let Some(text) = self.text(CREDENTIALS)? else {
            self.missing.push(format!("{FOLDER}/{CREDENTIALS} is not there: when users were last there"));
            return Ok(None);
        };
        let report = Report::read(&text).map_err(|(line, message)| Gap::Broken {
            file: format!("{FOLDER}/{CREDENTIALS}"),
            position: Position { line, column: 1 },
            message,
        })?;
        Ok(Some(report))
    }

    fn trail(&self, question: &Question<'_>) -> Result<Option<Trail>, Gap<F::Error>> {
        let mut trail = None;
        for name in self.names.iter().filter(|name| is_search(name)) {
            let text = self.text(name)?.unwrap_or_default();
            let found: Found = serde_json::from_str(&text).map_err(|error| broken(name, &error))?;
            trail.get_or_insert_with(Trail::default).add(&found, question);
        }
        Ok(trail)
    }

    /// Answers carry no name, so that each lies under the unique id that it is about; a file of
    /// an id that nobody in the account has is about nobody who is reviewed.
    fn accessed(&self, account: &Account) -> Result<HashMap<String, Accessed>, Gap<F::Error>> {
        let ids: HashSet<_> = match self.names.len() {
            0 => HashSet::new(),
            _ => account.entities.iter().map(|entity| entity.id.as_str()).collect(),
        };
        let mut accessed = HashMap::new();
        for name in &self.names {
            let Some(id) = name.strip_suffix(".json").filter(|id| ids.contains(id)) else { continue };
            let text = text_of(self.files, &format!("{FOLDER}/{name}"))?.unwrap_or_default();
            let read = Accessed::read(&text).map_err(|error| broken(name, &error))?;
            accessed.insert(id.to_owned(), read);
        }
        Ok(accessed)
    }
}

fn broken<E>(name: &str, error: &serde_json::Error) -> Gap<E> {
    Gap::Broken {
        file: format!("{FOLDER}/{name}"),
        position: Position { line: error.line().max(1), column: error.column().max(1) },
        message: error.to_string(),
    }
}

/// Joins uses to people.
pub(super) struct Using<'a> {
    collected: &'a Collected,
    action: &'a str,
    region: &'a str,
    as_of: Option<DateTime<Utc>>,
}

impl<'a> Using<'a> {
    pub(super) fn new(collected: &'a Collected, action: &'a str) -> Self {
        let region = Arn::parse(&collected.key.arn).map_or("", |arn| arn.region);
        Self { collected, action, region, as_of: collected.usage.as_of() }
    }

    pub(super) fn by(&self, person: &Person, answer: &Answer) -> Uses {
        let account = person.caller.account.as_deref();
        let role = person.role_last_used.as_ref();
        let subject = Subject {
            name: &person.name,
            kind: person.kind,
            foreign: account.filter(|account| *account != self.collected.key.account),
            unique_id: person.caller.unique_id.as_deref(),
            role: role.map(|(at, region)| (at.as_deref(), region.as_deref())),
            via: via(answer),
        };
        let usage = &self.collected.usage;
        if is_denied(answer) {
            return usage.of_denied(&subject, self.action);
        }
        usage.of(&subject, self.action, self.region, self.as_of)
    }
}

/// An allow of an identity policy is what IAM counts uses under. With a grant beside it, uses may
/// rest on that one.
fn via(answer: &Answer) -> Via {
    let allows = |layer: Layer| {
        answer.because.iter().any(|reason| match reason {
            Reason::Statement(cited) => cited.effect == Effect::Allow && cited.layer == layer,
            _ => false,
        })
    };
    if allows(Layer::Identity) && !allows(Layer::Grant) { Via::Identity } else { Via::Elsewhere }
}

/// Users and roles of the account who are not denied: their unique ids and ARNs. For them IAM is
/// asked when they last used the service.
#[must_use]
pub fn asked_of(review: &Review) -> Vec<(&str, &str)> {
    let mut seen = HashSet::new();
    let open = review.findings.iter().filter(|finding| !is_denied(&finding.answer));
    let named =
        open.filter_map(|it| Some((it.person.caller.unique_id.as_deref()?, it.person.own_arn.as_deref()?)));
    named.filter(|(id, _)| seen.insert(*id)).collect()
}

/// A sentence about those of whom it is not known when they last used the service.
#[must_use]
pub fn unasked(collected: &Collected, review: &Review) -> Option<String> {
    let asked = asked_of(review);
    let without = asked.iter().filter(|(id, _)| !collected.usage.accessed.contains_key(*id)).count();
    (without > 0).then(|| {
        format!(
            "{FOLDER}: service last accessed of {without} of {} users and roles is not there: when they last used KMS",
            asked.len()
        )
    })
}

fn is_denied(answer: &Answer) -> bool {
    matches!(answer.verdict, Verdict::ExplicitDeny | Verdict::ImplicitDeny)
}

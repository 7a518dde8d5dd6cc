//! What AWS returned, from a folder.

use std::fs;
use std::path::{Path, PathBuf};

use crate::access::account::{Account, Page};
use crate::access::evaluate::Held;
use crate::access::json::{self, Flaw, Node, Places};
use crate::access::matching::Arn;
use crate::access::policy::Kind;
use crate::access::review::{self, Collected, Key};
use crate::access::simulate::{grants, read_levels, read_policy};
use crate::error::{Error, Result};

/// Everything that was there, and a sentence for everything that was not.
#[derive(Debug)]
pub(super) struct Data {
    pub collected: Collected,
    pub missing: Vec<String>,
    /// GetKeyLastUsage, as it came.
    pub last_usage: Option<serde_json::Value>,
}

/// Reads the folder.
///
/// # Errors
/// When a file cannot be read or is broken, when pages of the authorization details are
/// missing, and when the folder is about another key.
pub(super) fn read(folder: &Path, named: &str, action: &str) -> Result<Data> {
    let mut missing = Vec::new();
    let key = key(folder, named, &mut missing)?;
    let account = account(folder, action)?;
    let key_policy = held(folder, "key-policy.json", "the key policy", &mut missing, |node, places| {
        let policy = read_policy(node.get("Policy").unwrap_or(node), "key policy", Kind::Resource, places);
        Ok(policy.about_any(&review::actions(action)))
    })?;
    let grants = held(folder, "grants.json", "the grants of the key", &mut missing, |node, _| {
        if node.get("Truncated").is_some_and(|truncated| truncated.value == json::Value::Bool(true)) {
            return Err(Flaw::new(
                node.at,
                "the answer of ListGrants is truncated; all pages have to be there",
            ));
        }
        grants(node)
    })?;
    let org = "; write [] there if the account is in no organisation";
    let scps = held(
        folder,
        "scps.json",
        &format!("the service control policies{org}"),
        &mut missing,
        |node, places| read_levels(node, "SCP", Kind::Identity, places),
    )?;
    let rcps = held(
        folder,
        "rcps.json",
        &format!("the resource control policies{org}"),
        &mut missing,
        |node, places| read_levels(node, "RCP", Kind::ResourceControl, places),
    )?;
    let last_usage = last_usage(folder, &mut missing)?;
    Ok(Data { collected: Collected { account, key, key_policy, grants, scps, rcps }, missing, last_usage })
}

/// A file that may be missing; then nobody can say what it holds.
fn held<T>(
    folder: &Path,
    file: &str,
    what: &str,
    missing: &mut Vec<String>,
    read: impl FnOnce(&Node<'_>, &mut Places<'_>) -> Result<T, Flaw>,
) -> Result<Held<T>> {
    let path = folder.join(file);
    let Some(text) = text_of(&path)? else {
        let note = format!("{file} is not there: {what}");
        missing.push(note.clone());
        return Ok(Held::Unknown(note));
    };
    let node = json::parse(&text).map_err(|flaw| broken(&path, &text, &flaw))?;
    let given = read(&node, &mut Places::new(&text)).map_err(|flaw| broken(&path, &text, &flaw))?;
    Ok(Held::Given(given))
}

fn text_of(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("cannot read", path, error)),
    }
}

fn broken(path: &Path, text: &str, flaw: &Flaw) -> Error {
    let position = Places::new(text).position(flaw.at);
    let place = format!("{}:{}:{}", path.display(), position.line, position.column);
    Error::failure(format!("{place}: {}", flaw.message))
        .hint("collect it again; a review stands on whole files only")
}

/// One file, or pages that are numbered from one and of which the last says so.
fn account(folder: &Path, action: &str) -> Result<Account> {
    let actions = review::actions(action);
    let mut account = Account::default();
    let mut page = |path: PathBuf| -> Result<Option<Page>> {
        let Some(text) = text_of(&path)? else { return Ok(None) };
        account.read(&text, &actions).map(Some).map_err(|flaw| broken(&path, &text, &flaw))
    };
    let (mut number, mut last) = (0, page(folder.join("authorization-details.json"))?);
    if last.is_none() {
        while let Some(read) = page(folder.join(format!("authorization-details-{}.json", number + 1)))? {
            number += 1;
            last = Some(read);
        }
    }
    let hint = "collect it with `aws iam get-account-authorization-details`, all pages";
    match last {
        Some(Page::Last)
            if folder.join(format!("authorization-details-{}.json", number + 2)).exists() && number > 0 =>
        {
            Err(Error::failure(format!("page {} of the authorization details is missing", number + 1))
                .hint(hint))
        }
        Some(Page::Last) => Ok(account),
        Some(Page::Further) => {
            let message = "the authorization details break off: the last page says that another follows";
            Err(Error::failure(message).hint(hint))
        }
        None => {
            let place = folder.join("authorization-details.json");
            Err(Error::failure(format!("{} is not there", place.display())).hint(hint))
        }
    }
}

fn key(folder: &Path, named: &str, missing: &mut Vec<String>) -> Result<Key> {
    let path = folder.join("describe-key.json");
    let Some(text) = text_of(&path)? else {
        missing.push("describe-key.json is not there: the state of the key".to_owned());
        let arn = Arn::parse(named).filter(|arn| arn.service == "kms" && arn.resource.starts_with("key/"));
        let Some(arn) = arn else {
            return Err(Error::usage(format!(
                "{} is not there, and `{named}` is no ARN of a key",
                path.display()
            ))
            .hint("give --key the ARN, or collect it with `aws kms describe-key`"));
        };
        return Ok(Key {
            arn: named.to_owned(),
            account: arn.account.to_owned(),
            state: None,
            facts: Vec::new(),
        });
    };
    let node = json::parse(&text).map_err(|flaw| broken(&path, &text, &flaw))?;
    let described = node.get("KeyMetadata").unwrap_or(&node);
    let text_at = |name: &str| described.get(name).and_then(Node::text);
    let arn = text_at("Arn")
        .ok_or_else(|| broken(&path, &text, &Flaw::new(described.at, "there is no `Arn` in it")))?;
    let parsed = Arn::parse(arn).filter(|arn| arn.resource.starts_with("key/"));
    let parsed = parsed.ok_or_else(|| {
        broken(&path, &text, &Flaw::new(described.at, format!("`{arn}` is no ARN of a key")))
    })?;
    let id = parsed.resource.trim_start_matches("key/");
    if !named.contains("alias/") && named != arn && named != id {
        return Err(Error::failure(format!("{} is about {arn}, and not about {named}", path.display()))
            .hint("give the folder of that key, or the key of that folder"));
    }
    let names = [("kms:KeySpec", "KeySpec"), ("kms:KeyUsage", "KeyUsage"), ("kms:KeyOrigin", "Origin")];
    let fact = |(key, name): (&str, &str)| Some((key.to_owned(), text_at(name)?.to_owned()));
    Ok(Key {
        arn: arn.to_owned(),
        account: parsed.account.to_owned(),
        state: text_at("KeyState").map(str::to_owned),
        facts: names.into_iter().filter_map(fact).collect(),
    })
}

fn last_usage(folder: &Path, missing: &mut Vec<String>) -> Result<Option<serde_json::Value>> {
    let path = folder.join("last-used/key.json");
    let Some(text) = text_of(&path)? else {
        missing.push("last-used/key.json is not there: when the key was last used".to_owned());
        return Ok(None);
    };
    let value = serde_json::from_str(&text).map_err(|error| {
        Error::failure(format!("{} is broken", path.display())).caused_by(error).hint("collect it again")
    })?;
    Ok(Some(value))
}

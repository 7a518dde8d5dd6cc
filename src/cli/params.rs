//! The values that a run starts with: from the command line, the document, or a person.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::document::{Param, ParamKind, Playbook};
use crate::error::{Error, Result};
use crate::evidence::given;
use crate::text::nearest;

/// The largest file that is read for the value of a parameter.
const LARGEST_FILE: u64 = 1 << 20;

/// What the journal gets, and what it must never see.
#[derive(Debug, Default)]
pub(super) struct Params {
    /// Secrets stand here as references.
    pub values: BTreeMap<String, Value>,
    /// Name and value.
    pub secrets: Vec<(String, String)>,
}

/// Asks a person for a parameter that was not given. `None` when nobody is there.
pub(super) type Prompt<'a> = &'a dyn Fn(&Param) -> Result<Option<String>>;

/// Reads `-p KEY=VALUE` against what the document declares. `KEY=@FILE` takes the value
/// from a file, so that a secret need not stand on the command line.
///
/// # Errors
/// When a name is not declared, a value does not fit its type, or one is missing and
/// nobody can be asked.
pub(super) fn gather(playbook: &Playbook, given: &[String], prompt: Prompt<'_>) -> Result<Params> {
    let command = format!("playbook run {}", playbook.name);
    fill(playbook.params.iter(), split(playbook, given)?, prompt, &command)
}

/// The values that are given or have a default; nobody is asked for the others. Secrets are
/// left out.
///
/// # Errors
/// When a name is not declared, or a value does not fit its type.
pub(super) fn known(playbook: &Playbook, given: &[String]) -> Result<BTreeMap<String, Value>> {
    let mut given = split(playbook, given)?;
    let mut known = BTreeMap::new();
    for param in playbook.params.iter().filter(|param| param.kind != ParamKind::Secret) {
        let value = match given.remove(&param.name) {
            Some(text) => Some(read(param, &text)?),
            None => param.default.clone(),
        };
        known.extend(value.map(|value| (param.name.clone(), value)));
    }
    Ok(known)
}

/// Asks anew for the secrets of a run that goes on: they are nowhere on disk.
///
/// # Errors
/// As [`gather`].
pub(super) fn gather_secrets(
    playbook: &Playbook,
    run: &str,
    given: &[String],
    prompt: Prompt<'_>,
) -> Result<Vec<(String, String)>> {
    let (given, command) = (split_secrets(playbook, given)?, format!("playbook resume {run}"));
    Ok(fill(secrets_of(playbook), given, prompt, &command)?.secrets)
}

fn fill<'a>(
    wanted: impl Iterator<Item = &'a Param>,
    mut given: BTreeMap<String, String>,
    prompt: Prompt<'_>,
    command: &str,
) -> Result<Params> {
    let mut params = Params::default();
    let mut missing = Vec::new();
    for param in wanted {
        let value = match (given.remove(&param.name), &param.default) {
            (Some(text), _) => Some(read(param, &text)?),
            (None, Some(default)) => Some(default.clone()),
            (None, None) => prompt(param)?.map(|text| read(param, &text)).transpose()?,
        };
        match value {
            Some(value) => params.take(param, value),
            None => missing.push(param),
        }
    }
    all_there(&missing, command)?;
    Ok(params)
}

/// All that is missing in one go, with the command line that gives it.
fn all_there(missing: &[&Param], command: &str) -> Result<()> {
    let Some((first, rest)) = missing.split_first() else { return Ok(()) };
    let told = |param: &Param| {
        let what = param.prompt.as_deref().map_or_else(String::new, |prompt| format!(": {prompt}"));
        format!("parameter `{}` ({}) is not given{what}", param.name, param.kind.name())
    };
    let flags: Vec<_> = missing.iter().map(|param| format!("-p {}=...", param.name)).collect();
    let error = rest.iter().fold(Error::usage(told(first)), |error, param| error.hint(told(param)));
    Err(error.hint(format!("{command} {}", flags.join(" "))))
}

/// The secrets of a run that are given again, by their names; nobody is asked for the rest.
///
/// # Errors
/// As [`gather`].
pub(super) fn given_secrets(playbook: &Playbook, given: &[String]) -> Result<BTreeMap<String, String>> {
    let given = split_secrets(playbook, given)?;
    let mut params = Params::default();
    for param in secrets_of(playbook) {
        if let Some(text) = given.get(&param.name) {
            params.take(param, read(param, text)?);
        }
    }
    Ok(params.secrets.into_iter().collect())
}

pub(super) fn secrets_of(playbook: &Playbook) -> impl Iterator<Item = &Param> {
    playbook.params.iter().filter(|param| param.kind == ParamKind::Secret)
}

fn split_secrets(playbook: &Playbook, given: &[String]) -> Result<BTreeMap<String, String>> {
    let given = split(playbook, given)?;
    let secret = |name: &&String| secrets_of(playbook).any(|param| param.name == **name);
    match given.keys().find(|name| !secret(name)) {
        Some(name) => Err(Error::usage(format!("`{name}` cannot be changed in the middle of a run"))
            .hint("only parameters of type `secret` are given again; start a new run for other values")),
        None => Ok(given),
    }
}

impl Params {
    fn take(&mut self, param: &Param, value: Value) {
        let value = match (&param.kind, value) {
            (ParamKind::Secret, Value::String(secret)) => {
                self.secrets.push((param.name.clone(), secret));
                json!({ "$secret": param.name })
            }
            (_, value) => value,
        };
        self.values.insert(param.name.clone(), value);
    }
}

fn split(playbook: &Playbook, given: &[String]) -> Result<BTreeMap<String, String>> {
    let mut split = BTreeMap::new();
    for text in given {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| Error::usage(format!("`-p {text}` has no value")).hint("write -p KEY=VALUE"))?;
        if playbook.param(name).is_none() {
            return Err(unknown(playbook, name));
        }
        if split.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(Error::usage(format!("parameter `{name}` is given twice")));
        }
    }
    Ok(split)
}

fn unknown(playbook: &Playbook, name: &str) -> Error {
    let known: Vec<_> = playbook.params.iter().map(|param| param.name.as_str()).collect();
    let error = Error::usage(format!("`{}` has no parameter `{name}`", playbook.name));
    match nearest(name, &known) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None if known.is_empty() => error.hint("it takes no parameters"),
        None => error.hint(format!("it has {}", known.join(", "))),
    }
}

fn read(param: &Param, text: &str) -> Result<Value> {
    let text = match text.strip_prefix('@') {
        Some(file) => contents(param, Path::new(file))?,
        None => text.to_owned(),
    };
    if param.kind == ParamKind::File && !Path::new(&text).is_file() {
        return Err(Error::usage(format!("parameter `{}`: there is no file `{text}`", param.name)));
    }
    param.kind.read(&text).map_err(|wrong| {
        let wrong = if param.kind == ParamKind::Secret { "it does not fit".to_owned() } else { wrong };
        Error::usage(format!("parameter `{}` ({}): {wrong}", param.name, param.kind.name()))
    })
}

fn contents(param: &Param, file: &Path) -> Result<String> {
    let doing = format!("cannot read parameter `{}` from", param.name);
    let text = given::text(&doing, file, LARGEST_FILE)?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}

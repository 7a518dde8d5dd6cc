//! What AWS returned: from a folder, or asked for now.

use std::fs;
use std::io;
use std::path::Path;

use super::super::run::Aws;
use super::super::waiting::wait;
use crate::access::review::{Files, Gap, Gathered, Shared, gather};
use crate::actions::{self, Collection};
use crate::error::{Error, Result};

/// A folder with files as AWS returned them.
struct Folder<'a>(&'a Path);

impl Files for Folder<'_> {
    type Error = Error;

    fn text(&self, name: &str) -> Result<Option<String>> {
        let path = self.0.join(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("cannot read", &path, error)),
        }
    }

    fn names(&self, folder: &str) -> Result<Vec<String>> {
        let path = self.0.join(folder);
        let listed = || -> io::Result<Vec<String>> {
            fs::read_dir(&path)?.map(|file| Ok(file?.file_name().to_string_lossy().into_owned())).collect()
        };
        match listed() {
            Ok(mut names) => {
                names.sort_unstable();
                Ok(names)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(Error::io("cannot list", &path, error)),
        }
    }
}

/// Which keys are asked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wanted<'a> {
    Named(&'a [String]),
    /// Every key that the folder holds.
    All,
}

/// Where the files of each key lie when there are several: `keys/KEYID/`.
const KEYS: &str = "keys";

/// Reads the folder.
///
/// # Errors
/// When a file cannot be read or is broken, when pages of the authorization details are
/// missing, and when a key is not there, or its files are about another.
pub(super) fn read(folder: &Path, wanted: Wanted<'_>, action: &str) -> Result<Vec<Gathered>> {
    let refused_here = |gap| refused(folder, gap);
    if let Wanted::Named([named]) = wanted
        && (!folder.join(KEYS).is_dir() || holds_a_key(folder))
    {
        return Ok(vec![gather(&Folder(folder), named, action).map_err(refused_here)?]);
    }
    let names = Folder(folder).names(KEYS)?;
    let keys = match wanted {
        Wanted::All => names.iter().map(|name| (name.clone(), name.clone())).collect(),
        Wanted::Named(keys) => {
            let found = |named: &String| {
                let name = lies_under(folder, &names, named)?.ok_or_else(|| absent(folder, named))?;
                Ok((named.clone(), name.to_owned()))
            };
            keys.iter().map(found).collect::<Result<Vec<_>>>()?
        }
    };
    if keys.is_empty() {
        return Err(absent(folder, "any key"));
    }
    let shared = Shared::gather(&Folder(folder), action).map_err(refused_here)?;
    let one = |(named, name): &(String, String)| {
        let place = folder.join(KEYS).join(name);
        shared.with_key(&Folder(&place), named, action).map_err(|gap| refused(&place, gap))
    };
    keys.iter().map(one).collect()
}

/// Whether the folder itself is about a key.
fn holds_a_key(folder: &Path) -> bool {
    ["describe-key.json", "key-policy.json"].iter().any(|name| folder.join(name).exists())
}

fn absent(folder: &Path, named: &str) -> Error {
    let place = folder.join(KEYS);
    Error::failure(format!("{} holds no files of {named}", place.display())).hint(format!(
        "put the files of each key into {}; `playbook access who-can --help` names them",
        place.join("KEYID").display()
    ))
}

/// The folder of a key, by its id, or by an alias that `aliases.json` in it names.
fn lies_under<'n>(folder: &Path, names: &'n [String], named: &str) -> Result<Option<&'n str>> {
    let id = named.rsplit_once(":key/").map_or(named, |(_, id)| id);
    if let Some(name) = names.iter().find(|name| *name == id) {
        return Ok(Some(name));
    }
    if !named.contains("alias/") {
        return Ok(None);
    }
    for name in names {
        let text = Folder(&folder.join(KEYS).join(name)).text("aliases.json")?.unwrap_or_default();
        let told: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let aliases = told.get("Aliases").and_then(serde_json::Value::as_array).into_iter().flatten();
        let mut names = aliases.flat_map(|alias| [alias.get("AliasName"), alias.get("AliasArn")]).flatten();
        if names.any(|alias| alias.as_str() == Some(named)) {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// Collects from AWS, and keeps nothing. The account is collected once.
///
/// # Errors
/// When the account or a key cannot be read.
pub(super) fn ask(aws: &Aws, keys: &[String], action: &str) -> Result<Vec<Gathered>> {
    let options = actions::Options { profile: aws.profile.clone(), region: aws.region.clone() };
    let aws = actions::Aws::reads_only(options);
    let refused = |gap| refused(Path::new("what AWS returned"), gap);
    if let [named] = keys {
        let collection = wait(aws.collect_access(named, action))??;
        let mut gathered = gather(&collection, named, action).map_err(refused)?;
        gathered.missing.extend(collection.unread);
        return Ok(vec![gathered]);
    }
    let (account, several) = wait(aws.collect_access_of(keys, action))??;
    let shared = Shared::gather(&account, action).map_err(refused)?;
    let one = |(named, collection): (&String, Collection)| {
        let mut gathered = shared.with_key(&collection, named, action).map_err(refused)?;
        gathered.missing.extend(account.unread.iter().cloned().chain(collection.unread));
        Ok(gathered)
    };
    keys.iter().zip(several).map(one).collect()
}

fn refused(folder: &Path, gap: Gap<Error>) -> Error {
    match gap {
        Gap::Unread(error) => error,
        Gap::Broken { file, position, message } => {
            let place = folder.join(file);
            Error::failure(format!("{}:{}:{}: {message}", place.display(), position.line, position.column))
                .hint("collect it again; a review stands on whole files only")
        }
        Gap::Absent { file } => Error::failure(format!("{} is not there", folder.join(file).display()))
            .hint("collect it with `aws iam get-account-authorization-details`, all pages"),
        Gap::Misnamed { message, hint } => Error::usage(message).hint(hint),
        Gap::Unfit { message, hint } => Error::failure(format!("{}: {message}", folder.display())).hint(hint),
    }
}

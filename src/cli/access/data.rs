//! What AWS returned: from a folder, or asked for now.

use std::fs;
use std::io;
use std::path::Path;

use super::super::run::Aws;
use super::super::waiting::wait;
use crate::access::review::{Files, Gap, Gathered, gather};
use crate::actions;
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

/// Reads the folder.
///
/// # Errors
/// When a file cannot be read or is broken, when pages of the authorization details are
/// missing, and when the folder is about another key.
pub(super) fn read(folder: &Path, named: &str, action: &str) -> Result<Gathered> {
    gather(&Folder(folder), named, action).map_err(|gap| refused(folder, gap))
}

/// Collects from AWS, and keeps nothing.
///
/// # Errors
/// When the account or the key cannot be read.
pub(super) fn ask(aws: &Aws, named: &str, action: &str) -> Result<Gathered> {
    let options = actions::Options { profile: aws.profile.clone(), region: aws.region.clone() };
    let collection = wait(actions::Aws::reads_only(options).collect_access(named, action))??;
    let mut gathered =
        gather(&collection, named, action).map_err(|gap| refused(Path::new("what AWS returned"), gap))?;
    gathered.missing.extend(collection.unread);
    Ok(gathered)
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

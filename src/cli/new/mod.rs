//! `playbook new`

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::places::Places;
use crate::console::out;
use crate::document::{Library, Species};
use crate::error::{Error, Kind, Result};

const PLAYBOOK: &str = include_str!("playbook.yaml");
const RUNBOOK: &str = include_str!("runbook.yaml");

/// Begin a document of your own
///
/// Writes playbooks/NAME.yaml (with --runbook: runbooks/NAME.yaml) from a starter that
/// explains itself, or from a document that exists. Where --library names a folder, the
/// document goes there. An existing file is never written over.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  playbook new lost-laptop
  playbook new weekly-log-review --runbook
  playbook new our-key-compromise --from key-compromise")]
pub(super) struct Options {
    /// Name, in small letters, digits and hyphens; it is the file's name too
    name: String,

    /// Begin with the text of this document, by name or path
    #[arg(long, value_name = "NAME", conflicts_with = "runbook")]
    from: Option<String>,

    /// Begin a runbook: routine or maintenance work rather than an incident
    #[arg(long)]
    runbook: bool,
}

pub(super) fn run(options: &Options, places: &Places) -> Result<ExitCode> {
    let name = named(&options.name)?;
    let (species, text) = match &options.from {
        Some(from) => {
            let found = Library::new(places.folders()).find(from)?;
            let source = match &found.unread {
                Some(why) => {
                    return Err(Error::new(Kind::Document, format!("{}: {}", found.origin, why.message)));
                }
                None => found.source,
            };
            renamed(&source.text, name).ok_or_else(|| {
                Error::usage(format!(
                    "{} has no line `playbook: NAME` or `runbook: NAME` to change",
                    source.name
                ))
            })?
        }
        None => starter(options.runbook, name)?,
    };
    let path = folder(places, species).join(format!("{name}.yaml"));
    write(&path, &text)?;
    out::data(&path.display().to_string())?;
    out::talk(&format!(
        "next: edit it, `playbook check {name}`, `playbook show {name}`, `playbook run {name} --dry-run`"
    ));
    Ok(ExitCode::SUCCESS)
}

/// Names are kebab-case, begin with a letter, and never end or double a hyphen.
fn named(name: &str) -> Result<&str> {
    let part =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if name.starts_with(|c: char| c.is_ascii_lowercase()) && name.split('-').all(part) {
        return Ok(name);
    }
    Err(Error::usage(format!("`{}` is no name for a document", crate::report::escape::plain(name)))
        .hint("use small letters, digits and single hyphens, beginning with a letter: lost-laptop"))
}

fn starter(runbook: bool, name: &str) -> Result<(Species, String)> {
    let text = if runbook { RUNBOOK } else { PLAYBOOK };
    renamed(text, name).ok_or_else(|| Error::failure("the starter has no name line"))
}

/// The text with its name line changed; everything else stays, byte for byte.
fn renamed(text: &str, name: &str) -> Option<(Species, String)> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        for (key, species) in [("playbook:", Species::Playbook), ("runbook:", Species::Runbook)] {
            if let Some(rest) = line.strip_prefix(key) {
                let comment = rest.find(" #").and_then(|at| rest.get(at..)).unwrap_or_default().trim_end();
                let end = line
                    .strip_suffix("\r\n")
                    .map_or_else(|| if line.ends_with('\n') { "\n" } else { "" }, |_| "\r\n");
                let before = text.get(..at)?;
                let after = text.get(at + line.len()..)?;
                return Some((species, format!("{before}{key} {name}{comment}{end}{after}")));
            }
        }
        at += line.len();
    }
    None
}

fn folder(places: &Places, species: Species) -> PathBuf {
    places.folders().into_iter().next().unwrap_or_else(|| match species {
        Species::Playbook => PathBuf::from("playbooks"),
        Species::Runbook => PathBuf::from("runbooks"),
    })
}

fn write(path: &Path, text: &str) -> Result<()> {
    let failed = |error| Error::io("could not write", path, error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    match File::create_new(path) {
        Ok(mut file) => file.write_all(text.as_bytes()).map_err(failed),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            Err(Error::usage(format!("{} is there already", path.display()))
                .hint("choose another name, or edit the file that is there"))
        }
        Err(error) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::load;
    use crate::text::Source;

    #[test]
    fn names_are_kebab_case() {
        for name in ["a", "lost-laptop", "k8s-node-2"] {
            assert!(named(name).is_ok(), "{name}");
        }
        for name in ["", "Lost", "lost_laptop", "-a", "a-", "a--b", "2-b", "../a", "a/b", "a b", "é"] {
            assert!(named(name).is_err(), "{name}");
        }
    }

    #[test]
    fn the_starters_pass_every_check_under_any_name() {
        for runbook in [false, true] {
            let (species, text) = starter(runbook, "lost-laptop").unwrap();
            let source = Source::new("lost-laptop.yaml", text);
            let (playbook, diagnostics) = load(&source, Some("lost-laptop"));
            assert_eq!(diagnostics, []);
            let playbook = playbook.unwrap();
            assert_eq!((playbook.species, &*playbook.name), (species, "lost-laptop"));
        }
    }

    #[test]
    fn a_copy_differs_in_its_name_line_alone() {
        let text = "# A comment: playbook: no\nplaybook: old   # keep\ntitle: 'playbook: x'\n";
        let (species, copy) = renamed(text, "new-one").unwrap();
        assert_eq!(species, Species::Playbook);
        assert_eq!(copy, "# A comment: playbook: no\nplaybook: new-one # keep\ntitle: 'playbook: x'\n");
        assert_eq!(renamed("runbook: a\r\nx: 1\r\n", "b").unwrap().1, "runbook: b\r\nx: 1\r\n");
        assert_eq!(renamed("title: x\n", "b"), None);
    }

    #[test]
    fn a_document_that_is_there_is_never_written_over() {
        let folder = std::env::temp_dir().join(format!("playbook-new-{}", std::process::id()));
        let path = folder.join("deep/a.yaml");
        write(&path, "one").unwrap();
        assert!(write(&path, "two").is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
        fs::remove_dir_all(folder).unwrap();
    }
}

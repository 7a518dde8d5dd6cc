//! Where documents are looked for and where records lie.

use std::path::{Path, PathBuf};

use annotate_snippets::Renderer;
use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser as _};

use crate::console::out;
use crate::document::Playbook;
use crate::document::{Found, Library};
use crate::error::{Error, Kind, Result};
use crate::text::{self, Diagnostic, Severity};

#[derive(Args, Clone, Debug)]
pub(super) struct Places {
    /// Folder with documents, before ./playbooks and ./runbooks; may be given again
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "PLAYBOOK_LIBRARY",
        value_delimiter = ':',
        hide_env_values = true,
        value_parser = OsStringValueParser::new().map(PathBuf::from)
    )]
    library: Vec<PathBuf>,

    /// Folder where the records of runs lie [default: ./evidence]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "PLAYBOOK_EVIDENCE",
        hide_env_values = true,
        value_parser = OsStringValueParser::new().map(PathBuf::from)
    )]
    evidence: Option<PathBuf>,
}

impl Places {
    /// The folder of records; a variable that is set to nothing counts as not set.
    pub fn evidence(&self) -> &Path {
        let given = self.evidence.as_deref().filter(|given| !given.as_os_str().is_empty());
        given.unwrap_or(Path::new("evidence"))
    }

    /// The folders that were named, without empty ones.
    pub fn folders(&self) -> Vec<PathBuf> {
        self.library.iter().filter(|folder| !folder.as_os_str().is_empty()).cloned().collect()
    }

    /// # Errors
    /// When a folder that was named is none: another document of the same name would be meant.
    pub fn library(&self) -> Result<Library> {
        let folders = self.folders();
        match folders.iter().find(|folder| !folder.is_dir()) {
            None => Ok(Library::new(folders)),
            Some(none) => Err(Error::usage(format!("there is no folder {} to look for documents in", none.display()))
                .hint("it is named by --library or PLAYBOOK_LIBRARY; without it, ./playbooks, ./runbooks and the built-in documents are meant")),
        }
    }

    /// The document of that name or path, checked. Warnings are said on the way.
    ///
    /// # Errors
    /// When it is not there, or has errors, which are said.
    pub fn document(&self, name: &str) -> Result<(Found, Playbook)> {
        let found = self.library()?.find(name)?;
        let (playbook, diagnostics) = found.load();
        let renderer = Renderer::styled();
        for diagnostic in &diagnostics {
            out::talk(&text::render(diagnostic, &found.source, &renderer));
        }
        match playbook {
            Some(playbook) => Ok((found, playbook)),
            None => Err(broken(&found.origin, &diagnostics)),
        }
    }
}

pub(super) fn broken(origin: &str, diagnostics: &[Diagnostic]) -> Error {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    let errors = crate::report::counted(errors, "error", "errors");
    Error::new(Kind::Document, format!("{origin} has {errors}"))
        .hint(format!("mend what is underlined above, then `playbook check {origin}`"))
}

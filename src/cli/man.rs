//! `playbook man`

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Command};
use clap_mangen::Man;

use crate::console::out;
use crate::error::{Error, Result};

/// Write the man pages
///
/// Without --dir, the page of the program itself goes to standard output.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  playbook man | man -l -
  playbook man --dir ~/.local/share/man/man1")]
pub(super) struct Options {
    /// Folder for one page per command, made where it is not there
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

pub(super) fn run(options: &Options) -> Result<ExitCode> {
    match &options.dir {
        None => out::data(&page(super::definitions())?)?,
        Some(dir) => {
            let pages = pages(dir)?;
            out::talk(&format!("{} in {}", crate::report::counted(pages, "page", "pages"), dir.display()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn pages(dir: &Path) -> Result<usize> {
    fs::create_dir_all(dir).map_err(|error| Error::io("could not make the folder", dir, error))?;
    let mut program = super::definitions();
    program.build();
    let commands = program.get_subcommands().filter(|command| command.get_name() != "help");
    let mut pages = vec![("playbook.1".to_owned(), page(program.clone())?)];
    for command in commands {
        let name = format!("playbook-{}", command.get_name());
        pages.push((format!("{name}.1"), page(command.clone().display_name(name))?));
    }
    for (name, page) in &pages {
        let path = dir.join(name);
        fs::write(&path, page).map_err(|error| Error::io("could not write", &path, error))?;
    }
    Ok(pages.len())
}

fn page(command: Command) -> Result<String> {
    let mut bytes = Vec::new();
    Man::new(command)
        .render(&mut bytes)
        .map_err(|error| Error::failure("could not render the man page").caused_by(error))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_the_sections_that_man_pages_have() {
        // man-pages(7) names these sections, in this order.
        let page = page(super::super::definitions()).unwrap();
        let at = |section: &str| {
            page.find(&format!(".SH {section}")).unwrap_or_else(|| panic!("{section}: {page}"))
        };
        assert!(at("NAME") < at("SYNOPSIS") && at("SYNOPSIS") < at("DESCRIPTION"));
        assert!(page.contains("PLAYBOOK_EVIDENCE"));
    }
}

//! The log files of trails that the record holds byte for byte: of them the events that
//! concern the key of the run.

use super::collected::item;
use super::sorter::Sorter;
use crate::cli::trail::{Logs, search_file};
use crate::cloudtrail::form::Forms;
use crate::cloudtrail::scan::Scanner;
use crate::error::Result;
use crate::evidence::Folder;
use crate::journal::Entry;
use crate::run::Event;

/// Hands every event that concerns the key to the sorter, and returns what was not read.
pub(super) fn gather(folder: &Folder, entries: &[Entry], sorter: &mut Sorter) -> Result<Vec<String>> {
    let data = folder.data();
    let logs = Logs::below(&data.join("cloudtrail"));
    let mut gaps: Vec<String> = logs.closed.iter().map(|error| error.message.clone()).collect();
    if logs.files.is_empty() {
        return Ok(gaps);
    }
    let Some(forms) = forms(entries) else {
        gaps.push("no step told what a key is called: log files of trails are in no view".to_owned());
        return Ok(gaps);
    };
    let mut scanner = Scanner::new(&forms);
    for path in &logs.files {
        let name = path.strip_prefix(&data).unwrap_or(path).to_string_lossy();
        let mut pushed = Ok(());
        let account = search_file(path, &mut scanner, |sighting| {
            if let (Ok(()), Some(item)) = (&pushed, item(&name, &sighting.event)) {
                pushed = sorter.push(item);
            }
        });
        pushed?;
        gaps.extend(account.troubles.iter().map(|trouble| format!("{name}: {trouble}")));
    }
    Ok(gaps)
}

/// What the steps of the run called the key: what they found, or what they were given.
fn forms(entries: &[Entry]) -> Option<Forms> {
    let told = entries.iter().filter_map(|entry| match &entry.event {
        Event::Succeeded { outputs, .. } => outputs.get("forms"),
        Event::Attempted { request, .. } => request.input.get("forms"),
        _ => None,
    });
    let texts = told.filter_map(|forms| forms.as_array()).flatten().filter_map(|form| form.as_str());
    let known = texts.filter(|form| Forms::new([*form]).is_ok());
    Forms::new(known).ok().filter(|forms| !forms.is_empty())
}

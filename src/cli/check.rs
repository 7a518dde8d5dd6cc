//! `playbook check`

use std::process::ExitCode;

use annotate_snippets::Renderer;
use clap::Args;
use serde::Serialize;

use super::places::Places;
use crate::console::out;
use crate::document::Found;
use crate::error::{Kind, Result};
use crate::report::counted;
use crate::text::{self, Diagnostic, Severity, Source, Span};

/// Find everything that is wrong with documents, all at once
///
/// Typos, undefined names, types, unreachable steps, objectives that nothing can meet, and
/// orders of steps that would lose data. Warnings alone leave the exit code 0.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  playbook check
  playbook check key-compromise
  playbook check drafts/*.yaml --json

Ends with 3 when a document has errors.")]
pub(super) struct Options {
    /// Documents by path or name; all that can be found where none is given
    #[arg(value_name = "PATH or NAME")]
    documents: Vec<String>,

    /// Write the diagnostics as one JSON array
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options, places: &Places) -> Result<ExitCode> {
    let library = places.library()?;
    let found = match options.documents.as_slice() {
        [] => library.list()?,
        named => named.iter().map(|name| library.find(name)).collect::<Result<_>>()?,
    };
    let checked: Vec<(Found, Vec<Diagnostic>)> = found.into_iter().map(diagnosed).collect();
    let diagnostics = checked.iter().flat_map(|(_, diagnostics)| diagnostics);
    let errors = diagnostics.clone().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    let warnings = diagnostics.count() - errors;
    if options.json {
        out::data(&json(&checked))?;
    } else {
        out::data(&rendered(&checked))?;
        out::data(&summary(errors, warnings, checked.len()))?;
    }
    Ok(if errors > 0 { Kind::Document.exit_code().into() } else { ExitCode::SUCCESS })
}

fn diagnosed(found: Found) -> (Found, Vec<Diagnostic>) {
    let (_, diagnostics) = found.load();
    (found, diagnostics)
}

fn rendered(checked: &[(Found, Vec<Diagnostic>)]) -> String {
    let renderer = Renderer::styled();
    let mut text = String::new();
    for (found, diagnostics) in checked {
        for diagnostic in diagnostics {
            text.push_str(&text::render(diagnostic, &found.source, &renderer));
            text.push_str("\n\n");
        }
    }
    text
}

fn summary(errors: usize, warnings: usize, documents: usize) -> String {
    let documents = counted(documents, "document", "documents");
    match (errors, warnings) {
        (0, 0) => format!("nothing is wrong in {documents}"),
        (0, _) => format!("{} in {documents}", counted(warnings, "warning", "warnings")),
        (_, 0) => format!("{} in {documents}", counted(errors, "error", "errors")),
        _ => {
            let (errors, warnings) =
                (counted(errors, "error", "errors"), counted(warnings, "warning", "warnings"));
            format!("{errors}, {warnings} in {documents}")
        }
    }
}

/// A place in a document, lines and columns counted from one, the end exclusive.
#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    label: Option<&'a str>,
}

#[derive(Serialize)]
struct Finding<'a> {
    code: &'a str,
    severity: &'a str,
    message: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
    help: &'a [String],
    related: Vec<Place<'a>>,
}

fn json(checked: &[(Found, Vec<Diagnostic>)]) -> String {
    let findings = checked.iter().flat_map(|(found, diagnostics)| {
        diagnostics.iter().map(|diagnostic| finding(diagnostic, &found.source))
    });
    serde_json::json!(findings.collect::<Vec<_>>()).to_string()
}

fn finding<'a>(diagnostic: &'a Diagnostic, source: &'a Source) -> Finding<'a> {
    let others = diagnostic.others.iter();
    Finding {
        code: diagnostic.code,
        severity: diagnostic.severity.word(),
        message: &diagnostic.message,
        place: place(source, diagnostic.span, diagnostic.label.as_deref()),
        help: &diagnostic.help,
        related: others.map(|other| place(source, other.span, Some(&other.text))).collect(),
    }
}

fn place<'a>(source: &'a Source, span: Span, label: Option<&'a str>) -> Place<'a> {
    let (start, end) = (source.position(span.start), source.position(span.end));
    Place {
        file: &source.name,
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        label,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_counts_in_plain_words() {
        // The wording is that of screens.md.
        assert_eq!(summary(2, 1, 1), "2 errors, 1 warning in 1 document");
        assert_eq!(summary(1, 0, 3), "1 error in 3 documents");
        assert_eq!(summary(0, 2, 1), "2 warnings in 1 document");
        assert_eq!(summary(0, 0, 2), "nothing is wrong in 2 documents");
    }

    #[test]
    fn a_finding_points_at_its_text_by_line_and_column() {
        let source = Source::new("a.yaml", "one: 1\ntwo: x\n");
        let diagnostic = Diagnostic::error("unknown-key", Span::new(7, 10), "there is no key `two`")
            .label("did you mean `one`?")
            .also(Span::new(0, 3), "it is here")
            .help("remove it");
        let told = serde_json::json!(finding(&diagnostic, &source));
        assert_eq!(
            told,
            serde_json::json!({
                "code": "unknown-key", "severity": "error", "message": "there is no key `two`",
                "file": "a.yaml", "line": 2, "column": 1, "end_line": 2, "end_column": 4,
                "label": "did you mean `one`?", "help": ["remove it"],
                "related": [{
                    "file": "a.yaml", "line": 1, "column": 1, "end_line": 1, "end_column": 4, "label": "it is here",
                }],
            })
        );
    }
}

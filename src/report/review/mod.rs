//! The record of an access review for whoever reads it: an auditor, a second person, a
//! spreadsheet, a program.
//!
//! Every format is a rendering of one model; JSON is that model, and loses nothing. Nothing
//! here counts, reads a clock or a file, so that the same record gives the same bytes on any
//! machine.

mod attention;
mod csv;
mod html;
mod markdown;
mod row;
mod section;
#[cfg(test)]
mod tests;
mod text;
mod words;

use super::escape;
use crate::access::record::ReviewRecord;

/// How a record of a review is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Text,
    Csv,
    Markdown,
    Html,
    Json,
}

impl Form {
    /// Those that are kept.
    pub const KEPT: [Self; 4] = [Self::Json, Self::Csv, Self::Markdown, Self::Html];

    /// The ending of a file's name.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Csv => "csv",
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Json => "json",
        }
    }
}

/// The record in a format, with a newline at its end.
#[must_use]
pub fn render(record: &ReviewRecord, form: Form) -> String {
    match form {
        Form::Text => text::render(record),
        Form::Csv => csv::render(record),
        Form::Markdown => markdown::render(record),
        Form::Html => html::render(record),
        Form::Json => json(record),
    }
}

fn json(record: &ReviewRecord) -> String {
    // Texts, numbers and maps with text keys: nothing in the model can fail to be written.
    let mut text = escape::json(&serde_json::to_string_pretty(record).unwrap_or_default());
    text.push('\n');
    text
}

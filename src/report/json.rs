//! The report as JSON, for machines: the model, field by field.

use super::model::Report;

pub(super) fn render(report: &Report) -> String {
    // The model holds texts, numbers and maps with text keys, so that nothing in it can
    // fail to be written.
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    text
}

//! Diagnostics for a person, with the text underlined.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Severity, Source, Span};

/// One diagnostic as `rustc` would print it; with colour codes when `colour` is styled.
#[must_use]
pub fn render(diagnostic: &Diagnostic, source: &Source, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let main = AnnotationKind::Primary.span(fitted(diagnostic.span, source).range());
    let main = match &diagnostic.label {
        Some(label) => main.label(label.as_str()),
        None => main,
    };
    let others = diagnostic.others.iter().map(|other| {
        AnnotationKind::Context.span(fitted(other.span, source).range()).label(other.text.as_str())
    });
    let snippet =
        Snippet::source(source.text.as_ref()).path(source.name.as_ref()).annotation(main).annotations(others);
    let mut group: Group<'_> =
        level.primary_title(diagnostic.message.as_str()).id(diagnostic.code).element(snippet);
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    renderer.render(&[group])
}

/// The span cut to what the text holds, and to its first line, so that an underlined
/// block does not fill the screen.
fn fitted(span: Span, source: &Source) -> Span {
    let text = &source.text;
    let mut start = span.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let mut end = span.end.clamp(start, line_end);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Span::new(start, end)
}

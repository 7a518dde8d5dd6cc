//! From text to a playbook.

use super::check::check;
use super::decode::decode;
use super::{Playbook, yaml};
use crate::text::{Diagnostic, Severity, Source, Span};

/// Reads and checks a document. `stem` is its file's name without the ending, where it has
/// one. The playbook is there when nothing is wrong; warnings do not count.
///
/// Diagnostics are in the order of the text.
#[must_use]
pub fn load(source: &Source, stem: Option<&str>) -> (Option<Playbook>, Vec<Diagnostic>) {
    let (root, mut found) = yaml::parse(&source.text);
    let draft = if let Some(root) = root {
        decode(&root, source, stem, &mut found)
    } else {
        if found.is_empty() {
            found.push(empty());
        }
        None
    };
    if let Some(draft) = &draft {
        check(draft, &mut found);
    }
    found.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.severity));
    found.dedup();
    let sound = !found.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    (draft.filter(|_| sound).map(|draft| draft.playbook), found)
}

fn empty() -> Diagnostic {
    let fault = Diagnostic::error("empty", Span::new(0, 0), "the document is empty");
    fault.help("`playbook new NAME` writes one to begin with")
}

//! Where decoding puts what it finds, and how it finds the places.

use crate::document::expr::Flaw;
use crate::document::yaml::Node;
use crate::text::{Diagnostic, Span};

/// What was found in one text.
pub(in crate::document) struct Findings<'f> {
    pub text: &'f str,
    found: &'f mut Vec<Diagnostic>,
}

impl<'f> Findings<'f> {
    pub fn new(text: &'f str, found: &'f mut Vec<Diagnostic>) -> Self {
        Self { text, found }
    }

    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    pub fn count(&self) -> usize {
        self.found.len()
    }

    /// Something else stands here than what was expected.
    pub fn wrong_type(&mut self, node: &Node, what: &str, expected: &str) {
        let message = format!("{what} has to be {expected}, and this is {}", node.describe());
        self.push(Diagnostic::error("wrong-type", node.span, message));
    }

    /// The right type, and yet no such value.
    pub fn invalid(&mut self, code: &'static str, span: Span, message: impl Into<String>) {
        self.push(Diagnostic::error(code, span, message));
    }

    /// Tells what is wrong with an expression in a scalar.
    pub fn flaws(&mut self, node: &Node, flaws: Vec<Flaw>) {
        for flaw in flaws {
            let fault = Diagnostic::error(flaw.code, node.locate(self.text, flaw.range), flaw.message);
            self.push(match flaw.near {
                Some((word, words)) => fault.suggest(&word, words),
                None => fault,
            });
        }
    }
}

//! How large expressions and templates may be. The template engine and the checks walk
//! them by recursion: what is larger than this is refused before it is walked.

use minijinja::machinery::{Token, tokenize};
use minijinja::syntax::SyntaxConfig;

use super::lower::Flaw;

/// Of an expression, or a text with templates in it, in bytes. The engine counts lines
/// with sixteen bits.
const BYTES: usize = 60_000;

/// Words and signs of one expression, or between one pair of braces.
const WORDS: usize = 400;

/// Statements (`{% ... %}`) in one text.
const STATEMENTS: usize = 400;

pub(super) fn expression(text: &str) -> Result<(), Flaw> {
    within(text, true, SyntaxConfig::default())
}

pub(super) fn template(text: &str, syntax: SyntaxConfig) -> Result<(), Flaw> {
    within(text, false, syntax)
}

fn within(text: &str, bare: bool, syntax: SyntaxConfig) -> Result<(), Flaw> {
    let too_large = |most: usize, unit: &str| {
        let message = format!("an expression or template has at most {most} {unit}: do it in several steps");
        Err(Flaw { range: 0..text.len(), code: "expression", message, near: None })
    };
    if text.len() > BYTES {
        return too_large(BYTES, "bytes");
    }
    // So few characters cannot be more words.
    if text.len() <= WORDS {
        return Ok(());
    }
    let (mut words, mut statements) = (0, 0);
    for token in tokenize(text, bare, syntax).map_while(Result::ok) {
        match token.0 {
            Token::VariableStart | Token::TemplateData(_) => words = 0,
            Token::BlockStart => {
                words = 0;
                statements += 1;
            }
            _ => words += 1,
        }
        if words > WORDS {
            return too_large(WORDS, "words");
        }
        if statements > STATEMENTS {
            return too_large(STATEMENTS, "statements");
        }
    }
    Ok(())
}

//! Escapes of JSON that spell a part of a name.
//!
//! Names of keys are made of letters, digits, `:`, `/`, `-` and `_`. Of all escapes only
//! `\uXXXX` and `\/` can spell one of these, and those of a JSON text within a string are
//! escaped once more. Hence a text without a `\u`, `\/` or `\\` spells each name plainly,
//! and any other has its escapes taken out, level by level.

use memchr::memchr;

use super::edge::unicode;
use super::form::Forms;

/// JSON in a string of JSON in a string of JSON: deeper than this nobody nests it.
const LEVELS: usize = 8;

/// Two texts that are written in turn, kept from event to event.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    this: Vec<u8>,
    other: Vec<u8>,
}

impl Scratch {
    /// Whether the text names the key once escapes are taken out, at any level.
    pub(super) fn names(&mut self, forms: &Forms, text: &[u8]) -> bool {
        let mut changed = take_out(text, &mut self.this);
        for _ in 1..LEVELS {
            if !changed || forms.named_in(&self.this) {
                break;
            }
            changed = take_out(&self.this, &mut self.other);
            std::mem::swap(&mut self.this, &mut self.other);
        }
        forms.named_in(&self.this)
    }
}

/// Takes one level of escapes out. Tells whether there was any.
fn take_out(from: &[u8], into: &mut Vec<u8>) -> bool {
    into.clear();
    let mut rest = from;
    while let Some(at) = memchr(b'\\', rest) {
        let (plain, escape) = rest.split_at_checked(at).unwrap_or((rest, &[]));
        into.extend_from_slice(plain);
        rest = escape.get(put(escape, into)..).unwrap_or_default();
    }
    into.extend_from_slice(rest);
    into.len() != from.len()
}

/// Writes what the escape at the beginning spells, and tells how long it is.
fn put(escape: &[u8], into: &mut Vec<u8>) -> usize {
    if let Some(unit) = unicode(escape, 0) {
        // Half of a surrogate pair is no letter of a name, nor is the whole.
        let letter = char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER);
        into.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
        return 6;
    }
    let spelled = match escape.get(1) {
        Some(b'n' | b'r' | b't' | b'b' | b'f') => b'\n',
        Some(byte @ (b'/' | b'\\' | b'"')) => *byte,
        _ => {
            into.push(b'\\');
            return 1;
        }
    };
    into.push(spelled);
    2
}

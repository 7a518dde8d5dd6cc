//! Finds what is packed with gzip in a stream of bytes, and looks into it.
//!
//! A member of gzip is held back until its end. Held no secret, and it is given as it came,
//! byte for byte; else it is given packed anew, redacted, with a marker as its comment.

use std::rc::Rc;

use memchr::memmem;

use super::Redaction;
use super::found::Found;
use super::member::{Ending, Member};
use super::rolling::Rolling;

/// Gzip within gzip is looked into so deep. What is deeper is left out.
const DEEPEST: u8 = 3;
/// The fixed part of a member's header (RFC 1952, section 2.3).
const HEADER: usize = 10;
const MAGIC: &[u8] = &[0x1f, 0x8b, 0x08];
/// What stands for bytes that nobody could look through.
const WITHHELD: &[u8] = "‹redacted:packed too deep or too much›".as_bytes();
const DAMAGED: &[u8] = "‹redacted:damaged gzip›".as_bytes();
/// Of members that turn out to be damaged so many bytes are read again, in one stream.
const MOST_READ_AGAIN: usize = 256 << 20;
/// What a member may inflate to, in bytes; more only where it is not out of proportion.
const LARGEST: u64 = 256 << 20;

/// What becomes of what passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Replace,
    Look,
}

pub(super) struct Sieve {
    redaction: Rc<Redaction>,
    purpose: Purpose,
    depth: u8,
    plain: Rolling,
    /// The last bytes, where a header could begin in them.
    tail: Vec<u8>,
    member: Option<Box<Member>>,
    /// The rest cannot be looked through, and a marker stands for it.
    withheld: bool,
    found: Found,
    read_again: usize,
    largest: u64,
}

impl Sieve {
    pub(super) fn replacing(redaction: &Rc<Redaction>) -> Self {
        Self::at(redaction, Purpose::Replace, 0)
    }

    pub(super) fn looking(redaction: &Rc<Redaction>) -> Self {
        Self::at(redaction, Purpose::Look, 0)
    }

    fn at(redaction: &Rc<Redaction>, purpose: Purpose, depth: u8) -> Self {
        Self {
            redaction: Rc::clone(redaction),
            purpose,
            depth,
            plain: Rolling::new(Rc::clone(redaction)),
            tail: Vec::new(),
            member: None,
            withheld: false,
            found: Found::default(),
            read_again: 0,
            largest: LARGEST,
        }
    }

    /// With another limit to what a member may inflate to.
    pub(super) fn inflating_to(self, largest: u64) -> Self {
        Self { largest, ..self }
    }

    pub(super) fn found(&self) -> Found {
        let mut found = self.found;
        found += self.plain.found();
        found
    }

    pub(super) fn push(&mut self, piece: &[u8], clear: &mut Vec<u8>) {
        let joined;
        let mut rest = piece;
        if !self.tail.is_empty() {
            joined = [&std::mem::take(&mut self.tail), piece].concat();
            rest = &joined;
        }
        while !rest.is_empty() && !self.withheld {
            rest = match self.member.take() {
                Some(member) => self.inflate(member, rest, clear),
                None => self.search(rest, clear),
            };
        }
    }

    pub(super) fn finish(&mut self, clear: &mut Vec<u8>) {
        while let Some(member) = self.member.take() {
            let ending = member.finish();
            self.end(ending, clear);
        }
        let tail = std::mem::take(&mut self.tail);
        clear.extend(self.plain.push(&tail));
        clear.extend(self.plain.finish());
    }

    /// Passes what comes before a member; gives what is left to do.
    fn search<'a>(&mut self, bytes: &'a [u8], clear: &mut Vec<u8>) -> &'a [u8] {
        match beginning(bytes) {
            None => {
                clear.extend(self.plain.push(bytes));
                &[]
            }
            Some(at) if bytes.len() - at < HEADER => {
                clear.extend(self.plain.push(&bytes[..at]));
                self.tail = bytes[at..].to_vec();
                &[]
            }
            Some(at) => {
                clear.extend(self.plain.push(&bytes[..at]));
                clear.extend(self.plain.finish());
                if self.depth == DEEPEST {
                    self.withhold(clear);
                } else {
                    let inner =
                        Self::at(&self.redaction, self.purpose, self.depth + 1).inflating_to(self.largest);
                    self.member = Some(Box::new(Member::new(inner, self.purpose, self.largest)));
                }
                &bytes[at..]
            }
        }
    }

    fn inflate<'a>(&mut self, mut member: Box<Member>, bytes: &'a [u8], clear: &mut Vec<u8>) -> &'a [u8] {
        let taken = member.take(bytes);
        if member.is_over() {
            let ending = member.finish();
            self.end(ending, clear);
        } else {
            clear.append(&mut member.certain());
            self.member = Some(member);
        }
        &bytes[taken..]
    }

    fn end(&mut self, ending: Ending, clear: &mut Vec<u8>) {
        match ending {
            Ending::Clean(bytes) => clear.extend(bytes),
            Ending::Packed(bytes, found) => {
                clear.extend(bytes);
                self.found += found;
            }
            Ending::Damaged(_, found) if found.all() > 0 => {
                clear.extend_from_slice(DAMAGED);
                self.found += found;
            }
            Ending::Damaged(bytes, _) => self.again(&bytes, clear),
            Ending::TooMuch(bytes, found) => {
                clear.extend(bytes);
                self.found += found;
                self.withhold(clear);
            }
        }
    }

    /// It only looked like a member, or is one that tells no secret: an ordinary run of
    /// bytes, in which another one may begin.
    fn again(&mut self, bytes: &[u8], clear: &mut Vec<u8>) {
        self.read_again += bytes.len();
        let Some((first, rest)) = bytes.split_first() else { return };
        if self.read_again > MOST_READ_AGAIN {
            return self.withhold(clear);
        }
        clear.extend(self.plain.push(std::slice::from_ref(first)));
        self.push(rest, clear);
    }

    fn withhold(&mut self, clear: &mut Vec<u8>) {
        clear.extend_from_slice(WITHHELD);
        self.found.shapes += 1;
        self.withheld = true;
    }
}

/// Where a member's header begins that is one, or could be when more bytes come.
fn beginning(bytes: &[u8]) -> Option<usize> {
    let whole = memmem::find_iter(bytes, MAGIC).find(|at| could_be(&bytes[*at..]));
    whole.or_else(|| {
        let torn = bytes.len().saturating_sub(MAGIC.len() - 1)..bytes.len();
        torn.into_iter().find(|at| MAGIC.starts_with(&bytes[*at..]))
    })
}

/// RFC 1952, section 2.3.1: no reserved flag is set, the extra flags and the system are such
/// as compressors write.
fn could_be(header: &[u8]) -> bool {
    let at = |index: usize, fits: fn(u8) -> bool| header.get(index).is_none_or(|byte| fits(*byte));
    at(3, |flags| flags & 0xe0 == 0)
        && at(8, |extra| matches!(extra, 0 | 2 | 4))
        && at(9, |system| system <= 13 || system == 255)
}

//! Gzip in base64 within a text, as user data, logs and command lines have it.

use std::ops::Range;

use memchr::memmem;

use super::base64;
use super::mark::{Mark, Name};
use crate::cloudtrail::gzip::Gunzip;

/// How a gzip member begins in base64, where the text begins with it.
const BEGINNING: &[u8] = b"H4sI";
/// Lines of wrapped base64 are as long as MIME or PEM has them (RFC 2045, RFC 7468).
const WIDTHS: [usize; 2] = [76, 64];
/// So many bytes are inflated in one text; what would need more is taken for secret, so that
/// nothing slips through and no bomb goes off.
const MOST: u64 = 8 << 20;

/// Marks what holds a secret according to `is_secret`.
pub(super) fn find(bytes: &[u8], is_secret: impl Fn(&[u8]) -> bool, marks: &mut Vec<Mark<'_>>) {
    let (mut left, mut from) = (MOST, 0);
    while let Some(at) = bytes.get(from..).and_then(|rest| memmem::find(rest, BEGINNING)) {
        let at = from + at..run(bytes, from + at);
        from = at.end;
        let inflated = inflate(&base64::decode(&bytes[at.clone()]), left);
        left -= inflated.len() as u64;
        if left == 0 || is_secret(&inflated) {
            marks.push(Mark::new(at, Name::Shape("compressed secret")));
        }
    }
}

/// Where the digits end that begin at `start`, with their padding.
fn run(bytes: &[u8], start: usize) -> usize {
    let line = |from: usize| -> Range<usize> {
        from..from + bytes[from..].iter().take_while(|byte| base64::is_digit(**byte)).count()
    };
    let first = line(start);
    let mut last = first.clone();
    while WIDTHS.contains(&first.len()) && last.len() == first.len() {
        let ends = bytes[last.end..].iter().take(2).take_while(|byte| b"\r\n".contains(byte)).count();
        let next = line(last.end + ends);
        if ends == 0 || next.is_empty() {
            break;
        }
        last = next;
    }
    last.end + bytes[last.end..].iter().take(2).take_while(|byte| **byte == b'=').count()
}

/// As much as can be inflated, also of what is torn or damaged.
fn inflate(gzip: &[u8], limit: u64) -> Vec<u8> {
    let (mut gunzip, mut inflated, mut piece) = (Gunzip::new(gzip, limit), Vec::new(), vec![0; 64 << 10]);
    loop {
        match gunzip.read(&mut piece) {
            Ok(0) => return inflated,
            Ok(read) => inflated.extend_from_slice(&piece[..read]),
            Err(_) if gunzip.go_on() => {}
            Err(_) => return inflated,
        }
    }
}

//! Which program this is: its version, and the build id that the linker put into it.
//!
//! The build id is a digest of the program's content (GNU ld, `--build-id`). It is read in
//! microseconds, where a SHA-256 of the whole file would take longer than a short run; `seal`
//! has the time, and puts that one into the record.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;

use crate::run::Program;
use crate::text::{Digest, Digesting};

/// How much of the program is looked at for the note; linkers put it on the first page.
const FIRST_PAGES: u64 = 16 << 10;

/// Version and build id of the running program.
#[must_use]
pub(super) fn program() -> Program {
    Program { version: env!("CARGO_PKG_VERSION").to_owned(), build_id: this_program().and_then(build_id) }
}

/// SHA-256 of the running program's file.
#[must_use]
pub(super) fn digest() -> Option<Digest> {
    let mut program = File::open(this_program()?).ok()?;
    let mut digesting = Digesting::default();
    std::io::copy(&mut program, &mut digesting).ok()?;
    Some(digesting.finish())
}

#[allow(clippy::disallowed_methods, reason = "the program's own path is asked for here alone")]
fn this_program() -> Option<PathBuf> {
    std::env::current_exe().ok()
}

fn build_id(program: PathBuf) -> Option<String> {
    let mut head = Vec::new();
    File::open(program).ok()?.take(FIRST_PAGES).read_to_end(&mut head).ok()?;
    let id = note(&head)?;
    let mut hex = String::with_capacity(id.len() * 2);
    for byte in id {
        write!(hex, "{byte:02x}").ok()?;
    }
    Some(hex)
}

/// The descriptor of the note that GNU ld writes: name size 4, descriptor size, type 3
/// (`NT_GNU_BUILD_ID`), the name `GNU` (System V ABI, "Note section").
fn note(head: &[u8]) -> Option<&[u8]> {
    const TYPE_AND_NAME: &[u8] = b"\x03\0\0\0GNU\0";

    memchr::memmem::find_iter(head, TYPE_AND_NAME).find_map(|at| {
        let sizes = head.get(at.checked_sub(8)?..at)?;
        let (name, descriptor) = sizes.split_at(4);
        let length = u32::from_le_bytes(descriptor.try_into().ok()?) as usize;
        let begin = at + TYPE_AND_NAME.len();
        (name == [4, 0, 0, 0] && (8..=64).contains(&length)).then(|| head.get(begin..begin + length))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_note_of_the_linker_is_found_and_nothing_else_is_taken_for_it() {
        let mut head = vec![0x7f; 100];
        head.extend(b"\x04\0\0\0\x08\0\0\0\x03\0\0\0GNU\0\x01\x02\x03\x04\x05\x06\x07\x08rest");
        assert_eq!(note(&head), Some(&[1, 2, 3, 4, 5, 6, 7, 8][..]));
        assert_eq!(note(b"\x03\0\0\0GNU\0"), None);
        assert_eq!(note(b"\x04\0\0\0\xff\xff\xff\xff\x03\0\0\0GNU\0short"), None);
        assert_eq!(note(b""), None);
    }
}

//! Single keys from the terminal, for lists that are drawn.

use std::io::{self, Stdin};

use rustix::termios::{LocalModes, SpecialCodeIndex, Termios};

use super::keyboard::{Guard, Piece, pressed, read_piece};

/// A key, as far as a list knows any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Up,
    Down,
    Mark,
    Enter,
    Escape,
    /// Ctrl-C, or a signal.
    Interrupted,
    /// Ctrl-D, or the terminal is gone.
    Closed,
    Other,
}

/// The terminal, giving every key as it is pressed; it is put back as it was when this goes.
pub struct Keys<'a> {
    stdin: &'a Stdin,
    _guard: Guard<'a>,
    /// Bytes that came and were not told as keys yet.
    waiting: Vec<u8>,
}

impl<'a> Keys<'a> {
    pub fn of(stdin: &'a Stdin) -> Self {
        Self { stdin, _guard: Guard::set(stdin, one_by_one), waiting: Vec::new() }
    }

    /// The next key, while the rest of the program goes on.
    ///
    /// # Errors
    /// When the terminal cannot be read.
    pub async fn next(&mut self) -> io::Result<Key> {
        loop {
            if let Some((key, length)) = first(&self.waiting) {
                self.waiting.drain(..length);
                return Ok(key);
            }
            pressed().await?;
            let mut piece = [0; 64];
            match read_piece(self.stdin, &mut piece)? {
                Piece::Interrupted => return Ok(Key::Interrupted),
                Piece::End => return Ok(Key::Closed),
                Piece::Bytes(count) => self.waiting.extend_from_slice(piece.get(..count).unwrap_or_default()),
            }
        }
    }
}

/// No lines, no echo, and Ctrl-C is a character: it leaves the list, and ends no program.
fn one_by_one(mode: &mut Termios) {
    mode.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG);
    mode.special_codes[SpecialCodeIndex::VMIN] = 1;
    mode.special_codes[SpecialCodeIndex::VTIME] = 0;
}

/// The first key and its length in bytes; arrows come as ECMA-48 and the VT100 have them.
/// Nothing where its end is still to come.
fn first(bytes: &[u8]) -> Option<(Key, usize)> {
    match bytes {
        [] | [0x1b, b'[' | b'O'] => None,
        [0x1b, b'[' | b'O', rest @ ..] => {
            let end = rest.iter().position(|byte| (0x40..=0x7e).contains(byte))?;
            let key = match rest.get(end) {
                Some(b'A') => Key::Up,
                Some(b'B') => Key::Down,
                _ => Key::Other,
            };
            Some((key, end + 3))
        }
        [byte, ..] => Some((single(*byte), 1)),
    }
}

const fn single(byte: u8) -> Key {
    match byte {
        0x1b => Key::Escape,
        3 => Key::Interrupted,
        4 => Key::Closed,
        b'\r' | b'\n' => Key::Enter,
        b' ' => Key::Mark,
        b'k' => Key::Up,
        b'j' => Key::Down,
        _ => Key::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_apart_however_they_come_in_pieces() {
        assert_eq!(first(b""), None);
        assert_eq!(first(b"\x1b"), Some((Key::Escape, 1)));
        assert_eq!(first(b"\x1b["), None);
        assert_eq!(first(b"\x1b[A\r"), Some((Key::Up, 3)));
        assert_eq!(first(b"\x1bOB"), Some((Key::Down, 3)));
        assert_eq!(first(b"\x1b[1;5"), None);
        assert_eq!(first(b"\x1b[1;5B "), Some((Key::Down, 6)));
        assert_eq!(first(b"\x1b[3~"), Some((Key::Other, 4)));
        for (byte, key) in
            [(b"\n", Key::Enter), (b" ", Key::Mark), (b"\x03", Key::Interrupted), (b"\xff", Key::Other)]
        {
            assert_eq!(first(byte), Some((key, 1)));
        }
    }
}

//! Inflating a gzip file (RFC 1952) in pieces, with a limit, and telling apart every way in
//! which it can be damaged.
//!
//! CloudTrail delivers each log file as one gzip member and nothing after it. `zcat` and its
//! like go on silently with what follows; here it is told, because bytes after the member
//! are covered by no digest.

use std::fmt;
use std::io::{self, BufRead, Read as _};
use std::mem;

use flate2::bufread::GzDecoder;

/// The first two bytes of every member (RFC 1952, section 2.3.1: ID1, ID2).
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Why a gzip file did not give all of its bytes, or gave more than it should.
#[derive(Debug)]
pub enum Damage {
    /// It does not begin as a gzip member does.
    NotGzip,
    /// It ends before its member does. What was given so far is as it was written.
    Truncated,
    /// The deflate stream is none, or its bytes are not those that the checksum and the
    /// length at its end tell of. What was given so far may be wrong.
    Corrupt(String),
    /// The member is whole, and something follows it. [`Gunzip::go_on`] reads that too.
    MoreAfter,
    /// It holds more than this many bytes. They were given; the rest was not looked at.
    TooLarge(u64),
    /// The reader below failed.
    Unreadable(io::Error),
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotGzip => f.write_str("not gzip"),
            Self::Truncated => f.write_str("truncated: it ends in the middle of the gzip stream"),
            Self::Corrupt(why) => write!(f, "corrupt: {why}"),
            Self::MoreAfter => f.write_str("there is data after the end of the gzip stream"),
            Self::TooLarge(limit) => write!(f, "more than {limit} bytes when inflated"),
            Self::Unreadable(error) => write!(f, "could not be read: {error}"),
        }
    }
}

impl std::error::Error for Damage {}

/// One gzip file on its way to becoming bytes again. Holds about 50 KB, whatever it reads.
#[derive(Debug)]
pub struct Gunzip<R> {
    place: Place<R>,
    given: u64,
    limit: u64,
}

#[derive(Debug)]
enum Place<R> {
    /// In front of a member that nobody looked at yet.
    Before(R),
    Within(Box<GzDecoder<R>>),
    /// Behind a whole member, with something following.
    After(R),
    /// There is nothing more to give.
    Over,
}

impl<R: BufRead> Gunzip<R> {
    /// Reads `from` as one gzip member of at most `limit` inflated bytes.
    pub const fn new(from: R, limit: u64) -> Self {
        Self { place: Place::Before(from), given: 0, limit }
    }

    /// Inflated bytes that were given so far, of all members.
    pub const fn given(&self) -> u64 {
        self.given
    }

    /// Fills the beginning of `into` and tells how many bytes are new. None are at the clean
    /// end of the only member; after damage there are none either.
    ///
    /// # Errors
    /// The damage, once all bytes before it were given.
    pub fn read(&mut self, into: &mut [u8]) -> Result<usize, Damage> {
        if into.is_empty() {
            return Ok(0);
        }
        let (place, read) = self.step(into);
        self.place = place;
        if let Ok(read) = read {
            self.given += read as u64;
        }
        read
    }

    /// Turns to what follows the member, after [`Damage::MoreAfter`]. The limit is for all
    /// members together. False where nothing follows.
    pub fn go_on(&mut self) -> bool {
        match mem::replace(&mut self.place, Place::Over) {
            Place::After(rest) => {
                self.place = Place::Before(rest);
                true
            }
            other => {
                self.place = other;
                false
            }
        }
    }

    /// Where it stands after the next bytes, and how many they are.
    fn step(&mut self, into: &mut [u8]) -> (Place<R>, Result<usize, Damage>) {
        let mut decoder = match mem::replace(&mut self.place, Place::Over) {
            Place::Before(from) => match begin(from) {
                Ok(decoder) => decoder,
                Err(damage) => return (Place::Over, Err(damage)),
            },
            Place::Within(decoder) => decoder,
            other => return (other, Ok(0)),
        };
        match pull(&mut decoder, into, self.limit - self.given) {
            Ok(0) => end(decoder.into_inner()),
            Ok(read) => (Place::Within(decoder), Ok(read)),
            Err(Damage::TooLarge(_)) => (Place::Over, Err(Damage::TooLarge(self.limit))),
            Err(damage) => (Place::Over, Err(damage)),
        }
    }
}

/// Looks at the magic number first: the decoder would call anything else a bad header, and
/// so is a file of which only the first byte was written.
fn begin<R: BufRead>(mut from: R) -> Result<Box<GzDecoder<R>>, Damage> {
    let start = from.fill_buf().map_err(Damage::Unreadable)?;
    match start.get(..MAGIC.len().min(start.len())) {
        Some([]) | None => Err(Damage::Truncated),
        Some(start) if MAGIC.starts_with(start) => Ok(Box::new(GzDecoder::new(from))),
        Some(_) => Err(Damage::NotGzip),
    }
}

fn end<R: BufRead>(mut rest: R) -> (Place<R>, Result<usize, Damage>) {
    match rest.fill_buf() {
        Ok([]) => (Place::Over, Ok(0)),
        Ok(_) => (Place::After(rest), Err(Damage::MoreAfter)),
        Err(error) => (Place::Over, Err(Damage::Unreadable(error))),
    }
}

/// The next bytes, no more than are `left` to the limit. One byte beyond it is enough to
/// know that there are too many.
fn pull<R: BufRead>(decoder: &mut GzDecoder<R>, into: &mut [u8], left: u64) -> Result<usize, Damage> {
    if left == 0 {
        return match inflate(decoder, &mut [0])? {
            0 => Ok(0),
            _ => Err(Damage::TooLarge(0)),
        };
    }
    let most = usize::try_from(left).unwrap_or(usize::MAX).min(into.len());
    inflate(decoder, into.get_mut(..most).unwrap_or_default())
}

fn inflate<R: BufRead>(decoder: &mut GzDecoder<R>, into: &mut [u8]) -> Result<usize, Damage> {
    loop {
        match decoder.read(into) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other.map_err(damage),
        }
    }
}

/// The decoder speaks in I/O errors; those of the reader below pass through it unchanged.
fn damage(error: io::Error) -> Damage {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Damage::Truncated,
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => Damage::Corrupt(error.to_string()),
        _ => Damage::Unreadable(error),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;

    use super::*;

    /// `printf 'Hello, trail!\n' | gzip -n9 | xxd -p`, by GNU gzip 1.12.
    const HELLO: &[u8] = &[
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0xd7, 0x51,
        0x28, 0x29, 0x4a, 0xcc, 0xcc, 0x51, 0xe4, 0x02, 0x00, 0x18, 0xe0, 0x78, 0xeb, 0x0e, 0x00, 0x00, 0x00,
    ];

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// All bytes that come before the end or the damage.
    fn unpacked(gzip: &[u8], limit: u64) -> (Vec<u8>, Result<(), Damage>) {
        let mut gunzip = Gunzip::new(gzip, limit);
        let (mut all, mut piece) = (Vec::new(), [0; 7]);
        loop {
            match gunzip.read(&mut piece) {
                Ok(0) => return (all, Ok(())),
                Ok(read) => all.extend_from_slice(&piece[..read]),
                Err(damage) => return (all, Err(damage)),
            }
        }
    }

    #[test]
    fn what_gnu_gzip_packed_comes_out_as_it_was() {
        let (bytes, end) = unpacked(HELLO, 100);
        assert_eq!(bytes, b"Hello, trail!\n");
        end.unwrap();
    }

    #[test]
    fn a_file_that_ends_early_is_truncated_wherever_it_was_cut() {
        for cut in 0..HELLO.len() {
            let (bytes, end) = unpacked(&HELLO[..cut], 100);
            assert!(matches!(end, Err(Damage::Truncated)), "cut at {cut}: {end:?}");
            assert!(b"Hello, trail!\n".starts_with(&bytes));
        }
    }

    #[test]
    fn a_wrong_checksum_length_or_block_is_corrupt() {
        for at in [10, HELLO.len() - 8, HELLO.len() - 1] {
            let mut bad = HELLO.to_vec();
            bad[at] ^= 0x07;
            let end = unpacked(&bad, 100).1;
            assert!(matches!(end, Err(Damage::Corrupt(_))), "byte {at}: {end:?}");
        }
    }

    #[test]
    fn what_does_not_begin_as_gzip_is_none() {
        for other in [b"{\"Records\":[]}".as_slice(), b"\x1f", b"\x1f\x8c", b"PK"] {
            let end = unpacked(other, 100).1;
            let truncated = other == b"\x1f";
            assert_eq!(matches!(end, Err(Damage::NotGzip)), !truncated, "{other:?}: {end:?}");
        }
    }

    #[test]
    fn data_after_the_stream_is_told_and_can_be_read() {
        let mut gunzip = Gunzip::new([HELLO, HELLO, b"\0"].concat().leak() as &[u8], 100);
        let mut piece = [0; 64];
        for _ in 0..2 {
            assert_eq!(gunzip.read(&mut piece).unwrap(), 14);
            assert!(matches!(gunzip.read(&mut piece), Err(Damage::MoreAfter)));
            assert_eq!(gunzip.read(&mut piece).unwrap(), 0, "damage is told once");
            assert!(gunzip.go_on());
        }
        assert!(matches!(gunzip.read(&mut piece), Err(Damage::NotGzip)));
        assert!(!gunzip.go_on());
        assert_eq!(gunzip.given(), 28);
    }

    #[test]
    fn a_bomb_goes_off_at_the_limit_and_not_a_byte_later() {
        let bomb = packed(&vec![b' '; 4 << 20]);
        assert!(bomb.len() < 30_000);
        let (bytes, end) = unpacked(&bomb, 1000);
        assert_eq!(bytes.len(), 1000);
        assert!(matches!(end, Err(Damage::TooLarge(1000))), "{end:?}");
        unpacked(&bomb, 4 << 20).1.unwrap();
    }

    #[test]
    fn a_disk_that_fails_is_no_fault_of_the_file() {
        struct Failing;
        impl io::Read for Failing {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the disk is gone"))
            }
        }
        let mut gunzip = Gunzip::new(io::BufReader::new(Failing), 100);
        assert!(matches!(gunzip.read(&mut [0; 8]), Err(Damage::Unreadable(_))));
    }

    proptest! {
        #[test]
        fn bytes_come_out_as_they_went_in(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let (out, end) = unpacked(&packed(&bytes), 2000);
            prop_assert_eq!(out, bytes);
            prop_assert!(end.is_ok());
        }

        #[test]
        fn foreign_bytes_end_within_the_limit(mut bytes in proptest::collection::vec(any::<u8>(), 0..600), gzip: bool) {
            if gzip {
                bytes.splice(0..0, HELLO[..10].iter().copied());
            }
            prop_assert!(unpacked(&bytes, 5000).0.len() <= 5000);
        }
    }
}

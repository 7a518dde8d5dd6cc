//! Where the bytes of one file come from: as they lie there, or inflated.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read};
use std::path::Path;

use crate::cloudtrail::gzip::{Damage, Gunzip};
use crate::console::Gauge;

/// A gzip file may be this large when inflated. No log is: CloudTrail's own are a few
/// megabytes, and whoever packs a year into one file stays below it.
const LARGEST: u64 = 8 << 30;

/// Pieces in which the compressed bytes are read.
const PIECE: usize = 128 << 10;

type Reader<'a> = BufReader<Measured<'a>>;

#[derive(Debug)]
pub(super) enum Spring<'a> {
    Plain(Reader<'a>),
    /// All members of the file, for what `cat` puts together belongs to it too.
    Packed {
        gunzip: Box<Gunzip<Reader<'a>>>,
        has_more: bool,
    },
}

/// A file that moves the gauge on as it is read.
#[derive(Debug)]
pub(super) struct Measured<'a> {
    file: File,
    gauge: &'a Gauge,
}

impl Read for Measured<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(into)?;
        self.gauge.advance(read as u64);
        Ok(read)
    }
}

impl<'a> Spring<'a> {
    pub(super) fn open(path: &Path, gauge: &'a Gauge) -> io::Result<Self> {
        let file = Measured { file: File::open(path)?, gauge };
        let mut reader = BufReader::with_capacity(PIECE, file);
        let is_gzip = reader.fill_buf()?.starts_with(&[0x1f, 0x8b]);
        let called_gzip = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz"));
        if is_gzip || called_gzip {
            let gunzip = Box::new(Gunzip::new(reader, LARGEST));
            return Ok(Self::Packed { gunzip, has_more: false });
        }
        Ok(Self::Plain(reader))
    }

    /// Fills the beginning of `into`, which is not empty; nothing is at the end.
    pub(super) fn read(&mut self, into: &mut [u8]) -> Result<usize, Damage> {
        match self {
            Self::Plain(reader) => loop {
                match reader.read(into) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    read => return read.map_err(Damage::Unreadable),
                }
            },
            Self::Packed { gunzip, has_more } => loop {
                match gunzip.read(into) {
                    Err(Damage::MoreAfter) if gunzip.go_on() => *has_more = true,
                    Err(Damage::NotGzip) if *has_more => return Err(Damage::MoreAfter),
                    read => return read,
                }
            },
        }
    }

    /// What is odd about the file, though all of it was read.
    pub(super) fn note(&self) -> Option<String> {
        let has_more = matches!(self, Self::Packed { has_more: true, .. });
        has_more.then(|| "more follows the gzip stream that CloudTrail wrote; it was searched as well".into())
    }
}

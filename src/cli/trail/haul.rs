//! What was found, until it can be told in order: texts in a file without a name, of which
//! the first megabytes stay in memory, and for each where it lies and what orders it.

use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

use tempfile::SpooledTempFile;

use super::order::{Order, Sorted};
use super::place::Place;
use crate::cloudtrail::scan::Sighting;
use crate::error::{Error, Result};

/// Texts up to this many bytes need no disk.
const IN_MEMORY: usize = 4 << 20;

/// Texts go to the file in pieces of this size.
const PIECE: usize = 256 << 10;

#[derive(Debug)]
pub(super) struct Haul {
    texts: SpooledTempFile,
    /// What did not go to the file yet.
    piece: Vec<u8>,
    written: u64,
    places: Order,
}

impl Haul {
    pub(super) fn new() -> Self {
        Self {
            texts: tempfile::spooled_tempfile(IN_MEMORY),
            piece: Vec::new(),
            written: 0,
            places: Order::new(),
        }
    }

    /// # Errors
    /// When the disk for temporary files does not take it.
    pub(super) fn take(&mut self, file: u32, sighting: &Sighting<'_>) -> Result<()> {
        let length =
            u32::try_from(sighting.event.len()).map_err(|_| failed(io::ErrorKind::InvalidData.into()))?;
        let offset = self.written + self.piece.len() as u64;
        let place = Place { mark: sighting.mark, origin: sighting.origin, file, length, offset };
        self.places.take(place).map_err(failed)?;
        self.piece.extend_from_slice(&sighting.event);
        if self.piece.len() >= PIECE { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<()> {
        self.texts.write_all(&self.piece).map_err(failed)?;
        self.written += self.piece.len() as u64;
        self.piece.clear();
        Ok(())
    }

    /// All of it in order, ready to be read.
    ///
    /// # Errors
    /// When the disk for temporary files does not take it.
    pub(super) fn in_order(mut self) -> Result<(Places, Texts)> {
        self.write()?;
        Ok((Places(self.places.sorted().map_err(failed)?), Texts(self.texts)))
    }
}

/// Where everything lies, in order.
#[derive(Debug)]
pub(super) struct Places(Sorted);

impl Places {
    /// # Errors
    /// When the disk for temporary files does not give them back.
    pub(super) fn next(&mut self) -> Result<Option<Place>> {
        self.0.next().map_err(failed)
    }
}

/// The texts that places point at.
#[derive(Debug)]
pub(super) struct Texts(SpooledTempFile);

impl Texts {
    /// # Errors
    /// When the disk for temporary files does not give it back.
    pub(super) fn read(&mut self, place: &Place, into: &mut Vec<u8>) -> Result<()> {
        into.resize(usize::try_from(place.length).unwrap_or_default(), 0);
        self.0.seek(SeekFrom::Start(place.offset)).and_then(|_| self.0.read_exact(into)).map_err(failed)
    }
}

fn failed(error: io::Error) -> Error {
    Error::failure("could not keep what was found in a temporary file")
        .caused_by(error)
        .hint("set TMPDIR to a folder on a disk with room for all events that are found")
}

//! Where a sighting lies, and what it is put in order by.

use crate::cloudtrail::scan::{Mark, Origin};

/// One sighting. Sorted by these fields in turn: time, id, the signed log before answers of
/// LookupEvents, the order of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub mark: Mark,
    pub origin: Origin,
    /// The file's number among those that were searched.
    pub file: u32,
    /// Bytes of the text.
    pub length: u32,
    pub offset: u64,
}

/// Bytes of a place on disk.
pub(super) const PACKED: usize = 8 + 16 + 1 + 4 + 4 + 8;

impl Place {
    pub(super) fn pack(&self, into: &mut Vec<u8>) {
        into.extend_from_slice(&self.mark.at.to_le_bytes());
        into.extend_from_slice(&self.mark.id);
        into.push(match self.origin {
            Origin::LogFile => 0,
            Origin::LookupEvents => 1,
            Origin::Lines => 2,
        });
        into.extend_from_slice(&self.file.to_le_bytes());
        into.extend_from_slice(&self.length.to_le_bytes());
        into.extend_from_slice(&self.offset.to_le_bytes());
    }

    /// What [`pack`](Self::pack) wrote; `None` for anything that is shorter.
    pub(super) fn unpack(packed: &[u8]) -> Option<Self> {
        let (at, rest) = packed.split_first_chunk()?;
        let (id, rest) = rest.split_first_chunk()?;
        let (origin, rest) = rest.split_first()?;
        let (file, rest) = rest.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (offset, _) = rest.split_first_chunk()?;
        let origin = match origin {
            0 => Origin::LogFile,
            1 => Origin::LookupEvents,
            _ => Origin::Lines,
        };
        Some(Self {
            mark: Mark { at: i64::from_le_bytes(*at), id: *id },
            origin,
            file: u32::from_le_bytes(*file),
            length: u32::from_le_bytes(*length),
            offset: u64::from_le_bytes(*offset),
        })
    }
}

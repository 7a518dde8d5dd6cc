//! Lines put in order of time without holding them in memory: sorted runs in a spool file,
//! merged at the end.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use crate::error::{Error, Result};

/// So much is held before it is sorted and put aside.
const CHUNK: usize = 16 << 20;
/// So much of each run is held while runs are merged.
const WINDOW: usize = 64 << 10;

/// What is put in order: by time, and where times are equal by `tie`, then by content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Item {
    /// Microseconds since 1970.
    pub at: i64,
    pub tie: String,
    pub bytes: Vec<u8>,
}

pub(super) struct Sorter {
    spool: File,
    /// Where each run ends in the spool.
    ends: Vec<u64>,
    held: Vec<Item>,
    bytes: usize,
    chunk: usize,
}

impl Sorter {
    /// A sorter whose spool lies in `folder` without a name: nothing is left behind,
    /// however the program ends.
    pub fn new(folder: &Path) -> Result<Self> {
        Self::holding(folder, CHUNK)
    }

    fn holding(folder: &Path, chunk: usize) -> Result<Self> {
        let path = folder.join(format!(".spool-{}", std::process::id()));
        let failed = |error| Error::io("could not make a file for sorting", &path, error);
        let spool = File::options().read(true).write(true).create_new(true).open(&path).map_err(failed)?;
        fs::remove_file(&path).map_err(failed)?;
        Ok(Self { spool, ends: Vec::new(), held: Vec::new(), bytes: 0, chunk })
    }

    pub fn push(&mut self, item: Item) -> Result<()> {
        self.bytes += item.bytes.len() + item.tie.len() + size_of::<Item>();
        self.held.push(item);
        if self.bytes > self.chunk { self.put_aside().map_err(unsorted) } else { Ok(()) }
    }

    /// All items, the earliest first.
    pub fn in_order(mut self, mut each: impl FnMut(Item) -> Result<()>) -> Result<()> {
        self.put_aside().map_err(unsorted)?;
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        let mut runs: Vec<Reading<'_>> =
            begins.zip(&self.ends).map(|(at, end)| Reading::new(&self.spool, at, *end)).collect();
        let mut next = BinaryHeap::new();
        for (run, reading) in runs.iter_mut().enumerate() {
            next.extend(reading.item().map_err(unsorted)?.map(|item| Reverse((item, run))));
        }
        while let Some(Reverse((item, run))) = next.pop() {
            each(item)?;
            if let Some(reading) = runs.get_mut(run) {
                next.extend(reading.item().map_err(unsorted)?.map(|item| Reverse((item, run))));
            }
        }
        Ok(())
    }

    fn put_aside(&mut self) -> io::Result<()> {
        if self.held.is_empty() {
            return Ok(());
        }
        self.held.sort_unstable();
        let mut spool = BufWriter::new(&self.spool);
        let mut end = self.ends.last().copied().unwrap_or(0);
        for item in self.held.drain(..) {
            let (tie, bytes) = (item.tie.as_bytes(), item.bytes.as_slice());
            spool.write_all(&item.at.to_le_bytes())?;
            for part in [tie, bytes] {
                spool.write_all(&(part.len() as u64).to_le_bytes())?;
                spool.write_all(part)?;
            }
            end += (tie.len() + bytes.len()) as u64 + 24;
        }
        spool.flush()?;
        drop(spool);
        self.ends.push(end);
        self.bytes = 0;
        Ok(())
    }
}

fn unsorted(error: io::Error) -> Error {
    Error::failure("could not put the events in order of time")
        .caused_by(error)
        .hint("make room on that disk")
}

/// One run on its way back.
struct Reading<'a> {
    spool: &'a File,
    at: u64,
    end: u64,
    window: Vec<u8>,
    used: usize,
}

impl<'a> Reading<'a> {
    const fn new(spool: &'a File, at: u64, end: u64) -> Self {
        Self { spool, at, end, window: Vec::new(), used: 0 }
    }

    fn item(&mut self) -> io::Result<Option<Item>> {
        if self.at == self.end && self.used == self.window.len() {
            return Ok(None);
        }
        let at = i64::from_le_bytes(self.number()?);
        let tie = self.part()?;
        let tie = String::from_utf8(tie).map_err(|_| io::ErrorKind::InvalidData)?;
        Ok(Some(Item { at, tie, bytes: self.part()? }))
    }

    fn part(&mut self) -> io::Result<Vec<u8>> {
        let length = u64::from_le_bytes(self.number()?);
        let length = usize::try_from(length).map_err(|_| io::ErrorKind::InvalidData)?;
        Ok(self.take(length)?.to_vec())
    }

    fn number(&mut self) -> io::Result<[u8; 8]> {
        self.take(8)?.try_into().map_err(|_| io::ErrorKind::InvalidData.into())
    }

    fn take(&mut self, length: usize) -> io::Result<&[u8]> {
        if self.window.len() - self.used < length {
            self.window.drain(..self.used);
            self.used = 0;
            let kept = self.window.len();
            let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
            let more = (length - kept).max(WINDOW).min(left);
            self.window.resize(kept + more, 0);
            self.spool.read_exact_at(self.window.get_mut(kept..).unwrap_or_default(), self.at)?;
            self.at += more as u64;
        }
        let from = self.used;
        self.used += length;
        self.window.get(from..self.used).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(at: i64, tie: &str) -> Item {
        Item { at, tie: tie.to_owned(), bytes: vec![b'x'; usize::try_from(at.rem_euclid(300)).unwrap()] }
    }

    fn told(sorter: Sorter) -> Vec<Item> {
        let mut told = Vec::new();
        let each = |item| {
            told.push(item);
            Ok(())
        };
        sorter.in_order(each).unwrap();
        told
    }

    #[test]
    fn runs_that_never_fit_in_memory_come_back_in_order_and_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mut sorter = Sorter::holding(folder.path(), 2_000).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "the spool has no name");
        // 7919 is a generator modulo the prime 10007, so that all numbers come, in no order.
        let mut expected = Vec::new();
        let mut at = 1;
        for n in 0..5_000 {
            at = at * 7_919 % 10_007;
            let item = item(at / 2 - 1_000, &format!("{n:05}"));
            expected.push(item.clone());
            sorter.push(item).unwrap();
        }
        assert!(sorter.ends.len() > 10);
        expected.sort();
        let told = told(sorter);
        assert_eq!(told, expected);
    }

    #[test]
    fn an_item_may_be_longer_than_a_window_and_there_may_be_none() {
        let folder = tempfile::tempdir().unwrap();
        let mut sorter = Sorter::holding(folder.path(), 1).unwrap();
        let long = Item { at: 7, tie: String::new(), bytes: vec![b'y'; 3 * WINDOW + 1] };
        sorter.push(long.clone()).unwrap();
        sorter.push(item(1, "a")).unwrap();
        let told = told(sorter);
        assert_eq!(told, [item(1, "a"), long]);
        Sorter::new(folder.path()).unwrap().in_order(|_| panic!("there is none")).unwrap();
    }
}

//! What many files hold, read once, on all cores, without holding one in memory.
//!
//! SHA-2, SHA-1 and MD5 are chains: one file cannot be spread over cores. So the largest
//! files are begun first, and the small ones fill the other cores meanwhile; the time is
//! never longer than that of the largest file or of all of them by the cores, whichever is
//! more.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use sha2::digest::DynDigest;

use super::algorithm::{Algorithm, Checksum};
use crate::error::{Error, Result};
use crate::evidence::redaction::Markers;
use crate::text::{Digest, Digesting};

/// Takes the bytes of one file and says what it saw.
pub trait Gauge {
    type Reading: Send;

    fn take(&mut self, piece: &[u8]);
    fn read(self) -> Self::Reading;
}

/// What is read of a file of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    pub digest: Digest,
    pub bytes: u64,
    /// How many secrets were replaced in it.
    pub redacted: u64,
}

/// Gives [`Measured`].
#[derive(Debug, Default)]
pub struct Measuring {
    digesting: Digesting,
    bytes: u64,
    markers: Markers,
}

impl Gauge for Measuring {
    type Reading = Measured;

    fn take(&mut self, piece: &[u8]) {
        self.digesting.update(piece);
        self.bytes += piece.len() as u64;
        self.markers.take(piece);
    }

    fn read(self) -> Measured {
        Measured { digest: self.digesting.finish(), bytes: self.bytes, redacted: self.markers.count() }
    }
}

/// The checksums of a file by several algorithms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summed {
    pub bytes: u64,
    pub sums: Vec<(Algorithm, Checksum)>,
}

impl Summed {
    #[must_use]
    pub fn by(&self, algorithm: Algorithm) -> Option<&Checksum> {
        self.sums.iter().find(|(known, _)| *known == algorithm).map(|(_, sum)| sum)
    }
}

/// Gives [`Summed`].
pub struct Summing {
    bytes: u64,
    sums: Vec<(Algorithm, Box<dyn DynDigest + Send>)>,
}

impl Summing {
    pub fn new(algorithms: &[Algorithm]) -> Self {
        let sums = algorithms.iter().map(|algorithm| (*algorithm, algorithm.begin())).collect();
        Self { bytes: 0, sums }
    }
}

impl Gauge for Summing {
    type Reading = Summed;

    fn take(&mut self, piece: &[u8]) {
        self.bytes += piece.len() as u64;
        for (_, sum) in &mut self.sums {
            sum.update(piece);
        }
    }

    fn read(self) -> Summed {
        let sums = self.sums.into_iter().map(|(algorithm, sum)| (algorithm, Checksum(sum.finalize())));
        Summed { bytes: self.bytes, sums: sums.collect() }
    }
}

/// Small enough to stay in a core's own cache between the kernel's copy and the arithmetic.
const PIECE: usize = 256 << 10;

/// Reads the files `paths` below `root`; gives the readings in their order. `then` is done
/// with each open file after it was read.
///
/// # Errors
/// When a file cannot be read, or `then` fails.
pub fn measure<G: Gauge>(
    root: &Path,
    paths: &[&str],
    begin: impl Fn() -> G + Sync,
    then: fn(&File) -> io::Result<()>,
) -> Result<Vec<G::Reading>> {
    let queue = largest_first(root, paths);
    let next = AtomicUsize::new(0);
    let worker = || -> Result<Vec<(usize, G::Reading)>> {
        let (mut mine, mut buffer) = (Vec::new(), vec![0; PIECE]);
        while let Some((index, path)) = queue.get(next.fetch_add(1, Ordering::Relaxed)) {
            let path = root.join(path);
            let reading = File::open(&path).and_then(|mut file| {
                let reading = read(&mut file, begin(), &mut buffer)?;
                then(&file).map(|()| reading)
            });
            mine.push((*index, reading.map_err(|error| Error::io("could not read", &path, error))?));
        }
        Ok(mine)
    };
    let cores = thread::available_parallelism().map_or(1, usize::from).min(paths.len());
    let mut all = Vec::with_capacity(paths.len());
    thread::scope(|scope| {
        let others: Vec<_> = (1..cores).map(|_| scope.spawn(worker)).collect();
        all.extend(worker()?);
        for other in others {
            all.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok::<(), Error>(())
    })?;
    all.sort_unstable_by_key(|(index, _)| *index);
    Ok(all.into_iter().map(|(_, reading)| reading).collect())
}

/// The paths with their places, by size. What has no size has none to read either, and says
/// so when it is opened.
fn largest_first<'a>(root: &Path, paths: &[&'a str]) -> Vec<(usize, &'a str)> {
    let size = |path: &str| root.join(path).symlink_metadata().map_or(0, |file| file.len());
    let mut queue: Vec<(u64, usize, &str)> =
        paths.iter().enumerate().map(|(index, path)| (size(path), index, *path)).collect();
    queue.sort_unstable_by_key(|(size, index, _)| (u64::MAX - size, *index));
    queue.into_iter().map(|(_, index, path)| (index, path)).collect()
}

fn read<G: Gauge>(file: &mut File, mut gauge: G, buffer: &mut [u8]) -> io::Result<G::Reading> {
    loop {
        match file.read(buffer) {
            Ok(0) => return Ok(gauge.read()),
            Ok(more) => gauge.take(&buffer[..more]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

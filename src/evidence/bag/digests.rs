//! The digests of many files, on all cores, without holding one in memory.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::error::{Error, Result};
use crate::evidence::redaction::count_markers;
use crate::text::{Digest, Digesting};

/// What was read of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    pub digest: Digest,
    pub bytes: u64,
    /// How many secrets were replaced in it.
    pub redacted: u64,
}

/// No marker is longer than this up to the byte that tells it.
const OVERLAP: usize = 32;

/// Measures the files `paths` below `root`, in their order; `then` is done with each open
/// file after it was read.
///
/// # Errors
/// When a file cannot be read, or `then` fails.
pub fn measure(root: &Path, paths: &[&str], then: fn(&File) -> io::Result<()>) -> Result<Vec<Measured>> {
    let next = AtomicUsize::new(0);
    let worker = || -> Result<Vec<(usize, Measured)>> {
        let (mut mine, mut buffer) = (Vec::new(), vec![0; 256 << 10]);
        while let Some((index, path)) = take(&next, paths) {
            let path = root.join(path);
            let measured = File::open(&path).and_then(|mut file| {
                let measured = read(&mut file, &mut buffer)?;
                then(&file).map(|()| measured)
            });
            mine.push((index, measured.map_err(|error| Error::io("could not read", &path, error))?));
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
    Ok(all.into_iter().map(|(_, measured)| measured).collect())
}

fn take<'a>(next: &AtomicUsize, paths: &[&'a str]) -> Option<(usize, &'a str)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    paths.get(index).map(|path| (index, *path))
}

/// Reads to the end. The last bytes of a piece are looked at again with the next one, so
/// that a marker between them is counted, and counted once.
fn read(file: &mut File, buffer: &mut [u8]) -> io::Result<Measured> {
    let (mut digesting, mut bytes, mut redacted, mut kept) = (Digesting::default(), 0, 0, 0);
    loop {
        let more = file.read(&mut buffer[kept..])?;
        let filled = kept + more;
        if more == 0 {
            redacted += count_markers(&buffer[..kept]);
            return Ok(Measured { digest: digesting.finish(), bytes, redacted });
        }
        digesting.update(&buffer[kept..filled]);
        bytes += more as u64;
        redacted += count_markers(&buffer[..filled]);
        let keep = filled.min(OVERLAP);
        redacted -= count_markers(&buffer[filled - keep..filled]);
        buffer.copy_within(filled - keep..filled, 0);
        kept = keep;
    }
}

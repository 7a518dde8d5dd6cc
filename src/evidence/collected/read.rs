//! All objects of a trove, on all cores; of a log file only a piece is held at a time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::trove::{Object, Trove};
use crate::cloudtrail::digest::{LogReading, PublicKeys, Reading};
use crate::error::Result;

type Readings = (Vec<Reading>, Vec<LogReading>);

/// Reads every digest and every log file, and calls `seen` for each. Their order is not kept.
pub(super) fn all(trove: &Trove, keys: &PublicKeys, seen: &(dyn Fn() + Sync)) -> Result<Readings> {
    let next = AtomicUsize::new(0);
    let worker = || worker(trove, keys, &next, seen);
    let objects = trove.digests.len() + trove.logs.len();
    let cores = thread::available_parallelism().map_or(1, usize::from).min(objects);
    thread::scope(|scope| {
        let others: Vec<_> = (1..cores).map(|_| scope.spawn(worker)).collect();
        let (mut digests, mut logs) = worker()?;
        for other in others {
            let theirs = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            digests.extend(theirs.0);
            logs.extend(theirs.1);
        }
        Ok((digests, logs))
    })
}

/// Takes one object after the other until none is left.
fn worker(
    trove: &Trove,
    keys: &PublicKeys,
    next: &AtomicUsize,
    seen: &(dyn Fn() + Sync),
) -> Result<Readings> {
    let (mut digests, mut logs, mut piece) = (Vec::new(), Vec::new(), vec![0; 64 << 10]);
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        if let Some(digest) = trove.digests.get(index) {
            digests.push(self::digest(trove, digest, keys)?);
        } else if let Some(log) = trove.logs.get(index - trove.digests.len()) {
            logs.push(LogReading::of(log.place.clone(), trove.open(&log.path)?, &mut piece));
        } else {
            return Ok((digests, logs));
        }
        seen();
    }
}

fn digest(trove: &Trove, digest: &Object, keys: &PublicKeys) -> Result<Reading> {
    let metadata = trove.metadata(&digest.path);
    Ok(Reading::of(digest.place.clone(), trove.open(&digest.path)?, metadata, keys))
}

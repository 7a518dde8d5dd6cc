//! One file read by two hands: one reads and inflates, the other scans.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

use super::spring::Spring;
use crate::cloudtrail::gzip::Damage;
use crate::cloudtrail::scan::{Finding, Scanner};

/// Pieces that go round between the two, and their size: 1 MiB in all.
const PIECES: usize = 4;
const PIECE: usize = 256 << 10;

/// A piece, and how much of it is filled.
type Full = (Vec<u8>, usize);

/// Everything that comes from the spring goes through the scanner.
pub(super) fn pour(
    spring: &mut Spring<'_>,
    scanner: &mut Scanner<'_>,
    sink: &mut impl FnMut(Finding<'_>),
) -> Result<(), Damage> {
    let (give_full, full) = sync_channel::<Full>(PIECES);
    let (give_empty, empty) = channel();
    for _ in 0..PIECES {
        // The receiver is here: it is there.
        let _ = give_empty.send(vec![0; PIECE]);
    }
    thread::scope(|scope| {
        let inflating = scope.spawn(move || fill(spring, &empty, &give_full));
        scan(&full, &give_empty, scanner, sink);
        inflating.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn fill(
    spring: &mut Spring<'_>,
    empty: &Receiver<Vec<u8>>,
    give_full: &SyncSender<Full>,
) -> Result<(), Damage> {
    // Whoever scans takes until nothing comes any more.
    while let Ok(mut piece) = empty.recv() {
        let filled = spring.read(&mut piece)?;
        if filled == 0 || give_full.send((piece, filled)).is_err() {
            break;
        }
    }
    Ok(())
}

fn scan(
    full: &Receiver<Full>,
    give_empty: &Sender<Vec<u8>>,
    scanner: &mut Scanner<'_>,
    sink: &mut impl FnMut(Finding<'_>),
) {
    for (piece, filled) in full {
        let mut rest = piece.get(..filled).unwrap_or_default();
        while !rest.is_empty() {
            let room = scanner.room();
            let (now, later) = rest.split_at(room.len().min(rest.len()));
            if let Some(room) = room.get_mut(..now.len()) {
                room.copy_from_slice(now);
            }
            scanner.take(now.len(), sink);
            rest = later;
        }
        // The other one may have come to the end already.
        let _ = give_empty.send(piece);
    }
}

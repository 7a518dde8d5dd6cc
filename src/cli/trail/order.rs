//! Any number of places put in order, of which only so many are in memory: whenever there are
//! that many, they are sorted and go to a file without a name, and the sorted runs are merged.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;

use super::place::{PACKED, Place};

/// So many places are held: 25 MB of them.
const HELD: usize = 1 << 19;

/// So many of each run are read at once.
const AHEAD: usize = 1 << 10;

/// Places as they come.
#[derive(Debug)]
pub(super) struct Order {
    most: usize,
    held: Vec<Place>,
    runs: Vec<Run>,
    file: Option<File>,
    written: u64,
}

/// A sorted stretch of the file.
#[derive(Debug)]
struct Run {
    from: u64,
    left: usize,
    ahead: Vec<Place>,
}

impl Order {
    pub(super) fn new() -> Self {
        Self::holding(HELD)
    }

    fn holding(most: usize) -> Self {
        Self { most, held: Vec::new(), runs: Vec::new(), file: None, written: 0 }
    }

    pub(super) fn take(&mut self, place: Place) -> io::Result<()> {
        self.held.push(place);
        if self.held.len() < self.most { Ok(()) } else { self.put_down() }
    }

    /// What is held becomes a run.
    fn put_down(&mut self) -> io::Result<()> {
        self.held.sort_unstable();
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile()?),
        };
        let mut packed = Vec::with_capacity(AHEAD * PACKED);
        for some in self.held.chunks(AHEAD) {
            packed.clear();
            for place in some {
                place.pack(&mut packed);
            }
            file.write_all(&packed)?;
        }
        let left = self.held.len();
        self.runs.push(Run { from: self.written, left, ahead: Vec::new() });
        self.written += (left * PACKED) as u64;
        self.held.clear();
        Ok(())
    }

    pub(super) fn sorted(mut self) -> io::Result<Sorted> {
        self.held.sort_unstable();
        // The smallest stands last, as in what is read ahead of a run.
        self.held.reverse();
        self.runs.push(Run { from: 0, left: 0, ahead: self.held });
        let mut sorted = Sorted { runs: self.runs, file: self.file, heads: BinaryHeap::new() };
        for number in 0..sorted.runs.len() {
            sorted.pull(number)?;
        }
        Ok(sorted)
    }
}

/// All places in order.
#[derive(Debug)]
pub(super) struct Sorted {
    runs: Vec<Run>,
    file: Option<File>,
    /// The first of each run, and the number of the run.
    heads: BinaryHeap<Reverse<(Place, usize)>>,
}

impl Sorted {
    pub(super) fn next(&mut self) -> io::Result<Option<Place>> {
        let Some(Reverse((place, number))) = self.heads.pop() else { return Ok(None) };
        self.pull(number)?;
        Ok(Some(place))
    }

    fn pull(&mut self, number: usize) -> io::Result<()> {
        let Some(run) = self.runs.get_mut(number) else { return Ok(()) };
        if run.ahead.is_empty()
            && let Some(file) = &self.file
        {
            run.read(file)?;
        }
        self.heads.extend(run.ahead.pop().map(|place| Reverse((place, number))));
        Ok(())
    }
}

impl Run {
    fn read(&mut self, file: &File) -> io::Result<()> {
        let count = self.left.min(AHEAD);
        let mut packed = vec![0; count * PACKED];
        file.read_exact_at(&mut packed, self.from)?;
        self.from += packed.len() as u64;
        self.left -= count;
        self.ahead = packed.chunks_exact(PACKED).rev().filter_map(Place::unpack).collect();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cloudtrail::scan::{Mark, Origin};

    fn place((at, id, origin, offset): (i64, u8, u8, u64)) -> Place {
        let origin = match origin % 3 {
            0 => Origin::LogFile,
            1 => Origin::LookupEvents,
            _ => Origin::Lines,
        };
        Place { mark: Mark { at, id: [id; 16] }, origin, file: u32::from(id), length: 7, offset }
    }

    fn ordered(places: &[Place], most: usize) -> Vec<Place> {
        let mut order = Order::holding(most);
        for place in places {
            order.take(*place).unwrap();
        }
        let mut sorted = order.sorted().unwrap();
        std::iter::from_fn(|| sorted.next().unwrap()).collect()
    }

    #[test]
    fn runs_longer_than_what_is_read_at_once_are_merged() {
        let places: Vec<_> =
            (0..10_000_u64).map(|n| place((i64::try_from(n * 7919 % 10_007).unwrap(), 1, 0, n))).collect();
        let mut expected = places.clone();
        expected.sort();
        assert_eq!(ordered(&places, 3 * AHEAD + 5), expected);
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_a_sort_however_little_is_held(
            drawn in proptest::collection::vec((any::<i64>(), 0_u8..4, any::<u8>(), any::<u64>()), 0..200),
            most in 1_usize..50,
        ) {
            let places: Vec<_> = drawn.into_iter().map(place).collect();
            let mut expected = places.clone();
            expected.sort();
            prop_assert_eq!(ordered(&places, most), expected);
        }
    }
}

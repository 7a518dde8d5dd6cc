//! One file read from its beginning to its end, or to where it is damaged.

use std::path::Path;

use super::ahead;
use super::spring::Spring;
use crate::cloudtrail::gzip::Damage;
use crate::cloudtrail::scan::{Finding, Flaw, Scanner, Sighting};
use crate::console::Gauge;
use crate::report::counted;

/// What became of a file.
#[derive(Debug, Default)]
pub(in crate::cli) struct Account {
    pub events: u64,
    /// Why something in it was not searched, one sentence; none where all was.
    pub troubles: Vec<String>,
    /// What is odd about it, though all of it was searched.
    pub notes: Vec<String>,
}

/// Searches one file. Sightings go to `see`; what is wrong with the file is in the account.
pub(in crate::cli) fn read(path: &Path, scanner: &mut Scanner<'_>, see: impl FnMut(Sighting<'_>)) -> Account {
    Desk { gauge: &Gauge::silent(), hands: Hands::One }.read(path, scanner, see)
}

/// Who reads a file.
#[derive(Clone, Copy, Debug)]
pub(super) enum Hands {
    /// The one who scans.
    One,
    /// Another one, who inflates ahead: for fewer files than there are cores.
    Two,
}

/// How files are read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Desk<'a> {
    pub gauge: &'a Gauge,
    pub hands: Hands,
}

impl Desk<'_> {
    pub(super) fn read(
        self,
        path: &Path,
        scanner: &mut Scanner<'_>,
        mut see: impl FnMut(Sighting<'_>),
    ) -> Account {
        let mut flaws = Flaws::default();
        let mut account = Account::default();
        let mut sink = |finding: Finding<'_>| match finding {
            Finding::Sighting(sighting) => see(sighting),
            Finding::Flaw(flaw) => flaws.take(flaw),
        };
        let stopped = self.pour(path, scanner, &mut sink, &mut account.notes).err();
        account.events = scanner.end(&mut sink);
        account.troubles.extend(stopped.map(|damage| {
            let read = counted(account.events, "event", "events");
            format!("{damage}; {read} before that were searched")
        }));
        account.troubles.extend(flaws.told());
        account
    }

    fn pour(
        self,
        path: &Path,
        scanner: &mut Scanner<'_>,
        sink: &mut impl FnMut(Finding<'_>),
        notes: &mut Vec<String>,
    ) -> Result<(), Damage> {
        let mut spring = Spring::open(path, self.gauge).map_err(Damage::Unreadable)?;
        let end = match self.hands {
            Hands::One => alone(&mut spring, scanner, sink),
            Hands::Two => ahead::pour(&mut spring, scanner, sink),
        };
        notes.extend(spring.note());
        end
    }
}

fn alone(
    spring: &mut Spring<'_>,
    scanner: &mut Scanner<'_>,
    sink: &mut impl FnMut(Finding<'_>),
) -> Result<(), Damage> {
    loop {
        match spring.read(scanner.room())? {
            0 => return Ok(()),
            count => scanner.take(count, sink),
        }
    }
}

/// The first flaw of a file is told in full; a file that is no JSON at all has millions. One
/// that names the key is told before any other.
#[derive(Debug, Default)]
struct Flaws {
    worst: Option<Flaw>,
    count: u64,
}

impl Flaws {
    fn take(&mut self, flaw: Flaw) {
        self.count += 1;
        if self.worst.is_none_or(|worst| flaw.names_key && !worst.names_key) {
            self.worst = Some(flaw);
        }
    }

    fn told(self) -> Option<String> {
        let worst = self.worst?.to_string();
        Some(match self.count - 1 {
            0 => worst,
            others => format!("{worst}; so it is in {} more", counted(others, "place", "places")),
        })
    }
}

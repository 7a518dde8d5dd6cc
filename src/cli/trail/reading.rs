//! One file read from its beginning to its end, or to where it is damaged.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::Path;

use crate::cloudtrail::gzip::{Damage, Gunzip};
use crate::cloudtrail::scan::{Finding, Flaw, Scanner, Sighting};
use crate::report::counted;

/// A gzip file may be this large when inflated. No log is: CloudTrail's own are a few
/// megabytes, and whoever packs a year into one file stays below it.
const LARGEST: u64 = 8 << 30;

/// Pieces in which the compressed bytes are read.
const PIECE: usize = 128 << 10;

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
pub(in crate::cli) fn read(
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
    let stopped = pour(path, scanner, &mut sink, &mut account.notes).err();
    account.events = scanner.end(&mut sink);
    account.troubles.extend(stopped.map(|damage| {
        let read = counted(account.events, "event", "events");
        format!("{damage}; {read} before that were searched")
    }));
    account.troubles.extend(flaws.told());
    account
}

fn pour(
    path: &Path,
    scanner: &mut Scanner<'_>,
    sink: &mut impl FnMut(Finding<'_>),
    notes: &mut Vec<String>,
) -> Result<(), Damage> {
    let file = File::open(path).map_err(Damage::Unreadable)?;
    let mut reader = BufReader::with_capacity(PIECE, file);
    let is_gzip = reader.fill_buf().map_err(Damage::Unreadable)?.starts_with(&[0x1f, 0x8b]);
    let called_gzip = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz"));
    if is_gzip || called_gzip {
        return inflate(Gunzip::new(reader, LARGEST), scanner, sink, notes);
    }
    loop {
        match reader.read(scanner.room()) {
            Ok(0) => return Ok(()),
            Ok(count) => scanner.take(count, sink),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Damage::Unreadable(error)),
        }
    }
}

/// All members of the file, for what `cat` puts together belongs to it too.
fn inflate(
    mut gunzip: Gunzip<BufReader<File>>,
    scanner: &mut Scanner<'_>,
    sink: &mut impl FnMut(Finding<'_>),
    notes: &mut Vec<String>,
) -> Result<(), Damage> {
    let mut is_first = true;
    loop {
        match gunzip.read(scanner.room()) {
            Ok(0) => return Ok(()),
            Ok(count) => scanner.take(count, sink),
            Err(Damage::MoreAfter) if gunzip.go_on() => {
                if std::mem::take(&mut is_first) {
                    notes.push(
                        "more follows the gzip stream that CloudTrail wrote; it was searched as well".into(),
                    );
                }
            }
            Err(Damage::NotGzip) if !is_first => return Err(Damage::MoreAfter),
            Err(damage) => return Err(damage),
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

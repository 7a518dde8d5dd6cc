//! A disk that remembers what was synced, and what only seems to be there.

use std::cell::RefCell;
use std::io::{self, Read};
use std::rc::Rc;

use playbook::journal::{Medium, Reopened};

use super::fate::{Blow, Doing, Fate, struck};
use super::world::{SIX_HOURS, World};

/// What lies on it outlives every process.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    bytes: RefCell<Vec<u8>>,
    /// How many of the bytes survive a loss of power.
    synced: RefCell<usize>,
}

impl Disk {
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes.borrow().clone()
    }

    pub fn is_synced(&self) -> bool {
        *self.synced.borrow() == self.bytes.borrow().len()
    }

    /// The bytes behind the last newline.
    pub fn torn(&self) -> Option<Vec<u8>> {
        let bytes = self.bytes.borrow();
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        (whole < bytes.len()).then(|| bytes[whole..].to_vec())
    }

    fn lose_power(&self, kept: usize) {
        let synced = *self.synced.borrow();
        let mut bytes = self.bytes.borrow_mut();
        // Of a line that was not synced at most all but its end is kept: with its newline it
        // would be a line that was written and lost nothing.
        let kept = kept.min((bytes.len() - synced).saturating_sub(1));
        bytes.truncate(synced + kept);
        *self.synced.borrow_mut() = synced + kept;
    }
}

/// The disk in the hands of one process.
pub struct Held {
    pub disk: Rc<Disk>,
    pub world: Rc<World>,
    pub fate: Rc<Fate>,
    /// Nothing was done to it yet by this process.
    pub fresh: bool,
}

impl Medium for Held {
    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        self.fresh = false;
        let take = |bytes: &[u8]| self.disk.bytes.borrow_mut().extend_from_slice(bytes);
        match self.fate.meet(Doing::Write(line.len())) {
            None if self.fate.fell() => Err(struck()),
            Some(Blow::KilledBefore) => Err(struck()),
            Some(Blow::Torn(kept)) => {
                take(&line[..kept]);
                Err(struck())
            }
            Some(Blow::KilledAfter) => {
                take(line);
                Err(struck())
            }
            Some(Blow::Full(kept)) => {
                take(&line[..kept]);
                Err(io::ErrorKind::StorageFull.into())
            }
            _ => {
                take(line);
                Ok(())
            }
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        let synced = || *self.disk.synced.borrow_mut() = self.disk.bytes.borrow().len();
        let failed = || io::Error::from_raw_os_error(5);
        let doing = if std::mem::take(&mut self.fresh) { Doing::Settle } else { Doing::Sync };
        match self.fate.meet(doing) {
            None if self.fate.fell() => Err(struck()),
            Some(Blow::KilledAfter) => {
                synced();
                Err(struck())
            }
            Some(Blow::PowerCut) => {
                self.disk.lose_power(0);
                Err(struck())
            }
            Some(Blow::PowerCutTorn(kept)) => {
                self.disk.lose_power(kept);
                Err(struck())
            }
            Some(Blow::FailedKept) => {
                synced();
                Err(failed())
            }
            Some(Blow::FailedLost) => {
                self.disk.lose_power(0);
                Err(failed())
            }
            blow => {
                match blow {
                    Some(Blow::Slept) => self.world.turn(SIX_HOURS),
                    Some(Blow::SetBack) => self.world.turn(-SIX_HOURS),
                    _ => {}
                }
                synced();
                Ok(())
            }
        }
    }
}

impl Reopened for Held {
    fn contents(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(io::Cursor::new(self.disk.bytes())))
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.fresh = false;
        let length = usize::try_from(length).expect("a length in memory");
        let cut = || {
            self.disk.bytes.borrow_mut().truncate(length);
            *self.disk.synced.borrow_mut() = length;
        };
        match self.fate.meet(Doing::Cut) {
            None if self.fate.fell() => Err(struck()),
            Some(Blow::KilledBefore) => Err(struck()),
            Some(Blow::KilledAfter) => {
                cut();
                Err(struck())
            }
            Some(Blow::FailedKept) => Err(io::Error::from_raw_os_error(5)),
            _ => {
                cut();
                Ok(())
            }
        }
    }
}

//! Several files searched at once, by as many hands as there are cores.

use std::cmp::Reverse;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::files::Log;
use super::haul::Haul;
use super::reading::{Account, Desk, Hands};
use crate::cloudtrail::form::Forms;
use crate::cloudtrail::scan::Scanner;
use crate::console::Gauge;
use crate::error::{Error, Result};

/// Each hand may need some 20 MB when events are as long as they may be.
const MOST_HANDS: usize = 4;

/// What all hands share.
struct Table<'a> {
    logs: &'a [Log],
    forms: &'a Forms,
    desk: Desk<'a>,
    /// Numbers of files, the largest first, so that none is begun last and waited for.
    order: Vec<usize>,
    next: AtomicUsize,
    haul: Mutex<Haul>,
    accounts: Mutex<Vec<Account>>,
    failure: Mutex<Option<Error>>,
}

/// Searches the files. The accounts are in the order of the files.
///
/// # Errors
/// When what is found cannot be kept.
pub(super) fn search(logs: &[Log], forms: &Forms) -> Result<(Haul, Vec<Account>)> {
    let mut order: Vec<usize> = (0..logs.len()).collect();
    order.sort_by_key(|number| Reverse(logs.get(*number).map_or(0, |log| log.size)));
    let accounts = logs.iter().map(|_| Account::default()).collect();
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let gauge = Gauge::of_bytes(logs.iter().map(|log| log.size).sum());
    let desk = Desk { gauge: &gauge, hands: if logs.len() < cores { Hands::Two } else { Hands::One } };
    let table = Table {
        logs,
        forms,
        desk,
        order,
        next: AtomicUsize::new(0),
        haul: Mutex::new(Haul::new()),
        accounts: Mutex::new(accounts),
        failure: Mutex::new(None),
    };
    let hands = cores.min(MOST_HANDS).min(logs.len());
    thread::scope(|scope| {
        // This thread is a hand too.
        for _ in 1..hands {
            scope.spawn(|| table.work());
        }
        table.work();
    });
    match taken(table.failure) {
        Some(error) => Err(error),
        None => Ok((taken(table.haul), taken(table.accounts))),
    }
}

impl Table<'_> {
    fn work(&self) {
        let mut scanner = Scanner::new(self.forms);
        while let Some(number) = self.order.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let Some(log) = self.logs.get(*number) else { return };
            let account = self.one(*number, log, &mut scanner);
            if let Some(place) = held(&self.accounts).get_mut(*number) {
                *place = account;
            }
            if held(&self.failure).is_some() {
                return;
            }
        }
    }

    fn one(&self, number: usize, log: &Log, scanner: &mut Scanner<'_>) -> Account {
        let file = u32::try_from(number).unwrap_or(u32::MAX);
        self.desk.read(&log.path, scanner, |sighting| {
            let kept = held(&self.haul).take(file, &sighting);
            if let Err(error) = kept {
                held(&self.failure).get_or_insert(error);
            }
        })
    }
}

/// A hand that panicked left nothing half done: each change is one call.
fn held<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn taken<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}

//! One writer at a time: an exclusive advisory lock on the journal's own file.
//!
//! The lock is `flock(2)`, which belongs to the open file: a second descriptor of the same
//! process is kept out as well, closing another descriptor does not lose it, and the kernel
//! drops it when the process dies. Over NFS the kernel turns it into a lock on the server.

use std::fs::{self, File, TryLockError};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use crate::error::{Error, Kind, Result};

/// How often the lock is tried, and the pause between: half a second in all. A command that
/// records one word, or looks whether somebody writes, has it for a moment only.
const TRIES: usize = 25;
const PAUSE: Duration = Duration::from_millis(20);

/// Takes the lock, or says who has it.
pub(super) fn take(file: &File, path: &Path) -> Result<()> {
    let mut tried = file.try_lock();
    for _ in 1..TRIES {
        if !matches!(tried, Err(TryLockError::WouldBlock)) {
            break;
        }
        pause();
        tried = file.try_lock();
    }
    match tried {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(held(file, path)),
        Err(TryLockError::Error(error)) => Err(unsupported(path, error)),
    }
}

#[expect(clippy::disallowed_methods, reason = "whoever opens a record has nothing else to do meanwhile")]
fn pause() {
    std::thread::sleep(PAUSE);
}

/// Whether somebody writes a journal at this moment. A file that is not there nobody does.
#[must_use]
pub fn is_held(path: &Path) -> bool {
    let file = File::open(path);
    file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Whether it is certain that nobody writes a journal at this moment; not so where nothing can
/// be locked.
#[must_use]
pub fn is_free(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| file.try_lock_shared().is_ok())
}

fn held(file: &File, path: &Path) -> Error {
    let by = holder(file).map_or_else(
        || "another process (perhaps on another machine)".to_owned(),
        |pid| format!("another process (number {pid} on this machine)"),
    );
    Error::failure(format!("{by} is writing this record: {}", path.display()))
        .hint("`playbook status` and `playbook report` can read it meanwhile")
        .hint("to go on here, pause or end the run there first")
}

/// Where the file system cannot lock (`ENOLCK`, `EOPNOTSUPP`, `ENOSYS`), two writers could
/// spoil the record, so that there is none.
fn unsupported(path: &Path, error: std::io::Error) -> Error {
    Error::new(Kind::Failure, format!("the file system cannot lock {}", path.display()))
        .caused_by(error)
        .hint("put the record on a disk where locking works, with --evidence DIR or PLAYBOOK_EVIDENCE")
}

/// The process that holds a lock on this file, as `/proc/locks` (proc_locks(5)) tells it:
/// `1: FLOCK  ADVISORY  WRITE 1234 fd:00:5678 0 EOF`. `None` where nothing tells.
fn holder(file: &File) -> Option<u32> {
    let inode = file.metadata().ok()?.ino().to_string();
    fs::read_to_string("/proc/locks").ok()?.lines().find_map(|line| {
        let mut words = line.split_whitespace().skip_while(|word| *word != "FLOCK");
        let pid = words.nth(3)?.parse().ok().filter(|&pid: &u32| pid != 0)?;
        (words.next()?.rsplit(':').next()? == inode).then_some(pid)
    })
}

//! What a journal's lines are put on.

use std::io::{self, Read};

/// Takes lines at the end and makes them durable. The journal stops using a medium at its
/// first error.
pub trait Medium {
    /// Puts one whole line, with its newline, after all others.
    ///
    /// # Errors
    /// When not all of it was taken; how much was is then unknown.
    fn write(&mut self, line: &[u8]) -> io::Result<()>;

    /// Returns when everything written so far survives a loss of power.
    ///
    /// # Errors
    /// When that cannot be promised. Asking again proves nothing: the kernel may have
    /// dropped the pages and forgotten that it failed.
    fn sync(&mut self) -> io::Result<()>;
}

/// A medium that holds lines already, of a process that is no more.
pub trait Reopened: Medium {
    /// Everything that is there, from its beginning.
    ///
    /// # Errors
    /// When it cannot be read.
    fn contents(&self) -> io::Result<Box<dyn Read + '_>>;

    /// Cuts everything off behind the first `length` bytes, durably.
    ///
    /// # Errors
    /// When the medium fails; what it holds is then unknown.
    fn cut(&mut self, length: u64) -> io::Result<()>;
}

/// Forgets every line: what a dry run writes to.
pub(super) struct Nowhere;

impl Medium for Nowhere {
    fn write(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

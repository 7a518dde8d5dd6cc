//! What a journal's lines are put on.

use std::io;

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

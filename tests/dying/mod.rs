//! The real program dies: killed at random and at every system call, on disks that are full
//! or fail, by signals and closed terminals. It is resumed until the run is over.

mod disks;
mod killed;
mod messages;
mod mortal;
mod signals;

use self::mortal::Mortal;

//! The loop between a run and the world, and what it needs from outside.

mod at_work;
mod clock;
mod desk;
mod drive;
mod interrupt;
mod ledger;
mod outbox;
mod pace;
mod ports;
mod survey;

pub use clock::SystemClock;
pub use desk::Desk;
pub use drive::{Ending, drive};
pub use interrupt::{Bell, Interrupts, interrupts};
pub use ledger::Ledger;
pub use ports::{Clock, Console, Executor, Reply, Said, Soon};
pub use survey::look_around;

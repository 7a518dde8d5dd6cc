//! The loop between a run and the world.

mod desk;
mod ports;

pub use desk::Desk;
pub use ports::{Clock, Console, Executor, Reply, Said, Soon};

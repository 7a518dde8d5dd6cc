//! Who answers a run's effects. A mode of the program is one of these and nothing else.

mod dry_run;
mod guard;
mod live;
mod offline;
mod question;
mod wait;

pub use dry_run::DryRun;
pub use live::Live;

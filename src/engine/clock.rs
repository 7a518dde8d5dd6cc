//! The clock of this machine.

use chrono::{DateTime, Utc};

use super::ports::Clock;

/// The only reader of the system's clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this file owns the clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

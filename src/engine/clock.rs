//! The clocks of this machine.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::ports::Clock;

/// The only reader of the system's clocks.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this file owns the clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    /// `CLOCK_MONOTONIC` on Linux and `CLOCK_UPTIME_RAW` on macOS, as the documentation of
    /// [`Instant`] says; neither counts the time that the machine is suspended
    /// (clock_gettime(2)).
    #[allow(clippy::disallowed_methods, reason = "this file owns the clock")]
    fn awake(&self) -> Duration {
        static BEGAN: OnceLock<Instant> = OnceLock::new();
        BEGAN.get_or_init(Instant::now).elapsed()
    }
}

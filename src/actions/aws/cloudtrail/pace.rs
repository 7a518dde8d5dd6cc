//! Two requests a second, as LookupEvents takes them per account and Region.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

const APART: Duration = Duration::from_millis(500);

/// When the next request may go out; shared by all steps of a run.
#[derive(Debug, Default)]
pub(in crate::actions::aws) struct Pace(Mutex<Option<Instant>>);

impl Pace {
    /// Waits until half a second after the request before. The first goes at once.
    pub(super) async fn turn(&self) {
        let mut next = self.0.lock().await;
        if let Some(next) = *next {
            sleep_until(next).await;
        }
        *next = Some(Instant::now() + APART);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_request_goes_at_once_and_each_other_half_a_second_later() {
        let (pace, began) = (Pace::default(), Instant::now());
        pace.turn().await;
        let due = *pace.0.lock().await;
        let wait = due.expect("a time for the next") - began;
        assert!(wait >= APART && wait < 2 * APART, "{wait:?}");
        pace.turn().await;
        assert!(began.elapsed() >= APART);
    }
}

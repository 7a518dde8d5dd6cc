//! Two requests a second, as LookupEvents takes them per account and Region (CloudTrail API
//! reference, `LookupEvents`).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

const APART: Duration = Duration::from_millis(500);

/// When the next request may go out in each Region; shared by all steps of a run.
#[derive(Debug, Default)]
pub(in crate::actions::aws) struct Pace(Mutex<BTreeMap<String, Instant>>);

impl Pace {
    /// Waits until half a second after the request before in the Region. The first goes at
    /// once, and so does one in another Region.
    pub(super) async fn turn(&self, region: &str) {
        let now = Instant::now();
        let at = self.book(region, now);
        if at > now {
            sleep_until(at).await;
        }
    }

    /// The next free time in the Region, which is then taken.
    fn book(&self, region: &str, now: Instant) -> Instant {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = free.get(region).map_or(now, |free| now.max(*free));
        free.insert(region.to_owned(), at + APART);
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_request_goes_at_once_and_each_other_half_a_second_later() {
        let (pace, now) = (Pace::default(), Instant::now());
        let times: Vec<_> = (0..3).map(|_| pace.book("eu-west-1", now) - now).collect();
        assert_eq!(times, [Duration::ZERO, APART, 2 * APART]);
        let late = now + Duration::from_mins(1);
        assert_eq!(pace.book("eu-west-1", late), late);
    }

    #[test]
    fn each_region_has_a_pace_of_its_own() {
        let (pace, now) = (Pace::default(), Instant::now());
        assert_eq!(pace.book("eu-west-1", now), now);
        assert_eq!(pace.book("us-east-1", now), now);
        assert_eq!(pace.book("eu-west-1", now), now + APART);
    }
}

//! How many objects there will be, as far as the days tell that were listed already.

use super::window::Kind;

/// The days to be listed, and what those held that were.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Forecast {
    kinds: [Days; Kind::ALL.len()],
}

#[derive(Clone, Copy, Debug, Default)]
struct Days {
    ahead: u64,
    listed: u64,
    objects: u64,
}

impl Forecast {
    /// So many more days are to be listed.
    pub(super) fn plan(&mut self, kind: Kind, days: u64) {
        self.of(kind).ahead += days;
    }

    pub(super) fn found(&mut self, kind: Kind, objects: u64) {
        self.of(kind).objects += objects;
    }

    pub(super) fn listed_a_day(&mut self, kind: Kind) {
        self.pass_over(kind, 1);
        self.of(kind).listed += 1;
    }

    /// Days that will not be listed after all.
    pub(super) fn pass_over(&mut self, kind: Kind, days: u64) {
        let of = self.of(kind);
        of.ahead = of.ahead.saturating_sub(days);
    }

    /// All objects, those of days to come by the mean of the days before. Unknown while there
    /// are days ahead of a kind of which none was listed; exact when none are ahead.
    pub(super) fn total(&self) -> Option<u64> {
        self.kinds.iter().map(Days::total).sum()
    }

    fn of(&mut self, kind: Kind) -> &mut Days {
        let [digests, logs, insights] = &mut self.kinds;
        match kind {
            Kind::Digest => digests,
            Kind::Log => logs,
            Kind::Insight => insights,
        }
    }
}

impl Days {
    fn total(&self) -> Option<u64> {
        if self.ahead == 0 {
            return Some(self.objects);
        }
        let mean = self.objects.checked_div(self.listed)?;
        Some(self.objects.saturating_add(mean.saturating_mul(self.ahead)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_unknown_at_first_then_estimated_and_exact_in_the_end() {
        let mut forecast = Forecast::default();
        assert_eq!(forecast.total(), Some(0));
        forecast.plan(Kind::Digest, 1);
        forecast.plan(Kind::Log, 3);
        forecast.found(Kind::Digest, 24);
        forecast.listed_a_day(Kind::Digest);
        assert_eq!(forecast.total(), None);
        forecast.found(Kind::Log, 300);
        forecast.listed_a_day(Kind::Log);
        assert_eq!(forecast.total(), Some(24 + 900));
        forecast.found(Kind::Log, 100);
        forecast.listed_a_day(Kind::Log);
        assert_eq!(forecast.total(), Some(24 + 600));
        forecast.pass_over(Kind::Log, 1);
        assert_eq!(forecast.total(), Some(24 + 400));
    }
}

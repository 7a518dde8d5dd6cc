//! How far work is that is no run: a bar on stderr while it lasts, at a terminal alone.

use console::is_dumb;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

/// Moved on by as many threads as there are. Gone when it is dropped.
#[derive(Debug)]
pub struct Gauge(ProgressBar);

impl Gauge {
    /// Nothing is shown.
    #[must_use]
    pub fn silent() -> Self {
        Self(ProgressBar::hidden())
    }

    /// Bytes read, with their rate and what is left at that rate.
    #[must_use]
    pub fn of_bytes(total: u64) -> Self {
        Self::over(total, "  [{bar:32}] {bytes} of {total_bytes} · {bytes_per_sec} · {eta} left")
    }

    /// Files looked at, likewise.
    #[must_use]
    pub fn of_files(total: u64) -> Self {
        Self::over(total, "  [{bar:32}] {human_pos} of {human_len} files · {rate} · {eta} left")
    }

    fn over(total: u64, template: &str) -> Self {
        if is_dumb() {
            return Self::silent();
        }
        let style = ProgressStyle::with_template(template)
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("=> ")
            .with_key("rate", |state: &ProgressState, to: &mut dyn std::fmt::Write| {
                let _ = write!(to, "{:.0} a second", state.per_sec());
            });
        let target = ProgressDrawTarget::stderr();
        Self(ProgressBar::with_draw_target(Some(total), target).with_style(style))
    }

    pub fn advance(&self, by: u64) {
        self.0.inc(by);
    }
}

impl Drop for Gauge {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

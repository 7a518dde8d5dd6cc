//! The record of a run for whoever opens it later.
//!
//! One model is folded from the entries of the journal, and every format is a rendering
//! of that model. Nothing here reads a clock, the environment or a file, so that the
//! same journal and the same pinned document give the same bytes on any machine.

mod account;
mod agreement;
mod clock;
mod collection;
mod environment;
pub mod escape;
mod facts;
mod fold;
mod gist;
mod html;
mod json;
mod key_use;
mod markdown;
mod milestone;
mod model;
mod moment;
mod reply;
mod residual;
pub mod review;
mod section;
mod sheet;
mod text;
pub mod timeline;
mod words;

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;

pub use account::tallied;
pub use clock::elapsed;
pub use collection::Collection;
pub use key_use::KeyUse;
pub use milestone::Milestone;
pub use model::{
    Agreement, Artifact, Attached, Attempt, CallMade, Ending, Exchange, Note, ObjectiveAccount,
    ObjectiveVerdict, PhaseAccount, Report, Residual, RollbackAccount, Standing, StepAccount, Watch,
};
pub use reply::Reply;
pub use words::{counted, instant, sentence};

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Text,
    Markdown,
    Html,
    Json,
}

impl Report {
    /// The report in the given format, with a newline at its end.
    #[must_use]
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Text => text::render(self),
            Format::Markdown => markdown::render(self),
            Format::Html => html::render(self),
            Format::Json => json::render(self),
        }
    }
}

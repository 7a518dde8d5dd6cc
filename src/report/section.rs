//! The parts of a report, in the one order that every format for people keeps.

use super::model::Report;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Happened,
    Clock,
    Command,
    Changes,
    Left,
    Coverage,
    KeyUse,
    Verifying,
    Steps,
    Exchanges,
    Facts,
    Readings,
    Files,
    Environment,
}

/// What somebody needs first comes first.
const ORDER: [Section; 14] = [
    Section::Happened,
    Section::Clock,
    Section::Command,
    Section::Changes,
    Section::Left,
    Section::Coverage,
    Section::KeyUse,
    Section::Verifying,
    Section::Steps,
    Section::Exchanges,
    Section::Facts,
    Section::Readings,
    Section::Files,
    Section::Environment,
];

impl Section {
    /// The parts that this report has: who used a key, and what was collected, stand only
    /// where somebody looked.
    pub fn of(report: &Report) -> impl Iterator<Item = Self> + use<> {
        let looked = !report.key_use.is_empty();
        let collected = !report.collections.is_empty();
        ORDER.into_iter().filter(move |section| match section {
            Self::KeyUse => looked,
            Self::Coverage => collected,
            _ => true,
        })
    }

    pub const fn title(self) -> &'static str {
        match self {
            Self::Happened => "What happened",
            Self::Clock => "The clock",
            Self::Command => "In command",
            Self::Changes => "What was done to AWS",
            Self::Left => "What is left",
            Self::Coverage => "What was collected, and what was not",
            Self::KeyUse => "Who used the key",
            Self::Verifying => "How to verify this record",
            Self::Steps => "Steps",
            Self::Exchanges => "Questions and answers",
            Self::Facts => "Notes, attachments, escalations, deviations",
            Self::Readings => "What was read from AWS",
            Self::Files => "Files in the record",
            Self::Environment => "Environment",
        }
    }
}

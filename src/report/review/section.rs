//! The parts of the record, in the one order that every format for people keeps.

use crate::access::record::ReviewRecord;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Summary,
    Attention,
    Decisions,
    Edits,
    SelfService,
    Denied,
    Excluded,
    Missing,
    Origin,
}

const ORDER: [Section; 9] = [
    Section::Summary,
    Section::Attention,
    Section::Decisions,
    Section::Edits,
    Section::SelfService,
    Section::Denied,
    Section::Excluded,
    Section::Missing,
    Section::Origin,
];

impl Section {
    /// The parts that this record has.
    pub fn of(record: &ReviewRecord) -> Vec<Self> {
        let has = |section: &Self| match section {
            Self::Edits => !record.edits.is_empty(),
            Self::SelfService => record
                .findings
                .iter()
                .any(|finding| finding.is_denied() && !finding.could_give_it_to_itself.is_empty()),
            Self::Missing => !record.missing.is_empty(),
            _ => true,
        };
        ORDER.into_iter().filter(has).collect()
    }

    pub const fn id(self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Attention => "attention",
            Self::Decisions => "decisions",
            Self::Edits => "edits",
            Self::SelfService => "self-service",
            Self::Denied => "denied",
            Self::Excluded => "excluded",
            Self::Missing => "missing",
            Self::Origin => "origin",
        }
    }

    pub const fn title(self) -> &'static str {
        match self {
            Self::Summary => "Summary",
            Self::Attention => "What needs a second look",
            Self::Decisions => "Who may, and what was decided",
            Self::Edits => "What was changed, and what takes it back",
            Self::SelfService => "Denied, and could give it to themselves",
            Self::Denied => "Denied",
            Self::Excluded => "Excluded, and why",
            Self::Missing => "What was not collected",
            Self::Origin => "Where this record comes from",
        }
    }
}

//! The name of a run: `INC-2026-014-KEY-COMPROMISE`, `RUN-20261122-003-LOG-REVIEW`.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::document::Species;

/// The name of a run. Ordered by when it was opened within its kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId {
    /// `INC` or `RUN`.
    kind: &'static str,
    /// The year of an incident, the day of routine work; UTC.
    date: String,
    /// Counts within the year or day, from one.
    number: u32,
    /// The document's name in capitals.
    name: String,
}

impl RunId {
    #[must_use]
    pub fn new(species: Species, at: DateTime<Utc>, number: u32, document: &str) -> Self {
        let (kind, date) = match species {
            Species::Playbook => ("INC", at.format("%Y")),
            Species::Runbook => ("RUN", at.format("%Y%m%d")),
        };
        Self { kind, date: date.to_string(), number, name: capitals(document) }
    }

    /// Reads a folder's name; `None` where it names no run.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, '-');
        let (kind, width) = match parts.next()? {
            "INC" => ("INC", 4),
            "RUN" => ("RUN", 8),
            _ => return None,
        };
        let (date, number, name) = (parts.next()?, parts.next()?, parts.next()?);
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let number = (number.len() >= 3 && digits(number)).then(|| number.parse().ok()).flatten()?;
        let id = Self { kind, date: date.to_owned(), number, name: name.to_owned() };
        (date.len() == width && digits(date) && !name.is_empty() && id.to_string() == text).then_some(id)
    }

    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Whether both are counted in the same row of numbers.
    #[must_use]
    pub fn counts_with(&self, other: &Self) -> bool {
        self.kind == other.kind && self.date == other.date
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{:03}-{}", self.kind, self.date, self.number, self.name)
    }
}

/// A document's name as part of a folder's name: whatever it says, it stays one component.
fn capitals(document: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '-' };
    let name: String = document.chars().take(100).map(safe).collect();
    if name.is_empty() { "UNNAMED".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn november() -> DateTime<Utc> {
        DateTime::parse_from_rfc3339("2026-11-22T03:10:00Z").unwrap().to_utc()
    }

    #[test]
    fn incidents_count_within_the_year_and_routine_work_within_the_day() {
        let incident = RunId::new(Species::Playbook, november(), 14, "key-compromise");
        assert_eq!(incident.to_string(), "INC-2026-014-KEY-COMPROMISE");
        let routine = RunId::new(Species::Runbook, november(), 1_003, "log-review");
        assert_eq!(routine.to_string(), "RUN-20261122-1003-LOG-REVIEW");
        for id in [incident, routine] {
            assert_eq!(RunId::parse(&id.to_string()), Some(id));
        }
    }

    #[test]
    fn other_names_are_no_runs() {
        for name in [
            "README.md",
            "INC-2026-1-X",
            "INC-26-001-X",
            "INC-2026-001-",
            "INC-2026-001",
            "RUN-2026-001-X",
            "INC-2026-0001-X",
            "inc-2026-001-x",
        ] {
            assert_eq!(RunId::parse(name), None, "{name}");
        }
    }

    #[test]
    fn a_documents_name_cannot_leave_the_evidence_folder() {
        let id = RunId::new(Species::Playbook, november(), 1, "../../etc/passwd\0");
        assert_eq!(id.to_string(), "INC-2026-001-------ETC-PASSWD-");
    }
}

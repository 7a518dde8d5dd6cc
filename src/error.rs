//! What stops the program, and the exit code that says so.

use std::fmt;

/// Why the program could not do what it was asked, by the exit code it ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The program could not go on: I/O, a locked or damaged journal.
    Failure,
    /// The command line was used wrongly.
    Usage,
    /// The document has errors.
    Document,
    /// The run ended with a failed step, or was aborted.
    StepFailed,
    /// The run is paused and can be resumed.
    Paused,
    /// A safety rule refused, or an approval was denied.
    Refused,
    /// Verification found a fault.
    Unverified,
}

impl Kind {
    /// The process exit code of this kind; the table is part of the command line's contract.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Failure => 1,
            Self::Usage => 2,
            Self::Document => 3,
            Self::StepFailed => 4,
            Self::Paused => 5,
            Self::Refused => 6,
            Self::Unverified => 7,
        }
    }
}

/// What helps where no new record can be made; one that is there already is not left behind.
pub const NEW_RECORDS: &str =
    "choose a folder that you may write to, with --evidence DIR or PLAYBOOK_EVIDENCE";

/// The program cannot go on. Says what happened; the hints say what to do next.
#[derive(Debug)]
pub struct Error {
    pub kind: Kind,
    pub message: String,
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
    pub hints: Vec<String>,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None, hints: Vec::new() }
    }

    pub fn failure(message: impl Into<String>) -> Self {
        Self::new(Kind::Failure, message)
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(Kind::Refused, message)
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// An I/O failure, with what was being done and the hint that its kind calls for.
    pub fn io(doing: impl fmt::Display, path: &std::path::Path, error: std::io::Error) -> Self {
        use std::io::ErrorKind as Io;
        let hint = match error.kind() {
            Io::NotFound => Some("check the path; relative paths start at the current folder"),
            Io::PermissionDenied => Some(
                "this account may not: work as the one that may, or have the rights of that path changed",
            ),
            Io::ReadOnlyFilesystem => Some(NEW_RECORDS),
            Io::StorageFull | Io::QuotaExceeded => Some(
                "make room on that disk; what was recorded so far is safe, and `playbook resume` goes on from there",
            ),
            _ => None,
        };
        let mut failure = Self::failure(format!("{doing} {}", path.display())).caused_by(error);
        failure.hints.extend(hint.map(str::to_owned));
        failure
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

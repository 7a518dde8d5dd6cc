//! Dotted names while they are put together.

/// What an expression looks up, if it does nothing else.
pub(super) enum Path {
    /// A dotted name.
    Named(String),
    /// Something that the template itself made, and that stands for no name.
    Local,
    None,
}

impl Path {
    pub(super) fn part(self, part: &str) -> Self {
        match self {
            Self::Named(path) => Self::Named(format!("{path}.{part}")),
            other => other,
        }
    }

    pub(super) fn named(self) -> Option<String> {
        match self {
            Self::Named(path) => Some(path),
            Self::Local | Self::None => None,
        }
    }
}

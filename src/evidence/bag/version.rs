//! The versions of BagIt, from the first draft to the RFC.

use std::fmt;

/// A version that bags are known to have. What 1.0 forbids was often allowed before, so that
/// most checks ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    V0_93,
    V0_94,
    V0_95,
    V0_96,
    V0_97,
    V1_0,
}

impl Version {
    const ALL: [(Self, &'static str); 6] = [
        (Self::V0_93, "0.93"),
        (Self::V0_94, "0.94"),
        (Self::V0_95, "0.95"),
        (Self::V0_96, "0.96"),
        (Self::V0_97, "0.97"),
        (Self::V1_0, "1.0"),
    ];

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == text).map(|(version, _)| version)
    }

    /// How the file with the bag's metadata is called: `package-info.txt` until draft 02.
    #[must_use]
    pub fn info_file(self) -> &'static str {
        if self <= Self::V0_95 { "package-info.txt" } else { super::BAG_INFO }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Self::ALL.into_iter().find(|(version, _)| version == self);
        f.write_str(known.map_or("", |(_, text)| text))
    }
}

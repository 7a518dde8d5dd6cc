//! The tag files of a bag, read as bytes: no disk is touched, so that any bytes can be tried.

use std::collections::BTreeMap;

use super::algorithm::Algorithm;
use super::declaration::{self, Declaration};
use super::encoding::Encoding;
use super::fetch::{self, Fetched};
use super::findings::Findings;
use super::info::Info;
use super::listing::{About, Listing, kind};
use super::version::Version;
use super::{BAGIT, FETCH};

/// What the tag files of a bag say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tags {
    pub declaration: Declaration,
    pub listings: Vec<Listing>,
    pub info: Option<Info>,
    pub fetch: Vec<Fetched>,
}

/// Whether a file in the bag's own folder is a tag file that is read here.
#[must_use]
pub fn is_read(name: &str) -> bool {
    let others = [BAGIT, FETCH, Version::V1_0.info_file(), Version::V0_93.info_file()];
    others.contains(&name) || kind(name).is_some()
}

impl Tags {
    /// Reads tag files, given by their names. `None` when the declaration is not there or
    /// does not hold, because everything else depends on the version and the encoding.
    pub fn read(files: &BTreeMap<String, Vec<u8>>, findings: &mut Findings) -> Option<Self> {
        let Some(bytes) = files.get(BAGIT) else {
            findings.fault("missing", BAGIT, "there is no bag declaration, and so no bag");
            return None;
        };
        let declaration = declaration::read(bytes, findings)?;
        let version = declaration.version;
        let text = |name: &str, findings: &mut Findings| {
            files.get(name).and_then(|bytes| text(name, bytes, declaration, findings))
        };
        let info_file = version.info_file();
        let info = text(info_file, findings).map(|text| Info::read(info_file, &text, version, findings));
        let fetch = text(FETCH, findings).map(|text| fetch::read(&text, version, findings));
        let mut listings = Vec::new();
        for name in files.keys() {
            let Some((about, algorithm)) = kind(name) else { continue };
            match Algorithm::named(algorithm) {
                Some(algorithm) => {
                    let listing = text(name, findings)
                        .map(|text| Listing::read(name, (about, algorithm), &text, version, findings));
                    listings.extend(listing);
                }
                None => findings.fault(
                    "algorithm",
                    name,
                    "its algorithm is not md5, sha1 or one of SHA-2, and cannot be checked here",
                ),
            }
        }
        if !listings.iter().any(|listing| listing.about == About::Payload) {
            findings.fault("missing", "", "there is no payload manifest that can be read");
        }
        Some(Self { declaration, listings, info, fetch: fetch.unwrap_or_default() })
    }

    /// Every algorithm that a manifest uses, each once.
    #[must_use]
    pub fn algorithms(&self) -> Vec<Algorithm> {
        let mut all: Vec<Algorithm> = self.listings.iter().map(|listing| listing.algorithm).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    pub(super) fn of(&self, about: About) -> impl Iterator<Item = &Listing> {
        self.listings.iter().filter(move |listing| listing.about == about)
    }
}

fn text(name: &str, bytes: &[u8], declared: Declaration, findings: &mut Findings) -> Option<String> {
    let Some(mut text) = declared.encoding.decode(bytes) else {
        findings.fault("encoding", name, "it is not in the encoding that bagit.txt declares");
        return None;
    };
    // RFC 8493, section 2.3: UTF-8 needs no byte order mark, and must not have one.
    if let Some(rest) = text.strip_prefix('\u{feff}') {
        if declared.encoding == Encoding::Utf8 {
            findings.since_1_0(declared.version, "encoding", name, "it begins with a byte order mark");
        }
        text = rest.to_owned();
    }
    Some(text)
}

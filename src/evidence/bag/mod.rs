//! BagIt (RFC 8493): bags are written in version 1.0, and read from 0.93 on.
//!
//! Two readers stand here. [`Manifest`] and [`Info`] know the one spelling in which a record
//! of ours is written, so that every changed byte of it is seen. [`validate`] takes whatever
//! the specification allows, of anybody's.

mod algorithm;
mod declaration;
mod digests;
mod encoding;
mod fetch;
mod findings;
mod info;
mod judgement;
mod listing;
mod manifest;
mod path;
mod present;
mod tags;
mod validate;
mod version;
mod walk;
mod writer;

pub(super) use algorithm::{Algorithm, Checksum};
pub(super) use declaration::DECLARATION;
pub(super) use digests::{Measured, Measuring, measure};
pub(super) use findings::Remark;
pub(super) use info::Info;
pub(super) use listing::is_payload_manifest;
pub(super) use manifest::Manifest;
pub(super) use validate::validate;
pub(super) use walk::{Oddity, Tree, walk};
pub(super) use writer::tag;

use findings::Findings;
use tags::Tags;

/// The tag files of a bag, by their names.
pub(super) const BAGIT: &str = "bagit.txt";
pub(super) const BAG_INFO: &str = "bag-info.txt";
pub(super) const FETCH: &str = "fetch.txt";
pub(super) const MANIFEST: &str = "manifest-sha256.txt";
pub(super) const TAG_MANIFEST: &str = "tagmanifest-sha256.txt";

/// Reads bytes as the tag file of this name beside a declaration of each version that bags
/// have, and gives how many faults that made. It is the door for whoever throws bytes at
/// the reader: nothing is opened, and no bytes may make it panic or hang.
#[must_use]
pub fn try_tag_file(name: &str, bytes: &[u8]) -> usize {
    let mut faults = 0;
    for version in ["0.93", "0.97", "1.0"] {
        for encoding in ["UTF-8", "ISO-8859-1", "UTF-16"] {
            let declaration = format!("BagIt-Version: {version}\nTag-File-Character-Encoding: {encoding}\n");
            let mut files = std::collections::BTreeMap::from([(BAGIT.to_owned(), declaration.into_bytes())]);
            files.insert(name.to_owned(), bytes.to_vec());
            let mut findings = Findings::default();
            if let Some(tags) = Tags::read(&files, &mut findings) {
                judgement::judge(&tags, &std::collections::BTreeMap::new(), &mut findings);
            }
            faults += findings.faults.len();
        }
    }
    faults
}

#[cfg(test)]
mod tests;

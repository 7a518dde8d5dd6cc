//! BagIt 1.0 (RFC 8493), as far as our own bags need it: SHA-256 manifests, no fetch file.

mod declaration;
mod digests;
mod info;
mod manifest;
mod walk;

pub(super) use declaration::DECLARATION;
pub(super) use digests::{Measured, measure};
pub(super) use info::Info;
pub(super) use manifest::Manifest;
pub(super) use walk::{Oddity, Tree, walk};

/// The tag files of a bag, by their names.
pub(super) const BAGIT: &str = "bagit.txt";
pub(super) const BAG_INFO: &str = "bag-info.txt";
pub(super) const MANIFEST: &str = "manifest-sha256.txt";
pub(super) const TAG_MANIFEST: &str = "tagmanifest-sha256.txt";

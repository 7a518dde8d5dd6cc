//! The tag files of a bag, written around a payload that lies in its place already.

use std::path::Path;

use super::algorithm::Algorithm;
use super::info::Info;
use super::manifest::Manifest;
use super::{BAG_INFO, BAGIT, DECLARATION};
use crate::error::Result;
use crate::journal::write_durably;

/// Writes `bagit.txt`, `bag-info.txt`, the payload manifests, and for each of them a tag
/// manifest by the same algorithm, which comes last. Gives the tag manifests' texts, in the
/// order of `payload`.
///
/// # Errors
/// When the disk refuses.
pub fn tag(bag: &Path, payload: &[Manifest], info: &Info) -> Result<Vec<String>> {
    let mut tags = vec![(BAGIT.to_owned(), DECLARATION.to_owned()), (BAG_INFO.to_owned(), info.text())];
    tags.extend(payload.iter().map(|manifest| (payload_manifest(manifest.algorithm), manifest.text())));
    for (name, text) in &tags {
        write_durably(&bag.join(name), text.as_bytes())?;
    }
    let mut written = Vec::new();
    for Manifest { algorithm, .. } in payload {
        let files = tags.iter().map(|(name, text)| (name.clone(), algorithm.of(text.as_bytes())));
        let text = Manifest { algorithm: *algorithm, files: files.collect() }.text();
        write_durably(&bag.join(format!("tag{}", payload_manifest(*algorithm))), text.as_bytes())?;
        written.push(text);
    }
    Ok(written)
}

fn payload_manifest(algorithm: Algorithm) -> String {
    format!("manifest-{}.txt", algorithm.name())
}

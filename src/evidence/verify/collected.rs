//! The CloudTrail digest chain of what was collected.
//!
//! The manifest shows that the record is as it was sealed. The chain shows that what was
//! collected is what CloudTrail delivered, and that nobody had been at the bucket before. The
//! collection says which time it asked for, so that digests missing at its ends are told too.

use std::fs;

use super::Verification;
use super::asked::Asked;
use super::bagged::Files;
use crate::cloudtrail::digest::{Fault, Kind, PublicKeys, Verdict};
use crate::error::Result;
use crate::evidence::collected::Trove;
use crate::evidence::folder::Folder;
use crate::journal::Entry;

const OBJECTS: &str = "bag/data/cloudtrail/s3/";
const KEYS: &str = "bag/data/cloudtrail/public-keys.json";

/// Checks the chain where there is one, and says so where there cannot be.
pub(super) fn check(
    folder: &Folder,
    files: &Files,
    entries: &[Entry],
    found: &mut Verification,
) -> Result<()> {
    let objects = files.keys().filter_map(|path| path.strip_prefix(OBJECTS));
    let (mut digests, mut logs) = (0_usize, 0_usize);
    for object in objects.filter(|path| !path.ends_with(".meta.json")) {
        match Kind::of(object) {
            Kind::Digest => digests += 1,
            Kind::Log => logs += 1,
            Kind::Other => {}
        }
    }
    if digests == 0 {
        if logs > 0 {
            found.notes.push(format!(
                "{logs} log files of CloudTrail were collected without a digest: they are as they were collected, and nothing proves what they were before"
            ));
        }
        return Ok(());
    }
    let Some(keys) = public_keys(folder, files, found) else { return Ok(()) };
    let asked = Asked::of(folder, files, entries);
    let verdict = Trove::find(&folder.root().join(OBJECTS))?.check(&keys, asked.window())?;
    found.notes.extend(keys.refused);
    found.notes.extend(verdict.chains.iter().filter_map(|chain| asked.late(chain)));
    found.notes.extend(asked.notes);
    tell(verdict, found);
    Ok(())
}

fn public_keys(folder: &Folder, files: &Files, found: &mut Verification) -> Option<PublicKeys> {
    if !files.contains_key(KEYS) {
        found.notes.push(
            "the CloudTrail digests were collected without the public keys, and could not be checked"
                .to_owned(),
        );
        return None;
    }
    let keys = fs::read(folder.root().join(KEYS)).map_err(|error| error.to_string());
    let keys = keys.and_then(|json| PublicKeys::parse(&json));
    keys.map_err(|why| found.flaw("public-keys", KEYS, format!("it holds no public keys: {why}"))).ok()
}

fn tell(verdict: Verdict, found: &mut Verification) {
    for Fault { code, place, message, .. } in verdict.faults {
        let path = place.map(|place| format!("{OBJECTS}{}/{}", place.bucket, place.key));
        found.flaw(code.as_str(), path.unwrap_or_default(), message);
    }
    found.notes.extend(verdict.notes);
}

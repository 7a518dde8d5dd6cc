//! The time-stamp token over the signature.

use std::fs;

use chrono::{DateTime, Utc};

use super::bagged::Files;
use super::signed::sig;
use super::{Trust, Verification};
use crate::evidence::folder::Folder;
use crate::evidence::seal::SIGNATURE;
use crate::evidence::stamp::{self, CHAIN, LIMIT, QUERY, TOKEN, Word};

/// Gives the time that an authority says whom the reader trusts.
pub(super) fn check(
    folder: &Folder,
    files: &Files,
    trust: &Trust,
    found: &mut Verification,
) -> Option<DateTime<Utc>> {
    if ![QUERY, TOKEN, CHAIN].iter().any(|name| files.contains_key(&sig(name))) {
        if trust.authorities.is_some() {
            found.flaw(
                "timestamp",
                sig(TOKEN),
                "there is no time-stamp token for the authority to vouch for",
            );
        }
        return None;
    }
    let stamped = read(folder, SIGNATURE, files, found)?;
    let (query, answer) = (read(folder, QUERY, files, found)?, read(folder, TOKEN, files, found)?);
    match stamp::check(&stamped, &query, &answer, trust.authorities.as_ref()) {
        Err(why) => {
            found.flaw("timestamp", sig(TOKEN), why);
            None
        }
        Ok((stamp, chain)) => {
            if read(folder, CHAIN, files, found)? != chain.as_bytes() {
                found.flaw("timestamp", sig(CHAIN), "these are not the certificates that the token carries");
            }
            let time = (stamp.word == Word::Vouched).then_some(stamp.time);
            found.stamp = Some(stamp);
            time
        }
    }
}

fn read(folder: &Folder, name: &str, files: &Files, found: &mut Verification) -> Option<Vec<u8>> {
    let bytes = match files.get(&sig(name)) {
        None => Err("it is not there".to_owned()),
        Some(file) if file.bytes > LIMIT => Err("it is too long".to_owned()),
        Some(_) => fs::read(folder.sig().join(name)).map_err(|error| error.to_string()),
    };
    bytes.map_err(|why| found.flaw("timestamp", sig(name), why)).ok()
}

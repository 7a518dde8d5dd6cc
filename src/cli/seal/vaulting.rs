//! `playbook seal RUN --to`: every file of a sealed record into a bucket with Object Lock.

use std::collections::BTreeMap;

use super::super::{environment, waiting};
use super::Options;
use crate::actions::{self, Destination, How, Vault, Wish};
use crate::console::out;
use crate::engine::{Clock as _, SystemClock};
use crate::error::{Error, Kind, Result};
use crate::evidence::custody::{self, Addition, Deed, Log};
use crate::evidence::{self, Folder};
use crate::report::counted;

/// What lies in the vault, by the paths below the record.
#[derive(Default)]
struct Stock {
    versions: BTreeMap<String, String>,
    sent: usize,
}

pub(super) fn upload(options: &Options, to: &Destination, folder: &Folder) -> Result<()> {
    holds(folder)?;
    let wish = Wish { mode: options.retention.map(Into::into), days: options.retain, now: SystemClock.now() };
    let aws = actions::Options { profile: options.aws.profile.clone(), region: options.aws.region.clone() };
    waiting::wait(async {
        let vault = Vault::open(aws, to.below(&folder.id()), wish).await?;
        let stock = all(&vault, folder).await?;
        let told = remember(&vault, &stock, folder)?;
        // The log comes last: only then does it tell of the rest. Its own version cannot be in it.
        let log = vault.keep(&folder.root().join(custody::PATH), custody::PATH).await?;
        let sent = stock.sent + usize::from(log.how == How::Uploaded);
        out::talk(&summary(&vault, &stock, sent, told));
        Ok(())
    })?
}

/// What is broken is not locked away for years.
fn holds(folder: &Folder) -> Result<()> {
    match evidence::verify(folder.root())?.flaws.first() {
        None => Ok(()),
        Some(flaw) => Err(Error::new(
            Kind::Unverified,
            format!(
                "{} does not hold, and nothing was uploaded: {} {}",
                folder.id(),
                flaw.path,
                flaw.message
            ),
        )
        .hint("`playbook verify` tells everything that is wrong with it")),
    }
}

async fn all(vault: &Vault, folder: &Folder) -> Result<Stock> {
    let files: Vec<String> = folder.files()?.into_iter().filter(|path| path != custody::PATH).collect();
    let mut stock = Stock::default();
    for path in &files {
        let kept = vault.keep(&folder.root().join(path), path).await.map_err(|error| {
            error.hint(format!(
                "{} of {} files are in {}; run the same command again, which goes on from there",
                stock.versions.len(),
                files.len(),
                vault.to
            ))
        })?;
        stock.sent += usize::from(kept.how != How::Already);
        stock.versions.insert(path.clone(), kept.version);
    }
    Ok(stock)
}

/// Adds the upload to the custody log, unless the log tells of just this one already.
fn remember(vault: &Vault, stock: &Stock, folder: &Folder) -> Result<bool> {
    let what = Deed::Uploaded {
        to: vault.to.to_string(),
        mode: vault.lock.mode.word().to_owned(),
        until: vault.lock.until,
        versions: stock.versions.clone(),
    };
    let log = Log::read(folder).map_err(|error| Error::io("could not read", &folder.sig(), error))?;
    let log = log.unwrap_or_default();
    // A later upload is there whole, and an earlier one as well where nothing was sent.
    let same = |deed: &Deed| match deed {
        Deed::Uploaded { to, versions, .. } => *to == vault.to.to_string() && *versions == stock.versions,
        _ => false,
    };
    if stock.sent == 0 && log.lines().any(|line| same(&line.what)) {
        return Ok(false);
    }
    let (at, who) = (SystemClock.now(), environment::operator());
    let who = who.name.unwrap_or(who.user);
    if log.lines().next().is_none() {
        // Nobody signed, so that nothing was begun: the log still says first what was sealed.
        let files = custody::digests(folder, ["bag/tagmanifest-sha256.txt".to_owned()])?;
        custody::append(folder, Addition { at, who: who.clone(), files, what: Deed::Sealed })?;
    }
    custody::append(folder, Addition { at, who, files: BTreeMap::new(), what })?;
    Ok(true)
}

fn summary(vault: &Vault, stock: &Stock, sent: usize, told: bool) -> String {
    let files = counted(stock.versions.len() + 1, "file lies", "files lie");
    let lock = format!("{} lock until {}", vault.lock.mode.word(), vault.lock.until.format("%Y-%m-%d"));
    let news = match (sent, told) {
        (0, false) => "nothing had to be sent".to_owned(),
        _ => format!("{sent} sent or locked for longer now, version ids in sig/custody.jsonl"),
    };
    format!("{files} in {} under a {lock}, as checked there; {news}", vault.to)
}

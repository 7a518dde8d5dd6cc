//! `playbook seal RUN --to`: every file of a sealed record into a bucket with Object Lock.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::super::{environment, waiting};
use super::Options;
use crate::actions::{self, Destination, How, Kept, Vault, Wish};
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

impl Stock {
    fn add(&mut self, path: String, kept: Kept) {
        self.sent += usize::from(kept.how != How::Already);
        self.versions.insert(path, kept.version);
    }
}

/// How many files are on their way at a time.
const AT_ONCE: usize = 8;

pub(super) fn upload(options: &Options, to: &Destination, folder: &Folder) -> Result<()> {
    holds(folder)?;
    let wish = Wish { mode: options.retention.map(Into::into), days: options.retain, now: SystemClock.now() };
    let aws = actions::Options { profile: options.aws.profile.clone(), region: options.aws.region.clone() };
    waiting::wait(async {
        let vault = Arc::new(Vault::open(aws, to.below(&folder.id()), wish).await?);
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

/// Some files at a time. What is on its way when one fails is waited for, so that the next
/// try finds it there.
async fn all(vault: &Arc<Vault>, folder: &Folder) -> Result<Stock> {
    let files: Vec<String> = folder.files()?.into_iter().filter(|path| path != custody::PATH).collect();
    let (mut waiting, mut under_way) = (files.iter(), JoinSet::new());
    let (mut stock, mut trouble) = (Stock::default(), None);
    loop {
        while trouble.is_none()
            && under_way.len() < AT_ONCE
            && let Some(path) = waiting.next()
        {
            under_way.spawn(keep(Arc::clone(vault), folder.root().join(path), path.clone()));
        }
        match under_way.join_next().await {
            None => break,
            Some(Ok((path, Ok(kept)))) => stock.add(path, kept),
            Some(Ok((_, Err(error)))) => trouble = trouble.or(Some(error)),
            Some(Err(lost)) => trouble = trouble.or(Some(Error::failure("an upload died").caused_by(lost))),
        }
    }
    let there = stock.versions.len();
    trouble.map_or(Ok(stock), |error| {
        let all = files.len();
        Err(error.hint(format!(
            "{there} of {all} files are in {}; run the same command again, which goes on from there",
            vault.to
        )))
    })
}

async fn keep(vault: Arc<Vault>, file: PathBuf, path: String) -> (String, Result<Kept>) {
    let kept = vault.keep(&file, &path).await;
    (path, kept)
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

//! `playbook trail verify`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::{DateTime, SecondsFormat, Utc};
use clap::Args;
use serde::Serialize;

use crate::cloudtrail::digest::{
    ChainVerdict, DigestState, DigestVerdict, Fault, LogState, LogVerdict, PublicKeys, Verdict, Window,
};
use crate::console::{Gauge, out};
use crate::error::{Error, Kind, Result};
use crate::evidence::Trove;
use crate::evidence::given;
use crate::report::escape;

/// Check log files against CloudTrail's own digests, offline
///
/// Every digest is checked: that CloudTrail signed it, that it lies where it was delivered,
/// that the digest before it is there with the very bytes and signature that it names. Every
/// log file is checked against the digest that lists it; files that no digest lists, and hours
/// that have no digest, are told. Where logging was stopped and started again, CloudTrail
/// signed a digest that says so: that is a note, and a digest that was deleted is a fault.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  playbook trail verify evidence/INC-2026-001-KEY-COMPROMISE
  playbook trail verify trail-bucket --public-keys keys.json
  playbook trail verify s3 --public-keys keys.json --from 2026-11-22T00:00:00Z --until 2026-11-23T00:00:00Z --json

Save the public keys of every Region of the trail while you have access to the account:
  aws cloudtrail list-public-keys --start-time ... --end-time ... > keys.json

Signatures lie in the metadata of the objects, which `aws s3 sync` does not keep: without
KEY.meta.json beside it, a digest is proven by the copy in the digest after it.

Ends with 7 when anything is wrong.")]
pub(super) struct Options {
    /// Folder with BUCKET/KEY in it, a record, or the folder of one bucket
    path: PathBuf,

    /// Answer of ListPublicKeys; by default the one that was collected with the objects
    #[arg(long, value_name = "FILE")]
    public_keys: Option<PathBuf>,

    /// Time from which every hour must have its digest, as RFC 3339
    #[arg(long, value_name = "TIME", value_parser = instant)]
    from: Option<DateTime<Utc>>,

    /// Time until which every hour must have its digest, as RFC 3339
    #[arg(long, value_name = "TIME", value_parser = instant)]
    until: Option<DateTime<Utc>>,

    /// Write the verdict on every digest and every log file as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options) -> Result<ExitCode> {
    let window = window(options)?;
    let trove = Trove::find(&options.path)?;
    let keys = public_keys(options.public_keys.as_deref(), &trove)?;
    let gauge = Gauge::of_files((trove.digests() + trove.logs()) as u64);
    let mut verdict = trove.check_watched(&keys, window, &|| gauge.advance(1))?;
    drop(gauge);
    verdict.notes.extend(keys.refused);
    let counts = Counts::of(&verdict);
    if options.json {
        out::data(&as_json(&verdict, &counts)?)?;
    } else {
        out::data(&verdict.faults.iter().map(told).collect::<String>())?;
        out::talk(&summary(&verdict, &counts));
    }
    Ok(if verdict.holds() { ExitCode::SUCCESS } else { Kind::Unverified.exit_code().into() })
}

fn window(options: &Options) -> Result<Window> {
    let Options { from, until, .. } = *options;
    match from.zip(until) {
        Some((from, until)) if from >= until => {
            Err(Error::usage("the window ends before it begins").hint("--from must be earlier than --until"))
        }
        _ => Ok(Window { from, until }),
    }
}

/// An answer of ListPublicKeys is no longer, in bytes: a year of keys has some hundred KiB.
const LONGEST_KEYS: u64 = 16 << 20;

fn public_keys(named: Option<&Path>, trove: &Trove) -> Result<PublicKeys> {
    let path = named.map(Path::to_owned).or_else(|| trove.public_keys()).ok_or_else(|| {
        Error::usage("no public keys were collected with these files")
            .hint("name them with --public-keys FILE; `aws cloudtrail list-public-keys` tells them")
    })?;
    let json = given::text("could not read", &path, LONGEST_KEYS)?;
    PublicKeys::parse(json.as_bytes()).map_err(|why| {
        Error::failure(format!("{} holds no public keys: {why}", path.display()))
            .hint("it should be the answer of `aws cloudtrail list-public-keys`, as JSON")
    })
}

fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    let at = DateTime::parse_from_rfc3339(text)
        .map_err(|error| format!("{error}: 2026-11-22T03:04:00Z is one"))?;
    Ok(at.to_utc())
}

/// How many digests and log files are in which state.
#[derive(Serialize)]
struct Counts {
    digests: BTreeMap<DigestState, usize>,
    logs: BTreeMap<LogState, usize>,
}

impl Counts {
    fn of(verdict: &Verdict) -> Self {
        let mut counts = Self { digests: BTreeMap::new(), logs: BTreeMap::new() };
        verdict.digests.iter().for_each(|digest| *counts.digests.entry(digest.state).or_default() += 1);
        verdict.logs.iter().for_each(|log| *counts.logs.entry(log.state).or_default() += 1);
        counts
    }
}

fn told(fault: &Fault) -> String {
    let place = fault.place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
    format!("{}: {}{}\n", fault.code.as_str(), escape::plain(&place), escape::plain(&fault.message))
}

fn summary(verdict: &Verdict, counts: &Counts) -> String {
    let mut lines: Vec<_> =
        verdict.notes.iter().map(|note| format!("note: {}", escape::plain(note))).collect();
    lines.extend(verdict.chains.iter().map(chain));
    let (digests, logs) = (&counts.digests, &counts.logs);
    let of = |valid: Option<&usize>, all: usize| format!("{} of {all}", valid.copied().unwrap_or_default());
    lines.push(format!(
        "{} digests and {} log files are valid",
        of(digests.get(&DigestState::Valid), digests.values().sum()),
        of(logs.get(&LogState::Valid), logs.values().sum()),
    ));
    lines.push(match verdict.faults.len() {
        0 => "the chain holds".to_owned(),
        1 => "the chain does NOT hold: 1 fault".to_owned(),
        faults => format!("the chain does NOT hold: {faults} faults"),
    });
    lines.join("\n")
}

fn chain(chain: &ChainVerdict) -> String {
    let told = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let ChainVerdict { chain: id, span, digests, .. } = chain;
    let count = if *digests == 1 { "1 digest".to_owned() } else { format!("{digests} digests") };
    format!("{}: {count} from {} to {}", escape::plain(&id.told()), told(span.from), told(span.until))
}

#[derive(Serialize)]
struct Json<'a> {
    holds: bool,
    counts: &'a Counts,
    faults: &'a [Fault],
    notes: &'a [String],
    chains: &'a [ChainVerdict],
    digests: &'a [DigestVerdict],
    logs: &'a [LogVerdict],
}

fn as_json(verdict: &Verdict, counts: &Counts) -> Result<String> {
    let Verdict { chains, digests, logs, faults, notes } = verdict;
    let json = Json { holds: verdict.holds(), counts, faults, notes, chains, digests, logs };
    serde_json::to_string_pretty(&json)
        .map_err(|error| Error::failure("the verdict could not be written as JSON").caused_by(error))
}

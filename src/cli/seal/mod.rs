//! `playbook seal`

mod afterwards;
mod closing;
mod vaulting;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::again::Again;
use super::places::Places;
use super::run::Aws;
use crate::actions::{Destination, Mode};
use crate::console::out;
use crate::error::{Error, Result};
use crate::evidence::{self, Folder};

/// Close the record: report, manifest, signature
///
/// Writes the report (HTML, Markdown, JSON), a timeline and the collected CloudTrail
/// events as OCSF beside the journal, makes the folder a BagIt bag (RFC 8493) and signs
/// its tag manifest with an SSH key. Nothing can be added to the record afterwards.
/// Without a key, the record is sealed unsigned.
///
/// On a record that is sealed already, the custody log beside the bag grows:
/// --countersign signs for a record that is taken over, --tsa puts an authority's time
/// under the signature, --to uploads every file into a bucket with Object Lock, checks what
/// arrived, and can be repeated after an interruption.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  playbook seal INC-2026-001
  playbook seal INC-2026-001 --key ~/.ssh/id_ed25519
  playbook seal INC-2026-001 --unfinished 'replaced by INC-2026-002'
  playbook seal INC-2026-001 --tsa https://freetsa.org/tsr
  playbook seal INC-2026-001 --countersign --key ~/.ssh/id_ed25519
  playbook seal INC-2026-001 --to s3://evidence-vault/2026 --retain 2555 --retention compliance")]
pub(super) struct Options {
    /// Run, by its id or a beginning of it that is like no other's
    run: String,

    /// SSH key to sign with (private, or public where an agent holds the private one);
    /// where absent, the first key that the agent offers
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,

    /// Seal a run that is not over, and say why it stays unfinished
    #[arg(long, value_name = "REASON")]
    unfinished: Option<String>,

    #[command(flatten)]
    secrets: Again,

    /// Take a sealed record over: check it, and sign for it with your key
    #[arg(long)]
    countersign: bool,

    /// Have an authority put its time under the signature (RFC 3161)
    #[arg(long, value_name = "URL")]
    tsa: Option<String>,

    /// Upload every file of the sealed record below this place in S3; the bucket has to
    /// have Object Lock
    #[arg(long, value_name = "s3://BUCKET/PREFIX")]
    to: Option<Destination>,

    /// How long the uploaded files are locked; where absent, as long as the bucket says
    #[arg(long, value_name = "DAYS", requires = "to")]
    retain: Option<u32>,

    /// How strictly they are locked; where absent, as the bucket says, or else governance
    #[arg(long, value_name = "MODE", requires = "to")]
    retention: Option<Retention>,

    #[command(flatten)]
    aws: Aws,
}

/// How strict Object Lock is.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Retention {
    /// Nobody can take the lock off before its time
    Compliance,
    /// Those with s3:BypassGovernanceRetention can
    Governance,
}

impl From<Retention> for Mode {
    fn from(retention: Retention) -> Self {
        match retention {
            Retention::Compliance => Self::Compliance,
            Retention::Governance => Self::Governance,
        }
    }
}

impl Options {
    fn adds_to_a_seal(&self) -> bool {
        self.countersign || self.tsa.is_some() || self.to.is_some()
    }
}

pub(super) fn run(options: &Options, places: &Places) -> Result<ExitCode> {
    let folder = evidence::find(places.evidence(), &options.run)?;
    if folder.is_sealed() && !folder.verify_script().exists() {
        // A crash came before it, or somebody took it away; whether it is the one that was
        // sealed, `verify` says.
        evidence::put_script(&folder)?;
        out::talk(&format!("{} has its verify.sh again", folder.id()));
    }
    if folder.is_sealed() && options.adds_to_a_seal() {
        fits(options, &folder)?;
    } else if options.countersign {
        return Err(Error::usage(format!(
            "{} is not sealed, so that there is nothing to take over",
            folder.id()
        ))
        .hint(format!("seal it first, with `playbook seal {}`", folder.id())));
    } else {
        closing::close(options, places)?;
    }
    out::data(&folder.root().display().to_string())?;
    if options.countersign {
        afterwards::countersign(options, &folder)?;
    }
    if let Some(url) = &options.tsa {
        afterwards::stamp(url, &folder)?;
    }
    if let Some(to) = &options.to {
        vaulting::upload(options, to, &folder)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A seal stays as it is; what would change it is refused.
fn fits(options: &Options, folder: &Folder) -> Result<()> {
    let sealed =
        |what: &str| Error::usage(format!("{} is sealed already: {what} has no place any more", folder.id()));
    if options.unfinished.is_some() {
        return Err(sealed("--unfinished"));
    }
    if options.key.is_some() && !options.countersign {
        return Err(sealed("--key").hint("to sign for a record that you take over, add --countersign"));
    }
    Ok(())
}

//! `playbook access who-can`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::super::run::Aws;
use super::data;
use super::telling;
use crate::access::review::{Gathered, review, told, unasked};
use crate::console::out;
use crate::error::{Error, Result};

/// Everybody who can do one thing with a key, how, and since when it was not used
///
/// Asks AWS, or reads what AWS returned, unchanged, from a folder; and answers for every user
/// and role of the key's account, whoever the key policy names, and every grantee: reviewed,
/// excluded and unknown add up to all of them. What depends on a request that nobody has made
/// is told as a condition.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  playbook access who-can kms:Decrypt --key alias/customer-pii-encryption-key --profile audit
  playbook access who-can kms:Decrypt --key 1234abcd-12ab-34cd-56ef-1234567890ab --data collected
  playbook access who-can kms:Decrypt --key arn:aws:kms:eu-west-1:111122223333:key/1234abcd-... --data collected --json

The folder holds:
  authorization-details.json   aws iam get-account-authorization-details (or ...-1.json, ...-2.json, one a page)
  key-policy.json              aws kms get-key-policy --key-id KEY
  describe-key.json            aws kms describe-key --key-id KEY
  grants.json                  aws kms list-grants --key-id KEY
  scps.json, rcps.json         levels of the organisation, the root first, each a list of policy
                               documents; [] where the account is in no organisation
  last-used/                   when the key, and when everybody, was last used:
    key.json                   aws kms get-key-last-usage --key-id KEY
    credential-report.csv      aws iam get-credential-report, its Content decoded from base64
    AIDA....json, AROA....json one for each user and role, named by its UserId or RoleId:
                               aws iam generate-service-last-accessed-details --arn ARN, then
                               aws iam get-service-last-accessed-details --job-id JOB
                                 --max-items 1000
    lookup-events.json         aws cloudtrail lookup-events --start-time TIME, with the key's
                               ARN as ResourceName, in its Region; and with the TIME written
                               into it as \"StartTime\" (RFC 3339), without which it says
                               nothing that somebody is not in it

What is not there is told, and makes verdicts Unknown where it matters.")]
pub(super) struct Options {
    /// The action, such as kms:Decrypt
    action: String,

    /// The key: its ARN, its id, or an alias; offline, describe-key.json says which key an
    /// alias means
    #[arg(long)]
    key: String,

    /// Folder with what AWS returned; AWS is asked where this is left out
    #[arg(long, value_name = "DIR", conflicts_with_all = ["profile", "region"])]
    data: Option<PathBuf>,

    #[command(flatten)]
    aws: Aws,

    /// Write everybody and everything as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options) -> Result<ExitCode> {
    let named = options.action.split_once(':').filter(|(service, _)| service.eq_ignore_ascii_case("kms"));
    if named.is_none_or(|(_, name)| name.is_empty() || name.contains(['*', '?'])) {
        return Err(Error::usage(format!("`{}` is no single action of KMS", options.action))
            .hint("name one with its service, such as kms:Decrypt"));
    }
    let Gathered { collected, mut missing, last_usage } = match &options.data {
        Some(folder) => data::read(folder, &options.key, &options.action)?,
        None => data::ask(&options.aws, &options.key, &options.action)?,
    };
    let review = review(&collected, &options.action);
    missing.extend(unasked(&collected, &review));
    for note in &missing {
        out::talk(&format!("note: {note}"));
    }
    if options.json {
        let told = told(&options.action, &collected.key, &review, &missing, last_usage.as_ref());
        out::data(&format!("{told:#}"))?;
    } else {
        out::data(&telling::as_text(&options.action, &collected.key, &review))?;
    }
    Ok(ExitCode::SUCCESS)
}

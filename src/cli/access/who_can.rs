//! `playbook access who-can`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::super::run::Aws;
use super::data::{self, Wanted};
use super::several::{self, Form};
use super::telling;
use crate::access::review::{Gathered, Told, review, unasked};
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

  playbook access who-can kms:Decrypt --all-keys --data collected

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

For several keys, the files of each lie in keys/KEYID/ instead: key-policy.json, describe-key.json,
grants.json, aliases.json (aws kms list-aliases --key-id KEY, by which an alias is found), and in
last-used/ its key.json and lookup-events.json. The others stay where they are.

Several keys are answered one after the other, with one sum at the end; with --json they are a list
of what one key alone gives.

What is not there is told, and makes verdicts Unknown where it matters.")]
pub(super) struct Options {
    /// The action, such as kms:Decrypt
    action: String,

    /// The key: its ARN, its id, or an alias; offline, describe-key.json says which key an
    /// alias means. May be repeated
    #[arg(long, required_unless_present = "all_keys")]
    key: Vec<String>,

    /// Every key that the folder holds under keys/
    #[arg(long, requires = "data", conflicts_with = "key")]
    all_keys: bool,

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
    let asked = match &options.data {
        Some(folder) => data::read(folder, options.wanted(), &options.action)?,
        None => data::ask(&options.aws, &options.key, &options.action)?,
    };
    match asked.as_slice() {
        [one] if !options.all_keys => alone(one, options),
        several => several::tell(several, &options.action, options.form()),
    }
}

impl Options {
    fn wanted(&self) -> Wanted<'_> {
        if self.all_keys { Wanted::All } else { Wanted::Named(&self.key) }
    }

    const fn form(&self) -> Form {
        if self.json { Form::Json } else { Form::Text }
    }
}

fn alone(gathered: &Gathered, options: &Options) -> Result<ExitCode> {
    let Gathered { collected, missing, last_usage } = gathered;
    let review = review(collected, &options.action);
    let missing: Vec<_> = missing.iter().cloned().chain(unasked(collected, &review)).collect();
    for note in &missing {
        out::talk(&format!("note: {note}"));
    }
    let (action, key) = (options.action.as_str(), &collected.key);
    match options.form() {
        Form::Json => {
            let last_usage = last_usage.as_ref();
            out::json(&Told { action, key, review: &review, missing: &missing, last_usage })?;
        }
        Form::Text => out::data(&telling::as_text(action, key, &review))?,
    }
    Ok(ExitCode::SUCCESS)
}

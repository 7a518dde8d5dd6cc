//! `playbook permissions`

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::params;
use super::places::Places;
use crate::console::out;
use crate::document::Playbook;
use crate::document::action::Duty;
use crate::document::permission::{ForWhat, LARGEST, Policy, needs, policies};
use crate::error::Result;
use crate::report::counted;

/// Print the IAM policies that a run of a document needs
///
/// Derived from its steps, with what they verify and how they are undone; split into four, so
/// that no responder has to hold all: read, contain, recover, destroy. Everybody who runs the
/// document holds read; the others come on top, and may belong to other people, who go on
/// with `playbook resume`. A parameter that is given narrows the resources: give keys by their
/// ARN, since an alias can be moved. Steps of `shell` are programs, whose needs are not known.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  playbook permissions key-compromise
  playbook permissions key-compromise -p key=arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
  playbook permissions key-compromise --duty contain --json | jq '.policies[0].policy' > contain.json
  aws iam create-policy --policy-name playbook-contain --policy-document file://contain.json")]
pub(super) struct Options {
    /// Document, by name or path
    name: String,

    /// A parameter, which narrows the resources where it names one
    #[arg(short = 'p', long = "param", value_name = "KEY=VALUE")]
    params: Vec<String>,

    /// Only the policies of one duty
    #[arg(long, value_enum)]
    duty: Option<Chosen>,

    /// Write JSON: the policies, and what wants each of their actions
    #[arg(long)]
    json: bool,
}

/// The duties as the command line names them.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Chosen {
    Read,
    Contain,
    Recover,
    Destroy,
}

impl From<Chosen> for Duty {
    fn from(chosen: Chosen) -> Self {
        match chosen {
            Chosen::Read => Self::Read,
            Chosen::Contain => Self::Contain,
            Chosen::Recover => Self::Recover,
            Chosen::Destroy => Self::Destroy,
        }
    }
}

pub(super) fn run(options: &Options, places: &Places) -> Result<ExitCode> {
    let (_, playbook) = places.document(&options.name)?;
    let params = params::known(&playbook, &options.params)?;
    let mut policies = policies(&needs(&playbook, &params));
    if let Some(duty) = options.duty.map(Duty::from) {
        policies.retain(|policy| policy.duty == duty);
    }
    let named = named(&playbook, policies);
    out::data(&if options.json { json(&playbook, &named) } else { text(&playbook, &named) })?;
    Ok(ExitCode::SUCCESS)
}

/// Each policy with a name that IAM takes: `PlaybookKeyCompromiseRead`, then `...Read2`.
fn named(playbook: &Playbook, policies: Vec<Policy>) -> Vec<(String, Policy)> {
    let words = playbook.name.split(|letter: char| !letter.is_ascii_alphanumeric());
    let document: String = words.map(capital).collect();
    let mut named: Vec<(String, Policy)> = Vec::new();
    for policy in policies {
        let before = named.iter().filter(|(_, other)| other.duty == policy.duty).count();
        let number = if before == 0 { String::new() } else { (before + 1).to_string() };
        named.push((format!("Playbook{document}{}{number}", capital(policy.duty.word())), policy));
    }
    named
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

fn json(playbook: &Playbook, named: &[(String, Policy)]) -> String {
    let policies: Vec<_> = named
        .iter()
        .map(|(name, policy)| {
            let because: serde_json::Map<String, Value> = policy
                .because
                .iter()
                .map(|(action, wants)| {
                    ((*action).to_owned(), wants.iter().map(|it| Value::from(it.to_string())).collect())
                })
                .collect();
            json!({
                "duty": policy.duty,
                "name": name,
                "characters": policy.size(),
                "policy": policy.document,
                "because": because,
            })
        })
        .collect();
    pretty(&json!({ "document": playbook.name, "version": playbook.version, "policies": policies }))
}

fn text(playbook: &Playbook, named: &[(String, Policy)]) -> String {
    if named.is_empty() {
        return format!("{} needs no permission of this kind.\n", playbook.name);
    }
    named.iter().map(|(name, policy)| told(name, policy)).collect::<Vec<_>>().join("\n")
}

fn told(name: &str, policy: &Policy) -> String {
    let actions = counted(policy.because.len(), "action", "actions");
    let mut text = format!(
        "{}: {name}, {actions}, {} of {LARGEST} characters\n\n{}\n",
        policy.duty.word().to_uppercase(),
        policy.size(),
        pretty(&policy.document)
    );
    let width = policy.because.keys().map(|action| action.len()).max().unwrap_or_default();
    for (action, wants) in &policy.because {
        let _ = writeln!(text, "  {action:<width$}  {}", reasons(wants.iter()));
    }
    text
}

/// The first of them, and how many more there are.
fn reasons<'a>(wants: impl ExactSizeIterator<Item = &'a ForWhat>) -> String {
    const SHOWN: usize = 2;
    let more = wants.len().saturating_sub(SHOWN);
    let shown: Vec<_> = wants.take(SHOWN).map(ToString::to_string).collect();
    let shown = shown.join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

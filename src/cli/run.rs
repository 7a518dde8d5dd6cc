//! `playbook run`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::places::Places;
use super::setup::{self, Mode};
use crate::error::Result;

/// Run a document
///
/// Asks for parameters that are not given, shows what is about to be done, and records
/// every step under --evidence before and after it is taken. Without a terminal, or with
/// --non-interactive, it runs what needs no person and pauses at the first step that does.
///
/// Examples:
///   playbook run key-compromise -p key=alias/customer-pii-encryption-key --severity critical
///   playbook run key-compromise -p key=alias/customer-pii-encryption-key --dry-run
///   playbook run delete-compromised-key -p key=KEY_ARN -p incident=INC-2026-001 --follows INC-2026-001
///   playbook run quarterly-access-review --answers answers.yaml --non-interactive
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Options {
    /// Name of a document, or a path to one
    #[arg(value_name = "NAME")]
    name: String,

    #[command(flatten)]
    attendance: Attendance,

    /// How grave it is: one of the document's severities
    #[arg(long, value_name = "LEVEL")]
    severity: Option<String>,

    /// The incident's id in another system, such as a ticket
    #[arg(long, value_name = "ID")]
    incident: Option<String>,

    /// The run that this one follows up, by its id or a beginning of it
    #[arg(long, value_name = "RUN")]
    follows: Option<String>,

    /// Tell what would be done: blind, sending nothing, or reading from AWS
    #[arg(long, value_name = "EYES", num_args = 0..=1, require_equals = true, default_missing_value = "blind")]
    dry_run: Option<Eyes>,

    #[command(flatten)]
    aws: Aws,
}

/// Who answers, and with what.
#[derive(Debug, Args)]
pub(super) struct Attendance {
    /// A parameter; KEY=@FILE takes the value from a file
    #[arg(short = 'p', long = "param", value_name = "KEY=VALUE")]
    pub params: Vec<String>,

    /// Answers by step id, in YAML
    #[arg(long, value_name = "FILE")]
    pub answers: Option<PathBuf>,

    /// Role that you take: for it you may approve at your own terminal [default: commander]
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,

    /// Ask nobody: pause at the first question
    #[arg(long)]
    pub non_interactive: bool,
}

/// Where AWS is; what is not given is the SDK's own business.
#[derive(Debug, Args)]
pub(super) struct Aws {
    /// Profile of the AWS configuration
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,

    /// AWS Region
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
}

/// What a dry run may see.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Eyes {
    /// Nothing is sent
    Blind,
    /// Reads are sent, through a door that only reads pass
    LiveReads,
}

pub(super) fn run(options: &Options, places: &Places) -> Result<ExitCode> {
    let mode = match options.dry_run {
        None => Mode::Live,
        Some(Eyes::Blind) => Mode::DryRun,
        Some(Eyes::LiveReads) => Mode::LiveReads,
    };
    let start = setup::Start {
        name: &options.name,
        severity: options.severity.as_deref(),
        incident: options.incident.as_deref(),
        follows: options.follows.as_deref(),
        mode,
    };
    setup::start(&start, &options.attendance, &options.aws, places)
}

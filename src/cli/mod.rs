//! The command line: one file a command, each an options struct and one call. The doc
//! comments of the options are the help, the man pages and the completions.

mod access;
mod again;
mod approve;
mod attach;
mod channels;
mod check;
mod completions;
mod environment;
mod handover;
mod identity;
mod list;
mod man;
mod new;
mod note;
mod params;
mod permissions;
mod places;
mod record;
mod report;
mod resume;
mod rollback;
mod run;
mod schema;
mod seal;
mod setup;
mod show;
mod signers;
mod status;
mod table;
mod trail;
mod turn;
mod verify;
mod views;
mod waiting;
mod word;
mod writing;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use self::places::Places;
use crate::console::out;
use crate::error::{Kind, Result};

const AFTER: &str = "\
At three in the morning:
  playbook run key-compromise -p key=alias/customer-pii-encryption-key

Exit codes:
  0  done, everything holds
  1  the program could not go on (I/O, a locked or damaged journal)
  2  wrong usage
  3  the document has errors
  4  the run ended with a failed step, or was aborted
  5  paused, and can be resumed
  6  refused: a safety rule, or an approval denied
  7  verification failed

AWS settings are the SDK's own: environment, profiles, SSO, roles, AWS_ENDPOINT_URL.";

/// Executable runbooks and incident playbooks, with evidence that stands up in an audit
///
/// Documents are YAML. They are looked for in --library, then in ./playbooks and
/// ./runbooks, then among those built into the program. Every run leaves a record under
/// --evidence that can be verified without this program.
#[derive(Debug, Parser)]
#[command(name = "playbook", version, after_help = AFTER, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    places: Places,

    #[command(subcommand)]
    command: Command,
}

// A new command is a line here and a line in `run`.
#[derive(Debug, Subcommand)]
enum Command {
    List(list::Options),
    Show(show::Options),
    Check(check::Options),
    Permissions(permissions::Options),
    Run(run::Options),
    Resume(resume::Options),
    Rollback(rollback::Options),
    Status(status::Options),
    Note(note::Options),
    Approve(approve::Options),
    Handover(handover::Options),
    Attach(attach::Options),
    Seal(seal::Options),
    Verify(verify::Options),
    Trail(trail::Options),
    Report(report::Options),
    Access(access::Options),
    New(new::Options),
    Schema(schema::Options),
    Completions(completions::Options),
    Man(man::Options),
}

impl Command {
    fn run(&self, places: &Places) -> Result<ExitCode> {
        match self {
            Self::List(options) => list::run(options, places),
            Self::Show(options) => show::run(options, places),
            Self::Check(options) => check::run(options, places),
            Self::Permissions(options) => permissions::run(options, places),
            Self::Run(options) => run::run(options, places),
            Self::Resume(options) => resume::run(options, places),
            Self::Rollback(options) => rollback::run(options, places),
            Self::Status(options) => status::run(options, places),
            Self::Note(options) => note::run(options, places),
            Self::Approve(options) => approve::run(options, places),
            Self::Handover(options) => handover::run(options, places),
            Self::Attach(options) => attach::run(options, places),
            Self::Seal(options) => seal::run(options, places),
            Self::Verify(options) => verify::run(options, places),
            Self::Trail(options) => trail::run(options),
            Self::Report(options) => report::run(options, places),
            Self::Access(options) => access::run(options),
            Self::New(options) => new::run(options, places),
            Self::Schema(options) => schema::run(options),
            Self::Completions(options) => completions::run(options),
            Self::Man(options) => man::run(options),
        }
    }
}

/// Runs the program on this process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => cli.command.run(&cli.places).unwrap_or_else(|error| {
            out::error(&error);
            error.kind.exit_code().into()
        }),
        Err(explanation) => explain(&explanation),
    }
}

/// What `clap` has to say: help and version are data, a wrong command line is not.
fn explain(explanation: &clap::Error) -> ExitCode {
    let text = explanation.render().ansi().to_string();
    if explanation.use_stderr() {
        out::talk(&text);
        return Kind::Usage.exit_code().into();
    }
    match out::data(&text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error.kind.exit_code().into(),
    }
}

/// The definitions that completions and man pages are made of.
fn definitions() -> clap::Command {
    Cli::command()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definitions_hold_together() {
        definitions().debug_assert();
    }

    #[test]
    fn every_command_teaches_by_example() {
        for command in definitions().get_subcommands() {
            let help = command.clone().render_long_help().to_string();
            assert!(help.contains("Example"), "{} shows no example", command.get_name());
            assert!(help.contains(&format!("playbook {}", command.get_name())), "{}", command.get_name());
        }
    }
}

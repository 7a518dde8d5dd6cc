//! What the run ran with: document, program, machine, parameters, identity.

use super::instant;
use super::model::Report;

/// What is known, and how it is shown.
pub(super) enum Value {
    Words(String),
    /// To be copied as it is.
    Exact(String),
}

/// Every fact under its name.
pub(super) fn of(report: &Report) -> Vec<(String, Value)> {
    let named = |name: &str, value| (name.to_owned(), value);
    let (document, program) = (&report.document, &report.program);
    let from = format!("{} version {}, from {}", document.name, document.version, document.origin);
    let journal = format!("{} entries, the last at {}", report.entries, instant(report.last_at));
    let mut all = vec![
        named("document", Value::Words(from)),
        named("its SHA-256", Value::Exact(document.digest.to_string())),
        named("program", Value::Words(format!("playbook {}", program.version))),
    ];
    all.extend(program.build_id.iter().map(|build| named("build", Value::Exact(build.clone()))));
    all.push(named("host", Value::Words(report.host.clone())));
    all.push(named("journal", Value::Words(journal)));
    let params = report.params.iter();
    all.extend(params.map(|(name, value)| (format!("parameter {name}"), Value::Exact(value.to_string()))));
    all.extend(report.identities.iter().map(|who| {
        (format!("AWS account {} (entry {})", who.account, who.seq), Value::Exact(who.arn.clone()))
    }));
    all
}

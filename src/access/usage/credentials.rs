//! The credential report (IAM user guide, "Generate credential reports for your AWS
//! account"): users and the root, each with the last use of its password and access keys.

use std::collections::HashMap;

use chrono::{DateTime, TimeZone as _, Utc};

use super::csv::fields;
use super::{Confidence, LastUse, Sight, Source, parsed, shown};

/// What the report says, by ARN.
#[derive(Debug, Default)]
pub struct Report(HashMap<String, Vec<Credential>>);

/// A password or an access key that is there.
#[derive(Debug, PartialEq, Eq)]
struct Credential {
    name: &'static str,
    last: Option<DateTime<Utc>>,
    /// Since when it exists and its use is kept.
    since: Option<DateTime<Utc>>,
    service: Option<String>,
    region: Option<String>,
}

/// Columns of one kind of credential: its name, whether it is there, when it was made, its
/// last use, and where.
struct Columns {
    name: &'static str,
    made: &'static str,
    last: &'static str,
    region: Option<&'static str>,
    service: Option<&'static str>,
    /// IAM keeps its use since: year, month, day.
    kept: (i32, u32, u32),
}

const COLUMNS: [Columns; 3] = [
    Columns {
        name: "password",
        made: "password_last_changed",
        last: "password_last_used",
        region: None,
        service: None,
        kept: (2014, 10, 20),
    },
    Columns {
        name: "access key 1",
        made: "access_key_1_last_rotated",
        last: "access_key_1_last_used_date",
        region: Some("access_key_1_last_used_region"),
        service: Some("access_key_1_last_used_service"),
        kept: (2015, 4, 22),
    },
    Columns {
        name: "access key 2",
        made: "access_key_2_last_rotated",
        last: "access_key_2_last_used_date",
        region: Some("access_key_2_last_used_region"),
        service: Some("access_key_2_last_used_service"),
        kept: (2015, 4, 22),
    },
];

impl Report {
    /// Reads the table.
    ///
    /// # Errors
    /// Says why it is none: a row of names that misses `arn`, or a row shorter than that,
    /// with the number of the line.
    pub fn read(text: &str) -> Result<Self, (usize, String)> {
        let mut rows = text.lines().enumerate().filter(|(_, row)| !row.trim().is_empty());
        let names = rows.next().map(|(_, row)| fields(row)).unwrap_or_default();
        let place = |wanted: &str| names.iter().position(|name| name == wanted);
        let arn = place("arn").ok_or_else(|| (1, "the report has no column `arn`".to_owned()))?;
        let mut report = HashMap::new();
        for (at, row) in rows {
            let row = fields(row);
            let field = |name: &str| place(name).and_then(|at| row.get(at)).map(String::as_str);
            let arn = row.get(arn).filter(|arn| arn.starts_with("arn:"));
            let arn = arn.ok_or_else(|| (at + 1, "the row has no ARN".to_owned()))?;
            let has_password = field("password_enabled").is_some_and(|it| it.eq_ignore_ascii_case("true"));
            let credentials = COLUMNS.iter().filter_map(|columns| credential(columns, field, has_password));
            report.insert(arn.clone(), credentials.collect());
        }
        Ok(Self(report))
    }

    /// What it says of somebody. Credentials that were deleted are not in it any more.
    #[must_use]
    pub fn uses(&self, arn: &str) -> Vec<LastUse> {
        let Some(credentials) = self.0.get(arn) else { return Vec::new() };
        let newest = credentials.iter().filter_map(|credential| credential.last).max();
        // An older use of one credential bounds nothing that another one did.
        let sight = |it: &LastUse| if it.at == newest { Sight::Whole } else { Sight::Partial };
        let used = credentials.iter().filter_map(used).map(|it| LastUse { sees_all: sight(&it), ..it });
        let used: Vec<_> = used.collect();
        if used.is_empty() { vec![unused(credentials)] } else { used }
    }
}

/// `N/A`, `no_information` and `not_supported` are no dates. Whether the root has a password is
/// not told; that it was used is.
fn credential<'r>(
    columns: &Columns,
    field: impl Fn(&str) -> Option<&'r str>,
    has_password: bool,
) -> Option<Credential> {
    let word = |name: Option<&str>| {
        let told = field(name?)?;
        (!matches!(told, "N/A" | "no_information" | "not_supported" | "")).then(|| told.to_owned())
    };
    let last = field(columns.last).and_then(parsed);
    let made = field(columns.made).and_then(parsed);
    let is_password = columns.region.is_none();
    let is_there = if is_password { has_password || last.is_some() } else { made.or(last).is_some() };
    let (year, month, day) = columns.kept;
    let kept = Utc.with_ymd_and_hms(year, month, day, 0, 0, 0).single();
    is_there.then(|| Credential {
        name: columns.name,
        last,
        // A password that is changed stays the same credential, so that its time says nothing.
        since: if is_password { kept } else { made.zip(kept).map(|(made, kept)| made.max(kept)) },
        service: word(columns.service),
        region: word(columns.region),
    })
}

fn used(credential: &Credential) -> Option<LastUse> {
    let at = credential.last?;
    let service = credential.service.as_deref();
    let with = service.map(|service| format!(" with {service}")).unwrap_or_default();
    let region = credential.region.as_deref().map(|region| format!(" in {region}")).unwrap_or_default();
    Some(LastUse {
        source: Source::CredentialReport,
        // With KMS last: whatever it did in another service came before.
        confidence: if service == Some("kms") { Confidence::Service } else { Confidence::Anything },
        at: Some(at),
        what: format!("{}{with}{region}", credential.name),
        tracked_since: credential.since,
        sees_all: Sight::Whole,
        words: format!("{} last used {}{with}{region} (credential report)", credential.name, shown(at)),
    })
}

/// No use of what it has. The youngest of its credentials says since when all were there.
fn unused(credentials: &[Credential]) -> LastUse {
    let all = credentials.iter().map(|credential| credential.since).collect::<Option<Vec<_>>>();
    let since = all.and_then(|all| all.into_iter().max());
    let words = match since {
        _ if credentials.is_empty() => {
            "it has neither a password nor an access key (credential report)".to_owned()
        }
        Some(since) => format!(
            "no use of its password or access keys recorded since {}, when they were made or tracking began, which is not never (credential report)",
            shown(since)
        ),
        None => "no use of its password or access keys recorded, nobody says since when, which is not never (credential report)".to_owned(),
    };
    LastUse {
        source: Source::CredentialReport,
        confidence: Confidence::Anything,
        at: None,
        what: String::new(),
        tracked_since: since,
        sees_all: Sight::Whole,
        words,
    }
}

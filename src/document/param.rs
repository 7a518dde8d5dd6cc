//! What a parameter accepts, by its type.

use chrono::DateTime;
use serde_json::Value;

use super::playbook::ParamKind;
use crate::text::{duration, nearest};

impl ParamKind {
    /// The word that documents use for the type.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Duration => "duration",
            Self::Time => "time",
            Self::Choice(_) => "choice",
            Self::Secret => "secret",
            Self::File => "file",
            Self::Arn => "arn",
            Self::KmsKey => "kms_key",
            Self::AccessKey => "access_key",
            Self::IamPrincipal => "iam_principal",
            Self::S3Bucket => "s3_bucket",
            Self::Account => "account",
            Self::Region => "region",
        }
    }

    /// Reads what somebody gave for a parameter.
    ///
    /// # Errors
    /// Says what the type looks like, for text that does not fit it.
    pub fn read(&self, text: &str) -> Result<Value, String> {
        let given = Value::String(text.to_owned());
        let fits = |fits: bool, looks: &str| if fits { Ok(given.clone()) } else { Err(format!("`{text}` is not {looks}")) };
        match self {
            Self::String | Self::Secret | Self::File => Ok(given),
            Self::Integer => text.parse::<i64>().map(Value::from).map_err(|_| format!("`{text}` is not a whole number")),
            Self::Boolean => match text {
                "true" | "yes" => Ok(Value::Bool(true)),
                "false" | "no" => Ok(Value::Bool(false)),
                _ => Err(format!("`{text}` is neither true nor false")),
            },
            Self::Duration => duration::parse(text).map(|_| given),
            Self::Time => DateTime::parse_from_rfc3339(text)
                .map(|_| given)
                .map_err(|_| format!("`{text}` is not an instant like 2026-11-22T03:10:00Z")),
            Self::Choice(choices) if choices.iter().any(|choice| choice == text) => Ok(given),
            Self::Choice(choices) => Err(not_a_choice(text, choices)),
            Self::Arn => fits(is_arn(text), "an ARN like arn:aws:iam::111122223333:role/responder"),
            Self::KmsKey => fits(
                is_kms_key(text),
                "a KMS key: give its id, its ARN, or an alias like alias/customer-pii-encryption-key",
            ),
            Self::AccessKey => fits(is_access_key(text), "an access key id like AKIAIOSFODNN7EXAMPLE"),
            Self::IamPrincipal => fits(
                is_arn(text) || is_iam_name(text),
                "an IAM principal: give its ARN, or the name of a user or role",
            ),
            Self::S3Bucket => fits(is_bucket(text), "a bucket name: 3 to 63 lower-case letters, digits, dots and hyphens"),
            Self::Account => fits(is_account(text), "an account number of twelve digits"),
            Self::Region => fits(is_region(text), "a Region like us-east-1"),
        }
    }
}

fn not_a_choice(text: &str, choices: &[String]) -> String {
    let near = nearest(text, choices).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    format!("`{text}` is none of {}{near}", choices.join(", "))
}

fn is_arn(text: &str) -> bool {
    let parts: Vec<_> = text.splitn(6, ':').collect();
    matches!(parts.as_slice(), ["arn", partition, service, _, account, resource]
        if partition.starts_with("aws") && !service.is_empty() && !resource.is_empty()
            && (account.is_empty() || is_account(account) || *account == "aws"))
        && !text.contains(char::is_whitespace)
}

/// Key id, key ARN, alias name or alias ARN (AWS KMS API reference, DescribeKey, KeyId).
fn is_kms_key(text: &str) -> bool {
    let word = |text: &str| {
        !text.is_empty() && text.len() <= 256 && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_/".contains(c))
    };
    match (text.strip_prefix("alias/"), text.strip_prefix("arn:")) {
        (Some(alias), _) => word(alias),
        (None, Some(_)) => is_arn(text) && text.split(':').nth(2) == Some("kms"),
        (None, None) => is_key_id(text),
    }
}

/// A UUID, or `mrk-` and 32 hex digits for a multi-Region key.
fn is_key_id(text: &str) -> bool {
    let hex = |text: &str, length: usize| text.len() == length && text.chars().all(|c| c.is_ascii_hexdigit());
    match text.strip_prefix("mrk-") {
        Some(rest) => hex(rest, 32),
        None => {
            let groups: Vec<_> = text.split('-').collect();
            groups.len() == 5 && groups.iter().zip([8, 4, 4, 4, 12]).all(|(group, length)| hex(group, length))
        }
    }
}

fn is_access_key(text: &str) -> bool {
    (16..=128).contains(&text.len()) && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

fn is_iam_name(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || "+=,.@_-/".contains(c))
}

fn is_bucket(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
    let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (3..=63).contains(&text.len()) && text.chars().all(inner) && text.starts_with(edge) && text.ends_with(edge)
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.chars().all(|c| c.is_ascii_digit())
}

/// `us-east-1`, `us-gov-west-1`, `ap-southeast-4`.
fn is_region(text: &str) -> bool {
    let mut parts = text.rsplit('-');
    let number = parts.next().is_some_and(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit()));
    let words: Vec<_> = parts.collect();
    number && words.len() >= 2 && words.iter().all(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_takes_what_aws_takes_and_refuses_the_rest() {
        let cases: [(ParamKind, &[&str], &[&str]); 10] = [
            (
                ParamKind::KmsKey,
                &[
                    "alias/customer-pii-encryption-key",
                    "1234abcd-12ab-34cd-56ef-1234567890ab",
                    "mrk-1234abcd12ab34cd56ef1234567890ab",
                    "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
                    "arn:aws:kms:us-east-1:111122223333:alias/a",
                ],
                &["", "customer key", "alias/", "arn:aws:s3:::bucket", "1234"],
            ),
            (ParamKind::AccessKey, &["AKIAIOSFODNN7EXAMPLE"], &["akia", "AKIA 1", ""]),
            (ParamKind::S3Bucket, &["customer-exports-1"], &["A", "-a-b", "a_b", "ab"]),
            (ParamKind::Account, &["111122223333"], &["1111", "11112222333a"]),
            (ParamKind::Region, &["us-east-1", "us-gov-west-1"], &["useast1", "us-east", "us-1", "-east-1", ""]),
            (ParamKind::IamPrincipal, &["ci-deploy", "arn:aws:iam::111122223333:role/etl"], &["", "a b"]),
            (ParamKind::Duration, &["24h", "0s"], &["24", "soon"]),
            (ParamKind::Integer, &["-3", "30"], &["3.5", "x"]),
            (ParamKind::Boolean, &["true", "no"], &["maybe", ""]),
            (ParamKind::Time, &["2026-11-22T03:10:00Z"], &["yesterday"]),
        ];
        for (kind, fits, wrong) in cases {
            for text in fits {
                assert!(kind.read(text).is_ok(), "{kind:?} takes {text}");
            }
            for text in wrong {
                assert!(kind.read(text).is_err(), "{kind:?} refuses {text}");
            }
        }
    }

    #[test]
    fn a_mistyped_choice_is_answered_with_the_nearest_one() {
        let kind = ParamKind::Choice(vec!["disable".into(), "fence".into()]);
        assert_eq!(kind.read("fenc").unwrap_err(), "`fenc` is none of disable, fence; did you mean `fence`?");
    }
}

//! What a run is started with.

use serde_json::Value;

use super::action::Kind;
use crate::text::{Span, duration};

#[derive(Clone, Debug)]
pub struct Param {
    pub name: String,
    pub kind: ParamKind,
    pub prompt: Option<String>,
    pub default: Option<Value>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParamKind {
    String,
    Integer,
    Boolean,
    Duration,
    Time,
    Choice(Vec<String>),
    Secret,
    File,
    Arn,
    KmsKey,
    AccessKey,
    IamPrincipal,
    S3Bucket,
    Account,
    Region,
}

impl ParamKind {
    /// As documents write it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
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

    /// The kind by its name; a choice is still without choices.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "string" => Self::String,
            "integer" => Self::Integer,
            "boolean" => Self::Boolean,
            "duration" => Self::Duration,
            "time" => Self::Time,
            "choice" => Self::Choice(Vec::new()),
            "secret" => Self::Secret,
            "file" => Self::File,
            "arn" => Self::Arn,
            "kms_key" => Self::KmsKey,
            "access_key" => Self::AccessKey,
            "iam_principal" => Self::IamPrincipal,
            "s3_bucket" => Self::S3Bucket,
            "account" => Self::Account,
            "region" => Self::Region,
            _ => return None,
        })
    }

    /// The kind of value that expressions see.
    #[must_use]
    pub const fn value_kind(&self) -> Kind {
        match self {
            Self::Integer => Kind::Integer,
            Self::Boolean => Kind::Boolean,
            Self::Duration => Kind::Duration,
            Self::Time => Kind::Time,
            Self::Arn => Kind::Arn,
            Self::KmsKey => Kind::KeyName,
            _ => Kind::Text,
        }
    }

    /// Reads a value as a person gives it. Durations, times and files stay texts.
    ///
    /// # Errors
    /// Says what a value of this kind looks like.
    pub fn read(&self, text: &str) -> Result<Value, String> {
        let fits = |fits: bool, like: &str| {
            if fits { Ok(Value::from(text)) } else { Err(format!("`{text}` is no {}; {like}", self.name())) }
        };
        match self {
            Self::String | Self::Secret => Ok(Value::from(text)),
            Self::File => fits(!text.is_empty(), "give the path of a file"),
            Self::Integer => text
                .parse::<i64>()
                .map(Value::from)
                .map_err(|_| format!("`{text}` is no integer; write digits, such as 30")),
            Self::Boolean => match text {
                "true" | "yes" => Ok(Value::Bool(true)),
                "false" | "no" => Ok(Value::Bool(false)),
                _ => Err(format!("`{text}` is neither true nor false")),
            },
            Self::Duration => duration::parse(text).map(|_| Value::from(text)),
            Self::Time => fits(is_time(text), "write one like 2026-11-22T03:10:00Z (RFC 3339)"),
            Self::Choice(choices) => {
                let known = choices.iter().any(|choice| choice == text);
                if known {
                    Ok(Value::from(text))
                } else {
                    Err(format!("`{text}` is none of {}", choices.join(", ")))
                }
            }
            Self::Arn => fits(is_arn(text), "an ARN looks like arn:aws:iam::111122223333:role/responder"),
            Self::KmsKey => fits(is_key_name(text), "give a key id, key ARN, alias/NAME or alias ARN"),
            Self::AccessKey => fits(is_access_key(text), "an access key id looks like AKIAIOSFODNN7EXAMPLE"),
            Self::IamPrincipal => fits(
                !text.is_empty() && !text.contains(char::is_whitespace),
                "give an ARN or a user or role name",
            ),
            Self::S3Bucket => fits(
                is_bucket(text),
                "bucket names have 3 to 63 lower-case letters, digits, dots and hyphens",
            ),
            Self::Account => fits(
                text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()),
                "an account has twelve digits",
            ),
            Self::Region => fits(is_region(text), "a Region looks like eu-central-1"),
        }
    }
}

/// Whether a text is an instant (RFC 3339).
pub(super) fn is_time(text: &str) -> bool {
    chrono::DateTime::parse_from_rfc3339(text).is_ok()
}

/// Whether a text has the shape of an ARN (AWS general reference, "Amazon Resource Names").
pub(super) fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") && text.splitn(6, ':').count() == 6 && !text.contains(char::is_whitespace)
}

/// Whether a text may name a KMS key (KMS API reference, DescribeKey, KeyId).
fn is_key_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= 2048 && !text.contains(char::is_whitespace) && text != "alias/"
}

/// IAM API reference, AccessKey: 16 to 128 word characters.
fn is_access_key(text: &str) -> bool {
    (16..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// S3 user guide, "General purpose bucket naming rules".
fn is_bucket(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.' || byte == b'-';
    let ends =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let bytes = text.as_bytes();
    (3..=63).contains(&bytes.len())
        && bytes.iter().all(|&byte| inner(byte))
        && ends(bytes.first())
        && ends(bytes.last())
}

fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let words = |parts: &[&str]| {
        parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase()))
    };
    match parts.split_last() {
        Some((number, words_before)) => {
            words_before.len() >= 2
                && words(words_before)
                && !number.is_empty()
                && number.bytes().all(|byte| byte.is_ascii_digit())
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_read_by_their_kind() {
        for (kind, text, value) in [
            ("string", "yes", json!("yes")),
            ("integer", "-30", json!(-30)),
            ("boolean", "yes", json!(true)),
            ("duration", "1h30m", json!("1h30m")),
            ("time", "2026-11-22T03:10:00+01:00", json!("2026-11-22T03:10:00+01:00")),
            ("arn", "arn:aws:iam::111122223333:role/x", json!("arn:aws:iam::111122223333:role/x")),
            ("kms_key", "alias/customer", json!("alias/customer")),
            ("access_key", "AKIAIOSFODNN7EXAMPLE", json!("AKIAIOSFODNN7EXAMPLE")),
            ("s3_bucket", "amzn-s3-demo-bucket1", json!("amzn-s3-demo-bucket1")),
            ("account", "012345678901", json!("012345678901")),
            ("region", "us-gov-west-1", json!("us-gov-west-1")),
        ] {
            assert_eq!(ParamKind::named(kind).unwrap().read(text), Ok(value), "{kind}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (kind, text) in [
            ("integer", "3.5"),
            ("boolean", "maybe"),
            ("duration", "15"),
            ("time", "yesterday"),
            ("arn", "role/x"),
            ("kms_key", "my key"),
            ("access_key", "short"),
            ("s3_bucket", "Upper"),
            ("s3_bucket", "-ends"),
            ("account", "123"),
            ("region", "Frankfurt"),
            ("region", "eu"),
            ("file", ""),
            ("iam_principal", "two words"),
        ] {
            assert!(ParamKind::named(kind).unwrap().read(text).is_err(), "{kind} {text}");
        }
        let choice = ParamKind::Choice(vec!["disable".to_owned()]);
        assert_eq!(choice.read("fence"), Err("`fence` is none of disable".to_owned()));
    }

    #[test]
    fn every_type_of_the_language_has_a_kind_of_that_name() {
        for name in crate::document::language::PARAM_TYPES {
            assert_eq!(ParamKind::named(name).map(|kind| kind.name()), Some(*name));
        }
    }
}

//! What AWS answered to a request, in one word.

use serde::Serialize;

use crate::run::Call;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// It was done, or told.
    Accepted,
    /// It was asked for something that is not there, which is an answer.
    NotThere,
    Refused,
    /// No answer came, so that it may have taken place.
    None,
}

impl Reply {
    pub(super) fn of(call: &Call) -> Self {
        match (call.status, &call.error) {
            (None, _) => Self::None,
            (Some(200..300), None) => Self::Accepted,
            (Some(status), error) if reads(&call.operation) && says_none(status, error.as_deref()) => {
                Self::NotThere
            }
            (Some(_), _) => Self::Refused,
        }
    }
}

/// Whether an operation of AWS only looks, by the verb it begins with. A step that writes
/// also looks: at the state before, and at the effect afterwards.
pub(super) fn reads(operation: &str) -> bool {
    const VERBS: [&str; 8] = ["Get", "List", "Describe", "Head", "Lookup", "Simulate", "Search", "Validate"];
    VERBS.iter().any(|verb| operation.starts_with(verb))
}

/// S3 and IAM answer 404 (`NoSuchTagSet`, `ServerSideEncryptionConfigurationNotFoundError`,
/// `NoSuchEntity`), the services that speak JSON answer 400 and say it by name alone
/// (`NotFoundException`, `TrailNotFoundException`).
fn says_none(status: u16, error: Option<&str>) -> bool {
    let named = |error: &str| error.starts_with("NoSuch") || error.contains("NotFound");
    status == 404 || error.is_some_and(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(operation: &str, status: Option<u16>, error: Option<&str>) -> Reply {
        Reply::of(&Call {
            service: "s3".to_owned(),
            operation: operation.to_owned(),
            region: "us-east-1".to_owned(),
            attempt: 1,
            sent_at: chrono::DateTime::UNIX_EPOCH,
            seconds: 0.1,
            status,
            request_id: None,
            error: error.map(str::to_owned),
            server_date: None,
            request: None,
            response: None,
        })
    }

    #[test]
    fn that_there_is_none_is_an_answer_and_no_refusal() {
        for (operation, status, error) in [
            ("GetBucketTagging", 404, "NoSuchTagSet"),
            ("GetBucketEncryption", 404, "ServerSideEncryptionConfigurationNotFoundError"),
            ("GetRolePolicy", 404, "NoSuchEntity"),
            ("DescribeKey", 400, "NotFoundException"),
        ] {
            assert_eq!(reply(operation, Some(status), Some(error)), Reply::NotThere, "{error}");
        }
        assert_eq!(reply("HeadObject", Some(404), None), Reply::NotThere);
    }

    #[test]
    fn what_would_have_changed_something_is_refused_whatever_the_reason() {
        assert_eq!(reply("DeleteRolePolicy", Some(404), Some("NoSuchEntity")), Reply::Refused);
        assert_eq!(reply("GetBucketPolicy", Some(403), Some("AccessDenied")), Reply::Refused);
        assert_eq!(reply("HeadObject", Some(403), None), Reply::Refused);
        assert_eq!(reply("DisableKey", Some(200), None), Reply::Accepted);
        assert_eq!(reply("DisableKey", None, None), Reply::None);
    }
}

//! What is sent again at once, beside what the SDK would send again by itself, and what must
//! not be.

use std::time::Duration;

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority,
};
use aws_smithy_types::retry::ErrorKind;

use super::guard::is_reading;
use super::renewal::Renewal;
use super::tape::{First, Tape};

/// Writes of which a repetition leaves everything as the first one did, by what their requests
/// name: a part by its number and its upload, an upload that is given up by its id, a version by
/// its id and until when it is kept (Amazon S3 API reference, `UploadPart`,
/// `AbortMultipartUpload`, `PutObjectRetention`).
const REPEATABLE: [&str; 3] = ["UploadPart", "AbortMultipartUpload", "PutObjectRetention"];

/// Whether AWS has to be asked what became of such a call before it is sent again.
pub(super) fn is_to_be_asked(service: &str, operation: &str) -> bool {
    let repeatable = service == "s3" && REPEATABLE.contains(&operation);
    !repeatable && !is_reading(service, operation)
}

/// Forbids a retry of a write that may have taken place: whether it did is found out first,
/// by the step's probe, and only then is it sent again. What AWS refused because the
/// credentials ended did not take place: it is sent again with others.
#[derive(Clone, Debug)]
pub(super) struct Again {
    tape: Tape,
    renewal: Renewal,
}

impl Again {
    pub(super) fn after(tape: &Tape, renewal: &Renewal) -> Self {
        Self { tape: tape.clone(), renewal: renewal.clone() }
    }
}

impl ClassifyRetry for Again {
    fn classify_retry(&self, _: &InterceptorContext) -> RetryAction {
        match self.tape.first() {
            Some(First::Ask) => RetryAction::RetryForbidden,
            Some(First::Renew(key)) => {
                self.renewal.is_due_for(&key);
                RetryAction::retryable_error_with_explicit_delay(ErrorKind::ClientError, Duration::ZERO)
            }
            None => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "a write that may have taken place, or credentials that ended"
    }

    /// Behind those that would try again.
    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_repetition_cannot_change_is_left_to_the_sdk() {
        for (service, operation) in
            [("s3", "PutObject"), ("s3", "CopyObject"), ("kms", "CreateKey"), ("iam", "UploadPart")]
        {
            assert!(is_to_be_asked(service, operation), "{service}:{operation}");
        }
        for (service, operation) in [("s3", "UploadPart"), ("s3", "HeadObject"), ("kms", "DescribeKey")] {
            assert!(!is_to_be_asked(service, operation), "{service}:{operation}");
        }
    }
}

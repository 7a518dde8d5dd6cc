//! What the SDK must not try again by itself.

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority,
};

use super::guard::is_reading;
use super::tape::Tape;

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
/// by the step's probe, and only then is it sent again.
#[derive(Clone, Debug)]
pub(super) struct Unasked {
    tape: Tape,
}

impl Unasked {
    pub(super) fn after(tape: &Tape) -> Self {
        Self { tape: tape.clone() }
    }
}

impl ClassifyRetry for Unasked {
    fn classify_retry(&self, _: &InterceptorContext) -> RetryAction {
        if self.tape.has_to_ask() { RetryAction::RetryForbidden } else { RetryAction::NoActionIndicated }
    }

    fn name(&self) -> &'static str {
        "a write that may have taken place"
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

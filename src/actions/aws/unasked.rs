//! What the SDK must not try again by itself.

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority,
};

use super::guard::is_reading;
use super::tape::Tape;

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
        let doubtful =
            |last: &super::tape::Exchange| !is_reading(&last.service, &last.operation) && last.is_doubtful();
        if self.tape.last().as_ref().is_some_and(doubtful) {
            RetryAction::RetryForbidden
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "a write that may have taken place"
    }

    /// Behind those that would try again.
    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

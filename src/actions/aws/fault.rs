//! What AWS, or the way to it, said no with: as a [`Fault`] that a responder can act on.

use std::error::Error as StdError;
use std::fmt::Write as _;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::badge::Stranger;
use super::guard::{Refusal, is_reading};
use super::tape::{Exchange, Fate, Tape};
use crate::run::{Fault, FaultKind};

/// What was asked, and who may ask it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) permissions: &'a [&'a str],
    pub(super) region: &'a str,
}

/// What came back instead of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The guard held it back.
    HeldBack(String),
    /// The credentials became somebody else's.
    Swapped { was: String, words: String },
    /// There were no credentials to sign with.
    NoCredentials(String),
    /// No request could be made of the inputs.
    Unmade(String),
    /// The request could not be sent; nothing went out.
    Unsent(String),
    /// It went out and nothing came back.
    Silence(String),
    /// AWS answered with an error.
    Said { status: u16, code: Option<String>, message: String },
}

const NOT_FOUND: &str = "none in the environment, the profile, or the role of the machine";

/// Makes a fault of an error of the SDK, in the light of what is on the tape.
pub(super) fn of<E>(error: &SdkError<E, HttpResponse>, tape: &Tape, asked: Asked<'_>) -> Fault
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    let last = tape.last();
    let trouble = trouble(error, last.as_ref());
    let write = last.as_ref().filter(|it| !is_reading(&it.service, &it.operation));
    let silent = matches!(trouble, Trouble::Silence(_));
    let doubtful = write.is_some_and(|it| silent || tape.is_doubtful(&it.service, &it.operation));
    tell(&trouble, last.as_ref(), doubtful, asked)
}

/// The reason in a few words, for the items of a list.
pub(super) fn reason<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    match error {
        SdkError::ServiceError(context) => {
            let said = context.err().meta();
            match (said.code(), said.message()) {
                (Some(code), Some(message)) if !message.is_empty() => format!("{code}: {message}"),
                (Some(code), _) => code.to_owned(),
                _ => status_words(context.raw().status().as_u16()).to_owned(),
            }
        }
        other => chain(other),
    }
}

/// Whether a write may have taken place for all that its error tells. No connection is told
/// like one that broke: AWS is asked where it need not be, and never the other way.
pub(super) fn leaves_doubt<E>(error: &SdkError<E, HttpResponse>) -> bool
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    match error {
        SdkError::ConstructionFailure(_) => false,
        SdkError::ServiceError(context) => {
            let (status, code) = (context.raw().status().as_u16(), context.err().code());
            (status < 300 && code.is_none()) || (status >= 500 && !code.is_some_and(is_throttling))
        }
        _ => true,
    }
}

/// Whether AWS asks for fewer requests (AWS SDKs reference guide, "Retry behavior").
pub(super) fn is_throttling(code: &str) -> bool {
    const CODES: &[&str] = &[
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    ];
    CODES.contains(&code)
}

/// Whether AWS takes the credentials no longer, so that others may help (AWS STS, AWS KMS and
/// Amazon S3 API references, "Common Errors" and "Error responses").
pub(super) fn says_credentials_ended(code: &str) -> bool {
    const CODES: &[&str] = &[
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidToken",
        "TokenRefreshRequired",
        "UnrecognizedClientException",
    ];
    CODES.contains(&code)
}

fn trouble<E>(error: &SdkError<E, HttpResponse>, last: Option<&Exchange>) -> Trouble
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    if let Some(refusal) = source::<Refusal>(error) {
        return Trouble::HeldBack(refusal.what.clone());
    }
    if let Some(stranger) = source::<Stranger>(error) {
        return Trouble::Swapped { was: stranger.was.clone(), words: stranger.to_string() };
    }
    match source::<CredentialsError>(error) {
        Some(none @ CredentialsError::CredentialsNotLoaded(_)) => {
            let why = none.source().map_or_else(|| NOT_FOUND.to_owned(), chain);
            return Trouble::NoCredentials(why);
        }
        Some(broken) => return Trouble::NoCredentials(chain(broken)),
        None => {}
    }
    match (error, last.map(|it| it.fate)) {
        (SdkError::ServiceError(context), _)
            if context.raw().status().is_success() && context.err().code().is_none() =>
        {
            Trouble::Silence(format!("its answer makes no sense: {}", chain(error)))
        }
        (SdkError::ServiceError(context), _) => {
            let (said, status) = (context.err().meta(), context.raw().status().as_u16());
            let message = said.message().filter(|text| !text.is_empty());
            Trouble::Said {
                status,
                code: said.code().map(str::to_owned),
                message: message.unwrap_or_else(|| status_words(status)).to_owned(),
            }
        }
        (SdkError::ResponseError(_), _) => {
            Trouble::Silence(format!("its answer could not be read: {}", chain(error)))
        }
        (SdkError::ConstructionFailure(_), _) => Trouble::Unmade(chain(error)),
        (_, None | Some(Fate::NotSent)) => Trouble::Unsent(chain(error)),
        _ => Trouble::Silence(chain(error)),
    }
}

/// Where the request went, for whoever mends the network.
fn at(last: Option<&Exchange>) -> String {
    last.filter(|it| !it.host.is_empty()).map_or_else(String::new, |it| format!(" at {}", it.host))
}

fn tell(trouble: &Trouble, last: Option<&Exchange>, doubtful: bool, asked: Asked<'_>) -> Fault {
    let call = last.map_or_else(|| "AWS".to_owned(), |it| format!("{}:{}", it.service, it.operation));
    match trouble {
        Trouble::HeldBack(what) => {
            Fault::new(FaultKind::Refused, format!("{what} changes AWS and was not sent"))
                .hint("this run may only read; run it without --dry-run to act")
        }
        Trouble::Swapped { was, words } => {
            Fault::new(FaultKind::Refused, format!("{words}; nothing was sent with them"))
                .hint(format!("sign in as {was} again, then go on with `playbook resume`"))
                .hint("whoever is to go on in his own name resumes the run, which records who calls")
        }
        Trouble::NoCredentials(why) => {
            Fault::new(FaultKind::Unauthenticated, format!("there are no AWS credentials: {why}"))
                .hint("set AWS_PROFILE or pass --profile NAME; for single sign-on run `aws sso login` first")
                .hint("or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN)")
        }
        Trouble::Unmade(why) => {
            Fault::new(FaultKind::Rejected, format!("no request could be made; nothing was sent: {why}"))
                .hint("check the inputs of the step")
        }
        Trouble::Unsent(why) if !doubtful => Fault::new(
            FaultKind::Unreachable,
            format!("{call} was not reached{}; nothing was sent: {why}", at(last)),
        )
        .hint("check the network, the Region (--region, AWS_REGION) and AWS_ENDPOINT_URL where it is set"),
        Trouble::Unsent(why) | Trouble::Silence(why) if doubtful => lost(&call, why),
        Trouble::Unsent(why) | Trouble::Silence(why) => {
            Fault::new(FaultKind::Unreachable, format!("{call} gave no answer: {why}"))
                .hint("it only reads, so that it can be tried again")
        }
        Trouble::Said { status, code, message } => {
            said(&call, *status, code.as_deref(), message, last, doubtful, asked)
        }
    }
}

fn said(
    call: &str,
    status: u16,
    code: Option<&str>,
    message: &str,
    last: Option<&Exchange>,
    doubtful: bool,
    asked: Asked<'_>,
) -> Fault {
    let kind = kind_of(code, status);
    if doubtful && !matches!(kind, FaultKind::Denied | FaultKind::Unauthenticated) {
        let fault = lost(call, &format!("AWS answered {}: {message}", code.unwrap_or(status_words(status))));
        return with_code(fault, code);
    }
    let verdict = match kind {
        FaultKind::Denied => "was denied",
        FaultKind::Unauthenticated => "did not accept the credentials",
        FaultKind::Throttled => "asks to slow down",
        _ => "said no",
    };
    let mut text = format!("{call} {verdict}");
    if let Some(code) = code {
        let _ = write!(text, " ({code})");
    }
    let _ = write!(text, ": {message}");
    let mut fault = with_code(Fault::new(kind, text), code);
    fault.hints = hints(kind, code, message, last, asked);
    fault
}

fn kind_of(code: Option<&str>, status: u16) -> FaultKind {
    const UNAUTHENTICATED: &[&str] = &[
        "AuthFailure",
        "IncompleteSignature",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "NotAuthorized",
        "RequestExpired",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
    ];
    match code {
        Some(code) if is_throttling(code) => FaultKind::Throttled,
        Some(code) if says_credentials_ended(code) || UNAUTHENTICATED.contains(&code) => {
            FaultKind::Unauthenticated
        }
        Some(code) if code.starts_with("AccessDenied") || code.starts_with("UnauthorizedOperation") => {
            FaultKind::Denied
        }
        Some("Forbidden" | "AllAccessDisabled" | "NotAuthorizedException") => FaultKind::Denied,
        None if status == 403 => FaultKind::Denied,
        None if status == 401 => FaultKind::Unauthenticated,
        None if status == 429 => FaultKind::Throttled,
        _ => FaultKind::Rejected,
    }
}

fn hints(
    kind: FaultKind,
    code: Option<&str>,
    message: &str,
    last: Option<&Exchange>,
    asked: Asked<'_>,
) -> Vec<String> {
    let mut hints = Vec::new();
    match (kind, code.unwrap_or_default()) {
        (FaultKind::Denied, _) => hints.push(format!(
            "the caller needs {}; an explicit deny, a permissions boundary, the key policy or a service control policy may also stand in the way",
            if asked.permissions.is_empty() { "permission for it".to_owned() } else { asked.permissions.join(", ") }
        )),
        (FaultKind::Unauthenticated, "ExpiredToken" | "ExpiredTokenException") => {
            hints.push("the session has ended: sign in again, with `aws sso login` or by fetching new credentials".to_owned());
        }
        (FaultKind::Unauthenticated, code) => {
            if let Some(offset) = last.and_then(clock_offset).filter(|offset| offset.abs() >= 60) {
                let side = if offset > 0 { "behind" } else { "ahead of" };
                hints.push(format!("this machine's clock is {} s {side} AWS'; set it, then try again", offset.abs()));
            } else if code == "RequestTimeTooSkewed" {
                hints.push("this machine's clock is off; set it, then try again".to_owned());
            }
            hints.push("check which credentials are used: --profile NAME, AWS_PROFILE, AWS_ACCESS_KEY_ID".to_owned());
        }
        (FaultKind::Throttled, _) => hints.push("wait a little, then try again; a step's `retry` does so by itself".to_owned()),
        (_, "NotFoundException" | "NoSuchBucket" | "PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException") => {
            hints.push(format!("it was looked for in {}; another Region is named with --region or by an ARN", asked.region));
        }
        (_, "KMSInvalidStateException" | "DisabledException") => {
            hints.push("read the key's state with kms.describe_key; a key that is to be deleted takes only CancelKeyDeletion".to_owned());
        }
        _ => {}
    }
    if message.contains("expecting '") {
        hints.push("AWS names the Region it expects in its answer".to_owned());
    }
    hints
}

fn lost(call: &str, why: &str) -> Fault {
    Fault::new(FaultKind::Lost, format!("{call} was sent and may have taken place: {why}"))
        .hint("nothing is sent again before AWS was asked whether it did")
}

fn with_code(fault: Fault, code: Option<&str>) -> Fault {
    match code {
        Some(code) => fault.code(code),
        None => fault,
    }
}

/// AWS' clock less this machine's, in seconds, by the Date header (RFC 9110, section 6.6.1).
pub(super) fn clock_offset(exchange: &Exchange) -> Option<i64> {
    use aws_smithy_types::date_time::{DateTime, Format};
    let server = DateTime::from_str(exchange.server_date.as_deref()?, Format::HttpDate).ok()?;
    let sent = DateTime::from(exchange.sent_at).as_secs_f64();
    // The header has whole seconds and was written about halfway.
    #[expect(clippy::cast_possible_truncation, reason = "seconds between two clocks")]
    let offset = (server.as_secs_f64() + 0.5 - (sent + exchange.seconds / 2.0)).round() as i64;
    Some(offset)
}

fn status_words(status: u16) -> &'static str {
    match status {
        301 | 307 | 308 => "AWS redirects to another place",
        400 => "AWS does not understand the request",
        401 => "AWS does not know the caller",
        403 => "AWS says forbidden",
        404 => "AWS finds nothing there",
        405 | 501 => "AWS does not do this here",
        412 => "a condition of the request does not hold",
        429 => "AWS asks for fewer requests",
        500.. => "AWS failed to answer",
        _ => "AWS gave no reason",
    }
}

/// Every cause in a row, each once.
pub(in crate::actions) fn chain(error: &(dyn StdError + 'static)) -> String {
    // What the SDK and the transport put around a cause says nothing.
    const FRAMES: &[&str] =
        &["dispatch failure", "io error", "other", "response error", "service error", "user error"];
    let mut text = String::new();
    let mut next = Some(error);
    while let Some(cause) = next {
        let words = cause.to_string();
        if !words.is_empty() && !text.contains(&words) && !FRAMES.contains(&words.as_str()) {
            let _ = write!(text, "{}{words}", if text.is_empty() { "" } else { ": " });
        }
        next = cause.source();
    }
    text
}

fn source<'a, S: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a S> {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(found) = cause.downcast_ref::<S>() {
            return Some(found);
        }
        next = cause.source();
    }
    None
}

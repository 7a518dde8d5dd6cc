//! Takes down every exchange with AWS, retries included, as it goes over the wire.
//!
//! An exchange is on the tape from the moment before it is sent, so that a request whose
//! answer nobody waited for is known to have gone out.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connection::CaptureSmithyConnection;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, Metadata};
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use aws_types::region::{Region, SigningRegion};

use super::again::is_to_be_asked;
use super::{body, fault};

/// How many exchanges of a long action are kept whole.
const NOTABLE: usize = 200;

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// No connection: nothing was sent.
    NotSent,
    /// It went out, and no answer was read: it may have taken place.
    Unanswered,
    /// The HTTP status of the answer.
    Answered(u16),
}

/// One request and what came back.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    id: u64,
    pub(super) service: String,
    pub(super) operation: String,
    pub(super) region: String,
    /// Host and port that it went to.
    pub(super) host: String,
    pub(super) attempt: u32,
    pub(super) sent_at: SystemTime,
    pub(super) seconds: f64,
    pub(super) fate: Fate,
    /// An answer came that says success, and broke off or makes no sense.
    pub(super) garbled: bool,
    pub(super) request_id: Option<String>,
    pub(super) error: Option<String>,
    pub(super) server_date: Option<String>,
    /// The access key id in the signature.
    pub(super) signed_by: Option<String>,
    pub(super) request: Option<body::Body>,
    pub(super) response: Option<body::Body>,
}

impl Exchange {
    /// Whether it may have changed the world although AWS did not say so. A request that
    /// was throttled, at whatever status, was not carried out.
    pub(super) fn is_doubtful(&self) -> bool {
        match self.fate {
            Fate::NotSent => false,
            Fate::Unanswered => true,
            Fate::Answered(200..300) => self.garbled,
            Fate::Answered(status) => {
                status >= 500 && !self.error.as_deref().is_some_and(fault::is_throttling)
            }
        }
    }

    /// Whether it took place, or may have.
    pub(super) fn may_have_taken_place(&self) -> bool {
        matches!(self.fate, Fate::Answered(200..300)) || self.is_doubtful()
    }

    fn first(&self) -> Option<First> {
        if self.is_doubtful() && is_to_be_asked(&self.service, &self.operation) {
            return Some(First::Ask);
        }
        let ended = self.error.as_deref().is_some_and(fault::says_credentials_ended) || self.is_mute();
        self.signed_by.clone().filter(|_| ended).map(First::Renew)
    }

    /// S3 answers HEAD without a body: of all that makes a request bad, credentials that ended
    /// among it, it tells nothing but 400 (Amazon S3 API reference, `HeadObject`).
    fn is_mute(&self) -> bool {
        self.service == "s3" && self.operation.starts_with("Head") && self.fate == Fate::Answered(400)
    }

    fn failed(&self) -> bool {
        self.error.is_some() || !matches!(self.fate, Fate::Answered(200..300))
    }
}

/// What has to come first, before a request is sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum First {
    /// It may have taken place: AWS is asked.
    Ask,
    /// AWS no longer takes the credentials with this access key id: others are fetched.
    Renew(String),
}

/// Which exchanges are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Keeping {
    /// Every one, with its bodies.
    #[default]
    All,
    /// For actions of a hundred thousand requests: the first of each operation and those
    /// that failed, two hundred at most and without the bodies of successes; the rest is
    /// counted. What was done to each object stands in the action's own artifact.
    Notable,
}

/// Calls of one operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub(super) struct Count {
    pub(super) calls: u64,
    pub(super) failed: u64,
}

/// The exchanges of one effect.
#[derive(Clone, Debug, Default)]
pub(super) struct Tape(Arc<Mutex<Reel>>);

#[derive(Debug, Default)]
struct Reel {
    keeping: Keeping,
    next: u64,
    exchanges: Vec<Exchange>,
    counts: BTreeMap<String, Count>,
    first: Option<First>,
}

impl Tape {
    pub(super) fn keep(&self, keeping: Keeping) {
        self.reel().keeping = keeping;
    }

    pub(super) fn keeping(&self) -> Keeping {
        self.reel().keeping
    }

    /// The exchanges so far, in the order in which they were sent.
    pub(super) fn exchanges(&self) -> Vec<Exchange> {
        self.reel().exchanges.clone()
    }

    /// The exchanges so far; from now on they are no longer on the tape.
    pub(super) fn taken(&self) -> Vec<Exchange> {
        std::mem::take(&mut self.reel().exchanges)
    }

    /// What comes before the attempt that ended last is made again; told once. Of calls side by
    /// side it is the right one: the SDK decides on a retry in the same breath in which it tells
    /// that an attempt ended, and all of them share one thread.
    pub(super) fn first(&self) -> Option<First> {
        self.reel().first.take()
    }

    /// The exchange that was sent last.
    pub(super) fn last(&self) -> Option<Exchange> {
        self.reel().exchanges.last().cloned()
    }

    /// Whether any attempt at an operation may have taken place without AWS saying so.
    pub(super) fn is_doubtful(&self, service: &str, operation: &str) -> bool {
        let reel = self.reel();
        let mut of = reel.exchanges.iter().filter(|it| it.service == service && it.operation == operation);
        of.any(Exchange::is_doubtful)
    }

    /// How often each operation was called.
    pub(super) fn counts(&self) -> BTreeMap<String, Count> {
        self.reel().counts.clone()
    }

    fn reel(&self) -> MutexGuard<'_, Reel> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reel {
    fn begin(&mut self, mut exchange: Exchange) -> u64 {
        exchange.id = self.next;
        self.next += 1;
        self.exchanges.push(exchange);
        self.next - 1
    }

    /// Ends an exchange, and tells what comes before it is made again.
    fn end(&mut self, id: u64, finish: impl FnOnce(&mut Exchange)) -> Option<First> {
        let at = self.exchanges.iter().rposition(|exchange| exchange.id == id)?;
        let exchange = &mut self.exchanges[at];
        finish(exchange);
        let (failed, first) = (exchange.failed(), exchange.first());
        let count = self.counts.entry(format!("{}:{}", exchange.service, exchange.operation)).or_default();
        count.calls += 1;
        count.failed += u64::from(failed);
        if self.keeping == Keeping::Notable {
            let notable = failed || count.calls == 1;
            if !notable || at >= NOTABLE {
                self.exchanges.remove(at);
            } else if !failed {
                (exchange.request, exchange.response) = (None, None);
            }
        }
        first
    }
}

/// Which exchange on the tape the attempt under way is.
#[derive(Debug)]
struct UnderWay(u64);

impl Storable for UnderWay {
    type Storer = StoreReplace<Self>;
}

#[dyn_dispatch_hint]
impl Intercept for Tape {
    fn name(&self) -> &'static str {
        "Tape"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let id = self.reel().begin(outgoing(context.request(), now(components), cfg));
        cfg.interceptor_state().store_put(UnderWay(id));
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(&UnderWay(id)) = cfg.load::<UnderWay>() else { return Ok(()) };
        let connected =
            cfg.load::<CaptureSmithyConnection>().is_some_and(|captured| captured.get().is_some());
        let ended_at = now(components);
        let first = self.reel().end(id, |exchange| {
            exchange.seconds = ended_at.duration_since(exchange.sent_at).unwrap_or_default().as_secs_f64();
            match context.response() {
                Some(response) => {
                    answered(exchange, response, context.output_or_error().is_some_and(|it| it.is_err()));
                }
                None if !connected => exchange.fate = Fate::NotSent,
                None => {}
            }
        });
        cfg.interceptor_state().unset::<UnderWay>();
        self.reel().first = first.filter(|first| is_new(first, cfg));
        Ok(())
    }
}

/// With which credentials an earlier attempt of the same request was refused.
#[derive(Debug)]
struct Refused(String);

impl Storable for Refused {
    type Storer = StoreReplace<Self>;
}

/// Credentials that are refused a second time are all that there are.
fn is_new(first: &First, cfg: &mut ConfigBag) -> bool {
    let First::Renew(key) = first else { return true };
    let new = cfg.load::<Refused>().is_none_or(|refused| refused.0 != *key);
    cfg.interceptor_state().store_put(Refused(key.clone()));
    new
}

/// The SDK's own clock: the one that signs.
fn now(components: &RuntimeComponents) -> SystemTime {
    components.time_source().map_or(SystemTime::UNIX_EPOCH, |source| source.now())
}

fn host(request: &HttpRequest) -> String {
    let rest = request.uri().split_once("://").map_or(request.uri(), |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default().to_owned()
}

fn outgoing(request: &HttpRequest, sent_at: SystemTime, cfg: &ConfigBag) -> Exchange {
    let metadata = cfg.load::<Metadata>();
    let signing = cfg.load::<SigningRegion>().map(|it| it.as_ref().to_owned());
    let region = signing.or_else(|| cfg.load::<Region>().map(|it| it.as_ref().to_owned()));
    Exchange {
        id: 0,
        service: metadata.map_or_else(String::new, |it| it.service().to_ascii_lowercase()),
        operation: metadata.map_or_else(String::new, |it| it.name().to_owned()),
        region: region.unwrap_or_default(),
        host: host(request),
        attempt: cfg
            .load::<RequestAttempts>()
            .map_or(1, aws_smithy_runtime_api::client::retries::RequestAttempts::attempts),
        sent_at,
        seconds: 0.0,
        fate: Fate::Unanswered,
        garbled: false,
        request_id: None,
        error: None,
        server_date: None,
        signed_by: signed_by(request),
        request: body::of_request(request),
        response: None,
    }
}

/// `Credential=AKID/date/region/service/aws4_request` in the Authorization header.
fn signed_by(request: &HttpRequest) -> Option<String> {
    let (_, scope) = request.headers().get("authorization")?.split_once("Credential=")?;
    scope.split_once('/').map(|(id, _)| id.to_owned())
}

fn answered(exchange: &mut Exchange, response: &HttpResponse, failed: bool) {
    let status = response.status().as_u16();
    let headers = response.headers();
    let header = |name: &str| headers.get(name).map(str::to_owned);
    exchange.fate = Fate::Answered(status);
    exchange.request_id = header("x-amzn-requestid").or_else(|| header("x-amz-request-id"));
    exchange.server_date = header("date");
    exchange.response = body::of_response(response);
    if status >= 300 || failed {
        // S3 may begin an answer with 200 and end it with an error (`CopyObject`).
        let code = body::error_code(response);
        exchange.garbled = status < 300 && code.is_none();
        let words = if exchange.garbled { "unreadable answer".to_owned() } else { status.to_string() };
        exchange.error = Some(code.unwrap_or(words));
    }
}

//! One operation to be carried out: the request, the way to AWS, and what comes of it.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::timeout::TimeoutConfig;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::region::Region;
use chrono::DateTime;
use serde_json::Value;

use super::again::Again;
use super::arn::Arn;
use super::cloudtrail::Pace;
use super::connect::{ATTEMPT, CONNECT, looks_right};
use super::fault::{self, Asked};
use super::guard::is_reading;
use super::stop::Stop;
use super::tape::{Exchange, Fate, Keeping, Tape};
use super::{Aws, body};
use crate::actions::inputs::Inputs;
use crate::actions::paper::{Paper, Sheet};
use crate::document::action::Spec;
use crate::error::Result;
use crate::run::{Artifact, Call, Evidence, Fault, FaultKind, Request};

pub(crate) struct Order<'a> {
    pub(super) request: &'a Request,
    pub(super) spec: &'static Spec,
    pub(super) paper: &'a dyn Paper,
    /// What an earlier, interrupted attempt had reached.
    pub(super) progress: Option<&'a Value>,
    aws: &'a Aws,
    timeout: Option<Duration>,
    tape: Tape,
    region: RefCell<String>,
    before: Cell<Value>,
    artifacts: RefCell<Vec<Artifact>>,
}

impl<'a> Order<'a> {
    pub(crate) fn new(
        aws: &'a Aws,
        request: &'a Request,
        spec: &'static Spec,
        paper: &'a dyn Paper,
        progress: Option<&'a Value>,
        timeout: Option<Duration>,
    ) -> Self {
        let (tape, region) = (Tape::default(), RefCell::default());
        Self {
            request,
            spec,
            paper,
            progress,
            aws,
            timeout,
            tape,
            region,
            before: Cell::default(),
            artifacts: RefCell::default(),
        }
    }

    pub(super) fn inputs(&self) -> Inputs<'a> {
        Inputs::of(self.request)
    }

    /// A key by id or ARN, for the operations of KMS that take no alias.
    pub(super) fn key(&self, name: &str) -> Result<&'a str, Stop> {
        let key = self.inputs().text(name)?;
        let alias = key.starts_with("alias/")
            || Arn::parse(key).is_some_and(|arn| arn.resource.starts_with("alias/"));
        if alias {
            let fault =
                Fault::new(FaultKind::Refused, format!("{}: KMS takes no alias here: {key}", self.spec.name));
            return Err(fault.hint("pin the key first with kms.describe_key, and use its `arn`").into());
        }
        Ok(key)
    }

    // ---- the way to AWS

    pub(super) async fn kms(&self, region: Option<&str>) -> Result<aws_sdk_kms::Client, Stop> {
        let config = aws_sdk_kms::config::Builder::from(&self.config(region).await?)
            .interceptor(self.tape.clone())
            .retry_classifier(self.again());
        Ok(aws_sdk_kms::Client::from_conf(config.build()))
    }

    /// KMS in the Region of a key's ARN; in the caller's for a bare id.
    pub(super) async fn kms_of(&self, key: &str) -> Result<aws_sdk_kms::Client, Stop> {
        self.kms(Arn::parse(key).map(|arn| arn.region)).await
    }

    pub(super) async fn sts(&self) -> Result<aws_sdk_sts::Client, Stop> {
        let config = aws_sdk_sts::config::Builder::from(&self.config(None).await?)
            .interceptor(self.tape.clone())
            .retry_classifier(self.again());
        Ok(aws_sdk_sts::Client::from_conf(config.build()))
    }

    pub(super) async fn iam(&self) -> Result<aws_sdk_iam::Client, Stop> {
        let config = aws_sdk_iam::config::Builder::from(&self.config(None).await?)
            .interceptor(self.tape.clone())
            .retry_classifier(self.again());
        Ok(aws_sdk_iam::Client::from_conf(config.build()))
    }

    pub(super) async fn organizations(&self) -> Result<aws_sdk_organizations::Client, Stop> {
        let config = aws_sdk_organizations::config::Builder::from(&self.config(None).await?)
            .interceptor(self.tape.clone())
            .retry_classifier(self.again());
        Ok(aws_sdk_organizations::Client::from_conf(config.build()))
    }

    pub(super) async fn cloudtrail(&self, region: Option<&str>) -> Result<aws_sdk_cloudtrail::Client, Stop> {
        let config = aws_sdk_cloudtrail::config::Builder::from(&self.config(region).await?)
            .interceptor(self.tape.clone())
            .retry_classifier(self.again());
        Ok(aws_sdk_cloudtrail::Client::from_conf(config.build()))
    }

    /// S3 in the Region of a bucket.
    pub(super) async fn s3(&self, region: Option<&str>) -> Result<aws_sdk_s3::Client, Stop> {
        let config = self.config(region).await?;
        // A local or private endpoint has no name for each bucket below its own.
        let by_path = config.endpoint_url().is_some();
        Ok(self.s3_with(&config, by_path))
    }

    /// S3 for questions that any Region answers, if no bucket is part of the host's name.
    pub(super) async fn s3_of_any_region(&self) -> Result<aws_sdk_s3::Client, Stop> {
        Ok(self.s3_with(&self.config(None).await?, true))
    }

    fn s3_with(&self, config: &SdkConfig, by_path: bool) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(config)
            .interceptor(self.tape.clone())
            .retry_classifier(self.again());
        aws_sdk_s3::Client::from_conf(config.force_path_style(by_path).build())
    }

    fn again(&self) -> Again {
        Again::after(&self.tape, &self.aws.renewal)
    }

    /// The turns of LookupEvents, which all steps of a run share.
    pub(super) fn lookup_pace(&self) -> &'a Pace {
        &self.aws.lookups
    }

    /// The configuration, for this order: its Region, and no attempt longer than the step may take.
    pub(super) async fn config(&self, region: Option<&str>) -> Result<SdkConfig, Stop> {
        let config = self.aws.config().await?;
        let mut builder = config.to_builder();
        if let Some(timeout) = self.timeout.filter(|timeout| *timeout < ATTEMPT) {
            let attempt = TimeoutConfig::builder()
                .connect_timeout(CONNECT.min(timeout))
                .operation_attempt_timeout(timeout);
            builder = builder.timeout_config(attempt.build());
        }
        if let Some(region) = region.filter(|region| !region.is_empty()) {
            looks_right(region)?;
            builder = builder.region(Region::new(region.to_owned()));
        }
        let config = builder.build();
        *self.region.borrow_mut() = config.region().map(ToString::to_string).unwrap_or_default();
        Ok(config)
    }

    /// The Region of the client that was asked for last.
    pub(super) fn region(&self) -> String {
        self.region.borrow().clone()
    }

    // ---- what comes back

    /// An answer, or the fault that came instead of it.
    pub(super) fn heard<T, E>(&self, answer: Result<T, SdkError<E, HttpResponse>>) -> Result<T, Stop>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        answer.map_err(|error| self.fault(&error).into())
    }

    pub(super) fn fault<E>(&self, error: &SdkError<E, HttpResponse>) -> Fault
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let region = self.region();
        fault::of(error, &self.tape, Asked { permissions: self.spec.permissions, region: &region })
    }

    /// What stands in the world before the write.
    pub(super) fn found_before(&self, before: Value) {
        self.before.set(before);
    }

    /// Stores an artifact that belongs to what was done.
    pub(super) fn keep(&self, name: &str, bytes: &[u8]) -> Result<Artifact, Stop> {
        let artifact = self.paper.store(name, bytes)?;
        self.artifacts.borrow_mut().push(artifact.clone());
        Ok(artifact)
    }

    /// Ends an artifact that arrived in pieces.
    pub(super) fn keep_sheet(&self, sheet: Box<dyn Sheet + '_>) -> Result<Artifact, Stop> {
        let artifact = sheet.finish()?;
        self.artifacts.borrow_mut().push(artifact.clone());
        Ok(artifact)
    }

    /// Keeps only the notable of the many calls to come.
    pub(super) fn expect_many_calls(&self) {
        self.tape.keep(Keeping::Notable);
    }

    /// The exchange that was sent last.
    pub(super) fn last_exchange(&self) -> Option<Exchange> {
        self.tape.last()
    }

    /// The fault of an order that took longer than its step allows.
    pub(crate) fn out_of_time(&self, after: Duration) -> Fault {
        let seconds = after.as_secs_f64();
        let sent = self
            .tape
            .exchanges()
            .into_iter()
            .find(|it| !is_reading(&it.service, &it.operation) && it.may_have_taken_place());
        match sent {
            Some(it) => Fault::new(
                FaultKind::Lost,
                format!(
                    "{}:{} was sent, and the step's {seconds} s are over: it may have taken place",
                    it.service, it.operation
                ),
            )
            .hint("nothing is sent again before AWS was asked whether it did"),
            None => Fault::new(
                FaultKind::Unreachable,
                format!("{} took longer than the step's {seconds} s; nothing was changed", self.spec.name),
            )
            .hint("give the step a longer `timeout`"),
        }
    }

    /// Everything that the order leaves behind. Bodies are stored here, before the entry
    /// that names them.
    pub(crate) fn evidence(&self) -> Result<Evidence> {
        let notable = self.tape.keeping() == Keeping::Notable;
        let mut artifacts = self.artifacts.take();
        if notable {
            let counts = serde_json::to_vec_pretty(&self.tape.counts()).unwrap_or_default();
            artifacts.push(self.paper.store("calls.json", &counts)?);
        }
        let exchanges = self.aws.badge.asked().into_iter().chain(self.tape.exchanges());
        let calls = exchanges.map(|exchange| self.call(exchange)).collect::<Result<_>>()?;
        Ok(Evidence { artifacts, calls, before: self.before.take() })
    }

    fn call(&self, exchange: Exchange) -> Result<Call> {
        let stored = |body: Option<body::Body>, of: &str| {
            let name = |extension| format!("{}-{}-{of}.{extension}", exchange.service, exchange.operation);
            body.map(|body| self.paper.store_api(&name(body.extension), &body.bytes)).transpose()
        };
        let (request, response) =
            (stored(exchange.request, "request")?, stored(exchange.response, "response")?);
        Ok(Call {
            sent_at: DateTime::from(exchange.sent_at),
            seconds: exchange.seconds,
            status: if let Fate::Answered(status) = exchange.fate { Some(status) } else { None },
            error: exchange.error.or_else(|| fate_words(exchange.fate)),
            service: exchange.service,
            operation: exchange.operation,
            region: exchange.region,
            attempt: exchange.attempt,
            request_id: exchange.request_id,
            server_date: exchange.server_date,
            request,
            response,
        })
    }
}

fn fate_words(fate: Fate) -> Option<String> {
    match fate {
        Fate::NotSent => Some("not sent".to_owned()),
        Fate::Unanswered => Some("no answer".to_owned()),
        Fate::Answered(_) => None,
    }
}

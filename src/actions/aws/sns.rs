//! SNS Publish as a signed request (SNS API reference, "Publish"; IAM user guide, "AWS
//! Signature Version 4 for API requests"). The SDK's client for all of SNS would be more
//! code than this one operation is worth.

use aws_credential_types::provider::ProvideCredentials as _;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use chrono::{DateTime, Utc};

use super::{Aws, body, fault, percent};
use crate::run::{Fault, FaultKind};
use crate::text::arn::Arn;

/// A request that is ready to be sent.
pub(in crate::actions) struct Signed {
    pub(in crate::actions) url: String,
    pub(in crate::actions) headers: Vec<(String, String)>,
    pub(in crate::actions) body: Vec<u8>,
}

impl Aws {
    /// Signs a message to a topic with the identity of the run. Sends nothing but what
    /// credentials take.
    ///
    /// # Errors
    /// When the topic is none, or there are no credentials.
    pub(in crate::actions) async fn publish(
        &self,
        topic: &str,
        subject: &str,
        message: &str,
        now: DateTime<Utc>,
    ) -> Result<Signed, Fault> {
        let Some(arn) = Arn::parse(topic).filter(|arn| arn.service == "sns") else {
            return Err(Fault::new(FaultKind::Rejected, "its `topic` is no ARN of an SNS topic"));
        };
        super::connect::looks_right(arn.region)?;
        let config = self.config().await?;
        let none = |why: String| Fault::new(FaultKind::Unauthenticated, format!("no AWS credentials: {why}"));
        let provider = config.credentials_provider().ok_or_else(|| none("none are configured".to_owned()))?;
        let credentials =
            provider.provide_credentials().await.map_err(|error| none(super::causes(&error)))?;
        let url = config
            .endpoint_url()
            .map_or_else(|| endpoint(&arn), |url| format!("{}/", url.trim_end_matches('/')));
        let body = form(topic, subject, message).into_bytes();
        let mut headers = vec![
            ("content-type".to_owned(), "application/x-www-form-urlencoded; charset=utf-8".to_owned()),
            ("host".to_owned(), host(&url).to_owned()),
        ];
        let unsigned =
            |error: String| Fault::new(FaultKind::Rejected, format!("could not be signed: {error}"));
        let identity = credentials.into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(arn.region)
            .name("sns")
            .time(now.into())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| unsigned(error.to_string()))?
            .into();
        let signed = {
            let named = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let request = SignableRequest::new("POST", url.as_str(), named, SignableBody::Bytes(&body));
            let request = request.map_err(|error| unsigned(error.to_string()))?;
            sign(request, &params).map_err(|error| unsigned(error.to_string()))?.into_parts().0
        };
        headers.extend(signed.headers().map(|(name, value)| (name.to_owned(), value.to_owned())));
        Ok(Signed { url, headers, body })
    }

    /// Whether SNS refused a message because the credentials ended. The next one is signed with
    /// others.
    pub(in crate::actions) async fn renews_after(&self, answer: &[u8]) -> bool {
        let ended = body::code_in(answer).is_some_and(|code| fault::says_credentials_ended(&code));
        if ended {
            self.sign_in_again().await;
        }
        ended
    }
}

/// Whether SNS refused a message for a reason that is over by itself: too many requests, also
/// of KMS where the topic is encrypted, or a clock that is set right in the meantime (Amazon SNS
/// API reference, "Publish" and "Common Error Types"; IAM user guide, "Troubleshoot Signature
/// Version 4 signing for AWS API requests", for what stands beside `SignatureDoesNotMatch`).
pub(in crate::actions) fn passes(answer: &[u8]) -> bool {
    let Some(code) = body::code_in(answer) else { return false };
    let says = |words: &str| answer.windows(words.len()).any(|window| window == words.as_bytes());
    match code.as_str() {
        "KMSThrottling" | "Throttled" | "RequestExpired" | "RequestTimeTooSkewed" => true,
        "SignatureDoesNotMatch" => says("Signature expired") || says("Signature not yet current"),
        code => fault::is_throttling(code),
    }
}

fn form(topic: &str, subject: &str, message: &str) -> String {
    let encoded = |text: &str| percent::encoded_path(text).replace('/', "%2F");
    format!(
        "Action=Publish&Version=2010-03-31&TopicArn={}&Subject={}&Message={}",
        encoded(topic),
        encoded(subject),
        encoded(message)
    )
}

fn endpoint(arn: &Arn<'_>) -> String {
    let suffix = if arn.partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    format!("https://sns.{}.{suffix}/", arn.region)
}

fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default()
}

//! Lets readings through to AWS and nothing else. Closed by default: a request passes only
//! when what stands on the wire names an operation of the list below.

use std::fmt;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

/// Operations that change nothing, by service as in the scope of a signature.
const READINGS: &[(&str, &[&str])] = &[
    (
        "kms",
        &[
            "DescribeKey",
            // Answers with a ciphertext that nobody keeps; the key is as it was.
            "GenerateDataKeyWithoutPlaintext",
            "GetKeyLastUsage",
            "GetKeyPolicy",
            "GetKeyRotationStatus",
            "ListAliases",
            "ListGrants",
            "ListKeys",
            "ListResourceTags",
        ],
    ),
    (
        "cloudtrail",
        &[
            "DescribeTrails",
            "GetEventSelectors",
            "GetTrailStatus",
            "ListPublicKeys",
            "ListTrails",
            "LookupEvents",
        ],
    ),
    (
        "iam",
        &[
            // IAM writes reports for itself; nothing that anybody may do changes.
            "GenerateCredentialReport",
            "GenerateServiceLastAccessedDetails",
            "GetAccessKeyLastUsed",
            "GetAccountAuthorizationDetails",
            "GetCredentialReport",
            "GetPolicy",
            "GetPolicyVersion",
            "GetRole",
            "GetRolePolicy",
            "GetServiceLastAccessedDetails",
            "GetUserPolicy",
            "ListAccessKeys",
            "ListAttachedRolePolicies",
            "ListAttachedUserPolicies",
            "ListEntitiesForPolicy",
            "ListGroupsForUser",
            "SimulatePrincipalPolicy",
        ],
    ),
    ("organizations", &["DescribeOrganization", "DescribePolicy", "ListParents", "ListPoliciesForTarget"]),
    ("sts", &["GetCallerIdentity"]),
    (
        "s3",
        &[
            "GetBucketEncryption",
            "GetBucketLocation",
            "GetBucketVersioning",
            "GetObject",
            "GetObjectAcl",
            "GetObjectTagging",
            "HeadBucket",
            "HeadObject",
            "ListBuckets",
            "ListMultipartUploads",
            "ListObjectVersions",
            "ListObjectsV2",
            "ListParts",
        ],
    ),
];

/// The prefix of `X-Amz-Target` for the services that speak JSON.
const TARGETS: &[(&str, &str)] = &[
    ("kms", "TrentService."),
    ("cloudtrail", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101."),
    ("cloudtrail", "CloudTrail_20131101."),
    ("organizations", "AWSOrganizationsV20161128."),
];

/// What a GET of S3 may ask for beside the plain object or bucket (Amazon S3 API reference).
/// `?torrent`, `?select` and whatever comes next are not here, and so are refused.
const S3_SUBRESOURCES: &[&str] =
    &["acl", "encryption", "location", "tagging", "uploads", "uploadId", "versioning", "versions"];

/// Parameters of those requests that only page, filter or name a version.
const S3_PARAMETERS: &[&str] = &[
    "bucket-region",
    "continuation-token",
    "delimiter",
    "encoding-type",
    "key-marker",
    "list-type",
    "max-buckets",
    "max-keys",
    "max-parts",
    "part-number-marker",
    "partNumber",
    "prefix",
    "upload-id-marker",
    "version-id-marker",
    "versionId",
    "x-id",
];

/// Whether an operation changes nothing, by the names that the SDK gives service and operation.
#[must_use]
pub(super) fn is_reading(service: &str, operation: &str) -> bool {
    let service = READINGS.iter().find(|(name, _)| name.eq_ignore_ascii_case(service));
    service.is_some_and(|(_, operations)| operations.contains(&operation))
}

/// An HTTP client that hands on readings, and refuses everything else unsent.
#[derive(Debug)]
pub(super) struct Guard {
    below: SharedHttpClient,
}

impl Guard {
    pub(super) fn before(below: SharedHttpClient) -> Self {
        Self { below }
    }
}

impl HttpClient for Guard {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Gate { below: self.below.http_connector(settings, components) })
    }
}

#[derive(Debug)]
struct Gate {
    below: SharedHttpConnector,
}

impl HttpConnector for Gate {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match refusal(&request) {
            None => self.below.call(request),
            // `user` errors are not tried again.
            Some(refusal) => HttpConnectorFuture::ready(Err(ConnectorError::user(refusal.into()))),
        }
    }
}

/// A request was refused before it was sent, because it is no reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) what: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not among the readings that this mode may send", self.what)
    }
}

impl std::error::Error for Refusal {}

/// Why a request must not be sent; `None` for a reading.
fn refusal(request: &HttpRequest) -> Option<Refusal> {
    let Some(service) = signed_for(request) else {
        return Some(Refusal { what: "a request that is not signed for a known service".to_owned() });
    };
    let said = match service {
        "s3" => s3_reading(request),
        "iam" | "sts" => queried(request),
        _ => targeted(request, service),
    };
    match said {
        Ok(operation) if is_reading(service, operation) => None,
        // S3 names no operation: the method and the query have been looked at.
        Ok("") if service == "s3" => None,
        Ok(what) | Err(what) => Some(Refusal { what: format!("{service}:{what}") }),
    }
}

/// The service in the scope of the signature: `Credential=AKID/date/region/service/aws4_request`.
fn signed_for(request: &HttpRequest) -> Option<&str> {
    let signed = request.headers().get("authorization")?.strip_prefix("AWS4-HMAC-SHA256 Credential=")?;
    let scope = signed.split([',', ' ']).next()?;
    let mut parts = scope.rsplit('/');
    (parts.next()? == "aws4_request").then(|| parts.next()).flatten()
}

fn targeted<'a>(request: &'a HttpRequest, service: &str) -> Result<&'a str, &'a str> {
    let target = request.headers().get("x-amz-target").ok_or("a request without a target")?;
    let mut prefixes = TARGETS.iter().filter(|(of, _)| *of == service);
    prefixes.find_map(|(_, prefix)| target.strip_prefix(prefix)).ok_or(target)
}

/// The `Action` of a query body. Two of them, or one in the URI, are nobody's reading.
fn queried(request: &HttpRequest) -> Result<&str, &str> {
    let body = request
        .body()
        .bytes()
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .ok_or("an unreadable body")?;
    let mut actions = body.split('&').filter_map(|pair| pair.strip_prefix("Action="));
    match (actions.next(), actions.next(), query(request)) {
        (Some(action), None, "") => Ok(action),
        (Some(action), None, _) => Err(action),
        _ => Err("a body without one action"),
    }
}

fn s3_reading(request: &HttpRequest) -> Result<&str, &str> {
    let known = |name: &&str| S3_SUBRESOURCES.contains(name) || S3_PARAMETERS.contains(name);
    let mut names = query(request)
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name));
    match (request.method(), names.find(|name| !known(name))) {
        ("GET" | "HEAD", None) => Ok(""),
        ("GET" | "HEAD", Some(unknown)) => Err(unknown),
        (method, _) => Err(method),
    }
}

fn query(request: &HttpRequest) -> &str {
    request.uri().split_once('?').map_or("", |(_, query)| query)
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::body::SdkBody;

    use super::*;

    fn request(service: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> HttpRequest {
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method(method).expect("a method");
        request.set_uri(format!("https://host.example{path}")).expect("a URI");
        let scope = format!(
            "AWS4-HMAC-SHA256 Credential=AKID/20261122/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
        );
        request.headers_mut().insert("authorization", scope);
        for (name, value) in headers {
            request.headers_mut().insert((*name).to_owned(), (*value).to_owned());
        }
        request
    }

    fn passes(request: &HttpRequest) -> bool {
        refusal(request).is_none()
    }

    #[test]
    fn readings_pass_by_what_stands_on_the_wire() {
        let target = |service, target| request(service, "POST", "/", &[("x-amz-target", target)], "{}");
        assert!(passes(&target("kms", "TrentService.DescribeKey")));
        assert!(passes(&target("cloudtrail", "CloudTrail_20131101.LookupEvents")));
        assert!(passes(&request("iam", "POST", "/", &[], "Action=GetRole&Version=2010-05-08&RoleName=x")));
        assert!(passes(&request("sts", "POST", "/", &[], "Action=GetCallerIdentity&Version=2011-06-15")));
        for path in ["/", "/b?versions&encoding-type=url", "/b/?encryption", "/b/k?versionId=v1", "/b/k?acl"]
        {
            assert!(passes(&request("s3", "GET", path, &[], "")), "{path}");
        }
        assert!(passes(&request("s3", "HEAD", "/b/k?versionId=v1", &[], "")));
    }

    #[test]
    fn everything_else_is_refused_and_what_is_not_known_above_all() {
        let target = |service, target| request(service, "POST", "/", &[("x-amz-target", target)], "{}");
        let refused = [
            target("kms", "TrentService.DisableKey"),
            target("kms", "TrentService.Decrypt"),
            target("kms", "TrentService.GenerateDataKey"),
            target("kms", "TrentService.DescribeKeyAndDeleteIt"),
            target("kms", "CloudTrail_20131101.LookupEvents"),
            target("kms", "OtherService.DescribeKey"),
            target("cloudtrail", "CloudTrail_20131101.StopLogging"),
            target("dynamodb", "DynamoDB_20120810.GetItem"),
            request("kms", "POST", "/", &[], "{}"),
            request("iam", "POST", "/", &[], "Action=PutRolePolicy&RoleName=x"),
            request("iam", "POST", "/", &[], "Action=GetRole&Action=PutRolePolicy"),
            request("iam", "POST", "/?Action=PutRolePolicy", &[], "Action=GetRole"),
            request("iam", "POST", "/", &[], ""),
            request("sts", "POST", "/", &[], "Action=AssumeRole"),
            request("s3", "PUT", "/b/k", &[], ""),
            request("s3", "DELETE", "/b/k", &[], ""),
            request("s3", "POST", "/b/k?select&select-type=2", &[], ""),
            request("s3", "GET", "/b/k?select&select-type=2", &[], ""),
            request("s3", "GET", "/b/k?torrent", &[], ""),
            request("ec2", "GET", "/", &[], ""),
        ];
        for request in refused {
            assert!(
                !passes(&request),
                "{} {} {:?}",
                request.method(),
                request.uri(),
                request.headers().get("x-amz-target")
            );
        }
        let mut unsigned = request("s3", "GET", "/", &[], "");
        unsigned.headers_mut().remove("authorization");
        assert!(!passes(&unsigned));
    }

    #[test]
    fn no_write_of_any_action_is_in_the_list() {
        use crate::document::action::all;
        for spec in all().filter(|spec| spec.class.changes_the_world() && spec.name.contains('.')) {
            let (service, name) = spec.name.split_once('.').expect("an operation");
            let wire: String = name.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect();
            assert!(!is_reading(service, &wire), "{service}:{wire}");
        }
    }
}

//! The attributes that every event has, whatever its class.

use core::net::IpAddr;

use serde_json::{Value, json};

use super::class::Class;
use super::{Fields, VERSION, account, texts};
use crate::cloudtrail::event::Event;

/// The fields of an event that have a place in the schema.
const MAPPED: [&str; 19] = [
    "apiVersion",
    "awsRegion",
    "errorCode",
    "errorMessage",
    "eventCategory",
    "eventID",
    "eventName",
    "eventSource",
    "eventTime",
    "eventType",
    "eventVersion",
    "recipientAccountId",
    "responseElements",
    "sharedEventID",
    "sourceIPAddress",
    "userAgent",
    "userIdentity",
    "vpcEndpointId",
    // Mapped where there is a request id to put it under, or resources where the class
    // has a place for them: see `unmapped`.
    "requestID",
];

/// What of the identity has a place.
const IDENTITY: [&str; 9] = [
    "type",
    "arn",
    "principalId",
    "accountId",
    "accessKeyId",
    "userName",
    "invokedBy",
    "identityProvider",
    "sessionContext",
];

pub(super) fn metadata(event: &Event, found_in: &[&str]) -> Value {
    let mut product = texts(event, &[("version", &["eventVersion"])]);
    product.insert("name".into(), "CloudTrail".into());
    product.insert("vendor_name".into(), "AWS".into());
    if let Some(category) = event.text(&["eventCategory"]) {
        product.insert("feature".into(), json!({ "name": category }));
    }
    let mut metadata = texts(
        event,
        &[
            ("uid", &["eventID"]),
            ("event_code", &["eventType"]),
            ("correlation_uid", &["sharedEventID"]),
            ("original_time", &["eventTime"]),
        ],
    );
    metadata.insert("version".into(), VERSION.into());
    metadata.insert("product".into(), product.into());
    metadata.insert("profiles".into(), json!(["cloud"]));
    metadata.insert("log_provider".into(), "AWS CloudTrail".into());
    metadata.extend(found_in.first().map(|first| ("log_name".to_owned(), (*first).into())));
    if !found_in.is_empty() {
        metadata.insert("labels".into(), found_in.iter().map(|file| format!("file:{file}")).collect());
    }
    metadata.into()
}

pub(super) fn api(event: &Event) -> Value {
    let mut api = texts(event, &[("version", &["apiVersion"])]);
    let name = if event.name().is_empty() { "unknown" } else { event.name() };
    api.insert("operation".into(), name.into());
    if !event.source().is_empty() {
        api.insert("service".into(), json!({ "name": event.source() }));
    }
    if let Some(id) = event.text(&["requestID"]) {
        let mut request = json!({ "uid": id });
        if let Some(asked) = event.field(&["requestParameters"]) {
            request["data"] = asked.clone();
        }
        api.insert("request".into(), request);
    }
    let mut response = texts(event, &[("error", &["errorCode"]), ("error_message", &["errorMessage"])]);
    response.extend(event.field(&["responseElements"]).map(|told| ("data".to_owned(), told.clone())));
    if !response.is_empty() {
        api.insert("response".into(), response.into());
    }
    api.into()
}

/// The account in whose trail the event is, which is not always the caller's.
pub(super) fn cloud(event: &Event) -> Value {
    let mut cloud = texts(event, &[("region", &["awsRegion"])]);
    cloud.insert("provider".into(), "AWS".into());
    let id = event.text(&["recipientAccountId"]).or_else(|| event.text(&["userIdentity", "accountId"]));
    cloud.extend(id.map(|id| ("account".to_owned(), account(id))));
    cloud.into()
}

/// `sourceIPAddress` holds an address, the name of a service, or words such as
/// `AWS Internal` (CloudTrail record contents, `sourceIPAddress`).
pub(super) fn source(event: &Event) -> Value {
    let mut source = texts(event, &[("uid", &["vpcEndpointId"])]);
    let told = event.address().unwrap_or("unknown");
    if told.parse::<IpAddr>().is_ok() {
        source.insert("ip".into(), told.into());
    } else if told.ends_with(".amazonaws.com") {
        source.insert("domain".into(), told.into());
        source.insert("svc_name".into(), told.into());
    } else {
        source.insert("name".into(), told.into());
    }
    source.into()
}

pub(super) fn resources(event: &Event) -> Vec<Value> {
    let told = event.field(&["resources"]).and_then(Value::as_array);
    told.into_iter().flatten().filter_map(resource).collect()
}

fn resource(told: &Value) -> Option<Value> {
    let text = |name: &str| told.get(name)?.as_str().filter(|text| !text.is_empty());
    // Where one call touches many objects, their common beginning stands for all of them.
    let mut resource = json!({ "uid": text("ARN").or_else(|| text("ARNPrefix"))? });
    if let Some(kind) = text("type") {
        resource["type"] = kind.into();
    }
    if let Some(id) = text("accountId") {
        resource["owner"] = json!({ "account": account(id) });
    }
    Some(resource)
}

/// What the schema has no place for, under the names that CloudTrail gives it.
pub(super) fn unmapped(event: &Event, class: &Class) -> Fields {
    let placed = |name: &str| match name {
        "requestParameters" => event.text(&["requestID"]).is_some(),
        "resources" => class.has_resources() && !resources(event).is_empty(),
        name => MAPPED.contains(&name),
    };
    let mut unmapped = Fields::new();
    for (name, value) in event.value().as_object().into_iter().flatten() {
        if !placed(name) && !value.is_null() {
            unmapped.insert(name.clone(), value.clone());
        }
    }
    let identity = event.field(&["userIdentity"]).and_then(Value::as_object);
    for (name, value) in identity.into_iter().flatten() {
        if !IDENTITY.contains(&name.as_str()) && !value.is_null() {
            unmapped.insert(format!("userIdentity.{name}"), value.clone());
        }
    }
    unmapped
}

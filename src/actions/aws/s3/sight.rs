//! What a bucket encrypts with, in words, before that is changed.

use super::bucket;
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;

/// The default encryption as it is.
pub(in crate::actions::aws) async fn seen_encryption(order: &Order<'_>) -> Result<String, Stop> {
    let name = order.inputs().text("bucket")?;
    let s3 = bucket::client_for(order, name, None).await?;
    let told = bucket::told(bucket::default_encryption(order, &s3, name).await?.as_ref());
    let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
    Ok(match (text("algorithm"), text("key")) {
        (algorithm, _) if algorithm.is_empty() => "no default".to_owned(),
        (algorithm, key) if key.is_empty() => algorithm,
        (algorithm, key) => format!("{algorithm} with {key}"),
    })
}

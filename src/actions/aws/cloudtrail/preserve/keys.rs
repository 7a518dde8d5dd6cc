//! The public keys with which digests can be checked, as ListPublicKeys answers. Each Region
//! has its own; the file holds those of all, and those of an earlier collection.

use serde_json::{Value, json};

use super::coverage::Coverage;
use super::source::Source;
use super::window::{Kind, Window};
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::actions::aws::when::instant;

const PATH: &str = "cloudtrail/public-keys.json";

pub(super) async fn preserve(
    order: &Order<'_>,
    window: Window,
    sources: &[Source],
    coverage: &mut Coverage,
) -> Result<(), Stop> {
    let mut keys = earlier(order)?;
    let mut regions: Vec<_> = sources.iter().flat_map(|source| &source.regions).collect();
    regions.sort();
    regions.dedup();
    for region in regions {
        let listed = of_region(order, region, window.deliveries(Kind::Digest), &mut keys).await;
        coverage.or_gap(&format!("public keys of {region}"), listed)?;
    }
    if !keys.is_empty() {
        let told = serde_json::to_vec_pretty(&json!({ "PublicKeyList": keys })).unwrap_or_default();
        order.paper.store_of_raw().put(PATH, &told)?;
        order.keep("cloudtrail-public-keys.json", &told)?;
    }
    Ok(())
}

fn earlier(order: &Order<'_>) -> Result<Vec<Value>, Stop> {
    let Some(file) = order.paper.store_of_raw().held(PATH)? else { return Ok(Vec::new()) };
    let mut held: Value = serde_json::from_reader(std::io::BufReader::new(file)).unwrap_or_default();
    Ok(held["PublicKeyList"].as_array_mut().map(std::mem::take).unwrap_or_default())
}

async fn of_region(
    order: &Order<'_>,
    region: &str,
    window: Window,
    keys: &mut Vec<Value>,
) -> Result<(), Stop> {
    let cloudtrail = order.cloudtrail(Some(region)).await?;
    let end = window.to.min(order.paper.now());
    let mut token = None;
    loop {
        let asked = cloudtrail.list_public_keys().start_time(instant(window.from)).end_time(instant(end));
        let page = order.heard(asked.set_next_token(token).send().await)?;
        for key in page.public_key_list() {
            let seconds =
                |at: Option<&aws_smithy_types::DateTime>| at.map(aws_smithy_types::DateTime::as_secs_f64);
            let told = json!({
                "Value": key.value().map(|value| aws_smithy_types::base64::encode(value.as_ref())),
                "ValidityStartTime": seconds(key.validity_start_time()),
                "ValidityEndTime": seconds(key.validity_end_time()),
                "Fingerprint": key.fingerprint(),
            });
            if !keys.iter().any(|known| known["Fingerprint"] == told["Fingerprint"]) {
                keys.push(told);
            }
        }
        token = page.next_token().filter(|token| !token.is_empty()).map(str::to_owned);
        if token.is_none() {
            return Ok(());
        }
    }
}

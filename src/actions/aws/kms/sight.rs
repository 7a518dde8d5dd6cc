//! What hangs on a key, in words, before it is changed.

use super::describe::{describe, state};
use super::last_use;
use crate::actions::aws::look::{counted, used};
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;

/// ListGrants takes up to a hundred at once; one page tells enough.
const FIRST_PAGE: i32 = 100;

/// The state of the key; for a step that moves an alias, of the key that it leaves.
pub(in crate::actions::aws) async fn seen_state(order: &Order<'_>) -> Result<String, Stop> {
    let key = order.inputs().text("key")?;
    let kms = order.kms_of(key).await?;
    match order.inputs().optional_text("alias")? {
        None => Ok(state(&describe(order, &kms, key).await?).to_owned()),
        Some(alias) => {
            let before = describe(order, &kms, alias).await?;
            Ok(format!("{alias} points at {} ({})", before.key_id(), state(&before)))
        }
    }
}

pub(in crate::actions::aws) async fn seen_aliases(order: &Order<'_>) -> Result<String, Stop> {
    const SHOWN: usize = 3;
    let key = order.key("key")?;
    let said = order.heard(order.kms_of(key).await?.list_aliases().key_id(key).send().await)?;
    let names: Vec<_> = said.aliases().iter().filter_map(|alias| alias.alias_name()).collect();
    let told = counted(names.len(), "alias", "aliases", said.truncated());
    let shown: Vec<_> = names.iter().take(SHOWN).copied().collect();
    if shown.is_empty() {
        return Ok(told);
    }
    let rest = if names.len() > SHOWN { ", ..." } else { "" };
    Ok(format!("{told}: {}{rest}", shown.join(", ")))
}

pub(in crate::actions::aws) async fn seen_grants(order: &Order<'_>) -> Result<String, Stop> {
    let key = order.key("key")?;
    let kms = order.kms_of(key).await?;
    let said = order.heard(kms.list_grants().key_id(key).limit(FIRST_PAGE).send().await)?;
    Ok(counted(said.grants().len(), "grant", "grants", said.truncated()))
}

pub(in crate::actions::aws) async fn seen_use(order: &Order<'_>) -> Result<String, Stop> {
    let key = order.key("key")?;
    let said = order.heard(order.kms_of(key).await?.get_key_last_usage().key_id(key).send().await)?;
    let facts = last_use::facts(&said);
    let text = |name: &str| facts[name].as_str().unwrap_or_default().to_owned();
    Ok(used(&text("at"), &text("operation")))
}

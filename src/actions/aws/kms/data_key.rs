//! `GenerateDataKeyWithoutPlaintext`: proof that a key can be used, which yields nothing
//! that anybody could use.

use aws_sdk_kms::types::DataKeySpec;
use serde_json::{Value, json};

use crate::actions::aws::operation::Act;
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::engine::Soon;

pub(in crate::actions::aws) struct GenerateDataKey;

impl Act for GenerateDataKey {
    fn act<'a>(&'a self, order: &'a Order<'a>) -> Soon<'a, Result<Value, Stop>> {
        Box::pin(async move {
            let key = order.key("key")?;
            let kms = order.kms_of(key).await?;
            let asked = kms.generate_data_key_without_plaintext().key_id(key).key_spec(DataKeySpec::Aes256);
            let said = order.heard(asked.send().await)?;
            Ok(json!({ "arn": said.key_id().unwrap_or(key) }))
        })
    }
}

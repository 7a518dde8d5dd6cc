//! The objects below a prefix, page by page: nothing is held but one page.

use std::collections::HashSet;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::EncodingType;

use crate::actions::aws::cloudtrail::patience::{passes, patiently};
use crate::actions::aws::order::Order;
use crate::actions::aws::percent;
use crate::actions::aws::stop::Stop;
use crate::actions::aws::when::when;

/// How long between tries of a listing, beside those of the SDK.
const WAITS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(4)];

/// One object, or one version of one, as a listing tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) key: String,
    pub(super) etag: String,
    pub(super) version: Option<String>,
    pub(super) size: u64,
    pub(super) modified: String,
    pub(super) standing: Standing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Current,
    Older,
    /// The mark of a deletion; there are no bytes to it.
    Deleted,
}

/// The pages below one prefix.
#[derive(Debug)]
pub(super) struct Pages {
    bucket: String,
    prefix: String,
    versioned: bool,
    markers: (Option<String>, Option<String>),
    over: bool,
}

impl Pages {
    pub(super) fn new(bucket: &str, prefix: String, versioned: bool) -> Self {
        let (bucket, markers) = (bucket.to_owned(), (None, None));
        Self { bucket, prefix, versioned, markers, over: false }
    }

    /// The next page; nothing after the last.
    pub(super) async fn next(&mut self, order: &Order<'_>, s3: &Client) -> Result<Option<Vec<Listed>>, Stop> {
        if self.over {
            return Ok(None);
        }
        let page =
            if self.versioned { self.versions(order, s3).await? } else { self.objects(order, s3).await? };
        self.over |= self.markers.0.is_none();
        Ok(Some(page))
    }

    /// Whether the page that came last was the last.
    pub(super) const fn is_over(&self) -> bool {
        self.over
    }

    async fn objects(&mut self, order: &Order<'_>, s3: &Client) -> Result<Vec<Listed>, Stop> {
        let asked = s3.list_objects_v2().bucket(&self.bucket).prefix(&self.prefix);
        let asked = asked.encoding_type(EncodingType::Url);
        let asked = asked.set_continuation_token(self.markers.0.take());
        let page = patiently(&WAITS, passes, || async { order.heard(asked.clone().send().await) }).await?;
        let encoded = page.encoding_type() == Some(&EncodingType::Url);
        self.markers.0 = page.next_continuation_token().map(str::to_owned);
        let listed = page.contents().iter().map(|object| Listed {
            key: decoded(object.key(), encoded),
            etag: object.e_tag().unwrap_or_default().to_owned(),
            version: None,
            size: u64::try_from(object.size().unwrap_or_default()).unwrap_or_default(),
            modified: when(object.last_modified()),
            standing: Standing::Current,
        });
        Ok(listed.collect())
    }

    async fn versions(&mut self, order: &Order<'_>, s3: &Client) -> Result<Vec<Listed>, Stop> {
        let asked = s3.list_object_versions().bucket(&self.bucket).prefix(&self.prefix);
        let asked = asked.encoding_type(EncodingType::Url).set_key_marker(self.markers.0.take());
        let asked = asked.set_version_id_marker(self.markers.1.take());
        let page = patiently(&WAITS, passes, || async { order.heard(asked.clone().send().await) }).await?;
        let encoded = page.encoding_type() == Some(&EncodingType::Url);
        if page.is_truncated().unwrap_or_default() {
            self.markers.0 = page.next_key_marker().map(|key| decoded(Some(key), encoded));
            self.markers.1 = page.next_version_id_marker().map(str::to_owned);
        }
        let versions = page.versions().iter().map(|version| Listed {
            key: decoded(version.key(), encoded),
            etag: version.e_tag().unwrap_or_default().to_owned(),
            version: version.version_id().map(str::to_owned),
            size: u64::try_from(version.size().unwrap_or_default()).unwrap_or_default(),
            modified: when(version.last_modified()),
            standing: if version.is_latest().unwrap_or_default() {
                Standing::Current
            } else {
                Standing::Older
            },
        });
        let marks = page.delete_markers().iter().map(|mark| Listed {
            key: decoded(mark.key(), encoded),
            etag: String::new(),
            version: mark.version_id().map(str::to_owned),
            size: 0,
            modified: when(mark.last_modified()),
            standing: Standing::Deleted,
        });
        Ok(versions.chain(marks).collect())
    }
}

/// The folders directly below a prefix.
pub(super) async fn folders(
    order: &Order<'_>,
    s3: &Client,
    bucket: &str,
    prefix: &str,
) -> Result<Vec<String>, Stop> {
    let (mut found, mut token) = (HashSet::new(), None);
    loop {
        let asked =
            s3.list_objects_v2().bucket(bucket).prefix(prefix).delimiter("/").set_continuation_token(token);
        let page = patiently(&WAITS, passes, || async { order.heard(asked.clone().send().await) }).await?;
        let names = page.common_prefixes().iter().filter_map(|it| it.prefix()?.strip_prefix(prefix));
        found.extend(names.map(|name| name.trim_end_matches('/').to_owned()));
        token = page.next_continuation_token().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort();
    Ok(found)
}

fn decoded(key: Option<&str>, encoded: bool) -> String {
    let key = key.unwrap_or_default();
    if encoded { percent::decoded(&key.replace('+', " ")) } else { key.to_owned() }
}

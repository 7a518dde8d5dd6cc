//! Every version of every object of a bucket, sixteen under way at once, told in the order
//! in which S3 lists them. Nothing is held but what is under way.

use std::collections::VecDeque;
use std::future::Future;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::EncodingType;
use tokio::task::JoinHandle;

use super::object::{Version, decoded};
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;

const AT_ONCE: usize = 16;

/// Calls `work` for each version and `each` with what came of it. Delete markers hold no
/// data and are passed over.
pub(super) async fn walk<T, W>(
    order: &Order<'_>,
    s3: &Client,
    bucket: &str,
    work: impl Fn(Version) -> W,
    mut each: impl FnMut(T) -> Result<(), Stop>,
) -> Result<(), Stop>
where
    W: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let mut under_way = VecDeque::with_capacity(AT_ONCE);
    let (mut key_marker, mut version_marker) = (None, None);
    loop {
        let asked = s3
            .list_object_versions()
            .bucket(bucket)
            // Keys may hold characters that XML cannot.
            .encoding_type(EncodingType::Url)
            .set_key_marker(key_marker)
            .set_version_id_marker(version_marker);
        let page = order.heard(asked.send().await)?;
        let encoded = page.encoding_type() == Some(&EncodingType::Url);
        for listed in page.versions() {
            if under_way.len() >= AT_ONCE {
                finish(under_way.pop_front(), &mut each).await?;
            }
            under_way.push_back(Task(tokio::spawn(work(Version::of(bucket, listed, encoded)))));
        }
        key_marker = page.next_key_marker().map(|key| if encoded { decoded(key) } else { key.to_owned() });
        version_marker = page.next_version_id_marker().map(str::to_owned);
        if !page.is_truncated().unwrap_or_default() || key_marker.is_none() {
            break;
        }
    }
    while let Some(task) = under_way.pop_front() {
        finish(Some(task), &mut each).await?;
    }
    Ok(())
}

async fn finish<T>(task: Option<Task<T>>, each: &mut impl FnMut(T) -> Result<(), Stop>) -> Result<(), Stop> {
    let Some(mut task) = task else { return Ok(()) };
    match (&mut task.0).await {
        Ok(done) => each(done),
        Err(error) => {
            Err(crate::error::Error::failure("the work on an object broke off").caused_by(error).into())
        }
    }
}

/// Work that ends when nobody waits for it any more: an abandoned step goes no further.
struct Task<T>(JoinHandle<T>);

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

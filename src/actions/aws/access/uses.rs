//! The second round of a collection: once it is known who is not denied, when those last used
//! the key.

use super::collection::Collection;
use super::who_can::gathered;
use super::{accessed, trail};
use crate::access::review::{asked_of, review};
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;

/// What the document's steps found in CloudTrail, and what IAM says.
pub(super) async fn collect(
    order: &Order<'_>,
    key: &str,
    action: &str,
    collection: &mut Collection,
) -> Result<(), Stop> {
    let gathered = gathered(collection, key, action)?.collected;
    let review = review(&gathered, action);
    trail::collect(order, &gathered.key, action, &review, collection)?;
    let asked = asked_of(&review).into_iter().map(|(id, arn)| (id.to_owned(), arn.to_owned()));
    accessed::collect(order, &asked.collect::<Vec<_>>(), action, collection).await
}

//! What stood there before a write. It is durable before the write is sent: once it took
//! effect, no reading tells it any more, and a rollback needs it.

use serde_json::{Value, json};

use super::order::Order;
use crate::error::Result;

/// Whether the world looked, before a write, as it does after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looks {
    Undone,
    /// Then what is seen may be the work of an earlier attempt of the same step, whose answer
    /// was lost, and what that attempt had found is what stood there.
    Done,
}

impl Looks {
    pub(super) fn done_if(done: bool) -> Self {
        if done { Self::Done } else { Self::Undone }
    }
}

/// Makes it durable, as the output of that name.
///
/// # Errors
/// When the record does not take it: nothing must be sent then.
pub(super) fn before(
    order: &Order<'_>,
    output: &str,
    found: impl Into<Value>,
    looks: Looks,
) -> Result<Value> {
    let earlier = order.progress.and_then(|progress| progress.get(output));
    let earlier = earlier.filter(|_| looks == Looks::Done).cloned();
    let before = earlier.unwrap_or_else(|| found.into());
    order.paper.progress(json!({ output: before }))?;
    Ok(before)
}

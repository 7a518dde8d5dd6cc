//! Several futures on this one thread, all at once.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// What each of them gave, in their order, once all have ended.
pub(super) async fn all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut going: Vec<Result<Pin<Box<F>>, Option<F::Output>>> = futures.map(|it| Ok(Box::pin(it))).collect();
    poll_fn(|context| {
        let mut ready = true;
        for slot in &mut going {
            if let Ok(future) = slot {
                match future.as_mut().poll(context) {
                    Poll::Ready(output) => *slot = Err(Some(output)),
                    Poll::Pending => ready = false,
                }
            }
        }
        if ready { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    going.into_iter().filter_map(Result::err).flatten().collect()
}

//! Several futures on this one thread, all at once.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

enum Runner<F: Future> {
    Going(Pin<Box<F>>),
    Home(F::Output),
}

/// What each of them gave, in their order, once all have ended.
pub(super) async fn all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut runners: Vec<Runner<F>> = futures.map(|future| Runner::Going(Box::pin(future))).collect();
    poll_fn(|context| {
        let mut ended = Poll::Ready(());
        for runner in &mut runners {
            if let Runner::Going(future) = runner {
                match future.as_mut().poll(context) {
                    Poll::Ready(output) => *runner = Runner::Home(output),
                    Poll::Pending => ended = Poll::Pending,
                }
            }
        }
        ended
    })
    .await;
    let home = |runner| match runner {
        Runner::Home(output) => Some(output),
        Runner::Going(_) => None,
    };
    runners.into_iter().filter_map(home).collect()
}

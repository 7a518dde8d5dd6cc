//! Readings that are tried again for a while, beyond the few tries of the SDK.

use std::future::Future;
use std::time::Duration;

use crate::actions::aws::stop::Stop;
use crate::run::{Fault, FaultKind};

/// Asks until there is an answer, or a fault that waiting does not mend, or until `waits`
/// are used up.
pub(in crate::actions::aws) async fn patiently<T, F>(
    waits: &[Duration],
    mends: fn(&Fault) -> bool,
    mut ask: impl FnMut() -> F,
) -> Result<T, Stop>
where
    F: Future<Output = Result<T, Stop>>,
{
    let mut waits = waits.iter();
    loop {
        match ask().await {
            Err(Stop::Fault(fault)) if mends(&fault) => match waits.next() {
                Some(wait) => tokio::time::sleep(*wait).await,
                None => return Err(Stop::Fault(fault)),
            },
            said => return said,
        }
    }
}

/// AWS asked to slow down.
pub(in crate::actions::aws) fn is_throttled(fault: &Fault) -> bool {
    fault.kind == FaultKind::Throttled
}

/// The network, or a service that is in trouble. What is not there will not be there later.
pub(super) fn passes(fault: &Fault) -> bool {
    let is_gone = fault.code.as_deref().is_some_and(|code| code.starts_with("NoSuch"));
    fault.kind.comes_and_goes() && !is_gone
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    async fn asked(faults: usize, fault: Fault) -> (Result<(), Stop>, usize) {
        let times = Cell::new(0);
        let answer = patiently(&[Duration::ZERO; 2], passes, || {
            times.set(times.get() + 1);
            let fault = (times.get() <= faults).then(|| fault.clone());
            async move { fault.map_or(Ok(()), |fault| Err(fault.into())) }
        });
        (answer.await, times.get())
    }

    #[tokio::test]
    async fn what_passes_is_asked_again_a_few_times_and_what_is_denied_is_not() {
        let throttled = || Fault::new(FaultKind::Throttled, "slow down");
        assert!(matches!(asked(2, throttled()).await, (Ok(()), 3)));
        assert!(matches!(asked(9, throttled()).await, (Err(Stop::Fault(_)), 3)));
        let denied = Fault::new(FaultKind::Denied, "no");
        assert!(matches!(asked(9, denied).await, (Err(Stop::Fault(_)), 1)));
        let mut gone = Fault::new(FaultKind::Rejected, "no such bucket");
        gone.code = Some("NoSuchBucket".to_owned());
        assert!(matches!(asked(9, gone).await, (Err(Stop::Fault(_)), 1)));
    }
}

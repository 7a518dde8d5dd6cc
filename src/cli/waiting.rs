//! Waiting for the network outside of a run.

use std::future::Future;

use crate::error::{Error, Result};

/// # Errors
/// When the runtime cannot be started.
pub(super) fn wait<T>(future: impl Future<Output = T>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::failure("cannot start the runtime").caused_by(error))?;
    let came = runtime.block_on(future);
    runtime.shutdown_background();
    Ok(came)
}

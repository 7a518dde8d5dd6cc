//! AWS, live: one connection for the whole run, made on first use.

mod access;
mod again;
mod badge;
mod before;
mod body;
mod cloudtrail;
mod connect;
#[cfg(test)]
mod echo;
mod fault;
mod guard;
mod iam;
mod kms;
mod look;
mod operation;
mod order;
mod own;
mod percent;
mod preflight;
#[cfg(test)]
mod recorded;
mod renewal;
mod s3;
mod sns;
mod source;
mod stop;
mod sts;
mod tape;
#[cfg(test)]
mod tests;
mod vault;
mod when;
mod wire;

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use tokio::sync::Mutex;

pub use access::Collection;
pub(super) use badge::principal;
pub use connect::Options;
pub(super) use fault::chain as causes;
pub(super) use look::look;
pub(super) use operation::{Probed, behaviour, probe};
pub(super) use order::Order;
pub(super) use sns::passes;
pub(super) use stop::Stop;
pub use vault::{Destination, How, Kept, Lock, Mode, Vault, Wish};
pub(super) use wire::door;

use self::badge::Badge;
use self::connect::Reach;
use self::renewal::Renewal;
use self::wire::Wire;
use crate::run::Fault;
use crate::text::arn;

/// The way to AWS.
#[derive(Debug)]
pub struct Aws {
    options: Options,
    reach: Reach,
    wire: SharedHttpClient,
    config: Mutex<Option<SdkConfig>>,
    lookups: cloudtrail::Pace,
    badge: Badge,
    renewal: Renewal,
}

impl Aws {
    /// Everything that the caller may do can be done.
    #[must_use]
    pub fn live(options: Options) -> Self {
        Self::over(options, Reach::Everything, SharedHttpClient::new(Wire::default()))
    }

    /// Only readings can be sent: a connector below all actions refuses the rest.
    #[must_use]
    pub fn reads_only(options: Options) -> Self {
        Self::over(options, Reach::Readings, SharedHttpClient::new(Wire::default()))
    }

    fn over(options: Options, reach: Reach, wire: SharedHttpClient) -> Self {
        let (config, lookups) = (Mutex::default(), cloudtrail::Pace::default());
        let (badge, renewal) = (Badge::default(), Renewal::default());
        Self { options, reach, wire, config, lookups, badge, renewal }
    }

    /// The configuration, read on first use. A fault is not remembered: the next action
    /// looks again.
    async fn config(&self) -> Result<SdkConfig, Fault> {
        let mut known = self.config.lock().await;
        if let Some(config) = &*known {
            return Ok(config.clone());
        }
        let config =
            connect::connect(&self.options, self.reach, self.wire.clone(), &self.badge, &self.renewal)
                .await?;
        self.badge.goes_by(&config);
        *known = Some(config.clone());
        Ok(config)
    }

    /// AWS does not take the credentials, though they may not have ended by what was said of
    /// them: the next action reads the configuration anew and fetches others.
    pub(super) async fn sign_in_again(&self) {
        *self.config.lock().await = None;
    }
}

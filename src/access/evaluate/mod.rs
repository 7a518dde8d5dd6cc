//! The decision (Policy evaluation logic; Policy evaluation for requests within a single
//! account; Cross-account policy evaluation logic; Key policies in AWS KMS; Grants in AWS
//! KMS).
//!
//! All ways to be allowed and everything that denies become one formula. It is asked once
//! whether it holds, whether it can hold, and what it depends on.

mod caller;
mod decide;
mod fit;
mod grant;
mod guard;
mod layers;
mod reason;
mod request;
mod ways;

pub use caller::{Caller, Who};
pub use decide::decide;
pub use fit::Fit;
pub use grant::Grant;
pub use layers::{Held, Layers};
pub use reason::{Answer, Cited, Layer, Reason, Verdict};
pub use request::Request;

#[cfg(test)]
mod tests;

//! From the tree to a draft: each noun of the language by its own file. Decoding goes on
//! after a fault; what could not be decoded is left out or marked as broken.

mod action;
mod ask;
mod channel;
mod document;
mod escalation;
mod findings;
mod gate;
mod input;
mod names;
mod native;
mod notify;
mod objective;
mod param;
mod phase;
mod record;
mod review;
mod role;
mod scalar;
mod step;
mod templates;
mod watch;

#[cfg(test)]
mod tests;

pub(super) use document::decode;

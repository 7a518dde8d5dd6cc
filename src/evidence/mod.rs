//! What a run leaves behind, from the first byte to the seal.
//!
//! - [`Redaction`] is the one gate before disk and screen: nothing is stored or shown that
//!   did not pass it.
//! - [`Folder`] knows where everything lies in the record of one run; [`RunId`] names it.
//! - [`Store`] keeps artifacts by content. An artifact is durable before the entry that
//!   names it is written.
//! - [`seal`] turns the record into a signed BagIt bag, [`verify`] checks one.

mod bag;
mod folder;
mod raw;
mod redaction;
mod run_id;
mod seal;
mod signer;
mod sshsig;
mod store;
mod store_writer;
mod verify;

pub use folder::{Folder, find, list};
pub use raw::{RawPart, unfit};
pub use redaction::{Detector, Redaction, Streaming};
pub use run_id::RunId;
pub use seal::{Sealed, Sealing, Signature, seal};
pub use signer::Signer;
pub use store::{Shelf, Store};
pub use store_writer::StoreWriter;
pub use verify::{Flaw, Signed, Verification, verify};

#[cfg(test)]
mod tests;

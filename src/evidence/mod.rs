//! What a run leaves behind, from the first byte to the seal.
//!
//! - [`Redaction`] is the one gate before disk and screen: nothing is stored or shown that
//!   did not pass it.
//! - [`Folder`] knows where everything lies in the record of one run; [`RunId`] names it.
//! - [`Store`] keeps artifacts by content. An artifact is durable before the entry that
//!   names it is written.
//! - [`seal`] turns the record into a signed BagIt bag, [`verify`] checks one.
//! - [`prove`] checks the record of another run, and tells which keys it is about.
//! - [`countersign`] signs for a record that is taken over; [`custody`] is the log of who
//!   had it in hand.
//! - [`Challenge`] is what an approval from another machine is signed over; [`inbox`] is where
//!   other terminals lay what they have to say.
//! - [`Trove`] finds CloudTrail objects that were collected, and checks their digest chain.

mod approval;
mod bag;
mod collected;
mod countersign;
pub mod custody;
mod folder;
pub mod given;
mod handed;
pub mod inbox;
mod proof;
mod raw;
mod redaction;
mod room;
mod run_id;
mod seal;
mod signer;
mod sshsig;
mod stamp;
mod store;
mod store_writer;
pub mod torn;
mod verify;

pub use approval::{APPROVALS, Approver, Challenge, Terms};
pub use bag::try_tag_file;
pub use collected::Trove;
pub use countersign::{Countersigned, Takeover, countersign};
pub use folder::{Folder, find, list};
pub use handed::{BEGIN, END, HandedIn, hand_out, holds};
pub use proof::{Proof, prove};
pub use raw::{RawPart, unfit};
pub use redaction::{Detecting, Found, Redaction, SHORTEST_SECRET, Streaming};
pub use run_id::RunId;
pub use seal::{Sealed, Sealing, Signature, put_script, seal};
pub use signer::Signer;
pub use sshsig::AllowedSigners;
pub use stamp::{Asked, Authorities, LIMIT as LONGEST_ANSWER, Question, Stamp, Word, is_stamped};
pub use store::{Shelf, Store};
pub use store_writer::StoreWriter;
pub use verify::{Flaw, Signed, Subject, Trust, Verification, verify, verify_against};

#[cfg(test)]
mod tests;

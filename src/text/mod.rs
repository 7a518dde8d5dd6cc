//! Text and where it stands: spans, diagnostics, durations, digests, ARNs, names of KMS. Imports nothing of ours.

pub mod arn;
mod cryptographic;
mod diagnostic;
mod digest;
pub mod duration;
mod near;
mod render;
mod source;

pub use cryptographic::is_cryptographic;
pub use diagnostic::{Diagnostic, Label, Severity};
pub use digest::{Digest, Digesting};
pub use near::nearest;
pub use render::render;
pub use source::{Position, Source, Span};

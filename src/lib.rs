//! Executable runbooks and incident playbooks.
//!
//! # One idea
//!
//! A run is a pure state machine that asks for effects. Modes are different answerers.
//!
//! ```text
//! document  ->  run  ->  effect  ->  executor  ->  event  ->  journal  ->  run ...
//! may happen   what next             who answers   what was   remembers
//! ```
//!
//! [`run::Run::next`] decides and [`run::Run::apply`] remembers; neither does I/O, reads a
//! clock or awaits. An [`engine::Executor`] is the only door to the world: live and dry run
//! stand behind the same door, and nothing else asks which of them it is. [`engine::drive`]
//! is the loop between the two. Starting and resuming are the same call: fold the journal,
//! empty or not, then loop. Status, report and JSON are readers of the same entries.
//!
//! # The house, from the ground up
//!
//! | module | what it is |
//! |---|---|
//! | [`error`] | why the program cannot go on, and the exit code that says so |
//! | [`text`] | places in texts, diagnostics, durations, digests; imports nothing of ours |
//! | [`cloudtrail`] | log files of CloudTrail: inflated, searched for a key, told in other words; pure over bytes |
//! | [`access`] | who may do what: IAM policies, conditions, grants, and the verdict; pure, imports only `text` |
//! | [`document`] | what a document says: YAML to a validated playbook, every fault at once; the static facts of every action |
//! | [`run`] | events, effects, state, what is next; pure |
//! | [`journal`] | one JSON line an entry, chained, locked, synced |
//! | [`evidence`] | artifacts, redaction, the bag, the seal, what was collected, verification |
//! | [`report`] | the record told again: text, Markdown, HTML, JSON, a timeline; the record of an access review |
//! | [`engine`] | the ports, the ledger of a growing record, the loop |
//! | [`actions`] | behaviour of actions, live: AWS operations and programs |
//! | [`console`] | the person: at a terminal, absent, or in a file; the only place that prints |
//! | [`executor`] | who answers effects: live, dry run |
//! | [`cli`] | one file a command; `setup` is the only match on the mode |
//!
//! Imports go strictly downward; `tests/architecture.rs` reads them and fails otherwise.
//!
//! # What is absent, on purpose
//!
//! - No clock, environment, randomness or printing outside the one file that owns each
//!   (`clippy.toml`).
//! - No `dry_run: bool`. A dry run holds an executor that has no client to act with.
//! - No state beside the journal. What is not in the journal did not happen.
//! - No secret in a journal entry or an artifact: references are recorded, values are put in
//!   by [`actions`] at the last moment, and [`evidence::Redaction`] stands before the disk.
//! - No value from AWS, a program or a person that is read as a template, a command or a path;
//!   but for the path of a sealed record that a deletion is proven by, which is only read.
//!
//! # Every file on disk
//!
//! ```text
//! evidence/INC-2026-001-KEY-COMPROMISE/     one run; 0700
//!   bag/data/journal.jsonl                  the record
//!   bag/data/document.yaml                  the pinned text of the document
//!   bag/data/artifacts/  bag/data/api/      outputs, attachments; bodies of AWS calls, redacted
//!   bag/data/artifacts/*-review.json .csv .md .html   the record of an access review, one model
//!   bag/data/cloudtrail/s3/<bucket>/<key>   objects of trails, each with its <key>.meta.json
//!   bag/data/cloudtrail/public-keys.json    the keys that their digests are signed with
//!   bag/data/cloudtrail/coverage.json       what was collected, what was not, and why
//!   bag/data/report.html  .md  .json        written by seal, and so are
//!   bag/data/timeline.jsonl                 one moment a line, for Timesketch
//!   bag/data/events.ocsf.jsonl              collected CloudTrail events, as OCSF
//!   bag/*.txt  verify.sh                    written by seal; the bag is closed then
//!   inbox/*.json  *.data                    what other terminals say while somebody writes the
//!                                           record; taken up, and gone once it is sealed
//!   inbox/challenges/<nonce>                what approvals from other machines are signed over
//!   inbox/refused/                          what could not so much as be read as a message
//!   sig/                                    what is signed, and what happens after the seal
//!     tagmanifest-sha256.txt.sig            the sealer's SSHSIG over the tag manifest
//!     allowed_signers                       the sealer's line, as bag-info.txt has it
//!     custody.jsonl                         who sealed, took over, stamped, uploaded; chained
//!     countersign-N-PRINCIPAL.sig           SSHSIG over the tag manifest, the sealer's signature
//!                                           and all lines of the custody log before its own
//!     tagmanifest-sha256.txt.sig.tsq .tsr   RFC 3161 question and answer about the .sig file
//!     tsa-chain.pem                         the certificates that the answer carries
//! ```

pub mod access;
pub mod actions;
pub mod cli;
pub mod cloudtrail;
pub mod console;
pub mod document;
pub mod engine;
pub mod error;
pub mod evidence;
pub mod executor;
pub mod journal;
pub mod report;
pub mod run;
pub mod text;

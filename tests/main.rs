//! One integration binary. Every test runs the program as a user would.

// A test that cannot go on has failed: that is what a panic is for. Tests read the
// environment and the clock because they stand outside of the house.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods)]

mod support;

mod access;
mod access_blocked;
mod access_edits;
mod access_inputs;
mod access_people;
mod access_record;
mod access_review;
mod architecture;
mod bad_input;
mod blast_radius;
mod canary;
mod checking;
mod crash;
mod credentials;
mod deadlines;
mod dry_run;
mod dying;
mod escalations;
mod faults;
mod guards;
mod handing_over;
mod hands;
mod health_check;
mod hush;
mod in_doubt;
mod interactive;
mod key_compromise;
mod last_use;
mod left_behind;
mod many_hands;
mod no_locks;
mod notify;
mod parallel;
mod permissions;
mod preflight;
mod preserve;
mod report_page;
mod report_views;
mod resuming;
mod reviewing;
mod rolling_back;
mod running;
mod sealing;
mod signers;
mod stale_reads;
mod trail_search;
mod trail_verify;
mod tries;
mod vaulting;

//! One integration binary. Every test runs the program as a user would.

// A test that cannot go on has failed: that is what a panic is for. Tests read the
// environment and the clock because they stand outside of the house.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods)]

mod support;

mod access;
mod architecture;
mod bad_input;
mod checking;
mod dry_run;
mod handing_over;
mod health_check;
mod interactive;
mod key_compromise;
mod many_hands;
mod preserve;
mod report_page;
mod report_views;
mod resuming;
mod running;
mod sealing;
mod trail_search;
mod trail_verify;
mod vaulting;

//! One integration binary. Every test runs the program as a user would.

mod support;

mod architecture;
mod bad_input;
mod checking;
mod dry_run;
mod interactive;
mod key_compromise;
mod resuming;
mod running;
mod sealing;

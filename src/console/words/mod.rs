//! The words: pure functions from facts to lines.
//!
//! - `text`: making foreign text harmless, wrapping, counting
//! - `clock`: T+, what is left, how long it took
//! - `standing`: the status line and the phase line
//! - `value`: values of steps in a few words
//! - `tell`: what an entry of the journal says
//! - `card`: what is about to be done to the world
//! - `known`: what earlier steps found out about the target
//! - `why`: why a step is there, and what happens if it is left out
//! - `put`: questions
//! - `reply`: what a person's answer means

pub mod card;
pub mod clock;
pub mod known;
pub mod put;
pub mod reply;
pub mod review;
pub mod standing;
pub mod tell;
pub mod text;
pub mod value;
pub mod why;

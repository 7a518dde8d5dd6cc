//! Where people are told and asked.
//!
//! - `out`: the only place that prints
//! - `line`, `theme`: lines with meaning, meaning as colour
//! - `words/`: pure functions from facts to lines, and from answers to values
//! - `dialogue/`: how each question is put and what comes of it, over any [`talk::Talk`]
//! - `keyboard`: one line from a terminal; Ctrl-C and a closed terminal are answers too
//! - `keys`, `picker`: lists to pick from with the arrow keys
//! - `sheet`: what stands on the screen while a question does
//! - `terminal`: a person at a terminal
//! - `plain`: nobody there: one line a fact, no question can be answered
//! - `scripted/`: answers from a file, in front of one of the others
//!
//! Nothing from the world reaches the screen but through [`words::text::safe`].

mod dialogue;
mod gauge;
mod keyboard;
mod keys;
pub mod line;
pub mod out;
mod parameter;
mod picker;
mod plain;
mod plan;
#[cfg(test)]
mod rehearsal;
mod scripted;
mod sheet;
mod stopwatch;
mod talk;
mod tempo;
mod terminal;
pub mod theme;
pub mod words;

pub use gauge::Gauge;
pub use parameter::parameter;
pub use plain::Plain;
pub use plan::Plan;
pub use scripted::{Answers, Scripted};
pub use terminal::Terminal;

//! What a dialogue needs of the one it talks with.

use std::cell::RefCell;

use super::dialogue::Bookmark;
use super::line::Line;
use crate::engine::Soon;
use crate::error::Error;

/// Somebody to show lines to and to read lines from.
pub trait Talk {
    fn say(&self, line: &Line);

    /// Where the run stands, above a question. A terminal that can keeps its clock going.
    fn standing(&self, lines: Vec<Line>) {
        for line in &lines {
            self.say(line);
        }
    }

    /// Shows a prompt and reads one line. Whoever waits for it can do something else
    /// meanwhile, and can let go of it.
    fn read<'a>(&'a self, prompt: &'a Line) -> Soon<'a, Result<Typed, Error>>;

    /// Where the reader of a review is.
    fn bookmark(&self) -> &RefCell<Bookmark>;

    /// Columns.
    fn width(&self) -> usize;

    /// Forgets what was typed before the question stood on the screen: an impatient second
    /// Enter must not approve the next write.
    fn forget_what_was_typed(&self);

    /// Whether a list can be drawn, for picking with the arrow keys.
    fn draws_lists(&self) -> bool;

    /// Lets one of the choices be picked from a list that is drawn. As with a line, the clock
    /// goes on meanwhile, and the list can be let go of.
    fn pick_one<'a>(&'a self, choices: &'a [String]) -> Soon<'a, Result<Picked<String>, Error>>;

    /// Lets any of the choices be picked.
    fn pick_several<'a>(&'a self, choices: &'a [String]) -> Soon<'a, Result<Picked<Vec<String>>, Error>>;
}

/// What came from the keyboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    Line(String),
    /// Ctrl-C, or a signal.
    Interrupted,
    /// Ctrl-D at the beginning of a line, or the terminal is gone.
    Closed,
}

/// What came of a drawn list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Picked<T> {
    This(T),
    /// Escape, or this terminal cannot draw lists.
    Nothing,
    Interrupted,
}

impl<T> Picked<T> {
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Picked<U> {
        match self {
            Self::This(picked) => Picked::This(change(picked)),
            Self::Nothing => Picked::Nothing,
            Self::Interrupted => Picked::Interrupted,
        }
    }
}

//! What stands on the screen while a question does: the status line above it, and the
//! prompt that lines of others must not run into.

use std::cell::{Cell, RefCell};
use std::fmt::Write as _;

use super::line::{Line, width};
use super::out;
use super::talk::Typed;
use crate::run::{Place, Run};

/// The screen from the status line of a question down to its prompt.
#[derive(Debug, Default)]
pub struct Sheet {
    /// Where the question that stands is asked.
    place: RefCell<Option<Place>>,
    /// What the cursor stands behind.
    open: RefCell<Option<Open>>,
    /// Where the status line is; none once nobody can tell.
    status: Cell<Option<Status>>,
}

/// What waits for the person, the last on the screen.
#[derive(Clone, Debug)]
pub enum Open {
    Prompt(Line),
    /// A list that is drawn, a row a line; the cursor stands at the end of the last.
    List(Vec<Line>),
}

#[derive(Clone, Copy, Debug)]
struct Status {
    /// Rows that it takes.
    rows: usize,
    /// Rows between it and the cursor's.
    below: usize,
    /// The width for which both hold.
    columns: usize,
}

impl Sheet {
    /// A question begins.
    pub fn begin(&self, place: &Place) {
        self.end();
        self.place.replace(Some(place.clone()));
    }

    /// It is answered, or will never be.
    pub fn end(&self) {
        self.place.replace(None);
        self.open.replace(None);
        self.status.set(None);
    }

    /// The status line was written.
    pub fn standing(&self, rows: usize, columns: usize) {
        self.status.set(Some(Status { rows, below: 0, columns }));
    }

    /// A line was written below.
    pub fn wrote(&self, line: &Line, columns: usize) {
        self.grow(line.width().div_ceil(columns.max(1)).max(1));
    }

    pub fn prompts(&self, prompt: Line) {
        self.open.replace(Some(Open::Prompt(prompt)));
    }

    /// A list was drawn.
    pub fn lists(&self, lines: Vec<Line>) {
        self.grow(lines.len().saturating_sub(1));
        self.open.replace(Some(Open::List(lines)));
    }

    /// The list is to be taken off the screen: what does so, with the cursor left where its
    /// first row was. Nothing where none stands there.
    pub fn lift(&self) -> Option<String> {
        let rows = match &*self.open.borrow() {
            Some(Open::List(lines)) => lines.len().saturating_sub(1),
            _ => return None,
        };
        self.open.replace(None);
        self.shrink(rows);
        // ECMA-48: CUU, and ED to the end of the screen.
        let up = if rows > 0 { format!("\u{1b}[{rows}A") } else { String::new() };
        Some(format!("\r{up}\u{1b}[J"))
    }

    /// A line was typed behind the prompt. One that wrapped took rows that nobody counted.
    pub fn typed(&self, typed: &Typed, columns: usize) {
        let prompt = match self.open.take() {
            Some(Open::Prompt(prompt)) => prompt.width(),
            _ => 0,
        };
        match typed {
            Typed::Line(line) if prompt + width(line) < columns => self.grow(1),
            _ => self.status.set(None),
        }
    }

    fn grow(&self, rows: usize) {
        self.status.set(self.status.get().map(|status| Status { below: status.below + rows, ..status }));
    }

    fn shrink(&self, rows: usize) {
        let less = |status: Status| Status { below: status.below.saturating_sub(rows), ..status };
        self.status.set(self.status.get().map(less));
    }

    /// Lines are about to come while the cursor stands behind a prompt or a list: gives it, to
    /// be put again below them.
    pub fn interrupt(&self) -> Option<Open> {
        let open = self.open.borrow().clone()?;
        if let Some(erasing) = self.lift() {
            out::draw(&erasing);
        } else {
            self.open.replace(None);
            out::show(&Line::new());
            self.grow(1);
        }
        self.place.borrow().is_some().then_some(open)
    }

    /// Lets go of a question that somebody answered elsewhere.
    pub fn settle(&self, run: &Run) {
        let answered = self.place.borrow().as_ref().is_some_and(|place| !run.is_asking(place));
        if answered {
            self.place.replace(None);
            self.status.set(None);
        }
    }

    /// The status line written anew in its place, for a terminal that keeps the cursor where
    /// it was (DECSC and DECRC); none where it cannot be told where that is, or where it has
    /// left the screen.
    pub fn anew(&self, lines: impl FnOnce() -> Vec<Line>, rows: usize, columns: usize) -> Option<String> {
        let status = self.status.get().filter(|status| status.columns == columns)?;
        let up = status.rows + status.below;
        if self.open.borrow().is_none() || up >= rows {
            return None;
        }
        let lines = lines();
        if lines.len() != status.rows {
            return None;
        }
        let mut text = format!("\u{1b}7\u{1b}[{up}A");
        for line in lines {
            // ECMA-48: EL of the whole line, then one line down.
            let _ = write!(text, "\r\u{1b}[2K{}\u{1b}[1B", out::painted(&line));
        }
        text.push_str("\u{1b}8");
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Sheet {
        let sheet = Sheet::default();
        sheet.begin(&Place::step("tell_team"));
        sheet.standing(1, 80);
        sheet.wrote(&Line::plain("Phase 1"), 80);
        sheet.wrote(&Line::plain("x".repeat(81)), 80);
        sheet.prompts(Line::plain("› "));
        sheet
    }

    #[test]
    fn the_status_line_is_written_where_it_stands() {
        let sheet = asked();
        let status = || vec![Line::plain("T+00:00:02")];
        // One row of its own, one line of one row and one of two.
        assert_eq!(
            sheet.anew(status, 24, 80).unwrap(),
            "\u{1b}7\u{1b}[4A\r\u{1b}[2KT+00:00:02\u{1b}[1B\u{1b}8"
        );
        assert_eq!(sheet.anew(status, 4, 80), None, "it has left the screen");
        assert_eq!(sheet.anew(status, 24, 100), None, "the window was widened");
        assert_eq!(sheet.anew(|| vec![Line::new(), Line::new()], 24, 80), None, "it takes more rows now");
    }

    #[test]
    fn a_list_is_counted_while_it_stands_and_taken_off_whole() {
        let sheet = asked();
        let status = || vec![Line::plain("T+00:00:02")];
        sheet.typed(&Typed::Line(String::new()), 80);
        sheet.lists(["keys", "leak", "theft"].map(Line::plain).to_vec());
        // The row of the prompt, and two rows of the list above the one that the cursor is in.
        assert!(sheet.anew(status, 24, 80).unwrap().contains("\u{1b}[7A"));
        assert_eq!(sheet.lift().unwrap(), "\r\u{1b}[2A\u{1b}[J");
        assert_eq!(sheet.lift(), None);
        sheet.prompts(Line::plain("› "));
        assert!(sheet.anew(status, 24, 80).unwrap().contains("\u{1b}[5A"));
    }

    #[test]
    fn a_line_that_wrapped_as_it_was_typed_ends_the_counting() {
        let sheet = asked();
        sheet.typed(&Typed::Line("w".to_owned()), 80);
        sheet.prompts(Line::plain("› "));
        assert!(sheet.anew(|| vec![Line::new()], 24, 80).unwrap().contains("\u{1b}[5A"));
        sheet.typed(&Typed::Line("w".repeat(90)), 80);
        sheet.prompts(Line::plain("› "));
        assert_eq!(sheet.anew(|| vec![Line::new()], 24, 80), None);
    }
}

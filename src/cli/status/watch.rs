//! A status that is shown anew until the run is over.

use std::time::Duration;

use crate::console::line::{fitted, width};
use crate::console::out;
use crate::console::words::text::wrapped;
use crate::error::Result;

/// What is to be seen at one moment.
pub(super) struct Sight {
    pub text: String,
    pub entries: usize,
    /// In a word: a run that is killed leaves no entry of it.
    pub state: &'static str,
    pub over: bool,
}

/// How much further in the rest of a long line stands.
const HANG: usize = 2;

/// On a terminal the screen is drawn anew every second. Elsewhere the status is written
/// whenever something was recorded, so that a log holds each state once.
pub(super) fn watch(look: impl Fn() -> Result<Sight>, json: bool) -> Result<()> {
    let mut told = None;
    loop {
        let sight = look()?;
        let now = (sight.entries, sight.state);
        if let Some((rows, columns)) = out::window().filter(|_| !json) {
            out::screen(&fitting(&sight.text, rows, columns))?;
        } else if told != Some(now) {
            out::data(&sight.text)?;
        }
        if sight.over {
            return Ok(());
        }
        told = Some(now);
        a_second();
    }
}

/// The text as it stands in a window of so many rows and columns: long lines go on below, set
/// in, and what has no room at the foot is counted. The last row is the cursor's.
fn fitting(text: &str, rows: usize, columns: usize) -> String {
    let lines: Vec<String> = text.lines().flat_map(|line| folded(line, columns)).collect();
    let room = rows.saturating_sub(1).max(1);
    let mut shown = lines.clone();
    if lines.len() > room {
        shown.truncate(room.saturating_sub(1));
        shown.push(format!("… {} more lines", lines.len() - shown.len()));
    }
    shown.iter().flat_map(|line| [fitted(line, columns), "\n".to_owned()]).collect()
}

fn folded(line: &str, columns: usize) -> Vec<String> {
    let set_in = line.len() - line.trim_start().len();
    if width(line) <= columns || columns <= set_in + HANG {
        return vec![line.to_owned()];
    }
    let pieces = wrapped(line, columns - set_in - HANG).into_iter().enumerate();
    pieces
        .map(|(at, piece)| format!("{:1$}{piece}", "", if at == 0 { set_in } else { set_in + HANG }))
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "a terminal that refreshes waits between two looks")]
fn a_second() {
    std::thread::sleep(Duration::from_secs(1));
}

#[cfg(test)]
mod tests {
    use super::fitting;

    #[test]
    fn a_long_line_goes_on_below_and_what_has_no_room_is_counted() {
        let text = "RUN · paused\nA title\n\n  now         slow · A step with a long title: running\n  told        00:00:16 left\n";
        assert_eq!(fitting(text, 24, 80), text);
        assert_eq!(
            fitting(text, 24, 30),
            "RUN · paused\nA title\n\n  now slow · A step with a\n    long title: running\n  told        00:00:16 left\n"
        );
        assert_eq!(fitting(text, 5, 30), "RUN · paused\nA title\n\n… 3 more lines\n");
        for (rows, columns) in [(0, 0), (1, 1), (2, 4), (3, 200)] {
            let screen = fitting(text, rows, columns);
            assert!(screen.lines().count() <= rows.saturating_sub(1).max(1), "{screen:?}");
            assert!(screen.lines().all(|line| line.chars().count() <= columns), "{screen:?}");
        }
    }
}

//! A status that is shown anew until the run is over.

use std::io::IsTerminal as _;
use std::time::Duration;

use crate::console::out;
use crate::error::Result;

/// What is to be seen at one moment.
pub(super) struct Sight {
    pub text: String,
    pub entries: usize,
    pub over: bool,
}

/// On a terminal the screen is drawn anew every second. Elsewhere the status is written
/// whenever something was recorded, so that a log holds each state once.
pub(super) fn watch(look: impl Fn() -> Result<Sight>, json: bool) -> Result<()> {
    let draws = std::io::stdout().is_terminal() && !json;
    let mut told = None;
    loop {
        let sight = look()?;
        if draws {
            // ECMA-48: CUP to the first column of the first line, ED of the whole screen.
            out::data(&format!("\u{1b}[H\u{1b}[2J{}", sight.text))?;
        } else if told != Some(sight.entries) {
            out::data(&sight.text)?;
        }
        if sight.over {
            return Ok(());
        }
        told = Some(sight.entries);
        a_second();
    }
}

#[expect(clippy::disallowed_methods, reason = "a terminal that refreshes waits between two looks")]
fn a_second() {
    std::thread::sleep(Duration::from_secs(1));
}

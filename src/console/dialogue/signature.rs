//! A signature from another machine, pasted at the prompt or named by its file.

use std::path::Path;

use super::scene::{BACK, Scene, Talked};
use crate::console::line::{Line, Tone};
use crate::console::words::text::one_line;
use crate::engine::Said;
use crate::evidence::{BEGIN, END, HandedIn};

/// A signature has a dozen lines; a certificate in it makes them some more.
const MOST_LINES: usize = 200;

/// What a terminal puts around a paste, where it was told to (xterm, "bracketed paste mode").
const MARKS: [&str; 2] = ["\u{1b}[200~", "\u{1b}[201~"];

/// Whether somebody pastes a signature where something else was asked for.
pub fn begins(typed: &str) -> bool {
    without_marks(typed).trim().starts_with(BEGIN)
}

/// Takes a signature; `begun` is its first line where that was typed already.
pub async fn bring(scene: &Scene<'_>, begun: &str) -> Talked<Option<Said>> {
    let mut first = without_marks(begun);
    if first.is_empty() {
        let question = format!("Paste the signature, or name its file ({BACK} goes back)");
        first = without_marks(&scene.read_small(&question).await?);
    }
    let handed = match first.trim() {
        "" | BACK => None,
        text if text.starts_with(BEGIN) => pasted(scene, &first).await?,
        path => in_file(scene, path),
    };
    Ok(handed.map(Said::Signed))
}

/// The rest of a paste, up to its last line.
async fn pasted(scene: &Scene<'_>, first: &str) -> Talked<Option<HandedIn>> {
    let mut text = format!("{first}\n");
    for _ in 0..MOST_LINES {
        if text.contains(END) {
            break;
        }
        let line = without_marks(&scene.read(Line::of(Tone::Quiet, "    … ")).await?);
        if line.trim() == BACK {
            return Ok(None);
        }
        text.push_str(&line);
        text.push('\n');
    }
    let handed = HandedIn::parse(&text);
    if handed.is_none() {
        scene.hint("That is no whole signature: it goes from BEGIN SSH SIGNATURE to END SSH SIGNATURE.");
    }
    Ok(handed)
}

fn in_file(scene: &Scene<'_>, path: &str) -> Option<HandedIn> {
    let pair = |quote| path.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    let path = pair('\'').or_else(|| pair('"')).unwrap_or(path);
    match HandedIn::read(Path::new(path)) {
        Ok(handed) => Some(handed),
        Err(error) => {
            scene.hint(&format!("{}.", one_line(&error.to_string())));
            None
        }
    }
}

fn without_marks(typed: &str) -> String {
    MARKS.iter().fold(typed.to_owned(), |text, mark| text.replace(mark, ""))
}

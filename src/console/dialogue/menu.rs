//! The keys of a menu: one letter, or the whole word.

use super::super::line::{Line, Tone};
use super::scene::{Scene, Talked};
use super::signature;
use crate::console::words::text::{joined, one_line};
use crate::run::Request;

/// What a person can choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Approve,
    Go,
    Deny,
    Done,
    TookPlace,
    Again,
    Undo,
    Skip,
    Why,
    Request,
    Note,
    /// The procedure was departed from.
    Departed,
    /// Command passes to somebody else.
    HandOver,
    /// What is to be signed on another machine.
    Challenge,
    /// A signature from there.
    Bring,
    Pause,
    Abort,
}

impl Act {
    /// As the menu shows it; what asks for more ends in `…`.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Approve => "[a]pprove and run",
            Self::Go => "[g]o",
            Self::Deny => "[d]eny…",
            Self::Done => "[d]one, or d and a remark",
            Self::TookPlace => "[d]one, it took place…",
            Self::Again => "[a]gain",
            Self::Undo => "[u]ndo",
            Self::Skip => "[s]kip…",
            Self::Why => "[w]hy",
            Self::Request => "[r]equest",
            Self::Note => "[n]ote…",
            Self::Departed => "de[v]iation…",
            Self::HandOver => "[h]and over…",
            Self::Challenge => "[c]hallenge to sign",
            Self::Bring => "[b]ring a signature…",
            Self::Pause => "[p]ause",
            Self::Abort => "[x] abort…",
        }
    }

    /// What can be typed for it.
    const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Approve => &["a", "approve", "y", "yes"],
            Self::Go => &["g", "go", "run", "y", "yes"],
            Self::Deny => &["d", "deny"],
            Self::Done | Self::TookPlace => &["d", "done"],
            Self::Again => &["a", "again"],
            Self::Undo => &["u", "undo"],
            Self::Skip => &["s", "skip"],
            Self::Why => &["w", "why", "?"],
            Self::Request => &["r", "request"],
            Self::Note => &["n", "note"],
            Self::Departed => &["v", "deviation"],
            Self::HandOver => &["h", "hand", "handover"],
            Self::Challenge => &["c", "challenge"],
            Self::Bring => &["b", "bring"],
            Self::Pause => &["p", "pause"],
            Self::Abort => &["x", "abort"],
        }
    }
}

/// What a question offers: its own acts, then those that every question has.
pub fn offered(own: &[Act], request: Option<&Request>) -> Vec<Act> {
    let shown = [Some(Act::Why), request.map(|_| Act::Request)].into_iter().flatten();
    let always = [Act::Note, Act::Departed, Act::HandOver, Act::Pause, Act::Abort];
    own.iter().copied().chain(shown).chain(always).collect()
}

/// The act that was typed, and the remark behind it. Only manual work that is done takes
/// a remark: anything else with more words may have been meant for another question. A
/// signature that is pasted at once is brought.
pub fn read(acts: &[Act], typed: &str) -> Option<(Act, String)> {
    if acts.contains(&Act::Bring) && signature::begins(typed) {
        return Some((Act::Bring, typed.to_owned()));
    }
    let (word, remark) = typed.trim().split_once(char::is_whitespace).unwrap_or((typed.trim(), ""));
    let word = word.to_lowercase();
    let act = acts.iter().copied().find(|act| act.words().contains(&word.as_str()))?;
    (remark.is_empty() || act == Act::Done).then(|| (act, remark.trim().to_owned()))
}

/// Shows the menu until one of its acts is typed. Enter alone is none of them.
pub async fn choose(scene: &Scene<'_>, acts: &[Act]) -> Talked<(Act, String)> {
    loop {
        let typed = scene.read(prompt(scene, acts)).await?;
        if let Some(chosen) = read(acts, &typed) {
            return Ok(chosen);
        }
        scene.hint(&if typed.trim().is_empty() {
            "Type one of the letters in brackets, then Enter.".to_owned()
        } else {
            format!(
                "`{}` is none of these. Type one of the letters in brackets, then Enter.",
                one_line(&typed)
            )
        });
    }
}

/// All lines but the last are said; the last is the prompt.
fn prompt(scene: &Scene<'_>, acts: &[Act]) -> Line {
    let labels: Vec<_> = acts.iter().map(|act| act.label().to_owned()).collect();
    put(scene, &labels)
}

/// Keys in as many lines as they need: all but the last are said, and the last is the prompt.
pub fn put(scene: &Scene<'_>, labels: &[String]) -> Line {
    let mut lines = joined(labels, "  ", scene.talk.width().saturating_sub(6));
    let last = lines.pop().unwrap_or_default();
    scene.blank();
    for line in lines {
        scene.talk.say(&keys(&line));
    }
    keys(&last).and(Tone::Prompt, "  › ")
}

/// The letters in brackets stand out.
fn keys(text: &str) -> Line {
    let mut line = Line::plain("  ");
    for piece in text.split_inclusive(']') {
        line = match piece.split_once('[') {
            Some((before, key)) => line.and(Tone::Plain, before).and(Tone::Prompt, format!("[{key}")),
            None => line.and(Tone::Plain, piece),
        };
    }
    line
}

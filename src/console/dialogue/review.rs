//! A review: one card after another, a decision each.

use std::cell::RefCell;
use std::collections::HashSet;

use serde_json::Value;

use super::menu;
use super::scene::{Scene, Talked, answered};
use crate::console::words::review as words;
use crate::console::words::standing::Standing;
use crate::console::words::text::one_line;
use crate::engine::Said;
use crate::run::{Choice, Sheet};

/// Where the reader of a table is; it outlives the single decision.
#[derive(Debug, Default)]
pub struct Bookmark {
    /// Only items that hold this are shown.
    filter: String,
    /// Put aside for later.
    skipped: Vec<String>,
    /// The items of the last decision, to take it back.
    last: Vec<String>,
    begun: bool,
}

pub async fn put<'a>(
    scene: &'a Scene<'_>,
    sheet: &'a Sheet,
    bookmark: &'a RefCell<Bookmark>,
) -> Talked<Said> {
    let review = Review { scene, sheet, bookmark };
    review.opening();
    loop {
        let typed = match review.next() {
            Some(id) => review.card(id).await?,
            None => review.end().await?,
        };
        if let Some(said) = review.act(&typed).await? {
            return Ok(said);
        }
    }
}

struct Review<'a, 's> {
    scene: &'a Scene<'s>,
    sheet: &'a Sheet,
    bookmark: &'a RefCell<Bookmark>,
}

impl<'a> Review<'a, '_> {
    /// Open items that the filter lets through, in order.
    fn shown(&self) -> Vec<&'a str> {
        let filter = self.bookmark.borrow().filter.to_lowercase();
        let decided: HashSet<_> = self.scene.run.decisions(self.scene.place).map(|(id, _)| id).collect();
        let open = |id: &&str| !decided.contains(id);
        let fits = |id: &&str| {
            filter.is_empty()
                || self.sheet.item(id).is_some_and(|item| item.to_string().to_lowercase().contains(&filter))
        };
        self.sheet.to_decide().into_iter().filter(open).filter(fits).collect()
    }

    /// The next card; what was put aside comes round again at the end.
    fn next(&self) -> Option<&'a str> {
        let shown = self.shown();
        let aside = self.bookmark.borrow().skipped.clone();
        let fresh = shown.iter().find(|id| !aside.iter().any(|skipped| skipped == *id));
        if fresh.is_none() {
            self.bookmark.borrow_mut().skipped.clear();
        }
        fresh.or_else(|| shown.first()).copied()
    }

    fn opening(&self) {
        if std::mem::replace(&mut self.bookmark.borrow_mut().begun, true) {
            return;
        }
        self.scene.say_all(words::opening(self.sheet, self.scene.talk.width()));
    }

    async fn card(&self, id: &str) -> Talked<String> {
        let decided = self.scene.run.decisions(self.scene.place).count();
        let of = self.sheet.to_decide().len();
        let filter = self.bookmark.borrow().filter.clone();
        let due = Standing::of(self.scene.run).due(self.scene.now);
        let columns = self.scene.talk.width();
        self.scene.say_all(words::card(self.sheet, id, (decided + 1, of), &filter, due, columns));
        let typed = self.ask(&words::menu(self.sheet, id)).await?;
        Ok(typed)
    }

    async fn end(&self) -> Talked<String> {
        let decisions: Vec<_> = self.scene.run.decisions(self.scene.place).collect();
        let filter = self.bookmark.borrow().filter.clone();
        self.scene.say_all(words::tally(self.sheet, &decisions, &filter));
        let finish = self.is_whole().then_some("[f]inish");
        let keys = finish.into_iter().chain(["[l]ist", "[u]ndo", "[/] filter", "[q]uit"]);
        self.ask(&keys.map(str::to_owned).collect::<Vec<_>>()).await
    }

    async fn ask(&self, keys: &[String]) -> Talked<String> {
        Ok(self.scene.read(menu::put(self.scene, keys)).await?.trim().to_owned())
    }

    /// What was typed; `None` shows the card again.
    async fn act(&self, typed: &str) -> Talked<Option<Said>> {
        let (word, rest) = typed.split_once(char::is_whitespace).unwrap_or((typed, ""));
        let current = self.next();
        match (word, current) {
            ("?" | "explain", Some(id)) => self.explain(id),
            ("s" | "skip", Some(id)) => self.bookmark.borrow_mut().skipped.push(id.to_owned()),
            ("l" | "list", _) => self.list(),
            ("u" | "undo", _) => return Ok(self.undo()),
            ("/" | "filter", _) => self.filter(rest).await?,
            (slash, _) if slash.starts_with('/') => self.filter(slash.trim_start_matches('/')).await?,
            ("=", Some(id)) => return self.as_last_time(id).await,
            ("b" | "batch", Some(_)) => return self.batch(rest).await,
            ("q" | "quit", _) => {
                let reason =
                    format!("paused by {} in the review of step {}", self.scene.operator, self.scene.place);
                return Ok(Some(Said::Pause(reason)));
            }
            ("x" | "abort", _) => {
                let reason = self.scene.words("Why is the whole run given up?").await?;
                return Ok(reason.map(|reason| answered(Choice::Abort, Some(reason), self.scene.me())));
            }
            ("f" | "finish", None) if self.is_whole() => {
                return Ok(Some(answered(Choice::Yes, None, self.scene.me())));
            }
            (word, Some(id)) => match words::decision(&self.sheet.decisions, word) {
                Some(decision) => return self.decide(&[id], decision, rest).await,
                None => self.not_understood(typed),
            },
            _ => self.not_understood(typed),
        }
        Ok(None)
    }

    fn not_understood(&self, typed: &str) {
        self.scene.hint(&if typed.is_empty() {
            "No answer is no decision. Type one of the letters in brackets, then Enter.".to_owned()
        } else {
            format!(
                "`{}` is none of these. Type one of the letters in brackets, then Enter.",
                one_line(typed)
            )
        });
    }

    fn is_whole(&self) -> bool {
        let decided: HashSet<_> = self.scene.run.decisions(self.scene.place).map(|(id, _)| id).collect();
        self.sheet.to_decide().into_iter().all(|id| decided.contains(id))
    }

    async fn decide(&self, ids: &[&str], decision: &str, reason: &str) -> Talked<Option<Said>> {
        let mut reason = Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty());
        // What no reason would help is said before one is asked for.
        let whatever = reason.as_deref().or(Some("-"));
        if let Err(objection) = self.sheet.permits(ids, decision, whatever, self.scene.now) {
            self.scene.hint(&format!("{objection}."));
            return Ok(None);
        }
        if reason.is_none() && words::wants_reason(self.sheet, ids, decision, self.scene.now) {
            let Some(given) = self.scene.words(&format!("Why {decision}?")).await? else { return Ok(None) };
            reason = Some(given);
        }
        let items: Vec<_> = ids.iter().map(|id| (*id).to_owned()).collect();
        self.bookmark.borrow_mut().last.clone_from(&items);
        Ok(Some(Said::Decided { items, decision: Some(decision.to_owned()), reason, by: self.scene.me() }))
    }

    /// The decision of the last review with its reason, as long as its ground stands.
    async fn as_last_time(&self, id: &str) -> Talked<Option<Said>> {
        let Some(earlier) = self.sheet.proposal(id) else {
            self.scene.hint("No decision of the last review still stands here: decide anew.");
            return Ok(None);
        };
        self.decide(&[id], earlier.decision, earlier.reason).await
    }

    /// The same decision for everything that the filter shows.
    async fn batch(&self, rest: &str) -> Talked<Option<Said>> {
        let shown = self.shown();
        self.scene.say_all(words::names(&shown, self.scene.talk.width()));
        let question =
            format!("{} for these {}, or - to go back", self.sheet.decisions.join(", "), shown.len());
        let typed = if rest.is_empty() { self.scene.read_small(&question).await? } else { rest.to_owned() };
        let (word, reason) = typed.split_once(char::is_whitespace).unwrap_or((&typed, ""));
        match words::decision(&self.sheet.decisions, word) {
            Some(decision) => self.decide(&shown, decision, reason).await,
            None => Ok(None),
        }
    }

    fn undo(&self) -> Option<Said> {
        let items = std::mem::take(&mut self.bookmark.borrow_mut().last);
        if items.is_empty() {
            self.scene.hint("There is no decision of this sitting to take back.");
            return None;
        }
        Some(Said::Decided { items, decision: None, reason: None, by: self.scene.me() })
    }

    async fn filter(&self, typed: &str) -> Talked<()> {
        let typed = match typed.trim() {
            "" => self.scene.read_small("Show only what holds (Enter: everything)").await?,
            typed => typed.to_owned(),
        };
        self.bookmark.borrow_mut().filter = typed;
        if self.shown().is_empty() && !self.is_whole() {
            self.scene.hint("Nothing that is open holds this; the filter is taken away again.");
            self.bookmark.borrow_mut().filter.clear();
        }
        Ok(())
    }

    fn explain(&self, id: &str) {
        let item = self.sheet.item(id).cloned().unwrap_or(Value::Null);
        self.scene.blank();
        self.scene.say_all(words::whole(&item));
    }

    fn list(&self) {
        let decisions: Vec<_> = self.scene.run.decisions(self.scene.place).collect();
        self.scene.blank();
        self.scene.say_all(words::list(self.sheet, &decisions, self.scene.talk.width()));
    }
}

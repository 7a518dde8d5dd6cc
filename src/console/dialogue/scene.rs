//! The place of a question, and the small questions inside every one of them.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::menu::{self, Act};
use crate::console::line::{Line, Tone};
use crate::console::talk::{Talk, Typed};
use crate::console::words::known::Known;
use crate::console::words::standing::{Standing, phase_lines};
use crate::console::words::text::{one_line, safe, wrapped};
use crate::console::words::why;
use crate::document::Step;
use crate::engine::Said;
use crate::error::Error;
use crate::run::{Actor, Answer, Choice, Place, Request, Run, Via};

/// Why a dialogue ends without an answer.
#[derive(Debug)]
pub enum Stop {
    Pause(String),
    Broken(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

pub type Talked<T> = Result<T, Stop>;

/// What a person types to leave a small question again.
pub const BACK: &str = "-";

/// A question and who is asked.
pub struct Scene<'a> {
    pub talk: &'a dyn Talk,
    pub operator: &'a str,
    pub place: &'a Place,
    pub run: &'a Run,
    pub now: DateTime<Utc>,
    pub outputs: &'a dyn Fn(&str) -> Option<&'a Value>,
}

impl<'a> Scene<'a> {
    pub fn known(&self) -> Known<'a> {
        let caller = self.run.survey().and_then(|survey| survey.caller.as_ref());
        Known::new(self.run.playbook(), self.outputs)
            .seen_by(caller)
            .reaching(self.run.reach_ahead(&self.place.step))
    }

    fn step(&self) -> Option<(usize, &Step)> {
        self.run.playbook().step(&self.place.step)
    }

    /// Where the run stands.
    pub fn heading(&self) {
        self.talk.forget_what_was_typed();
        self.blank();
        let columns = self.talk.width();
        self.talk.standing(Standing::of(self.run).lines(self.now, columns));
        if let Some((at, _)) = self.step() {
            self.say_all(phase_lines(self.run.playbook(), at, columns));
        }
        self.blank();
    }

    /// `▶ 7 tell_team · Tell the team`, for questions that have no card.
    pub fn title(&self, what: Line) {
        let number = self.step().map_or(String::new(), |(at, _)| format!("{} ", at + 1));
        let title = self.step().map_or(String::new(), |(_, step)| format!(" · {}", one_line(&step.title)));
        let line = Line::of(Tone::Prompt, "▶ ").and(Tone::Strong, format!("{number}{}", self.place));
        self.talk.say(&line.and(Tone::Plain, title).and(Tone::Plain, "  ").then(what).fit(self.talk.width()));
    }

    pub fn blank(&self) {
        self.talk.say(&Line::new());
    }

    pub fn say_all(&self, lines: impl IntoIterator<Item = Line>) {
        for line in lines {
            self.talk.say(&line);
        }
    }

    /// What went wrong with what was typed.
    pub fn hint(&self, text: &str) {
        for text in wrapped(text, self.talk.width().saturating_sub(2)) {
            self.talk.say(&Line::plain("  ").and(Tone::Warning, text));
        }
    }

    /// One line from the person. Ctrl-C and a closed terminal pause the run.
    pub async fn read(&self, prompt: Line) -> Talked<String> {
        match self.talk.read(&prompt).await? {
            Typed::Line(line) => Ok(line),
            Typed::Interrupted => Err(self.interrupted()),
            Typed::Closed => {
                Err(Stop::Pause(format!("the terminal was closed at the question of step {}", self.place)))
            }
        }
    }

    pub fn interrupted(&self) -> Stop {
        Stop::Pause(format!("interrupted at the question of step {}", self.place))
    }

    /// A line for a question inside the question, trimmed.
    pub async fn read_small(&self, question: &str) -> Talked<String> {
        let prompt = Line::plain(format!("    {question} ")).and(Tone::Prompt, "› ");
        Ok(self.read(prompt).await?.trim().to_owned())
    }

    /// Words for the record, asked for until there are some; `None` goes back.
    pub async fn words(&self, question: &str) -> Talked<Option<String>> {
        loop {
            let words = self.read_small(&format!("{question} ({BACK} goes back)")).await?;
            match words.as_str() {
                "" => self.hint("It goes into the record and has to say something."),
                BACK => return Ok(None),
                _ => return Ok(Some(words)),
            }
        }
    }

    /// Who decides, in a role; the operator where nobody else is named.
    pub async fn who(&self, question: &str) -> Talked<Actor> {
        let name = self.read_small(&format!("{question} (Enter: {})", one_line(self.operator))).await?;
        Ok(Actor { name: if name.is_empty() { self.operator.to_owned() } else { name }, via: Via::Terminal })
    }

    pub fn me(&self) -> Actor {
        Actor { name: self.operator.to_owned(), via: Via::Terminal }
    }

    /// Offers a question's own acts, and those that every question has, until one of them has
    /// led to something. The latter are dealt with here, the others by `own`.
    pub async fn until_said(
        &self,
        own_acts: &[Act],
        request: Option<&Request>,
        own: impl AsyncFn(Act, &str) -> Talked<Option<Said>>,
    ) -> Talked<Said> {
        let acts = menu::offered(own_acts, request);
        loop {
            let (act, remark) = menu::choose(self, &acts).await?;
            let said = match self.common(act, request).await? {
                Common::Said(said) => Some(said),
                Common::Shown => None,
                Common::NotMine => own(act, &remark).await?,
            };
            if let Some(said) = said {
                return Ok(said);
            }
        }
    }

    /// The acts that every question offers.
    pub async fn common(&self, act: Act, request: Option<&Request>) -> Talked<Common> {
        let said = match act {
            Act::Skip => self.with_reason(Choice::Skip, "Why is it skipped?").await?,
            Act::Abort => self.with_reason(Choice::Abort, "Why is the whole run given up?").await?,
            Act::Note => self.words("Note").await?.map(Said::Note),
            Act::Departed => self.words("What was done otherwise, and why").await?.map(Said::Departed),
            Act::HandOver => self.hand_over().await?,
            Act::Pause => Some(Said::Pause(format!("paused by {} at step {}", self.operator, self.place))),
            Act::Why => {
                self.why();
                None
            }
            Act::Request => {
                self.request(request);
                None
            }
            _ => return Ok(Common::NotMine),
        };
        Ok(said.map_or(Common::Shown, Common::Said))
    }

    async fn hand_over(&self) -> Talked<Option<Said>> {
        let Some(to) = self.words("Who takes command?").await? else { return Ok(None) };
        let reason = self.words("Why does it pass?").await?;
        Ok(reason.map(|reason| Said::HandOver { to, reason }))
    }

    async fn with_reason(&self, choice: Choice, question: &str) -> Talked<Option<Said>> {
        Ok(self.words(question).await?.map(|reason| answered(choice, Some(reason), self.me())))
    }

    fn why(&self) {
        self.blank();
        if let Some((_, step)) = self.step() {
            self.say_all(why::lines(self.run.playbook(), step, self.talk.width()));
        }
    }

    /// The request as it would be sent, whole.
    fn request(&self, request: Option<&Request>) {
        let Some(request) = request else { return };
        self.blank();
        self.talk.say(
            &Line::plain("    ").and(Tone::Strong, format!("{} ({})", request.action, request.class.word())),
        );
        let json = serde_json::to_string_pretty(&request.input).unwrap_or_default();
        self.say_all(safe(&json).lines().map(|line| Line::plain(format!("    {line}"))));
    }
}

/// What came of an act that every question offers.
pub enum Common {
    Said(Said),
    /// Something was shown, or the person went back: the menu is put again.
    Shown,
    NotMine,
}

/// An answer without a value and without files.
pub fn answered(choice: Choice, reason: Option<String>, by: Actor) -> Said {
    let answer = Answer { choice, value: Value::Null, reason, attachments: Vec::new(), by };
    Said::Answer { answer, files: Vec::new() }
}

//! A person at a terminal.
//!
//! What happened stays as lines; what is under way is one line below them that goes away.
//! A terminal that cannot move its cursor (`TERM=dumb`) gets lines alone.

use std::cell::RefCell;
use std::fmt;

use chrono::{DateTime, Utc};
use console::{Term, is_dumb};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::dialogue::Bookmark;
use super::keys::Keys;
use super::line::{Line, fitted};
use super::picker::{Picker, Pressed};
use super::plain::Milestones;
use super::sheet::{Open, Sheet};
use super::stopwatch::Stopwatch;
use super::talk::{Picked, Talk, Typed};
use super::words::standing::{Standing, Warnings, phase_lines};
use super::words::text::{grouped, one_line, safe};
use super::words::{clock, tell};
use super::{dialogue, keyboard, out};
use crate::engine::{Console, Said, Soon};
use crate::error::{Error, Result};
use crate::journal::Entry;
use crate::run::{Event, Operator, Place, Question, Run};

/// Below this, lines are no longer made narrower.
const NARROWEST: usize = 40;

const ORDINARY: usize = 80;

/// Rows that stand above a list: where the run stands, and what is asked.
const ABOVE_A_LIST: usize = 10;

/// However small the window is, a list has so many rows.
const SHORTEST_LIST: usize = 4;

/// The console of the one who runs the procedure.
pub struct Terminal {
    operator: Operator,
    term: Term,
    stopwatch: RefCell<Stopwatch>,
    milestones: RefCell<Milestones>,
    below: RefCell<Below>,
    /// The phase that was announced last.
    phase: RefCell<Option<usize>>,
    warnings: RefCell<Warnings>,
    bookmark: RefCell<Bookmark>,
    sheet: Sheet,
}

/// The line below everything else.
#[derive(Default)]
struct Below {
    bar: Option<ProgressBar>,
    /// What is shown: a bar is made anew when this changes.
    what: String,
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terminal").field("operator", &self.operator).finish_non_exhaustive()
    }
}

impl Terminal {
    #[must_use]
    pub fn new(operator: Operator) -> Self {
        Self {
            operator,
            term: Term::stderr(),
            stopwatch: RefCell::default(),
            milestones: RefCell::default(),
            below: RefCell::default(),
            phase: RefCell::default(),
            warnings: RefCell::default(),
            bookmark: RefCell::default(),
            sheet: Sheet::default(),
        }
    }

    /// Shows lines; where a question stands, they come between it and its prompt.
    fn show(&self, lines: &[Line]) {
        let interrupted = self.sheet.interrupt();
        for line in lines {
            out::show(line);
            self.sheet.wrote(line, self.columns());
        }
        match interrupted {
            Some(Open::Prompt(prompt)) => {
                out::prompt(&prompt);
                self.sheet.prompts(prompt);
            }
            Some(Open::List(lines)) => self.draw_list(lines),
            None => {}
        }
    }

    /// Whether the cursor can be moved.
    fn can_draw(&self) -> bool {
        self.term.features().is_attended() && !is_dumb()
    }

    fn columns(&self) -> usize {
        self.term.size_checked().map_or(ORDINARY, |(_, columns)| usize::from(columns)).max(NARROWEST)
    }

    /// Takes the line below away, so that lines can follow.
    fn clear_below(&self) {
        if let Some(bar) = self.below.take().bar {
            bar.finish_and_clear();
        }
    }

    /// Shows a line below, in place of the one that was there.
    fn show_below(&self, text: &str) {
        if self.can_draw() {
            let text = fitted(text, self.columns().saturating_sub(1));
            let bar = self.bar("", || style("{msg}"));
            bar.set_message(text);
            bar.tick();
        }
    }

    fn bar(&self, what: &str, style: impl FnOnce() -> ProgressStyle) -> ProgressBar {
        let mut below = self.below.borrow_mut();
        match &below.bar {
            Some(bar) if below.what == what => bar.clone(),
            old => {
                old.iter().for_each(ProgressBar::finish_and_clear);
                let bar =
                    ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_style(style());
                *below = Below { bar: Some(bar.clone()), what: what.to_owned() };
                bar
            }
        }
    }

    fn bar_template(&self, whole_is_known: bool) -> String {
        let cells = if self.columns() < 100 { 12 } else { 32 };
        if whole_is_known {
            format!(
                "  {{prefix}} [{{bar:{cells}}}] {{human_pos}} of {{human_len}} {{msg}} · {{rate}} · {{eta}} left"
            )
        } else {
            "  {prefix} {human_pos} {msg} · {rate} · {elapsed}".to_owned()
        }
    }

    fn announce_phase(&self, place: &Place, run: &Run) {
        let Some((step, _)) = run.playbook().step(&place.step) else { return };
        let phase = run.playbook().phase_of(step).map(|(at, _)| at);
        if self.phase.replace(phase) != phase {
            out::show(&Line::new());
            phase_lines(run.playbook(), step, self.columns()).iter().for_each(out::show);
        }
    }
}

impl Console for Terminal {
    fn entry(&self, entry: &Entry, run: &Run) {
        let took = self.stopwatch.borrow_mut().see(entry);
        if let Event::Attempted { place, attempt, request, .. } = &entry.event {
            self.milestones.borrow_mut().forget(place);
            let under_way = tell::under_way(place, *attempt, request, run.playbook()).text();
            self.show_below(&format!("{under_way} · {}", Standing::of(run).brief(entry.at)));
            return;
        }
        if let Event::Undoing { place, attempt, request } = &entry.event {
            let under_way = tell::taking_back(place, *attempt, request, run.playbook()).text();
            self.show_below(&format!("{under_way} · {}", Standing::of(run).brief(entry.at)));
            return;
        }
        let lines = tell::lines(entry, run, took, self.columns());
        if !lines.is_empty() {
            self.clear_below();
            if let Some(place) = place_of(&entry.event) {
                self.announce_phase(place, run);
            }
            self.sheet.settle(run);
            self.show(&lines);
        }
    }

    fn progress(&self, place: &Place, done: u64, of: Option<u64>, unit: &str) {
        if !self.can_draw() {
            if self.milestones.borrow_mut().reached(place, done, of) {
                let of = of.map(|of| format!(" of {}", grouped(of))).unwrap_or_default();
                out::talk(&format!("  {place}: {}{of} {unit}", grouped(done)));
            }
            return;
        }
        let what = format!("{place} {unit} {}", of.is_some());
        let bar = self.bar(&what, || style(&self.bar_template(of.is_some())));
        if let Some(of) = of {
            bar.set_length(of);
        }
        bar.set_prefix(place.to_string());
        bar.set_message(one_line(unit));
        bar.set_position(done);
    }

    fn ask(
        &self,
        place: &Place,
        question: &Question,
        run: &Run,
        now: DateTime<Utc>,
    ) -> Soon<'_, Result<Said>> {
        self.clear_below();
        self.phase.replace(
            run.playbook()
                .step(&place.step)
                .and_then(|(at, _)| run.playbook().phase_of(at))
                .map(|(at, _)| at),
        );
        self.sheet.begin(place);
        let (place, question, run) = (place.clone(), question.clone(), run.clone());
        Box::pin(async move {
            let operator = self.operator.name.as_ref().unwrap_or(&self.operator.user);
            let said = dialogue::put(self, operator, &place, &question, &run, now).await;
            self.sheet.end();
            said
        })
    }

    fn tell(&self, text: &str) {
        self.clear_below();
        let lines: Vec<_> = safe(text).lines().map(|line| Line::plain(format!("  {line}"))).collect();
        self.show(&lines);
    }

    fn passing(&self, now: DateTime<Utc>, run: &Run) {
        let warnings = self.warnings.borrow_mut().due(now, run);
        if !warnings.is_empty() {
            self.clear_below();
            self.show(&warnings);
        }
        if self.can_draw() {
            let (rows, columns) = self.term.size();
            let lines = || Standing::of(run).lines(now, self.columns());
            if let Some(text) = self.sheet.anew(lines, usize::from(rows), usize::from(columns)) {
                out::draw(&text);
            }
        }
    }

    fn waiting(&self, until: DateTime<Utc>, now: DateTime<Utc>, run: &Run) {
        let left = clock::left((until - now).to_std().unwrap_or_default());
        let text =
            format!("  waiting until {}, {left} · {}", clock::instant(until), Standing::of(run).brief(now));
        if self.can_draw() {
            self.show_below(&text);
        } else if std::mem::replace(&mut self.below.borrow_mut().what, until.to_rfc3339())
            != until.to_rfc3339()
        {
            out::talk(&text);
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.clear_below();
    }
}

impl Talk for Terminal {
    fn say(&self, line: &Line) {
        out::show(line);
        self.sheet.wrote(line, self.columns());
    }

    fn bookmark(&self) -> &RefCell<Bookmark> {
        &self.bookmark
    }

    fn standing(&self, lines: Vec<Line>) {
        lines.iter().for_each(out::show);
        self.sheet.standing(lines.len(), self.columns());
    }

    fn read<'a>(&'a self, prompt: &'a Line) -> Soon<'a, Result<Typed>> {
        Box::pin(async move {
            self.sheet.prompts(prompt.clone());
            let typed = keyboard::line(|| out::prompt(prompt)).await.map_err(broken)?;
            self.sheet.typed(&typed, self.columns());
            if !matches!(typed, Typed::Line(_)) {
                // The cursor stands behind the prompt.
                out::show(&Line::new());
            }
            Ok(typed)
        })
    }

    fn width(&self) -> usize {
        self.columns()
    }

    fn forget_what_was_typed(&self) {
        keyboard::forget();
    }

    fn draws_lists(&self) -> bool {
        self.can_draw()
    }

    fn pick_one<'a>(&'a self, choices: &'a [String]) -> Soon<'a, Result<Picked<String>>> {
        Box::pin(async move {
            let picked = self.pick(Picker::of_one(choices)).await?;
            Ok(picked.map(|some| some.into_iter().next().unwrap_or_default()))
        })
    }

    fn pick_several<'a>(&'a self, choices: &'a [String]) -> Soon<'a, Result<Picked<Vec<String>>>> {
        Box::pin(self.pick(Picker::of_several(choices)))
    }
}

impl Terminal {
    async fn pick(&self, mut picker: Picker<'_>) -> Result<Picked<Vec<String>>> {
        if !self.can_draw() || picker.is_empty() {
            return Ok(Picked::Nothing);
        }
        let stdin = std::io::stdin();
        let mut keys = Keys::of(&stdin);
        let _drawn = Drawn(self);
        loop {
            let (rows, columns) = self.term.size();
            // The status line stays on the screen with a list below it.
            let rows = usize::from(rows).saturating_sub(ABOVE_A_LIST).max(SHORTEST_LIST);
            self.draw_list(picker.lines(rows, usize::from(columns).max(NARROWEST) - 1));
            match picker.press(keys.next().await.map_err(broken)?) {
                Pressed::Goes => {}
                Pressed::Picked(some) => return Ok(Picked::This(some)),
                Pressed::Left => return Ok(Picked::Nothing),
                Pressed::Interrupted => return Ok(Picked::Interrupted),
            }
        }
    }

    /// Draws a list, in place of one that stands there.
    fn draw_list(&self, lines: Vec<Line>) {
        let erasing = self.sheet.lift().unwrap_or_default();
        let rows: Vec<_> = lines.iter().map(out::painted).collect();
        out::draw(&format!("{erasing}{}", rows.join("\n")));
        self.sheet.lists(lines);
    }
}

/// A list on the screen; it goes with this, however it was left.
struct Drawn<'a>(&'a Terminal);

impl Drop for Drawn<'_> {
    fn drop(&mut self) {
        if let Some(erasing) = self.0.sheet.lift() {
            out::draw(&erasing);
        }
    }
}

fn broken(error: std::io::Error) -> Error {
    Error::failure("cannot read from the terminal")
        .caused_by(error)
        .hint("what was recorded is safe: go on with `playbook resume` from another terminal")
}

/// The templates are this program's own; one that does not parse falls back to a plain bar.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
        .with_key("rate", |state: &ProgressState, to: &mut dyn fmt::Write| {
            let _ = write!(to, "{:.0} a second", state.per_sec());
        })
}

fn place_of(event: &Event) -> Option<&Place> {
    match event {
        Event::Skipped { place, .. }
        | Event::Succeeded { place, .. }
        | Event::Failed { place, .. }
        | Event::Answered { place, .. }
        | Event::Foreseen { place, .. }
        | Event::Unknowable { place, .. } => Some(place),
        _ => None,
    }
}

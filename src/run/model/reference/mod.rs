//! What a run is to be, written down naively: everything is looked at anew each time, and
//! nothing of the real one is used. The rules are those of the design: nothing is done
//! before it was let go, nothing is done twice unless it is known not to have happened or a
//! person says so, and what stands is found again after every interruption.

mod wish;
mod work;

use self::work::{Stand, Work};
use super::sketch::{
    AT_MOST, BACKOFF, Cause, Deed, EVERY, Each, MetBy, OnFailure, Sketch, Step, WITHIN, When, id,
};
use super::tale::{About, Seen, Tale, Way, Wish};
use crate::run::{Choice, FaultKind, Outcome, Place, Verdict};

#[derive(Clone, Debug)]
struct Line {
    own: Work,
    items: Option<Vec<Work>>,
    /// When, and by whom.
    approvals: Vec<(i64, String)>,
    let_go: bool,
    /// Something of it was sent: an approval that expires afterwards did its work.
    begun: bool,
    /// The run goes on past its failure.
    passed: bool,
    said_yes: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Reference {
    sketch: Sketch,
    lines: Vec<Line>,
    jump: usize,
    given_up: bool,
    /// When what meets the objective was done.
    reached: Option<i64>,
    met: Option<i64>,
    missed: bool,
    escalated: Vec<bool>,
    over: Option<Outcome>,
}

impl Reference {
    pub(super) fn new(sketch: &Sketch) -> Self {
        let line = |_: &Step| Line {
            own: Work::new(),
            items: None,
            approvals: Vec::new(),
            let_go: false,
            begun: false,
            passed: false,
            said_yes: false,
        };
        Self {
            lines: sketch.steps.iter().map(line).collect(),
            jump: 0,
            given_up: false,
            reached: None,
            met: None,
            missed: false,
            escalated: vec![false; sketch.escalations.len()],
            over: None,
            sketch: sketch.clone(),
        }
    }

    /// The state of every step, each followed by those of its elements.
    pub(super) fn words(&self) -> Vec<&'static str> {
        let mut words = Vec::new();
        for line in &self.lines {
            let items = line.items.iter().flatten();
            let some = |word| items.clone().any(|work| work.word() == word);
            words.push(match (line.own.word(), &line.items) {
                ("waiting", Some(_)) if some("asking") => "asking",
                ("waiting", Some(_)) if some("in doubt") => "in doubt",
                ("waiting", Some(_)) => "running",
                (word, _) => word,
            });
            words.extend(items.map(Work::word));
        }
        words
    }

    /// When the objective was met, and whether it was missed.
    pub(super) fn objective(&self) -> (Option<i64>, bool) {
        (self.met, self.missed)
    }

    pub(super) fn outcome(&self) -> Option<Outcome> {
        self.over
    }

    pub(super) fn hear(&mut self, now: i64, tale: &Tale) {
        self.remember(now, tale);
        self.reached = if self.meets() { self.reached.or(Some(now)) } else { None };
    }

    fn meets(&self) -> bool {
        let done = |at: &usize| self.lines[*at].own.word() == "done";
        match &self.sketch.objective {
            None => false,
            Some(MetBy::Any(steps)) => steps.iter().any(done),
            Some(MetBy::All(steps)) => steps.iter().all(done),
        }
    }

    fn remember(&mut self, now: i64, tale: &Tale) {
        match tale {
            Tale::Resumed => self.resume(now),
            Tale::Listed(step, count) => self.line(step).items = Some(vec![Work::new(); *count]),
            Tale::Met => self.met = self.reached,
            Tale::Missed => self.missed = true,
            Tale::Escalated(at) => self.escalated[*at] = true,
            Tale::Closed(outcome) => self.over = Some(*outcome),
            Tale::Noted => {}
            Tale::Skipped(place) => self.work(place).stand = Stand::Left,
            Tale::Attempted(place, attempt, Way::There) => {
                let line = self.line(&place.step);
                (line.begun, line.own.asked) = (true, None);
                line.own.ahead = None;
                let work = self.work(place);
                (work.attempts, work.tries, work.stand) = (*attempt, work.tries + 1, Stand::Sent);
                work.ahead = None;
            }
            Tale::Attempted(place, attempt, Way::Back) => {
                self.line(&place.step).begun = true;
                let work = self.work(place);
                (work.backs, work.stand) = (*attempt, Stand::BackSent);
            }
            Tale::Succeeded(place) => self.succeed(now, place),
            Tale::Failed(place, kind) => self.fail(now, place, *kind),
            Tale::Observed(place, seen) => self.work(place).seen = Some((now, *seen)),
            Tale::Verified(place) => self.work(place).stand = Stand::Well,
            Tale::Measured(place) => {
                let work = self.work(place);
                (work.looked, work.ahead, work.stale) = (true, Some(now), false);
                if place.item.is_none() {
                    let items = self.line(&place.step).items.iter_mut().flatten();
                    items.for_each(|work| (work.looked, work.ahead, work.stale) = (false, None, false));
                }
            }
            Tale::Outdated(place) => {
                self.work(place).is_another_world();
                let line = self.line(&place.step);
                line.let_go &= line.begun;
            }
            Tale::Asked(place, about) => self.work(place).asked = Some(*about),
            Tale::Answered(place, choice, by, yes) => self.answer(now, place, *choice, by, *yes),
            Tale::Settled(place, Verdict::TookPlace) => self.took_place(now, place),
            Tale::Settled(place, Verdict::DidNot) => self.work(place).did_not(),
            Tale::Unsettled(place) => self.work(place).stand = Stand::Untold,
            Tale::Undone(place) => self.work(place).stand = Stand::Gone,
        }
    }

    fn resume(&mut self, now: i64) {
        for line in &mut self.lines {
            if line.own.stand == Stand::Bad && !line.passed {
                line.begun = false;
            }
            line.own.interrupted(now, !line.passed);
            let goes_on = line.own.stand == Stand::Rest;
            line.items.iter_mut().flatten().for_each(|work| work.interrupted(now, goes_on));
        }
    }

    fn succeed(&mut self, now: i64, place: &Place) {
        match self.work(place).stand {
            Stand::BackSent => self.work(place).stand = Stand::TakenBack,
            // The elements were read back one by one, and an assertion is a reading itself.
            Stand::Rest => {
                let work = self.work(place);
                (work.stand, work.asked) = (Stand::Well, None);
            }
            _ => self.took_place(now, place),
        }
    }

    fn took_place(&mut self, now: i64, place: &Place) {
        let verify = self.step(place).verify;
        let work = self.work(place);
        work.seen = None;
        work.stand = if verify { Stand::Check(now) } else { Stand::Well };
    }

    fn fail(&mut self, now: i64, place: &Place, kind: FaultKind) {
        let step = self.step(place).clone();
        let work = self.work(place);
        work.asked = None;
        let doubtful = matches!(kind, FaultKind::Lost | FaultKind::Abandoned);
        match work.stand {
            Stand::BackSent if doubtful => work.stand = Stand::BackUnsure,
            Stand::BackSent => work.stand = Stand::BackBad,
            Stand::Sent if doubtful && step.deed.writes() => work.stand = Stand::Unsure,
            Stand::Sent if kind == FaultKind::Abandoned => work.stand = Stand::Rest,
            // Whoever turns away from a question leaves everything as it was.
            _ if kind == FaultKind::Abandoned => {}
            Stand::Sent if kind != FaultKind::Refused && work.tries < step.attempts => {
                let off = BACKOFF << (work.tries - 1);
                work.stand = Stand::Later(now + off, off);
            }
            stand => {
                work.unproven = matches!(stand, Stand::Check(_));
                work.denied = kind == FaultKind::NotApproved;
                work.stand = Stand::Bad;
                if place.item.is_none() {
                    self.go_past(place, step.on_failure);
                }
            }
        }
    }

    fn go_past(&mut self, place: &Place, on_failure: OnFailure) {
        let line = self.line(&place.step);
        line.said_yes = false;
        match on_failure {
            OnFailure::Stop => {}
            OnFailure::Continue => line.passed = true,
            OnFailure::Goto(to) => {
                line.passed = true;
                self.jump = to;
            }
        }
    }

    fn answer(&mut self, now: i64, place: &Place, choice: Choice, by: &str, yes: bool) {
        let Some(about) = self.work(place).asked.take() else { panic!("`{place}` was not asked") };
        match (choice, about) {
            (Choice::Abort, _) => self.given_up = true,
            (Choice::Skip, About::Failure) => {
                self.work(place).stand = match self.work(place).stand {
                    Stand::BackBad => Stand::Bad,
                    stand => stand,
                };
                if place.item.is_none() {
                    self.line(&place.step).passed = true;
                }
            }
            (Choice::Again, _) if matches!(self.work(place).stand, Stand::BackBad | Stand::BackUnsure) => {
                self.work(place).stand = Stand::TakingBack;
            }
            (Choice::Done, _) if self.work(place).stand == Stand::BackUnsure => {
                self.work(place).stand = Stand::TakenBack;
            }
            (Choice::Skip, _) => self.work(place).stand = Stand::Left,
            (Choice::Yes, About::Go) => self.line(&place.step).let_go = true,
            (Choice::Yes, About::Approval) => {
                self.line(&place.step).approvals.push((now, by.to_owned()));
                // The question stands until enough have answered it.
                let at = (0..self.lines.len()).find(|at| id(*at) == place.step).expect("a step");
                if !self.is_approved(at, now) {
                    self.work(place).asked = Some(About::Approval);
                }
            }
            (Choice::Yes, _) => {
                self.line(&place.step).said_yes = yes && place.item.is_none();
                self.took_place(now, place);
            }
            (Choice::Deny, _) => {
                let line = self.line(&place.step);
                line.approvals.clear();
                line.begun = false;
                self.fail(now, place, FaultKind::NotApproved);
            }
            (Choice::Again, About::Failure) => {
                let line = self.line(&place.step);
                line.approvals.clear();
                (line.let_go, line.begun) = (false, false);
                line.own.afresh();
                line.items.iter_mut().flatten().filter(|work| work.went_wrong()).for_each(Work::afresh);
                let unbegun = line.items.iter_mut().flatten().filter(|work| work.stand == Stand::Rest);
                unbegun.filter(|work| work.looked).for_each(Work::is_another_world);
            }
            (Choice::Again, _) => self.work(place).did_not(),
            (Choice::Done, _) => self.took_place(now, place),
            (Choice::Undo, _) => self.work(place).stand = Stand::TakingBack,
        }
    }

    fn line(&mut self, step: &str) -> &mut Line {
        let at = (0..self.lines.len()).find(|at| id(*at) == step).expect("a step");
        &mut self.lines[at]
    }

    fn step(&self, place: &Place) -> &Step {
        let at = (0..self.lines.len()).find(|at| id(*at) == place.step).expect("a step");
        &self.sketch.steps[at]
    }

    fn work(&mut self, place: &Place) -> &mut Work {
        let line = self.line(&place.step);
        match (place.item, &mut line.items) {
            (Some(item), Some(items)) => &mut items[item],
            _ => &mut line.own,
        }
    }
}

//! What the reference would do next.

use super::*;

/// For so many seconds a look says enough of the world.
const HOLDS: i64 = 900;

/// What is known of the reach of something that is about to be sent.
enum Look {
    Missing,
    Stands,
    /// It was taken so long ago, of this place.
    Old(Place),
}

impl Reference {
    pub(in crate::run::model) fn wish(&self, now: i64, at_work: &[Place]) -> Wish {
        if let Some(outcome) = self.over {
            return Wish::Over(outcome);
        }
        if let Some(due) = self.due(now) {
            return Wish::Tell(due);
        }
        if self.given_up && !at_work.is_empty() {
            return Wish::Await;
        }
        if self.given_up {
            return Wish::Tell(Tale::Closed(Outcome::Aborted));
        }
        match (0..self.lines.len()).find(|at| !self.is_behind(*at)) {
            Some(at) => self.wish_of_step(at, now, at_work),
            None if self.lines.iter().any(|line| line.own.went_wrong()) => {
                Wish::Tell(Tale::Closed(Outcome::CompletedWithFailures))
            }
            None => Wish::Tell(Tale::Closed(Outcome::Completed)),
        }
    }

    pub(super) fn due(&self, now: i64) -> Option<Tale> {
        if self.sketch.objective.is_some() && self.met.is_none() {
            // Done at the deadline is in time; what is late has its alarm before it is met.
            let late = self.reached.unwrap_or(now) > WITHIN;
            match (self.reached, self.missed) {
                (_, false) if late => return Some(Tale::Missed),
                (Some(_), _) => return Some(Tale::Met),
                (None, _) => {}
            }
        }
        let holds = |cause: &Cause| match cause {
            Cause::Missed => self.missed,
            Cause::Failed(at) => self.lines[*at].own.word() == "failed",
            Cause::SaidYes(at) => self.lines[*at].said_yes,
        };
        let causes = self.sketch.escalations.iter().zip(&self.escalated).enumerate();
        let mut due = causes.filter(|(_, (cause, fired))| !**fired && holds(cause));
        due.next().map(|(at, _)| Tale::Escalated(at))
    }

    pub(super) fn is_behind(&self, at: usize) -> bool {
        let line = &self.lines[at];
        line.own.asked.is_none() && (line.passed || matches!(line.own.stand, Stand::Well | Stand::Left))
    }

    pub(super) fn wish_of_step(&self, at: usize, now: i64, at_work: &[Place]) -> Wish {
        let (line, step, place) = (&self.lines[at], &self.sketch.steps[at], Place::step(id(at)));
        if at_work.contains(&place) {
            return Wish::Await;
        }
        if at < self.jump {
            return Wish::Tell(Tale::Skipped(place));
        }
        if line.own.stand != Stand::Rest {
            return wish_of_work(step, &line.own, self.look(at, None, now), place, now);
        }
        let untouched =
            line.own.attempts == 0 && line.items.is_none() && line.approvals.is_empty() && !line.let_go;
        let wanted = match step.when {
            When::Always => true,
            When::Param(value) => value,
            When::Defined(earlier) => self.lines[earlier].own.stand == Stand::Well,
        };
        if untouched && !wanted {
            return Wish::Tell(Tale::Skipped(place));
        }
        match (step.each, &line.items) {
            (None, _) => {
                let begun = || begin(step, &line.own, self.look(at, None, now), place);
                self.closed_gate(at, now).unwrap_or_else(begun)
            }
            (Some(each), None) => Wish::Tell(Tale::Listed(id(at), each.elements)),
            (Some(each), Some(items)) => self.wish_of_items(at, each, items, now, at_work),
        }
    }

    /// Whatever was begun goes on, as many more begin as there is room for, and who is asked
    /// is asked when nothing is at work.
    pub(super) fn wish_of_items(
        &self,
        at: usize,
        each: Each,
        items: &[Work],
        now: i64,
        at_work: &[Place],
    ) -> Wish {
        let step = &self.sketch.steps[at];
        let place = |item| Place { item: Some(item), ..Place::step(id(at)) };
        let (mut open, mut questions, mut until) = (0, Vec::new(), None);
        for (item, work) in items.iter().enumerate() {
            if at_work.contains(&place(item)) {
                open += 1;
                if work.asked.is_some() {
                    return Wish::Await;
                }
            } else if work.stand != Stand::Rest && !work.is_over() {
                open += 1;
                match wish_of_work(step, work, self.look(at, Some(item), now), place(item), now) {
                    question @ Wish::Ask(..) => questions.push(question),
                    Wish::Rest(second) => until = Some(until.map_or(second, |other: i64| other.min(second))),
                    wish => return wish,
                }
            }
        }
        let wrong = items.iter().filter(|work| work.is_over() && work.went_wrong()).count();
        let spent = wrong * 100 > each.elements * each.tolerate;
        let rests =
            |(item, work): &(usize, &Work)| work.stand == Stand::Rest && !at_work.contains(&place(*item));
        if let (false, true, Some((item, work))) =
            (spent, open < each.at_once, items.iter().enumerate().find(rests))
        {
            let begun = || begin(step, work, self.look(at, Some(item), now), place(item));
            match self.closed_gate(at, now).unwrap_or_else(begun) {
                question @ Wish::Ask(..) => questions.push(question),
                wish => return wish,
            }
        }
        match (questions.into_iter().next(), until) {
            (Some(question), _) if at_work.is_empty() => question,
            (None, Some(second)) => Wish::Rest(second),
            _ if !at_work.is_empty() => Wish::Await,
            _ if spent => Wish::Tell(Tale::Failed(Place::step(id(at)), FaultKind::Elements)),
            _ => Wish::Tell(Tale::Succeeded(Place::step(id(at)))),
        }
    }

    /// The question that stands before the step.
    pub(super) fn closed_gate(&self, at: usize, now: i64) -> Option<Wish> {
        let (line, step) = (&self.lines[at], &self.sketch.steps[at]);
        let about = match &step.approve {
            _ if line.let_go || line.begun => return None,
            Some(_) if self.is_approved(at, now) => return None,
            Some(_) => About::Approval,
            None if step.deed.writes() => About::Go,
            None => return None,
        };
        if let Look::Old(place) = self.look(at, None, now) {
            return Some(Wish::Tell(Tale::Outdated(place)));
        }
        // One look stands for all elements, if they mean the same.
        let together = step.each.is_none_or(|each| !each.apart || each.elements == 1);
        if step.deed.reaches() && together && line.own.asked.is_none() && !line.own.looked {
            return Some(Wish::Measure(Place::step(id(at))));
        }
        Some(Wish::Ask(Place::step(id(at)), about))
    }

    /// The look of the element itself, else that of its step. A question that stands keeps what
    /// it was put with.
    fn look(&self, at: usize, item: Option<usize>, now: i64) -> Look {
        let line = &self.lines[at];
        let element = item.and_then(|item| Some((item, line.items.as_ref()?.get(item)?)));
        let (work, place) = match element {
            Some((item, work)) if work.looked || work.stale => {
                (work, Place { item: Some(item), ..Place::step(id(at)) })
            }
            _ => (&line.own, Place::step(id(at))),
        };
        let old = work.ahead.is_some_and(|then| (now - then).abs() > HOLDS);
        match work.looked {
            true if old && work.asked.is_none() => Look::Old(place),
            true => Look::Stands,
            false => Look::Missing,
        }
    }

    /// Whether as many different people as the document asks for approve of it now.
    pub(super) fn is_approved(&self, at: usize, now: i64) -> bool {
        let Some(approve) = &self.sketch.steps[at].approve else { return true };
        let fresh = |at: i64| approve.expires.is_none_or(|expires| now < at + expires);
        let mut names: Vec<&str> = Vec::new();
        for (_, name) in self.lines[at].approvals.iter().filter(|(at, _)| fresh(*at)) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names.len() >= approve.count
    }
}

fn begin(step: &Step, work: &Work, look: Look, place: Place) -> Wish {
    match (step.deed, look) {
        // Nothing that reaches far is sent unseen, or long after it was seen.
        (deed, Look::Missing) if deed.reaches() => Wish::Measure(place),
        (deed, Look::Old(place)) if deed.reaches() => Wish::Tell(Tale::Outdated(place)),
        (Deed::Manual, _) => Wish::Ask(place, About::Manual),
        (Deed::Ask, _) => Wish::Ask(place, About::Typed),
        (Deed::Assert(true), _) => Wish::Tell(Tale::Succeeded(place)),
        (Deed::Assert(false), _) => Wish::Tell(Tale::Failed(place, FaultKind::Unmet)),
        _ => Wish::Act(place, work.attempts + 1, Way::There),
    }
}

fn wish_of_work(step: &Step, work: &Work, look: Look, place: Place, now: i64) -> Wish {
    match work.stand {
        // A clock that went back does not make the wait longer.
        Stand::Later(until, off) if now < until && until - now <= off => Wish::Rest(until),
        Stand::Later(..) => begin(step, work, look, place),
        Stand::Unsure => match step.deed {
            Deed::Mark => Wish::Ask(place, About::Doubt),
            Deed::Disable => Wish::Probe(place),
            _ => Wish::Tell(Tale::Settled(place, Verdict::DidNot)),
        },
        Stand::Untold => Wish::Ask(place, About::Doubt),
        Stand::Check(since) => check(work.seen, since, place, now),
        Stand::BackUnsure => Wish::Ask(place, About::Doubt),
        Stand::Bad | Stand::BackBad | Stand::Gone => Wish::Ask(place, About::Failure),
        Stand::TakingBack => Wish::Act(place, work.backs + 1, Way::Back),
        Stand::TakenBack => Wish::Tell(Tale::Undone(place)),
        Stand::Rest | Stand::Sent | Stand::BackSent | Stand::Well | Stand::Left => {
            panic!("nobody asks about {work:?}")
        }
    }
}

/// Read every so often, until it holds or the time is over; the last reading is one that was
/// taken when it was over.
fn check(seen: Option<(i64, Seen)>, since: i64, place: Place, now: i64) -> Wish {
    let end = since + AT_MOST;
    match seen {
        Some((_, Seen::Holds)) => Wish::Tell(Tale::Verified(place)),
        Some((_, Seen::Fault(kind @ FaultKind::Denied))) => Wish::Tell(Tale::Failed(place, kind)),
        Some((at, _)) if at >= end => Wish::Tell(Tale::Failed(place, FaultKind::Unmet)),
        Some((at, _)) if at <= now && now < at + EVERY && now < end => Wish::Rest(end.min(at + EVERY)),
        _ => Wish::Read(place),
    }
}

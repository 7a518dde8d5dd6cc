//! The clock of a run as a drawing to scale.

use chrono::{DateTime, Utc};

use super::page::{Page, Safe, Stroke};
use crate::report::milestone::Milestone;
use crate::report::model::{ObjectiveAccount, ObjectiveVerdict, PhaseAccount, Report};
use crate::report::{elapsed, instant, words};
use crate::text::duration;

/// Where the deadline of an objective stands: the bar may run half as far again.
const DEADLINE: f64 = 667.0;

const TRACK: Stroke = Stroke { class: "track", from: 0.0, to: 1_000.0 };

pub(super) fn drawing(page: &mut Page, report: &Report) {
    let zero = format!("T+0 is {}.", instant(report.started_at));
    page.element("p", &Safe::text(&zero));
    if !report.objectives.is_empty() {
        page.element("h3", &Safe::text("Objectives, each to the scale of its own deadline"));
        page.raw("<div class=\"bars\">\n");
        for objective in &report.objectives {
            let words = words::verdict(report, objective);
            page.drawn(&objective.title, &against_deadline(report, objective), &words);
        }
        page.raw("</div>\n");
    }
    let whole = elapsed(report.started_at, report.last_at);
    page.element("h3", &Safe::text(&format!("The run, to the scale of T+0 to {whole}")));
    page.raw("<div class=\"bars\">\n");
    for milestone in &report.milestones {
        let (strokes, words) = of_moment(report, milestone);
        page.drawn(&capitalized(&milestone.name), &strokes, &words);
    }
    for phase in &report.phases {
        page.drawn(&phase.title, &of_phase(report, phase), &spoken(report, phase));
    }
    page.raw("</div>\n");
}

fn against_deadline(report: &Report, objective: &ObjectiveAccount) -> [Stroke; 3] {
    let (until, class) = match objective.verdict {
        ObjectiveVerdict::InTime => (objective.met_at, "good"),
        ObjectiveVerdict::Late => (objective.met_at, "late"),
        ObjectiveVerdict::Missed => (None, "late"),
        ObjectiveVerdict::Open => (None, "open"),
    };
    let taken = seconds(report.started_at, until.unwrap_or(report.last_at));
    let to = taken / (objective.within_seconds.max(1) as f64) * DEADLINE;
    [
        TRACK,
        Stroke { class, from: 0.0, to },
        Stroke { class: "deadline", from: DEADLINE - 2.0, to: DEADLINE + 2.0 },
    ]
}

/// A mark where the moment lies, and what says so.
fn of_moment(report: &Report, milestone: &Milestone) -> (Vec<Stroke>, String) {
    let Milestone { at, because, .. } = milestone;
    let Some(at) = *at else { return (vec![TRACK], format!("not reached: {because}")) };
    let place = share(report, at);
    let mark = Stroke { class: "mark", from: place - 3.0, to: place + 3.0 };
    (vec![TRACK, mark], format!("{}, {}: {because}", elapsed(report.started_at, at), instant(at)))
}

fn of_phase(report: &Report, phase: &PhaseAccount) -> Vec<Stroke> {
    let whole = seconds(report.started_at, report.last_at).max(0.001);
    let mut strokes = vec![TRACK];
    if let Some((from, to)) = phase.window_seconds {
        let scaled = |seconds: u64| seconds as f64 / whole * 1_000.0;
        // A window that lies beyond the run is told in words.
        if scaled(from) < 1_000.0 {
            strokes.push(Stroke { class: "window", from: scaled(from), to: scaled(to) });
        }
    }
    if let Some((begun, last)) = phase.begun_at.zip(phase.last_at) {
        strokes.push(Stroke { class: "phase", from: share(report, begun), to: share(report, last) });
    }
    strokes
}

fn spoken(report: &Report, phase: &PhaseAccount) -> String {
    let show = |seconds| duration::show(std::time::Duration::from_secs(seconds));
    let window = phase.window_seconds;
    let window = window.map(|(from, to)| format!(" (window {} to {})", show(from), show(to)));
    let when = phase.begun_at.zip(phase.last_at).map_or_else(
        || "not reached".to_owned(),
        |(from, to)| format!("{} to {}", elapsed(report.started_at, from), elapsed(report.started_at, to)),
    );
    when + &window.unwrap_or_default()
}

/// Where an instant lies in the run, in thousandths.
fn share(report: &Report, at: DateTime<Utc>) -> f64 {
    seconds(report.started_at, at) / seconds(report.started_at, report.last_at).max(0.001) * 1_000.0
}

/// Never below zero: a clock may have gone back.
fn seconds(from: DateTime<Utc>, to: DateTime<Utc>) -> f64 {
    crate::report::fold::seconds(to - from).max(0.0)
}

fn capitalized(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + chars.as_str())
}

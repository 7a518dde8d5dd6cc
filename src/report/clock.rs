//! The clock of a run, drawn to scale.

use chrono::{DateTime, Utc};

use super::milestone::Milestone;
use super::model::{ObjectiveAccount, ObjectiveVerdict, PhaseAccount, Report};
use crate::text::duration;

/// Columns that stand for the time up to a deadline; the bar may run half as far again.
const DEADLINE: usize = 16;
const WIDTH: usize = 24;

/// Time since the start as `T+HH:MM:SS`; with a minus where the clock went back.
#[must_use]
pub fn elapsed(start: DateTime<Utc>, at: DateTime<Utc>) -> String {
    let sign = if at < start { '-' } else { '+' };
    format!("T{sign}{}", duration::clock((at - start).abs().to_std().unwrap_or_default()))
}

/// The drawing, one row a line: objectives each to the scale of its own deadline, then
/// moments and phases, all to the scale of the whole run.
pub(super) fn drawing(report: &Report) -> Vec<String> {
    let names = report.objectives.iter().map(|objective| objective.id.chars().count());
    let names = names.chain(report.milestones.iter().map(|milestone| milestone.name.chars().count()));
    let names = names.chain(report.phases.iter().map(|phase| phase.id.chars().count()));
    let column = names.max().unwrap_or(0).clamp("objectives".len(), 24);
    let mut rows = Vec::new();
    if !report.objectives.is_empty() {
        rows.push(format!("{:column$}  each to the scale of its own deadline, |", "objectives"));
        rows.extend(report.objectives.iter().map(|objective| {
            let verdict = super::words::verdict(report, objective);
            format!("{}  {}", row(&objective.id, &objective_bar(report, objective), column), verdict)
        }));
        rows.push(String::new());
    }
    let whole = seconds(report.started_at, report.last_at);
    rows.push(format!("{:column$}  T+0 to {}", "moments", elapsed(report.started_at, report.last_at)));
    rows.extend(report.milestones.iter().map(|milestone| moment_row(report, milestone, whole, column)));
    rows.push(String::new());
    rows.push(format!("{:column$}  T+0 to {}", "phases", elapsed(report.started_at, report.last_at)));
    rows.extend(report.phases.iter().map(|phase| phase_row(report, phase, whole, column)));
    rows
}

fn row(name: &str, bar: &str, column: usize) -> String {
    let name: String = super::escape::plain(name).chars().take(column).collect();
    format!("{name:column$}  {bar}")
}

/// Full blocks for the time it took, dots for what was left, the deadline as `|`.
fn objective_bar(report: &Report, objective: &ObjectiveAccount) -> String {
    let until = match objective.verdict {
        ObjectiveVerdict::InTime | ObjectiveVerdict::Late => objective.met_at.unwrap_or(report.last_at),
        ObjectiveVerdict::Missed | ObjectiveVerdict::Open => report.last_at,
    };
    let taken = scaled(seconds(report.started_at, until), objective.within_seconds, DEADLINE);
    // Rounding must not hide on which side of the deadline it came to lie.
    let taken = match objective.verdict {
        ObjectiveVerdict::Late | ObjectiveVerdict::Missed => taken.max(DEADLINE + 1),
        ObjectiveVerdict::InTime | ObjectiveVerdict::Open => taken.min(DEADLINE),
    };
    let mut bar: String = (0..DEADLINE).map(|at| if at < taken { '█' } else { '·' }).collect();
    bar.push('|');
    let beyond = taken.saturating_sub(DEADLINE).min(WIDTH - DEADLINE - 1);
    bar.extend(std::iter::repeat_n('█', beyond));
    if taken > DEADLINE + beyond {
        bar.push('»');
    }
    format!("{bar:WIDTH$}")
}

fn moment_row(report: &Report, milestone: &Milestone, whole: u64, column: usize) -> String {
    let Milestone { name, at, because } = milestone;
    let Some(at) = *at else {
        return format!("{}  not reached: {because}", row(name, &"·".repeat(WIDTH), column));
    };
    let mark = scaled(seconds(report.started_at, at), whole, WIDTH).min(WIDTH - 1);
    let bar: String = (0..WIDTH).map(|at| if at == mark { '◆' } else { '·' }).collect();
    format!("{}  {}, {because}", row(name, &bar, column), elapsed(report.started_at, at))
}

fn phase_row(report: &Report, phase: &PhaseAccount, whole: u64, column: usize) -> String {
    let (Some(begun), Some(last)) = (phase.begun_at, phase.last_at) else {
        return format!("{}  not reached{}", row(&phase.id, &"·".repeat(WIDTH), column), window(phase));
    };
    let from = scaled(seconds(report.started_at, begun), whole, WIDTH).min(WIDTH - 1);
    // A phase that was entered shows at least one block.
    let to = scaled(seconds(report.started_at, last), whole, WIDTH).clamp(from + 1, WIDTH);
    let bar: String = (0..WIDTH).map(|at| if (from..to).contains(&at) { '█' } else { '·' }).collect();
    let took = format!("{} to {}", elapsed(report.started_at, begun), elapsed(report.started_at, last));
    format!("{}  {took}{}", row(&phase.id, &bar, column), window(phase))
}

fn window(phase: &PhaseAccount) -> String {
    let show = |seconds| duration::show(std::time::Duration::from_secs(seconds));
    phase
        .window_seconds
        .map(|(from, to)| format!(" (window {}..{})", show(from), show(to)))
        .unwrap_or_default()
}

fn seconds(from: DateTime<Utc>, to: DateTime<Utc>) -> u64 {
    u64::try_from((to - from).num_seconds()).unwrap_or(0)
}

/// `part` of `whole` in columns, rounded to the nearest.
fn scaled(part: u64, whole: u64, columns: usize) -> usize {
    if whole == 0 {
        return 0;
    }
    let columns = columns as u128;
    let scaled = (u128::from(part) * columns + u128::from(whole) / 2) / u128::from(whole);
    usize::try_from(scaled).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_time_is_the_same_share_of_the_columns() {
        assert_eq!(scaled(450, 900, 20), 10);
        assert_eq!(scaled(900, 900, 20), 20);
        assert_eq!(scaled(1_350, 900, 20), 30);
        assert_eq!(scaled(5, 0, 20), 0);
        assert_eq!(scaled(u64::MAX, 1, 20), usize::MAX);
    }

    #[test]
    fn time_before_the_start_has_a_minus() {
        let start = DateTime::from_timestamp(1_000, 0).unwrap();
        assert_eq!(elapsed(start, DateTime::from_timestamp(1_192, 0).unwrap()), "T+00:03:12");
        assert_eq!(elapsed(start, DateTime::from_timestamp(995, 0).unwrap()), "T-00:00:05");
    }
}

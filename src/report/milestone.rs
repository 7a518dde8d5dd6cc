//! The moments that a reader asks for first: declared, contained, eradicated, recovered,
//! closed.
//!
//! They come from the document. An objective that was met is a moment of its own. Where no
//! objective is called as a stage of handling an incident is (NIST SP 800-61, revision 2,
//! section 3.3: containment, eradication and recovery), the phases of that name tell it: the
//! stage is reached when every step of all of them is over.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::model::{PhaseAccount, Report, Standing};
use crate::run::StepState;

/// One moment on the clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Milestone {
    /// One word, or a few: `contained`.
    pub name: String,
    /// Absent where it was not reached.
    pub at: Option<DateTime<Utc>>,
    /// What in the record says so.
    pub because: String,
}

/// A stage, and how the words begin that name its phases.
const STAGES: [(&str, &str); 3] =
    [("contained", "contain"), ("eradicated", "eradicat"), ("recovered", "recover")];

pub(super) fn of(report: &Report) -> Vec<Milestone> {
    let mut all = vec![milestone("declared", Some(report.started_at), "the run began".to_owned())];
    all.extend(report.objectives.iter().filter_map(|met| {
        let because = format!("objective {} was met", met.id);
        Some(milestone(&met.id.replace('_', " "), Some(met.met_at?), because))
    }));
    let stages = STAGES.iter().filter(|(name, _)| report.objectives.iter().all(|known| known.id != *name));
    all.extend(stages.filter_map(|(name, stem)| stage(report, name, stem)));
    all.extend(match &report.standing {
        Standing::Closed(ending) => Some(milestone("closed", Some(ending.at), "the run ended".to_owned())),
        Standing::Paused { at, .. } => Some(milestone("paused", Some(*at), "the run was paused".to_owned())),
        Standing::UnderWay => None,
    });
    // What was not reached comes last.
    all.sort_by_key(|milestone| (milestone.at.is_none(), milestone.at));
    all
}

fn milestone(name: &str, at: Option<DateTime<Utc>>, because: String) -> Milestone {
    Milestone { name: name.to_owned(), at, because }
}

/// A stage that phases of the document are named after.
fn stage(report: &Report, name: &str, stem: &str) -> Option<Milestone> {
    let phases: Vec<&PhaseAccount> = report.phases.iter().filter(|phase| is_named(phase, stem)).collect();
    let last = phases.last()?;
    let open = phases.iter().find(|phase| !is_over(report, phase));
    if let Some(open) = open {
        return Some(milestone(name, None, format!("phase {} is not over", open.id)));
    }
    let at = phases.iter().filter_map(|phase| phase.last_at).max();
    Some(milestone(name, at, format!("every step of phase {} is over", last.id)))
}

fn is_named(phase: &PhaseAccount, stem: &str) -> bool {
    phase.id.split('_').any(|word| word.starts_with(stem))
}

/// Every step was done, or left out for a reason; and not all of them were left out.
fn is_over(report: &Report, phase: &PhaseAccount) -> bool {
    let steps = report.steps.get(phase.steps.0..phase.steps.1).unwrap_or_default();
    steps.iter().all(|step| matches!(step.state, StepState::Done | StepState::Skipped))
        && steps.iter().any(|step| step.state == StepState::Done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn told(report: &Report) -> Vec<(String, Option<i64>)> {
        let after = |at: DateTime<Utc>| (at - report.started_at).num_seconds();
        of(report).into_iter().map(|one| (one.name, one.at.map(after))).collect()
    }

    fn named(names: [&str; 2]) -> Report {
        let mut report = sample::report();
        for (phase, name) in report.phases.iter_mut().zip(names) {
            phase.id = name.to_owned();
        }
        report
    }

    #[test]
    fn objectives_that_were_met_are_moments_and_phases_of_other_names_are_none() {
        let at = |name: &str, at| (name.to_owned(), Some(at));
        let expected = [at("declared", 0), at("contained", 192), at("revoked", 700), at("closed", 3_600)];
        assert_eq!(told(&sample::report()), expected);
    }

    #[test]
    fn a_stage_is_reached_when_every_step_of_its_phases_is_over() {
        let mut report = named(["containment_and_eradication", "recovery"]);
        let of_name = |report: &Report, name: &str| {
            told(report).into_iter().find(|(known, _)| known == name).map(|(_, at)| at)
        };
        assert_eq!(of_name(&report, "eradicated"), Some(None), "a step of it is in doubt");
        assert_eq!(told(&report).last().unwrap().0, "recovered", "what was not reached comes last");
        for step in &mut report.steps[..3] {
            step.state = StepState::Done;
        }
        // The last entry of the phase is the second failure of `revoke`.
        assert_eq!(of_name(&report, "eradicated"), Some(Some(240)));
        assert_eq!(of_name(&report, "contained"), Some(Some(192)), "its objective tells it, and once");
        assert_eq!(of_name(&report, "recovered"), Some(None));
        report.steps[3].state = StepState::Skipped;
        assert_eq!(of_name(&report, "recovered"), Some(None), "nothing of it was done");
    }

    #[test]
    fn an_objective_called_as_a_stage_goes_before_the_phases_of_its_name() {
        let mut report = named(["eradication", "recovery"]);
        report.objectives[1].id = "eradicated".to_owned();
        let eradicated: Vec<_> = told(&report).into_iter().filter(|(name, _)| name == "eradicated").collect();
        assert_eq!(eradicated, [("eradicated".to_owned(), Some(700))]);
        report.objectives[2].id = "recovered".to_owned();
        assert!(told(&report).iter().all(|(name, _)| name != "recovered"), "its bar says that it was missed");
    }
}

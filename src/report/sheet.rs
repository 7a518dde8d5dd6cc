//! The sheet that a report begins with: what is known when a run opens.

use chrono::{DateTime, Utc};

use super::model::{
    ObjectiveAccount, ObjectiveVerdict, PhaseAccount, Report, RollbackAccount, Standing, StepAccount, Watch,
};
use super::words::person;
use crate::document::{Phase, Step};
use crate::run::{ObjectiveClock, ObjectiveState, Opened, Place, Run};

/// Everything but what entries after the first tell.
pub(super) fn blank(run: &Run, at: DateTime<Utc>, opened: &Opened) -> Report {
    let playbook = run.playbook();
    let means = |level: &String| {
        let levels = &playbook.severity.as_ref()?.levels;
        levels.iter().find(|(name, _)| name == level).map(|(_, meaning)| meaning.clone())
    };
    let watch =
        Watch { from: at, until: None, who: person(&opened.operator), how: "started the run".to_owned() };
    Report {
        run: opened.run.clone(),
        document: opened.document.clone(),
        kind: playbook.species,
        title: playbook.title.clone(),
        summary: playbook.summary.clone(),
        mode: opened.mode.clone(),
        severity: opened.severity.clone(),
        severity_means: opened.severity.as_ref().and_then(means),
        incident: opened.incident.clone(),
        follows: opened.follows.clone(),
        params: opened.params.clone(),
        operator: opened.operator.clone(),
        host: opened.host.clone(),
        program: opened.program.clone(),
        started_at: at,
        last_at: at,
        entries: 1,
        standing: Standing::UnderWay,
        rollback: rollback(run),
        watches: vec![watch],
        identities: Vec::new(),
        objectives: objectives(run),
        milestones: Vec::new(),
        phases: playbook.phases.iter().map(phase).collect(),
        steps: playbook.steps.iter().enumerate().map(|(index, step)| account(run, index, step)).collect(),
        current: run.current(),
        calls: Vec::new(),
        key_use: Vec::new(),
        collections: Vec::new(),
        exchanges: Vec::new(),
        open: Vec::new(),
        notes: Vec::new(),
        attachments: Vec::new(),
        deviations: Vec::new(),
        escalations: Vec::new(),
        residuals: Vec::new(),
        artifacts: Vec::new(),
    }
}

fn account(run: &Run, index: usize, step: &Step) -> StepAccount {
    StepAccount {
        number: index + 1,
        id: step.id.to_string(),
        title: step.title.clone(),
        phase: run.playbook().phase_of(index).map(|(_, phase)| phase.id.clone()).unwrap_or_default(),
        action: step.action.name(),
        class: step.action.class(),
        state: run.step_state(index),
        begun_at: None,
        last_at: None,
        items: None,
        elements: run.tally(&step.id),
        attempts: Vec::new(),
        undoing: Vec::new(),
        skipped: Vec::new(),
        verified_after: None,
        can_be_undone: false,
    }
}

fn rollback(run: &Run) -> Option<RollbackAccount> {
    let rollback = run.rollback()?;
    let names = |places: &[Place]| places.iter().map(Place::to_string).collect();
    Some(RollbackAccount {
        undone: names(&rollback.undone),
        stands: names(&rollback.stands),
        by: rollback.by,
        to: rollback.to,
    })
}

fn phase(phase: &Phase) -> PhaseAccount {
    PhaseAccount {
        id: phase.id.clone(),
        title: phase.title.clone(),
        window_seconds: phase.window.map(|(from, to)| (from.as_secs(), to.as_secs())),
        begun_at: None,
        last_at: None,
        steps: (phase.steps.start, phase.steps.end),
    }
}

fn objectives(run: &Run) -> Vec<ObjectiveAccount> {
    let playbook = run.playbook();
    let within = |id: &str| playbook.objectives.iter().find(|known| known.id == id).map(|known| known.within);
    let account = |clock: &ObjectiveClock| {
        let (met_at, verdict) = match clock.state {
            ObjectiveState::Open => (None, ObjectiveVerdict::Open),
            ObjectiveState::Met { at, in_time: true } => (Some(at), ObjectiveVerdict::InTime),
            ObjectiveState::Met { at, in_time: false } => (Some(at), ObjectiveVerdict::Late),
            ObjectiveState::Missed => (None, ObjectiveVerdict::Missed),
        };
        ObjectiveAccount {
            id: clock.id.clone(),
            title: clock.title.clone(),
            within_seconds: within(&clock.id).map_or(0, |within| within.as_secs()),
            deadline: clock.deadline,
            met_at,
            verdict,
            no_longer_holds: met_at.is_some() && !clock.holds,
        }
    };
    run.objectives().iter().map(account).collect()
}

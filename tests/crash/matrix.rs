//! Trying every point, on all cores, and counting.

use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use playbook::document::Playbook;

use super::documents::ROWS;
use super::fate::{Blow, COLUMNS, Doing};
use super::judgement::{Calm, judge};
use super::life::{Finished, Ground, Subject, live};

/// How much is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breadth {
    /// Every point; torn lines at some lengths, but for one row at every length.
    Usual,
    /// Torn lines at every length everywhere, and many more second deaths.
    Everything,
}

/// The row whose lines are always torn at every length.
const TORN_EVERYWHERE: &str = "shell, writing";

/// Past this many, failures are only counted.
const SHOWN: usize = 8;

/// Points tried, by row and column; the last column counts second deaths.
pub struct Matrix {
    tried: Vec<[usize; COLUMNS.len() + 1]>,
    pub failures: Vec<String>,
}

/// One thing to try: in which row, and the blow of each life.
struct Trial {
    row: usize,
    blows: Vec<(usize, Blow)>,
    column: usize,
}

impl Matrix {
    /// Tries the rows whose titles begin so.
    pub fn tried(breadth: Breadth, rows: &str) -> Self {
        let playbooks: Vec<_> = ROWS.iter().map(super::documents::Row::playbook).collect();
        let trials = trials(&playbooks, breadth, rows);
        let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            for _ in 0..cores {
                scope.spawn(|| work(&playbooks, &trials, &next, &failures));
            }
        });
        let mut tried = vec![[0; COLUMNS.len() + 1]; ROWS.len()];
        for trial in &trials {
            tried[trial.row][trial.column] += 1;
        }
        Self { tried, failures: failures.into_inner().expect("the failures") }
    }

    pub fn points(&self) -> usize {
        self.tried.iter().flatten().sum()
    }
}

fn work(playbooks: &[Arc<Playbook>], trials: &[Trial], next: &AtomicUsize, failures: &Mutex<Vec<String>>) {
    let ground = Ground::new();
    let subjects: Vec<_> = (0..ROWS.len()).map(|row| subject(&ground, playbooks, row)).collect();
    let calm = |(subject, playbook)| Calm::of(playbook, &live(&ground, subject, &[]));
    let calm: Vec<_> = subjects.iter().zip(playbooks).map(calm).collect();
    while let Some(trial) = trials.get(next.fetch_add(1, Ordering::Relaxed)) {
        let playbook = &playbooks[trial.row];
        let crashed = live(&ground, &subjects[trial.row], &trial.blows);
        let jumps = usize::from(trial.column == COLUMNS.len() - 1);
        let wrong = judge(playbook, &calm[trial.row], &crashed, jumps);
        if !wrong.is_empty() {
            let mut failures = failures.lock().expect("the failures");
            if failures.len() < SHOWN {
                failures.push(told(trial, &crashed, &wrong));
            }
        }
    }
}

fn subject(ground: &Ground, playbooks: &[Arc<Playbook>], row: usize) -> Subject {
    Subject::new(ground, &playbooks[row], ROWS[row].course)
}

/// A failure with all that is needed to see it again.
fn told(trial: &Trial, crashed: &Finished, wrong: &[String]) -> String {
    let record = String::from_utf8_lossy(&crashed.disk.bytes()).into_owned();
    let blows: Vec<_> = trial
        .blows
        .iter()
        .zip(&crashed.lives)
        .map(|((at, blow), life)| format!("{blow:?} at {at} ({:?})", life.get(*at)))
        .collect();
    let events: Vec<_> =
        record.lines().map(|line| line.split_once(r#""event":"#).map_or(line, |(_, event)| event)).collect();
    format!(
        "{}: {}\n  {}\n    {}",
        ROWS[trial.row].title,
        blows.join(", then "),
        wrong.join("\n  "),
        events.join("\n    ")
    )
}

fn trials(playbooks: &[Arc<Playbook>], breadth: Breadth, rows: &str) -> Vec<Trial> {
    let ground = Ground::new();
    let mut trials = Vec::new();
    let wanted = |(row, _): &(usize, _)| ROWS[*row].title.starts_with(rows);
    for (row, _) in ROWS.iter().enumerate().filter(wanted) {
        let subject = subject(&ground, playbooks, row);
        let calm = live(&ground, &subject, &[]);
        assert!(calm.wrong.is_empty(), "{}: {:?}", ROWS[row].title, calm.wrong);
        let everywhere = breadth == Breadth::Everything || ROWS[row].title == TORN_EVERYWHERE;
        for (at, blow) in blows(&calm.lives[0], everywhere) {
            // Nothing follows the last line that could tell of a jump.
            if at + 1 == calm.lives[0].len() && !dies(blow) {
                continue;
            }
            let column = calm.lives[0][at].column(blow);
            trials.push(Trial { row, blows: vec![(at, blow)], column });
        }
        trials.extend(twice(row, &ground, &subject, &calm.lives[0], breadth));
    }
    trials
}

fn dies(blow: Blow) -> bool {
    !matches!(blow, Blow::Slept | Blow::SetBack)
}

/// Every blow at every point of a life.
fn blows(life: &[Doing], everywhere: bool) -> Vec<(usize, Blow)> {
    let lengths = |bytes: usize| -> Vec<usize> {
        if everywhere { (1..bytes).collect() } else { vec![1, bytes / 2, bytes - 1] }
    };
    let at = |(at, doing): (usize, &Doing)| {
        doing.blows(lengths).into_iter().map(move |blow| (at, blow)).collect::<Vec<_>>()
    };
    life.iter().enumerate().flat_map(at).collect()
}

/// A second death while the first is being mended: after some first blows, some blows of the
/// life that follows, at strides that share no factor, and closer where it begins, because
/// that is where it mends.
fn twice(row: usize, ground: &Ground, subject: &Subject, life: &[Doing], breadth: Breadth) -> Vec<Trial> {
    let (firsts, beginning, rest) = match breadth {
        Breadth::Usual => (13, 3, 17),
        Breadth::Everything => (1, 1, 5),
    };
    let mut trials = Vec::new();
    let first_blows =
        blows(life, false).into_iter().filter(|(_, blow)| dies(*blow)).skip(row % firsts).step_by(firsts);
    for (number, first) in first_blows.enumerate() {
        let lives = live(ground, subject, &[first]).lives;
        let Some(second_life) = lives.get(1) else { continue };
        let seconds = blows(second_life, false).into_iter().filter(|(_, blow)| dies(*blow)).enumerate();
        let seconds = seconds.filter(|(at, (doing, _))| {
            let stride = if *doing < 3 { beginning } else { rest };
            (at + number) % stride == 0
        });
        let column = COLUMNS.len();
        trials.extend(seconds.map(|(_, second)| Trial { row, blows: vec![first, second], column }));
    }
    trials
}

impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<24}", "points tried")?;
        for column in COLUMNS.iter().chain(&["twice"]) {
            write!(f, "{column:>9}")?;
        }
        for (row, tried) in ROWS.iter().zip(&self.tried) {
            write!(f, "\n{:<24}", row.title)?;
            for points in tried {
                write!(f, "{:>9}", if *points == 0 { "-".to_owned() } else { points.to_string() })?;
            }
        }
        let verdict = if self.failures.is_empty() { "all held" } else { "NOT ALL HELD" };
        write!(f, "\n{verdict}")
    }
}

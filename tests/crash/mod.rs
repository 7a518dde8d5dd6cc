//! The crash matrix: every kind of step times every kind of death, each tried at every point
//! where a process can die, and resumed until the run is over.

mod disk;
mod documents;
mod fate;
mod judgement;
mod life;
mod mail;
mod matrix;
mod person;
mod world;

use std::time::Instant;

use self::matrix::{Breadth, Matrix};

/// `PLAYBOOK_CRASH=all` tries every length of every line, and many more second deaths;
/// `PLAYBOOK_CRASH=verify` tries one row alone.
#[test]
fn wherever_a_process_dies_the_run_comes_to_the_same_end() {
    let wanted = std::env::var("PLAYBOOK_CRASH").unwrap_or_default();
    let (breadth, rows) = match &*wanted {
        "all" => (Breadth::Everything, ""),
        rows => (Breadth::Usual, rows),
    };
    let began = Instant::now();
    let matrix = Matrix::tried(breadth, rows);
    println!("{matrix}\n{} points in {:.1} s", matrix.points(), began.elapsed().as_secs_f64());
    assert!(matrix.failures.is_empty(), "{}", matrix.failures.join("\n"));
    if wanted.is_empty() {
        assert_readme_tells(matrix.points());
    }
}

/// The README gives the number in full thousands, so that a longer entry does not change it.
fn assert_readme_tells(points: usize) {
    let readme =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).expect("a README");
    let (before, _) = readme.split_once(" points at which").expect("the README tells of the matrix");
    let told: String = before.chars().rev().take_while(|c| c.is_ascii_digit() || *c == ',').collect();
    let told: usize =
        told.chars().rev().filter(char::is_ascii_digit).collect::<String>().parse().expect("a number");
    assert!(
        told <= points && points - told < 3_000 && told.is_multiple_of(1_000),
        "README.md tells of {told} points, and {points} were tried"
    );
}

//! How each question is put, and what comes of it.
//!
//! - `scene`: the question's place, and the small questions inside it (reason, note)
//! - `menu`: the keys of a menu
//! - `go`: before a write, with or without an approval
//! - `signature`: an approval from another machine, pasted
//! - `typed`: a typed question
//! - `review`: a table, decided item by item
//! - `manual`: work for a person, with attachments
//! - `stuck`: after a failure, and in doubt

mod go;
mod manual;
mod menu;
mod review;
mod scene;
mod signature;
mod stuck;
mod typed;

use chrono::{DateTime, Utc};

use self::go::Post;
pub use self::review::Bookmark;
use self::scene::{Scene, Stop};
use super::talk::Talk;
use crate::engine::Said;
use crate::error::Result;
use crate::run::{Place, Question, Run};

/// Puts a question to the one who talks.
///
/// # Errors
/// When the terminal is broken. A terminal that was closed is a pause.
pub async fn put(
    talk: &dyn Talk,
    operator: &str,
    place: &Place,
    question: &Question,
    run: &Run,
    now: DateTime<Utc>,
) -> Result<Said> {
    let outputs = |step: &str| run.outputs(step);
    let scene = Scene { talk, operator, place, run, now, outputs: &outputs };
    scene.heading();
    match put_in(&scene, question).await {
        Ok(said) => Ok(said),
        Err(Stop::Pause(reason)) => Ok(Said::Pause(reason)),
        Err(Stop::Broken(error)) => Err(error),
    }
}

async fn put_in(scene: &Scene<'_>, question: &Question) -> Result<Said, Stop> {
    match question {
        Question::Manual { instructions, attach } => manual::put(scene, instructions, attach).await,
        Question::Typed { question, answer } => typed::put(scene, question, answer).await,
        Question::Review(sheet) => review::put(scene, sheet, scene.talk.bookmark()).await,
        Question::Go { request } => go::put(scene, request).await,
        Question::Approval { request, role, title, hands, .. } => {
            let post = Post { role, title, hands: hands.as_ref() };
            go::approval(scene, request, &post).await
        }
        Question::AfterFailure { message, hints, .. } => stuck::failed(scene, message, hints).await,
        Question::InDoubt { request, attempted_at, undo } => {
            stuck::in_doubt(scene, request, *attempted_at, undo.as_ref()).await
        }
        Question::CannotUndo { action, why, hints } => stuck::cannot_undo(scene, action, why, hints).await,
    }
}

//! Work for a person, and the files that prove it.

use std::path::PathBuf;

use super::menu::Act;
use super::scene::{Scene, Talked};
use crate::console::line::Line;
use crate::console::words::put;
use crate::console::words::text::one_line;
use crate::engine::Said;
use crate::run::{Answer, Choice};

pub async fn put(scene: &Scene<'_>, instructions: &str, attach: &[String]) -> Talked<Said> {
    scene.title(Line::new());
    scene.blank();
    scene.say_all(put::manual_lines(instructions, attach, scene.talk.width()));
    scene.until_said(&[Act::Done, Act::Skip], None, async |_, remark| done(scene, attach, remark).await).await
}

async fn done(scene: &Scene<'_>, attach: &[String], remark: &str) -> Talked<Option<Said>> {
    let mut files = Vec::new();
    let mut reasons: Vec<_> =
        Some(remark.to_owned()).filter(|remark| !remark.is_empty()).into_iter().collect();
    for thing in attach {
        match attachment(scene, thing).await? {
            Attachment::File(path) => files.push(path),
            Attachment::Missing(why) => reasons.push(format!("no {thing}: {why}")),
        }
    }
    let reason = (!reasons.is_empty()).then(|| reasons.join("; "));
    let answer = Answer {
        choice: Choice::Yes,
        value: serde_json::Value::Null,
        reason,
        attachments: Vec::new(),
        by: scene.me(),
    };
    Ok(Some(Said::Answer { answer, files }))
}

enum Attachment {
    File(PathBuf),
    Missing(String),
}

/// A file that is there, or a reason why there is none.
async fn attachment(scene: &Scene<'_>, thing: &str) -> Talked<Attachment> {
    loop {
        let typed = scene.read_small(&format!("File with {} (Enter: none)", one_line(thing))).await?;
        if typed.is_empty() {
            if let Some(why) = scene.words("Why is there none?").await? {
                return Ok(Attachment::Missing(why));
            }
            continue;
        }
        let path = PathBuf::from(unquoted(&typed));
        match std::fs::metadata(&path) {
            Ok(found) if found.is_file() => return Ok(Attachment::File(path)),
            Ok(_) => scene.hint("That is not a file."),
            Err(error) => scene.hint(&format!("Cannot read it: {error}.")),
        }
    }
}

/// Terminals put quotes around a file that is dropped on them.
fn unquoted(typed: &str) -> &str {
    let pair = |quote| typed.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    pair('\'').or_else(|| pair('"')).unwrap_or(typed)
}

#[cfg(test)]
mod tests {
    use crate::console::rehearsal::{self, Rehearsal};
    use crate::engine::Said;
    use crate::run::{Choice, Question};

    fn ask(attach: &[&str], typing: &[&str]) -> (Said, Rehearsal) {
        let attach = attach.iter().map(|&thing| thing.to_owned()).collect();
        let question =
            Question::Manual { instructions: "Tell the team.\n\n    $ wall now".to_owned(), attach };
        rehearsal::ask("tell_team", &question, typing)
    }

    #[test]
    fn done_may_carry_a_remark() {
        let (said, _) = ask(&[], &["d"]);
        assert!(matches!(said, Said::Answer { answer, .. } if answer.reason.is_none()));
        let (said, person) = ask(&[], &["d told them at 03:12"]);
        assert!(person.saw("  Tell the team.") && person.saw("    $ wall now"));
        match said {
            Said::Answer { answer, files } => {
                assert_eq!(
                    (answer.choice, answer.reason.as_deref()),
                    (Choice::Yes, Some("told them at 03:12"))
                );
                assert!(files.is_empty());
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_file_has_to_be_there_or_its_absence_explained() {
        let here = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        let quoted = format!("'{here}'");
        let typing = ["d", env!("CARGO_MANIFEST_DIR"), "/no/such/file", &quoted, "", "", "camera broken"];
        let (said, person) = ask(&["the manifest", "a screenshot"], &typing);
        assert!(person.saw("That is not a file.") && person.saw("Cannot read it"));
        match said {
            Said::Answer { answer, files } => {
                assert_eq!(files, [std::path::PathBuf::from(here)]);
                assert_eq!(answer.reason.as_deref(), Some("no a screenshot: camera broken"));
            }
            other => panic!("{other:?}"),
        }
    }
}

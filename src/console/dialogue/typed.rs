//! A typed question. What begins with a colon is for the menu, so that every text can be
//! an answer.

use serde_json::Value;

use super::menu::{self, Act};
use super::scene::{Common, Scene, Talked};
use crate::console::line::{Line, Tone};
use crate::console::talk::Picked;
use crate::console::words::text::joined;
use crate::console::words::{put, reply};
use crate::engine::Said;
use crate::run::{Answer, AnswerKind, Choice};

pub async fn put(scene: &Scene<'_>, question: &str, kind: &AnswerKind) -> Talked<Said> {
    scene.title(Line::new());
    scene.say_all(put::typed_lines(question, kind, scene.talk.width()));
    loop {
        let typed = scene.read(prompt(scene, kind)).await?;
        let came = match typed.trim().strip_prefix(':') {
            Some(command) => commanded(scene, command).await?,
            None if typed.trim().is_empty() => picked(scene, kind).await?,
            None => read(scene, kind, &typed),
        };
        if let Some(said) = came {
            return Ok(said);
        }
    }
}

fn prompt(scene: &Scene<'_>, kind: &AnswerKind) -> Line {
    scene.blank();
    let lists = matches!(kind, AnswerKind::Choice(_) | AnswerKind::Several(_)) && scene.talk.draws_lists();
    let list = lists.then(|| "Enter alone: pick from a list.".to_owned());
    let rest = "Or :skip  :why  :note  :deviation  :handover  :pause  :abort".to_owned();
    let parts: Vec<_> = [put::how(kind).to_owned()].into_iter().chain(list).chain([rest]).collect();
    for text in joined(&parts, "  ", scene.talk.width().saturating_sub(2)) {
        scene.talk.say(&Line::plain("  ").and(Tone::Quiet, text));
    }
    Line::of(Tone::Prompt, "  › ")
}

async fn commanded(scene: &Scene<'_>, command: &str) -> Talked<Option<Said>> {
    let Some((act, _)) = menu::read(&menu::offered(&[Act::Skip], None), command) else {
        scene.hint("There is :skip, :why, :note, :deviation, :handover, :pause and :abort; or :s, :w, :n, :v, :h, :p and :x.");
        return Ok(None);
    };
    Ok(match scene.common(act, None).await? {
        Common::Said(said) => Some(said),
        Common::Shown | Common::NotMine => None,
    })
}

/// Enter alone opens the list of choices where the terminal can draw one.
async fn picked(scene: &Scene<'_>, kind: &AnswerKind) -> Talked<Option<Said>> {
    let picked = match kind {
        AnswerKind::Choice(choices) => scene.talk.pick_one(choices).await?.map(Value::from),
        AnswerKind::Several(choices) => scene.talk.pick_several(choices).await?.map(Value::from),
        _ => Picked::Nothing,
    };
    match picked {
        Picked::This(value) => Ok(Some(answer(scene, value))),
        Picked::Interrupted => Err(scene.interrupted()),
        Picked::Nothing => Ok(read(scene, kind, "")),
    }
}

fn read(scene: &Scene<'_>, kind: &AnswerKind, typed: &str) -> Option<Said> {
    match reply::read(kind, typed, scene.now) {
        Ok(value) => Some(answer(scene, value)),
        Err(why_not) => {
            scene.hint(&why_not);
            None
        }
    }
}

fn answer(scene: &Scene<'_>, value: Value) -> Said {
    let answer = Answer { choice: Choice::Yes, value, reason: None, attachments: Vec::new(), by: scene.me() };
    Said::Answer { answer, files: Vec::new() }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::console::rehearsal::{self, Rehearsal};
    use crate::engine::Said;
    use crate::run::{AnswerKind, Choice, Question};

    fn ask(answer: AnswerKind, typing: &[&str]) -> (Said, Rehearsal) {
        let question = Question::Typed { question: "What is it?".to_owned(), answer };
        rehearsal::ask("cause", &question, typing)
    }

    fn value(said: Said) -> Value {
        match said {
            Said::Answer { answer, .. } if answer.choice == Choice::Yes => answer.value,
            other => panic!("{other:?}"),
        }
    }

    fn choices() -> Vec<String> {
        vec!["disable".to_owned(), "fence".to_owned()]
    }

    #[test]
    fn each_kind_of_question_takes_its_kind_of_answer() {
        assert_eq!(value(ask(AnswerKind::Text, &["s"]).0), json!("s"));
        assert_eq!(value(ask(AnswerKind::Number, &["many", "3"]).0), json!(3));
        assert_eq!(value(ask(AnswerKind::Time, &["03:10"]).0), json!("2026-11-22T03:10:00Z"));
        assert_eq!(value(ask(AnswerKind::YesNo, &["", "yes"]).0), json!(true));
        assert_eq!(value(ask(AnswerKind::Choice(choices()), &["", "2"]).0), json!("fence"));
        assert_eq!(value(ask(AnswerKind::Several(choices()), &["1,2"]).0), json!(["disable", "fence"]));
        assert_eq!(value(ask(AnswerKind::Several(choices()), &["none"]).0), json!([]));
    }

    #[test]
    fn a_wrong_answer_is_explained_and_the_question_stands() {
        let (said, person) = ask(AnswerKind::Choice(choices()), &["fense", "fence"]);
        assert!(person.saw("did you mean `fence`?"));
        assert_eq!(value(said), json!("fence"));
    }

    #[test]
    fn the_menu_is_behind_a_colon() {
        let (said, person) = ask(AnswerKind::Text, &[":w", ":foo", ":s", "", "not known yet"]);
        assert!(person.saw("If left out") && person.saw("There is :skip"));
        match said {
            Said::Answer { answer, .. } => {
                assert_eq!((answer.choice, answer.reason.as_deref()), (Choice::Skip, Some("not known yet")));
            }
            other => panic!("{other:?}"),
        }
        assert!(matches!(ask(AnswerKind::YesNo, &[":note", "hm"]).0, Said::Note(text) if text == "hm"));
        assert!(
            matches!(ask(AnswerKind::YesNo, &[":v", "by telephone"]).0, Said::Departed(text) if text == "by telephone")
        );
        assert!(matches!(ask(AnswerKind::YesNo, &["^C"]).0, Said::Pause(_)));
    }
}

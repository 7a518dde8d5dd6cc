//! A step that failed, and an attempt of which nobody knows the end.

use chrono::{DateTime, Utc};

use super::go::named_the_target;
use super::menu::Act;
use super::scene::{Scene, Talked, answered};
use crate::console::line::{Line, Tone};
use crate::console::words::card;
use crate::console::words::clock;
use crate::console::words::text::{one_line, wrapped};
use crate::console::words::value;
use crate::engine::Said;
use crate::run::{Choice, Request};

/// A step failed, and the document says stop.
pub async fn failed(scene: &Scene<'_>, message: &str, hints: &[String]) -> Talked<Said> {
    scene.title(Line::of(Tone::Danger, "FAILED"));
    say(scene, Tone::Plain, &one_line(message));
    for hint in hints {
        say(scene, Tone::Good, &format!("hint: {}", one_line(hint)));
    }
    let acts = [Act::Again, Act::Skip];
    scene.until_said(&acts, None, async |_, _| Ok(Some(answered(Choice::Again, None, scene.me())))).await
}

/// A rollback has come to what it cannot take back.
pub async fn cannot_undo(scene: &Scene<'_>, action: &str, why: &str, hints: &[String]) -> Talked<Said> {
    scene.title(Line::of(Tone::Danger, "CANNOT BE TAKEN BACK"));
    say(scene, Tone::Plain, &format!("{action}: {}", one_line(why)));
    for hint in hints {
        say(scene, Tone::Good, &format!("hint: {}", one_line(hint)));
    }
    scene.until_said(&[Act::Skip], None, async |_, _| Ok(None)).await
}

/// Nobody knows whether an attempt took place.
pub async fn in_doubt(
    scene: &Scene<'_>,
    request: &Request,
    attempted_at: DateTime<Utc>,
    undo: Option<&Request>,
) -> Talked<Said> {
    scene.say_all(card::lines(scene.place, request, &scene.known(), None, scene.talk.width()));
    evidence(scene, attempted_at, undo);
    let undoing = undo.map(|_| Act::Undo);
    let acts: Vec<_> = [Act::TookPlace, Act::Again].into_iter().chain(undoing).collect();
    let own = async |act: Act, _: &str| match act {
        Act::TookPlace => {
            let reason = scene.words("How do you know that it took place?").await?;
            Ok(reason.map(|reason| answered(Choice::Done, Some(reason), scene.me())))
        }
        Act::Undo => Ok(Some(answered(Choice::Undo, None, scene.me()))),
        _ => {
            let named = named_the_target(scene, request).await?;
            Ok(named.then(|| answered(Choice::Again, None, scene.me())))
        }
    };
    scene.until_said(&acts, Some(request), own).await
}

fn evidence(scene: &Scene<'_>, attempted_at: DateTime<Utc>, undo: Option<&Request>) {
    let ago = clock::took((scene.now - attempted_at).to_std().unwrap_or_default());
    let began = clock::instant(attempted_at);
    scene.blank();
    scene.talk.say(
        &Line::plain("  ").and(Tone::Warning, "IN DOUBT: it was begun and its end is not in the record."),
    );
    say(
        scene,
        Tone::Plain,
        &format!(
            "Begun at {began}, {ago} ago. The program could not find out by itself whether it took place: look, then say."
        ),
    );
    if let Some(undo) = undo {
        let target =
            card::target(undo).map(|target| format!(" {}", value::brief(&target))).unwrap_or_default();
        say(scene, Tone::Plain, &format!("Undo would be {}{target}.", undo.action));
    }
}

fn say(scene: &Scene<'_>, tone: Tone, text: &str) {
    for text in wrapped(text, scene.talk.width().saturating_sub(4)) {
        scene.talk.say(&Line::plain("  ").and(tone, text));
    }
}

#[cfg(test)]
mod tests {
    use crate::console::rehearsal::{self, ask};
    use crate::engine::Said;
    use crate::run::{Choice, Question, Request};

    fn choice(said: &Said) -> (Choice, Option<&str>) {
        match said {
            Said::Answer { answer, .. } => (answer.choice, answer.reason.as_deref()),
            other => panic!("{other:?}"),
        }
    }

    fn doubt(request: Request, undo: Option<Request>) -> Question {
        Question::InDoubt { request, attempted_at: rehearsal::now() - chrono::TimeDelta::seconds(90), undo }
    }

    #[test]
    fn after_a_failure_the_message_and_the_hints_stand_above_the_choice() {
        let question = Question::AfterFailure {
            kind: crate::run::FaultKind::Denied,
            message: "AccessDenied: not authorized to perform kms:DisableKey".to_owned(),
            hints: vec!["ask for the contain role".to_owned()],
        };
        let (said, person) = ask("disable_key", &question, &["a"]);
        assert!(person.saw("not authorized") && person.saw("hint: ask for the contain role"));
        assert_eq!(choice(&said), (Choice::Again, None));
        let (said, _) = ask("disable_key", &question, &["s", "done in the console"]);
        assert_eq!(choice(&said), (Choice::Skip, Some("done in the console")));
    }

    #[test]
    fn going_past_what_cannot_be_taken_back_needs_a_reason() {
        let question = Question::CannotUndo {
            action: "kms.revoke_grant".to_owned(),
            why: "a grant is made anew with CreateGrant, under another id".to_owned(),
            hints: vec!["take it back by hand".to_owned()],
        };
        let (said, person) = ask("revoke_rogue", &question, &["s", "", "it was the attacker's"]);
        assert!(
            person.saw("kms.revoke_grant: a grant is made anew") && person.saw("hint: take it back by hand")
        );
        assert_eq!(choice(&said), (Choice::Skip, Some("it was the attacker's")));
    }

    #[test]
    fn who_says_that_it_took_place_says_how_they_know() {
        let question = doubt(rehearsal::disable(), None);
        let (said, person) = ask("disable_key", &question, &["d", "", "the console shows Disabled"]);
        assert!(person.saw("Begun at 2026-11-22T03:11:42Z, 1 min 30 s ago."));
        assert_eq!(choice(&said), (Choice::Done, Some("the console shows Disabled")));
    }

    #[test]
    fn undo_is_offered_only_where_there_is_one() {
        let (_, person) = ask("disable_key", &doubt(rehearsal::disable(), None), &["u", "a"]);
        assert!(person.saw("`u` is none of these"));
        let (said, _) = ask("disable_key", &doubt(rehearsal::disable(), Some(rehearsal::disable())), &["u"]);
        assert_eq!(choice(&said), (Choice::Undo, None));
    }

    #[test]
    fn to_destroy_again_needs_the_name_again() {
        let (said, person) = ask("delete_key", &doubt(rehearsal::delete(), None), &["a", "no", "p"]);
        assert!(person.saw("This DESTROYS."));
        assert!(matches!(said, Said::Pause(_)));
    }
}

//! Before the world is changed: the card, and somebody's word.

use super::menu::Act;
use super::scene::{Scene, Talked, answered};
use super::signature;
use crate::console::words::text::one_line;
use crate::console::words::{card, put};
use crate::document::action::Class;
use crate::engine::Said;
use crate::run::{Choice, Hands, Request, same_person};

/// The operator's own word is enough.
pub async fn put(scene: &Scene<'_>, request: &Request) -> Talked<Said> {
    show(scene, request, None);
    scene
        .until_said(&[Act::Go, Act::Skip], Some(request), async |_, _| {
            let go = named_the_target(scene, request).await?;
            Ok(go.then(|| answered(Choice::Yes, None, scene.me())))
        })
        .await
}

/// Whose approval is asked for.
pub struct Post<'a> {
    pub role: &'a str,
    pub title: &'a str,
    pub hands: Option<&'a Hands>,
}

/// Somebody in a role has to approve.
pub async fn approval(scene: &Scene<'_>, request: &Request, post: &Post<'_>) -> Talked<Said> {
    show(scene, request, Some(&put::approval(post.title, post.hands)));
    elsewhere(scene, post);
    let signed = scene.run.signers(post.role).is_some();
    let offered = |act: &Act| signed || !matches!(act, Act::Challenge | Act::Bring);
    let acts = [Act::Approve, Act::Deny, Act::Challenge, Act::Bring, Act::Skip];
    let acts: Vec<_> = acts.into_iter().filter(offered).collect();
    scene
        .until_said(&acts, Some(request), async |act, typed| match act {
            Act::Approve => approve(scene, request, post).await,
            Act::Challenge => Ok(Some(Said::Challenge)),
            Act::Bring => signature::bring(scene, typed).await,
            _ => deny(scene, post).await,
        })
        .await
}

fn show(scene: &Scene<'_>, request: &Request, approval: Option<&str>) {
    scene.say_all(card::lines(scene.place, request, &scene.known(), approval, scene.talk.width()));
}

/// How somebody approves who is not at this terminal.
fn elsewhere(scene: &Scene<'_>, post: &Post<'_>) {
    let command = format!("playbook approve {} {}", scene.run.id(), scene.place);
    if scene.run.takes_signatures_only(post.role) {
        scene.hint("Only signatures of its allowed signers count: c shows what is to be signed on another machine, and b brings the signature here.");
        scene.hint(&format!("Elsewhere: {command} --challenge"));
    } else if scene.run.weigh(post.role, &scene.me()).is_err() {
        scene.hint(&format!("Somebody else has to approve, here or elsewhere: {command}"));
    }
}

/// A word that would not count is not taken.
async fn approve(scene: &Scene<'_>, request: &Request, post: &Post<'_>) -> Talked<Option<Said>> {
    if scene.run.takes_signatures_only(post.role) {
        elsewhere(scene, post);
        return Ok(None);
    }
    if !named_the_target(scene, request).await? {
        return Ok(None);
    }
    let by = scene.who(&format!("Approved by, as {}", one_line(post.title))).await?;
    if let Err(why) = scene.run.weigh(post.role, &by) {
        scene.hint(&format!("{}.", one_line(&why)));
        return Ok(None);
    }
    let twice = post.hands.is_some_and(|hands| hands.given.iter().any(|name| same_person(name, &by.name)));
    if twice {
        scene.hint(&format!("{} has approved it already: somebody else has to.", one_line(&by.name)));
        return Ok(None);
    }
    Ok(Some(answered(Choice::Yes, None, by)))
}

async fn deny(scene: &Scene<'_>, post: &Post<'_>) -> Talked<Option<Said>> {
    let title = one_line(post.title);
    let Some(reason) = scene.words("Why is it denied?").await? else { return Ok(None) };
    let by = scene.who(&format!("Denied by, as {title}")).await?;
    Ok(Some(answered(Choice::Deny, Some(reason), by)))
}

/// What destroys needs its target's name typed, letter for letter. Anything else goes
/// back to the menu, with nothing done.
pub async fn named_the_target(scene: &Scene<'_>, request: &Request) -> Talked<bool> {
    if request.class != Class::Destroy {
        return Ok(true);
    }
    let names = card::names(scene.place, request, &scene.known());
    let shown: Vec<_> = names.iter().map(|name| one_line(name)).collect();
    scene.hint(&format!("This DESTROYS. To go on, type the target's name: {}", shown.join(" or ")));
    let typed = scene.read_small("Name").await?;
    let named = names.contains(&typed);
    if !named {
        scene.hint("That is not its name. Nothing was done.");
    }
    Ok(named)
}

#[cfg(test)]
mod tests {
    use crate::console::rehearsal::{self, Rehearsal};
    use crate::engine::Said;
    use crate::run::{Actor, Choice, Question, Via};

    fn ask(question: &Question, typing: &[&str]) -> (Said, Rehearsal) {
        let step = match question {
            Question::Approval { request, .. } | Question::Go { request }
                if request.class.word() == "destroy" =>
            {
                "delete_key"
            }
            _ => "disable_key",
        };
        rehearsal::ask(step, question, typing)
    }

    fn go() -> Question {
        Question::Go { request: rehearsal::disable() }
    }

    fn answer(said: &Said) -> (Choice, Option<&str>, &str) {
        match said {
            Said::Answer { answer, files } => {
                assert!(files.is_empty());
                assert_eq!(answer.by, Actor { name: answer.by.name.clone(), via: Via::Terminal });
                (answer.choice, answer.reason.as_deref(), &answer.by.name)
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_approval_names_who_gave_it() {
        let (said, person) = ask(&rehearsal::approval(), &["a", "Ann"]);
        assert_eq!(answer(&said), (Choice::Yes, None, "Ann"));
        assert!(person.saw("Approved by, as Incident Commander (Enter: jane) › "));
        let (said, _) = ask(&rehearsal::approval(), &["approve", ""]);
        assert_eq!(answer(&said), (Choice::Yes, None, "jane"));
    }

    #[test]
    fn enter_alone_and_what_is_not_on_the_menu_approve_nothing() {
        let (said, person) = ask(&rehearsal::approval(), &["", "ok", "a note: wait", "p"]);
        assert!(matches!(said, Said::Pause(reason) if reason == "paused by jane at step disable_key"));
        assert_eq!(person.times("Type one of the letters"), 3);
        let (said, _) = ask(&go(), &["", "g"]);
        assert_eq!(answer(&said), (Choice::Yes, None, "jane"));
    }

    #[test]
    fn skipping_aborting_and_denying_need_a_reason() {
        let (said, person) = ask(&go(), &["s", "", "  ", "done by hand"]);
        assert_eq!(answer(&said), (Choice::Skip, Some("done by hand"), "jane"));
        assert_eq!(person.times("has to say something"), 2);
        let (said, _) = ask(&go(), &["x", "false alarm"]);
        assert_eq!(answer(&said), (Choice::Abort, Some("false alarm"), "jane"));
        let (said, _) = ask(&rehearsal::approval(), &["d", "", "too early", "Ann"]);
        assert_eq!(answer(&said), (Choice::Deny, Some("too early"), "Ann"));
    }

    #[test]
    fn a_wrong_key_can_be_taken_back() {
        let (said, person) = ask(&go(), &["x", "-", "s", "-", "g"]);
        assert_eq!(answer(&said), (Choice::Yes, None, "jane"));
        assert_eq!(person.times("[g]o"), 3);
    }

    #[test]
    fn why_and_request_are_shown_and_the_menu_is_put_again() {
        let (_, person) = ask(&rehearsal::approval(), &["w", "?", "r", "a", ""]);
        assert_eq!(person.times("Nobody can decrypt with it"), 2);
        assert!(person.saw(&format!("\"key\": \"{}\"", rehearsal::KEY)));
        assert!(person.saw("kms.disable_key (write)"));
    }

    #[test]
    fn a_note_is_handed_over_for_the_record() {
        let (said, _) = ask(&go(), &["n", "seen traffic from 198.51.100.7"]);
        assert!(matches!(said, Said::Note(text) if text == "seen traffic from 198.51.100.7"));
    }

    #[test]
    fn what_destroys_needs_its_targets_name_letter_for_letter() {
        let question = rehearsal::approval_of(rehearsal::delete());
        let id = "79c50f57-3f27-4d2b-8e6f-0a1b2c3d4e5f";
        for wrong in ["", "yes", &id.to_uppercase(), &id[..8], rehearsal::KEY] {
            let (said, person) = ask(&question, &["a", wrong, "p"]);
            assert!(matches!(said, Said::Pause(_)), "{wrong}");
            assert!(person.saw("That is not its name. Nothing was done."));
        }
        let (said, _) = ask(&question, &["a", id, "Ann"]);
        assert_eq!(answer(&said), (Choice::Yes, None, "Ann"));
        let (said, _) = ask(&Question::Go { request: rehearsal::delete() }, &["g", id]);
        assert_eq!(answer(&said), (Choice::Yes, None, "jane"));
    }

    #[test]
    fn ctrl_c_and_a_closed_terminal_pause_wherever_they_come() {
        for typing in [&["^C"][..], &["^D"], &["s", "^C"], &["a", "^D"], &["d", "too early", "^C"]] {
            let (said, _) = ask(&rehearsal::approval(), typing);
            assert!(matches!(said, Said::Pause(_)), "{typing:?}");
        }
    }
}

//! Answers from a file, in front of another console: that one shows everything, and is
//! asked what the file does not answer.

mod answers;
mod fit;
mod review;

use std::cell::RefCell;
use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

pub use self::answers::Answers;
use self::fit::{Fit, fit};
use self::review::Next;
use super::words::text::one_line;
use crate::engine::{Console, Said, Soon};
use crate::error::Result;
use crate::journal::Entry;
use crate::run::{Actor, Answer, Choice, Operator, Place, Question, Run, Sheet, Via};

/// The console of automation, tests and exercises.
pub struct Scripted {
    answers: Answers,
    operator: Operator,
    behind: Box<dyn Console>,
    /// Where the file has settled a failure or a doubt, or has approved: it does so once,
    /// and does not say `again` for ever.
    settled: RefCell<HashSet<(Place, &'static str)>>,
}

impl std::fmt::Debug for Scripted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scripted").field("operator", &self.operator).finish_non_exhaustive()
    }
}

impl Scripted {
    #[must_use]
    pub fn new(answers: Answers, operator: Operator, behind: Box<dyn Console>) -> Self {
        Self { answers, operator, behind, settled: RefCell::default() }
    }

    fn settles_again(&self, place: &Place, question: &Question) -> bool {
        let kind = match question {
            Question::AfterFailure { .. } => "failure",
            Question::InDoubt { .. } => "doubt",
            // One file is one voice: where more are needed, others have to speak.
            Question::Approval { .. } => "approval",
            _ => return false,
        };
        !self.settled.borrow_mut().insert((place.clone(), kind))
    }
}

impl Console for Scripted {
    fn was_told(&self) -> Result<()> {
        self.behind.was_told()
    }

    fn entry(&self, entry: &Entry, run: &Run) {
        self.behind.entry(entry, run);
    }

    fn progress(&self, place: &Place, done: u64, of: Option<u64>, unit: &str) {
        self.behind.progress(place, done, of, unit);
    }

    fn ask(
        &self,
        place: &Place,
        question: &Question,
        run: &Run,
        now: DateTime<Utc>,
    ) -> Soon<'_, Result<Said>> {
        let ask_behind = || self.behind.ask(place, question, run, now);
        let Some(given) = self.answers.to(place) else { return ask_behind() };
        if let (Question::Review(sheet), Some(Value::Object(decisions))) = (question, &given.answer) {
            return match self.decided(place, sheet, decisions, run, now) {
                Ok(Some(said)) => Box::pin(async { Ok(said) }),
                Ok(None) => ask_behind(),
                Err(why) => {
                    let misfit = self.answers.misfit(place, &why);
                    Box::pin(async { Err(misfit) })
                }
            };
        }
        match fit(given, question, now) {
            Err(why) => {
                let misfit = self.answers.misfit(place, &why);
                Box::pin(async { Err(misfit) })
            }
            Ok(Fit::Nothing) => ask_behind(),
            Ok(Fit::NotFromAFile { title }) => not_from_a_file(ask_behind(), place.clone(), title),
            Ok(Fit::Answer { choice, value }) => {
                if self.settles_again(place, question) {
                    return ask_behind();
                }
                let name = given.by.clone().unwrap_or_else(|| self.name());
                let by = Actor { name, via: Via::Answers(self.answers.file().to_owned()) };
                let answer =
                    Answer { choice, value, reason: given.reason.clone(), attachments: Vec::new(), by };
                let said = Said::Answer { answer, files: given.attach.clone() };
                Box::pin(async { Ok(said) })
            }
        }
    }

    fn tell(&self, text: &str) {
        self.behind.tell(text);
    }

    fn passing(&self, now: DateTime<Utc>, run: &Run) {
        self.behind.passing(now, run);
    }

    fn waiting(&self, until: DateTime<Utc>, now: DateTime<Utc>, run: &Run) {
        self.behind.waiting(until, now, run);
    }
}

/// Somebody may still be there to approve; where nobody is, it is said what the file could
/// not do.
fn not_from_a_file(behind: Soon<'_, Result<Said>>, place: Place, title: String) -> Soon<'_, Result<Said>> {
    Box::pin(async move {
        Ok(match behind.await? {
            Said::Nobody { .. } => Said::Nobody {
                waiting_for: format!(
                    "step {place}: approval by {}, which cannot come from an answers file",
                    one_line(&title)
                ),
            },
            said => said,
        })
    })
}

impl Scripted {
    /// The next decision of a file on a table; nothing where it says nothing about the next item.
    fn decided(
        &self,
        place: &Place,
        sheet: &Sheet,
        decisions: &Map<String, Value>,
        run: &Run,
        now: DateTime<Utc>,
    ) -> std::result::Result<Option<Said>, String> {
        let given = self.answers.to(place);
        let name = given.and_then(|given| given.by.clone()).unwrap_or_else(|| self.name());
        let by = Actor { name, via: Via::Answers(self.answers.file().to_owned()) };
        let decided: HashSet<_> = run.decisions(place).map(|(id, _)| id).collect();
        Ok(match review::next(decisions, sheet, |id| decided.contains(id), now)? {
            Next::Nothing => None,
            Next::Decide { item, decision, reason } => {
                Some(Said::Decided { items: vec![item], decision: Some(decision), reason, by })
            }
            Next::End => {
                let answer = Answer {
                    choice: Choice::Yes,
                    value: Value::Null,
                    reason: given.and_then(|given| given.reason.clone()),
                    attachments: Vec::new(),
                    by,
                };
                Some(Said::Answer { answer, files: Vec::new() })
            }
        })
    }

    fn name(&self) -> String {
        self.operator.name.clone().unwrap_or_else(|| self.operator.user.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::Plain;
    use crate::console::rehearsal;
    use crate::error::Kind;
    use crate::run::AnswerKind;
    use serde_json::json;

    fn scripted(answers: Value) -> Scripted {
        let answers = Answers::from_value(answers, "drill.yaml", &rehearsal::playbook()).unwrap();
        Scripted::new(answers, rehearsal::operator(), Box::new(Plain::new(rehearsal::operator())))
    }

    fn ask_at(scripted: &Scripted, place: &Place, question: &Question) -> Result<Said> {
        rehearsal::talk(scripted.ask(place, question, &rehearsal::run(), rehearsal::now()))
    }

    fn ask(answers: Value, step: &str, question: &Question) -> Result<Said> {
        ask_at(&scripted(answers), &Place::step(step), question)
    }

    fn manual() -> Question {
        Question::Manual { instructions: "Tell the team.".to_owned(), attach: vec![] }
    }

    fn typed(answer: AnswerKind) -> Question {
        Question::Typed { question: "Which?".to_owned(), answer }
    }

    fn choices() -> AnswerKind {
        AnswerKind::Choice(vec!["disable".to_owned(), "fence".to_owned()])
    }

    fn answer(said: Result<Said>) -> Answer {
        match said.unwrap() {
            Said::Answer { answer, .. } => answer,
            other => panic!("{other:?}"),
        }
    }

    fn from_answers(yes: bool) -> Question {
        Question::Approval {
            request: rehearsal::disable(),
            role: "commander".to_owned(),
            title: "Incident Commander".to_owned(),
            from_answers: yes,
            hands: None,
        }
    }

    #[test]
    fn every_answer_says_from_which_file_it_came() {
        let given = answer(ask(json!({"cause": "fence"}), "cause", &typed(choices())));
        assert_eq!((given.choice, given.value), (Choice::Yes, json!("fence")));
        assert_eq!(given.by, Actor { name: "jane".to_owned(), via: Via::Answers("drill.yaml".to_owned()) });
        let long =
            json!({"tell_team": {"answer": "done", "by": "Ann", "reason": "by phone", "attach": ["a.png"]}});
        match ask(long, "tell_team", &manual()).unwrap() {
            Said::Answer { answer, files } => {
                assert_eq!((answer.by.name.as_str(), answer.reason.as_deref()), ("Ann", Some("by phone")));
                assert_eq!(files, [std::path::PathBuf::from("a.png")]);
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_approval_comes_from_a_file_only_where_the_document_says_so() {
        let file = json!({"disable_key": "approve"});
        assert_eq!(answer(ask(file.clone(), "disable_key", &from_answers(true))).choice, Choice::Yes);
        match ask(file, "disable_key", &from_answers(false)).unwrap() {
            Said::Nobody { waiting_for } => assert_eq!(
                waiting_for,
                "step disable_key: approval by Incident Commander, which cannot come from an answers file"
            ),
            other => panic!("{other:?}"),
        }
        let denied = json!({"disable_key": {"answer": "deny", "reason": "drill"}});
        assert_eq!(answer(ask(denied, "disable_key", &from_answers(true))).choice, Choice::Deny);
    }

    #[test]
    fn what_the_file_does_not_say_is_put_to_the_console_behind() {
        assert!(matches!(ask(json!({}), "tell_team", &manual()), Ok(Said::Nobody { .. })));
        let go = Question::Go { request: rehearsal::disable() };
        assert_eq!(answer(ask(json!({}), "disable_key", &go)).by.via, Via::Document);
        assert_eq!(answer(ask(json!({"disable_key": "run"}), "disable_key", &go)).choice, Choice::Yes);
        let skip = json!({"disable_key": {"answer": "skip", "reason": "drill"}});
        assert_eq!(answer(ask(skip, "disable_key", &go)).choice, Choice::Skip);
    }

    #[test]
    fn a_wrong_value_names_the_file_the_step_and_what_is_allowed() {
        let error = ask(json!({"cause": "fense"}), "cause", &typed(choices())).unwrap_err();
        assert_eq!(error.kind, Kind::Usage);
        assert_eq!(
            error.message,
            "drill.yaml: step cause: `fense` is not among the answers; did you mean `fence`?: disable or fence"
        );
        assert!(ask(json!({"cause": 2}), "cause", &typed(choices())).is_err());
        assert!(ask(json!({"cause": "maybe"}), "cause", &typed(AnswerKind::YesNo)).is_err());
    }

    #[test]
    fn yes_and_no_are_taken_as_words_and_as_yaml_booleans() {
        for (written, means) in
            [(json!(true), true), (json!("yes"), true), (json!("no"), false), (json!(false), false)]
        {
            let given = answer(ask(json!({"cause": written}), "cause", &typed(AnswerKind::YesNo)));
            assert_eq!(given.value, json!(means));
        }
    }

    #[test]
    fn a_typed_question_can_be_skipped_with_a_reason() {
        let file = json!({"cause": {"answer": "skip", "reason": "not known"}});
        let given = answer(ask(file, "cause", &typed(choices())));
        assert_eq!((given.choice, given.reason.as_deref()), (Choice::Skip, Some("not known")));
    }

    #[test]
    fn a_failure_is_tried_again_once_and_then_put_to_somebody() {
        let scripted = scripted(json!({"disable_key": {"answer": "run", "after_failure": "again"}}));
        let place = Place::step("disable_key");
        let failed = Question::AfterFailure {
            kind: crate::run::FaultKind::Throttled,
            message: "throttled".to_owned(),
            hints: vec![],
        };
        assert_eq!(answer(ask_at(&scripted, &place, &failed)).choice, Choice::Again);
        assert!(matches!(ask_at(&scripted, &place, &failed), Ok(Said::Nobody { .. })));
        let only = ask(json!({"disable_key": "run"}), "disable_key", &failed);
        assert!(matches!(only, Ok(Said::Nobody { .. })), "`run` says nothing about a failure");
    }

    #[test]
    fn a_doubt_is_settled_by_the_file() {
        let doubt =
            Question::InDoubt { request: rehearsal::disable(), attempted_at: rehearsal::now(), undo: None };
        let file = |word: &str| json!({"disable_key": {"answer": "run", "in_doubt": word}});
        assert_eq!(answer(ask(file("done"), "disable_key", &doubt)).choice, Choice::Done);
        assert_eq!(answer(ask(json!({"disable_key": "again"}), "disable_key", &doubt)).choice, Choice::Again);
        let error = ask(file("undo"), "disable_key", &doubt).unwrap_err();
        assert!(
            error.message.ends_with("there is nothing ready that would undo it: done, again or abort"),
            "{error}"
        );
    }

    #[test]
    fn a_list_answers_the_elements_in_order() {
        let scripted = scripted(json!({"revoke_rogue": ["run", {"answer": "skip", "reason": "ours"}]}));
        let go = Question::Go { request: rehearsal::disable() };
        let place = |item| Place { step: "revoke_rogue".to_owned(), item: Some(item) };
        assert_eq!(answer(ask_at(&scripted, &place(0), &go)).choice, Choice::Yes);
        assert_eq!(answer(ask_at(&scripted, &place(1), &go)).choice, Choice::Skip);
        assert_eq!(answer(ask_at(&scripted, &place(2), &go)).by.via, Via::Document);
    }
}

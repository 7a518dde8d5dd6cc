//! What an answers file says, checked against the document before anything runs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::console::words::text::{listed, one_line};
use crate::document::action::Action;
use crate::document::{Playbook, Step};
use crate::error::{Error, Result};
use crate::run::Place;
use crate::text::nearest;

/// The keys of the long form.
const KEYS: [&str; 7] = ["answer", "approval", "after_failure", "in_doubt", "reason", "attach", "by"];

/// One answers file.
#[derive(Debug)]
pub struct Answers {
    file: String,
    by_step: BTreeMap<String, Vec<Given>>,
    /// Steps whose list answers one element each.
    each: Vec<String>,
}

/// What is given for one step, or one element of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Given {
    pub answer: Option<Value>,
    /// `approve` or `deny`, where a step needs an approval beside its answer.
    pub approval: Option<Value>,
    pub after_failure: Option<Value>,
    pub in_doubt: Option<Value>,
    pub reason: Option<String>,
    pub attach: Vec<PathBuf>,
    pub by: Option<String>,
}

impl Answers {
    /// Takes what was read from a file: a map from step ids to answers.
    ///
    /// # Errors
    /// When it is no map, names a step that the document does not have, or says what
    /// can never be an answer to the step.
    pub fn from_value(value: Value, file: impl Into<String>, playbook: &Playbook) -> Result<Self> {
        let mut answers = Self { file: file.into(), by_step: BTreeMap::new(), each: Vec::new() };
        let fields = match value {
            Value::Object(fields) => fields,
            Value::Null => Map::new(),
            _ => {
                return Err(Error::usage(format!("{}: answers are a map, `step_id: answer`", answers.file))
                    .hint("write one line for each step that asks something"));
            }
        };
        for (id, value) in fields {
            let Some((_, step)) = playbook.step(&id) else { return Err(answers.unknown(&id, playbook)) };
            let given = answers.read(step, value)?;
            answers.by_step.insert(id, given);
        }
        Ok(answers)
    }

    /// The file's name, as the record tells it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// What is given for a place.
    #[must_use]
    pub fn to(&self, place: &Place) -> Option<&Given> {
        let given = self.by_step.get(&place.step)?;
        match place.item {
            Some(item) if self.each.contains(&place.step) => given.get(item),
            _ => given.first(),
        }
    }

    /// The failure that an answer does not fit its question.
    #[must_use]
    pub fn misfit(&self, place: &Place, why: &str) -> Error {
        self.wrong(place, why).hint("correct the answers file; `playbook resume` with it goes on from here")
    }

    fn wrong(&self, place: &Place, why: &str) -> Error {
        Error::usage(format!("{}: step {place}: {why}", self.file))
    }

    fn unknown(&self, id: &str, playbook: &Playbook) -> Error {
        let error =
            Error::usage(format!("{}: `{}` is no step of {}", self.file, one_line(id), playbook.name));
        match nearest(id, playbook.steps.iter().map(|step| &*step.id)) {
            Some(meant) => error.hint(format!("did you mean `{meant}`?")),
            None => error.hint(format!("`playbook show {}` lists the steps", playbook.name)),
        }
    }

    fn read(&mut self, step: &Step, value: Value) -> Result<Vec<Given>> {
        let place = Place::step(&*step.id);
        let items = match value {
            Value::Array(items) if step.for_each.is_some() => {
                self.each.push(place.step.clone());
                items
            }
            one => vec![one],
        };
        let read = |item| {
            given(item).and_then(|given| plausible(given, step)).map_err(|why| self.wrong(&place, &why))
        };
        items.into_iter().map(read).collect()
    }
}

/// The short form is the answer itself.
fn given(value: Value) -> Result<Given, String> {
    let Value::Object(mut fields) = value else {
        return Ok(Given { answer: Some(value), ..Given::default() });
    };
    if let Some(unknown) = fields.keys().find(|key| !KEYS.contains(&key.as_str())) {
        let meant = nearest(unknown, KEYS).map(|meant| format!("; did you mean `{meant}`?"));
        return Err(format!("there is no `{}` in an answer{}", one_line(unknown), meant.unwrap_or_default()));
    }
    Ok(Given {
        answer: fields.remove("answer"),
        approval: fields.remove("approval"),
        after_failure: fields.remove("after_failure"),
        in_doubt: fields.remove("in_doubt"),
        reason: text(&mut fields, "reason")?,
        attach: paths(fields.remove("attach"))?,
        by: text(&mut fields, "by")?,
    })
}

fn text(fields: &mut Map<String, Value>, key: &str) -> Result<Option<String>, String> {
    match fields.remove(key) {
        None => Ok(None),
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text)),
        Some(_) => Err(format!("`{key}` is a text")),
    }
}

fn paths(value: Option<Value>) -> Result<Vec<PathBuf>, String> {
    let path = |item| match item {
        Value::String(text) if !text.is_empty() => Ok(PathBuf::from(text)),
        _ => Err("`attach` is a list of paths".to_owned()),
    };
    match value {
        None => Ok(Vec::new()),
        Some(Value::Array(items)) => items.into_iter().map(path).collect(),
        Some(one) => path(one).map(|path| vec![path]),
    }
}

/// Refuses what no question of the step could mean, before anything runs.
fn plausible(given: Given, step: &Step) -> Result<Given, String> {
    let asks = matches!(step.action, Action::Ask(_) | Action::Review(_));
    let said = [
        ("answer", given.answer.as_ref().filter(|_| !asks)),
        ("approval", given.approval.as_ref()),
        ("after_failure", given.after_failure.as_ref()),
        ("in_doubt", given.in_doubt.as_ref()),
    ];
    for (key, word) in said.into_iter().filter_map(|(key, word)| Some((key, word?))) {
        known_word(key, word, step)?;
        let needs_reason = matches!(word.as_str(), Some("skip" | "abort" | "deny"));
        if needs_reason && given.reason.is_none() {
            let word = shown(word);
            return Err(format!("{word} needs a reason: {{ {key}: {word}, reason: ... }}"));
        }
    }
    Ok(given)
}

/// The words that can stand under a key, by what the step may ask.
fn words(key: &str, step: &Step) -> Vec<&'static str> {
    match (key, &step.action) {
        ("approval", _) => vec!["approve", "deny", "skip", "abort"],
        ("after_failure", _) => vec!["again", "skip", "abort"],
        ("in_doubt", _) => vec!["done", "again", "undo", "abort"],
        (_, action) => {
            let mut words = if matches!(action, Action::Manual(_)) {
                vec!["done"]
            } else {
                vec!["run", "done", "again", "undo"]
            };
            words.extend(["skip", "abort"]);
            words.extend(step.approve.iter().flat_map(|_| ["approve", "deny"]));
            words
        }
    }
}

fn known_word(key: &str, word: &Value, step: &Step) -> Result<(), String> {
    let words = words(key, step);
    let text = word.as_str().unwrap_or_default();
    if words.contains(&text) || (words.contains(&"run") && (text == "yes" || *word == Value::Bool(true))) {
        return Ok(());
    }
    let meant =
        nearest(text, &words).map_or_else(|| ".".to_owned(), |meant| format!("; did you mean `{meant}`?"));
    let words: Vec<_> = words.into_iter().map(str::to_owned).collect();
    let whence = if key == "answer" { String::new() } else { format!(" under `{key}`") };
    let there = listed(&words, "and");
    Err(format!("`{}` is no answer here{whence}{meant} There is {there}", shown(word)))
}

fn shown(word: &Value) -> String {
    word.as_str().map_or_else(|| one_line(&word.to_string()), one_line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::rehearsal;
    use crate::error::Kind;
    use serde_json::json;

    fn load(value: Value) -> Result<Answers> {
        Answers::from_value(value, "drill.yaml", &rehearsal::playbook())
    }

    #[test]
    fn a_step_that_is_not_there_is_found_before_anything_runs() {
        let error = load(json!({"disabel_key": "approve"})).unwrap_err();
        assert_eq!(error.kind, Kind::Usage);
        assert_eq!(error.message, "drill.yaml: `disabel_key` is no step of key-compromise");
        assert_eq!(error.hints, ["did you mean `disable_key`?"]);
    }

    #[test]
    fn what_could_never_be_an_answer_is_found_before_anything_runs() {
        for (value, says) in [
            (json!({"tell_team": "dnoe"}), "did you mean `done`?"),
            (json!({"tell_team": 7}), "`7` is no answer here. There is done, skip and abort"),
            (json!({"tell_team": "approve"}), "`approve` is no answer here"),
            (json!({"disable_key": "finished"}), "`finished` is no answer here"),
            (json!({"disable_key": {"in_doubt": "approve"}}), "`approve` is no answer here under `in_doubt`"),
            (json!({"revoke_rogue": ["run", "skp"]}), "did you mean `skip`?"),
            (json!({"tell_team": "skip"}), "skip needs a reason"),
            (json!({"tell_team": {"answer": "done", "reson": "x"}}), "did you mean `reason`?"),
            (json!({"tell_team": {"answer": "done", "attach": [1]}}), "`attach` is a list of paths"),
            (json!({"tell_team": {"answer": "done", "by": ""}}), "`by` is a text"),
            (json!({"disable_key": {"after_failure": "agian"}}), "did you mean `again`?"),
            (json!(["done"]), "answers are a map"),
        ] {
            let error = load(value.clone()).unwrap_err();
            assert!(error.message.contains(says), "{value}: {error}");
        }
    }

    #[test]
    fn an_empty_file_answers_nothing() {
        assert_eq!(load(Value::Null).unwrap().to(&Place::step("tell_team")), None);
    }
}

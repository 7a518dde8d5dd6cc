//! What a person's answer means.

use chrono::{DateTime, NaiveDateTime, NaiveTime, SecondsFormat, Utc};
use serde_json::{Number, Value};

use super::put::{how, kind, numbered};
use super::text::one_line;
use crate::run::AnswerKind;
use crate::text::nearest;

/// Reads an answer to a typed question.
///
/// # Errors
/// Says what would be an answer.
pub fn read(answer: &AnswerKind, text: &str, now: DateTime<Utc>) -> Result<Value, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(format!("This needs an answer. {}", how(answer)));
    }
    match answer {
        AnswerKind::Text => Ok(Value::from(text)),
        AnswerKind::Number => number(text),
        AnswerKind::Time => time(text, now),
        AnswerKind::YesNo => yes_no(text),
        AnswerKind::Choice(choices) => one_of(choices, text).map(Value::from),
        AnswerKind::Several(choices) => some_of(choices, text).map(Value::from),
    }
}

/// Takes a value that was written down beforehand as the answer.
///
/// # Errors
/// Says what would be an answer.
pub fn written(answer: &AnswerKind, value: &Value, now: DateTime<Utc>) -> Result<Value, String> {
    match (answer, value) {
        (AnswerKind::YesNo, Value::Bool(_)) | (AnswerKind::Number, Value::Number(_)) => Ok(value.clone()),
        (AnswerKind::Several(choices), Value::Array(items)) => {
            items.iter().map(|item| named(choices, &scalar(item)?).map(Value::from)).collect()
        }
        (AnswerKind::Choice(choices), _) => named(choices, &scalar(value)?).map(Value::from),
        (AnswerKind::Several(choices), _) => match scalar(value)?.as_str() {
            word @ ("all" | "none") => some_of(choices, word).map(Value::from),
            name => named(choices, name).map(|name| Value::from(vec![name])),
        },
        _ => read(answer, &scalar(value)?, now),
    }
}

fn scalar(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        other => Err(format!("{} is no answer", one_line(&other.to_string()))),
    }
}

fn number(text: &str) -> Result<Value, String> {
    let whole = text.parse::<i64>().map(Number::from).ok();
    let number = whole.or_else(|| text.parse().ok().and_then(Number::from_f64));
    number
        .map(Value::Number)
        .ok_or_else(|| format!("`{}` is no number; write one like 3 or 2.5", one_line(text)))
}

/// RFC 3339, `2026-11-22 03:10`, or `03:10` for today; what names no zone is UTC.
fn time(text: &str, now: DateTime<Utc>) -> Result<Value, String> {
    let clock = || ["%H:%M", "%H:%M:%S"].iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok());
    let dated = || {
        let forms = ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];
        forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
    };
    DateTime::parse_from_rfc3339(text)
        .map(|at| at.with_timezone(&Utc))
        .ok()
        .or_else(|| {
            dated().or_else(|| clock().map(|time| now.date_naive().and_time(time))).map(|at| at.and_utc())
        })
        .map(|at| Value::from(at.to_rfc3339_opts(SecondsFormat::AutoSi, true)))
        .ok_or_else(|| {
            format!("`{}` is no time; write 2026-11-22T03:10:00Z, or 03:10 for today in UTC", one_line(text))
        })
}

fn yes_no(text: &str) -> Result<Value, String> {
    match text.to_lowercase().as_str() {
        "yes" | "y" | "true" => Ok(Value::Bool(true)),
        "no" | "n" | "false" => Ok(Value::Bool(false)),
        _ => Err(format!("`{}` is neither yes nor no", one_line(text))),
    }
}

/// A choice by its name, its number, or its name in other letters' case.
fn one_of(choices: &[String], text: &str) -> Result<String, String> {
    let exact = choices.iter().find(|choice| *choice == text);
    let by_number = || {
        let at: usize = text.parse().ok()?;
        numbered(choices).then(|| choices.get(at.checked_sub(1)?)).flatten()
    };
    let mut alike =
        choices.iter().filter(|choice| choice.trim().to_lowercase() == text.trim().to_lowercase());
    let only = (alike.next(), alike.next());
    exact
        .or_else(by_number)
        .or(if let (Some(only), None) = only { Some(only) } else { None })
        .cloned()
        .ok_or_else(|| not_among(choices, text))
}

/// A choice by its exact name, as a file has to give it.
fn named(choices: &[String], text: &str) -> Result<String, String> {
    choices.iter().find(|choice| *choice == text).cloned().ok_or_else(|| not_among(choices, text))
}

fn not_among(choices: &[String], text: &str) -> String {
    let meant = nearest(text, choices).map(|meant| format!("; did you mean `{}`?", one_line(&meant)));
    let allowed = kind(&AnswerKind::Choice(choices.to_vec()));
    format!("`{}` is not among the answers{}: {allowed}", one_line(text), meant.unwrap_or_default())
}

/// `all`, `none`, or numbers, ranges and names with commas between them; in the order of
/// the choices, each once.
fn some_of(choices: &[String], text: &str) -> Result<Vec<String>, String> {
    let special =
        |word: &str| text.eq_ignore_ascii_case(word) && !choices.iter().any(|choice| choice == text);
    if special("all") {
        return Ok(choices.to_vec());
    }
    if special("none") {
        return Ok(Vec::new());
    }
    if choices.iter().any(|choice| choice == text) {
        return Ok(vec![text.to_owned()]);
    }
    let mut chosen = vec![false; choices.len()];
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        for one in range(choices, part).map_or_else(|| one_of(choices, part).map(|one| vec![one]), Ok)? {
            for (choice, chosen) in choices.iter().zip(&mut chosen) {
                *chosen |= *choice == one;
            }
        }
    }
    if !chosen.contains(&true) {
        return Err("say which, or all, or none".to_owned());
    }
    Ok(choices.iter().zip(chosen).filter(|(_, chosen)| *chosen).map(|(choice, _)| choice.clone()).collect())
}

/// `2-4`, where choices have numbers and all three exist.
fn range(choices: &[String], part: &str) -> Option<Vec<String>> {
    let (from, to) = part.split_once('-').filter(|_| numbered(choices))?;
    let (from, to): (usize, usize) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
    choices.get(from.checked_sub(1)?..to).map(<[String]>::to_vec).filter(|some| !some.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn now() -> DateTime<Utc> {
        "2026-11-22T04:00:00Z".parse().unwrap()
    }

    fn answer(kind: &AnswerKind, text: &str) -> Result<Value, String> {
        read(kind, text, now())
    }

    fn letters() -> Vec<String> {
        ["alpha", "beta", "gamma", "Delta"].map(str::to_owned).to_vec()
    }

    #[test]
    fn nothing_typed_is_never_an_answer() {
        let kinds = [AnswerKind::Text, AnswerKind::Number, AnswerKind::Time, AnswerKind::YesNo];
        let lists = [AnswerKind::Choice(letters()), AnswerKind::Several(letters())];
        for kind in kinds.iter().chain(&lists) {
            assert!(answer(kind, "  ").is_err(), "{kind:?}");
        }
        assert!(answer(&AnswerKind::Several(letters()), ",").is_err());
    }

    #[test]
    fn numbers_are_whole_or_broken_and_finite() {
        assert_eq!(answer(&AnswerKind::Number, "42"), Ok(json!(42)));
        assert_eq!(answer(&AnswerKind::Number, "-2.5"), Ok(json!(-2.5)));
        for wrong in ["1,000", "seven", "inf", "NaN", "1e999"] {
            assert!(answer(&AnswerKind::Number, wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_without_a_zone_are_utc_and_without_a_date_today() {
        for (text, means) in [
            ("2026-11-22T03:10:00Z", "2026-11-22T03:10:00Z"),
            ("2026-11-22T03:10:00+01:00", "2026-11-22T02:10:00Z"),
            ("03:10", "2026-11-22T03:10:00Z"),
            ("2026-11-21 23:50", "2026-11-21T23:50:00Z"),
        ] {
            assert_eq!(answer(&AnswerKind::Time, text), Ok(json!(means)), "{text}");
        }
        for wrong in ["24:00", "3 pm", "2026-02-30 10:00", "yesterday"] {
            assert!(answer(&AnswerKind::Time, wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn yes_and_no_have_to_be_said() {
        assert_eq!(answer(&AnswerKind::YesNo, "Yes"), Ok(json!(true)));
        assert_eq!(answer(&AnswerKind::YesNo, "n"), Ok(json!(false)));
        assert!(answer(&AnswerKind::YesNo, "yeah").is_err());
    }

    #[test]
    fn a_choice_is_taken_by_name_or_number_and_a_typo_by_neither() {
        let kind = AnswerKind::Choice(letters());
        assert_eq!(answer(&kind, "beta"), Ok(json!("beta")));
        assert_eq!(answer(&kind, "3"), Ok(json!("gamma")));
        assert_eq!(answer(&kind, "delta"), Ok(json!("Delta")));
        assert_eq!(
            answer(&kind, "gama"),
            Err("`gama` is not among the answers; did you mean `gamma`?: alpha, beta, gamma or Delta"
                .to_owned())
        );
        for wrong in ["0", "5", "al"] {
            assert!(answer(&kind, wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_choice_that_is_a_number_is_taken_by_name_alone() {
        let kind = AnswerKind::Choice(vec!["30".into(), "7".into(), "1".into()]);
        assert_eq!(answer(&kind, "1"), Ok(json!("1")));
        assert!(answer(&kind, "2").is_err());
        assert!(answer(&AnswerKind::Several(vec!["3".into(), "1".into()]), "1-2").is_err());
    }

    #[test]
    fn several_are_taken_by_numbers_ranges_and_names_in_the_order_of_the_list() {
        let kind = AnswerKind::Several(letters());
        assert_eq!(answer(&kind, "3,1"), Ok(json!(["alpha", "gamma"])));
        assert_eq!(answer(&kind, "2-4, beta"), Ok(json!(["beta", "gamma", "Delta"])));
        assert_eq!(answer(&kind, "gamma, alpha"), Ok(json!(["alpha", "gamma"])));
        assert_eq!(answer(&kind, "all"), Ok(json!(["alpha", "beta", "gamma", "Delta"])));
        assert_eq!(answer(&kind, "none"), Ok(json!([])));
        for wrong in ["1,9", "4-2", "0-1", "3-9", "1;2"] {
            assert!(answer(&kind, wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_list_may_hold_names_with_commas_and_one_called_none() {
        let kind = AnswerKind::Several(vec!["none".into(), "a, b".into()]);
        assert_eq!(answer(&kind, "none"), Ok(json!(["none"])));
        assert_eq!(answer(&kind, "a, b"), Ok(json!(["a, b"])));
    }

    #[test]
    fn what_was_written_down_is_taken_by_name_and_keeps_its_type() {
        let write = |kind: &AnswerKind, value: Value| written(kind, &value, now());
        assert_eq!(write(&AnswerKind::YesNo, json!(true)), Ok(json!(true)));
        assert_eq!(write(&AnswerKind::YesNo, json!("no")), Ok(json!(false)));
        assert_eq!(write(&AnswerKind::Number, json!(7)), Ok(json!(7)));
        assert_eq!(write(&AnswerKind::Text, json!(7)), Ok(json!("7")));
        let kind = AnswerKind::Choice(letters());
        assert!(write(&kind, json!(2)).is_err(), "a number in a file could come to mean another choice");
        assert_eq!(write(&AnswerKind::Several(letters()), json!(["beta"])), Ok(json!(["beta"])));
        assert_eq!(write(&AnswerKind::Several(letters()), json!("all")), Ok(json!(letters())));
        assert!(write(&AnswerKind::Several(letters()), json!(["beta", "omega"])).is_err());
        assert!(write(&AnswerKind::Text, json!({"a": 1})).is_err());
    }
}

//! Who agreed to what: the questions that stood before a step, and their answers.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::model::{Agreement, Exchange};
use crate::run::{Answer, Choice, Place, Question};

/// Pairs answers with the questions that they belong to.
#[derive(Debug, Default)]
pub(super) struct Conversation {
    pub exchanges: Vec<Exchange>,
    /// Index of the question that stands open at a place.
    open: HashMap<Place, usize>,
}

impl Conversation {
    pub fn asked(&mut self, seq: u64, at: DateTime<Utc>, place: &Place, question: &Question) {
        self.open.insert(place.clone(), self.exchanges.len());
        self.exchanges.push(Exchange {
            seq,
            place: place.clone(),
            asked_at: at,
            question: question.clone(),
            answered_at: None,
            answer: None,
        });
    }

    /// The question that the answer belongs to.
    pub fn answered(&mut self, at: DateTime<Utc>, place: &Place, answer: &Answer) -> Option<&Question> {
        let index = self.open.remove(place).or_else(|| self.again(place))?;
        let exchange = self.exchanges.get_mut(index)?;
        exchange.answered_at = Some(at);
        exchange.answer = Some(answer.clone());
        Some(&exchange.question)
    }

    /// Where several have to approve, one question is answered more than once.
    fn again(&mut self, place: &Place) -> Option<usize> {
        let last = self.exchanges.iter().rfind(|exchange| exchange.place == *place)?;
        let more = matches!(last.question, Question::Approval { .. });
        let exchange = more.then(|| Exchange { answered_at: None, answer: None, ..last.clone() })?;
        self.exchanges.push(exchange);
        Some(self.exchanges.len() - 1)
    }

    /// The way forward is left: what was asked on it waits for nobody any more.
    pub fn turned_back(&mut self) {
        self.open.clear();
    }

    /// The questions that stand open, in the order in which they were asked.
    pub fn open(&self) -> Vec<usize> {
        let mut open: Vec<_> = self.open.values().copied().collect();
        open.sort_unstable();
        open
    }

    /// The yeses to the step, or to its element, so far.
    pub fn agreements(&self, place: &Place) -> Vec<Agreement> {
        let concerns =
            |other: &Place| other.step == place.step && (other.item.is_none() || other.item == place.item);
        self.exchanges.iter().filter(|exchange| concerns(&exchange.place)).filter_map(agreement).collect()
    }
}

fn agreement(exchange: &Exchange) -> Option<Agreement> {
    let role = match &exchange.question {
        Question::Approval { title, .. } => Some(title.clone()),
        Question::Go { .. } => None,
        _ => return None,
    };
    let answer = exchange.answer.as_ref().filter(|answer| answer.choice == Choice::Yes)?;
    Some(Agreement { at: exchange.answered_at?, by: answer.by.clone(), role })
}

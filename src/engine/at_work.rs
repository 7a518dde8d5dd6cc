//! The effects that are at work: asked for, announced, and not answered yet.

use std::future::poll_fn;
use std::task::Poll;

use super::desk::Desk;
use super::ledger::Ledger;
use super::ports::{Executor, Reply, Soon};
use crate::error::Result;
use crate::run::{Effect, Place};

/// Effects side by side on one thread, each at a desk of its own.
#[derive(Default)]
pub(super) struct AtWork<'a> {
    jobs: Vec<Job<'a>>,
    /// The places of the jobs, in the same order.
    places: Vec<Place>,
}

/// One effect under way.
struct Job<'a> {
    idle: bool,
    asks: bool,
    answer: Soon<'a, (Effect, Result<Reply>)>,
}

impl<'a> AtWork<'a> {
    /// Begins an effect whose intent is durable.
    pub fn begin(&mut self, ledger: &'a Ledger<'_>, executor: &'a dyn Executor, effect: Effect) {
        self.places.push(effect.place().clone());
        let (idle, asks) = (effect.is_idle(), matches!(effect, Effect::Ask { .. }));
        let answer = Box::pin(async move {
            let desk = Desk::new(ledger, effect.place());
            let reply = executor.perform(&effect, &desk).await;
            (effect, reply)
        });
        self.jobs.push(Job { idle, asks, answer });
    }

    pub fn places(&self) -> &[Place] {
        &self.places
    }

    pub fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }

    /// The first answer that comes; never one when nothing is at work.
    pub async fn answer(&mut self) -> (Effect, Result<Reply>) {
        poll_fn(|context| {
            let answered = self.jobs.iter_mut().enumerate().find_map(|(at, job)| {
                match job.answer.as_mut().poll(context) {
                    Poll::Ready(answer) => Some((at, answer)),
                    Poll::Pending => None,
                }
            });
            answered.map_or(Poll::Pending, |(at, answer)| {
                self.drop_at(at);
                Poll::Ready(answer)
            })
        })
        .await
    }

    /// Leaves what can be left at any moment without a trace in the world.
    pub fn leave_what_is_idle(&mut self) {
        while let Some(at) = self.jobs.iter().position(|job| job.idle) {
            self.drop_at(at);
        }
    }

    /// Takes the questions away that no longer stand.
    pub fn withdraw(&mut self, answered: impl Fn(&Place) -> bool) {
        let gone = |(job, place): (&Job<'_>, &Place)| job.asks && answered(place);
        while let Some(at) = self.jobs.iter().zip(&self.places).position(gone) {
            self.drop_at(at);
        }
    }

    /// Leaves everything, and says where.
    pub fn abandon(&mut self) -> Vec<Place> {
        self.jobs.clear();
        std::mem::take(&mut self.places)
    }

    fn drop_at(&mut self, at: usize) {
        drop(self.jobs.remove(at));
        self.places.remove(at);
    }
}

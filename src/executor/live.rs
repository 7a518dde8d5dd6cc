//! The executor that acts.

use std::time::Duration;

use serde_json::Value;

use super::{guard, question, wait};
use crate::actions::{Actions, Finding, Probed};
use crate::engine::{Desk, Executor, Reply, Soon};
use crate::error::Result;
use crate::run::{Effect, Event, Evidence, Fault, Place, Request, Survey};

/// Answers effects by doing what they say.
#[derive(Debug)]
pub struct Live {
    actions: Actions,
}

impl Live {
    #[must_use]
    pub fn new(actions: Actions) -> Self {
        Self { actions }
    }

    /// Reads on behalf of a `wait` or a `verify`.
    async fn read(
        &self,
        place: &Place,
        request: &Request,
        timeout: Option<Duration>,
        desk: &Desk<'_>,
    ) -> Result<Event> {
        let place = place.clone();
        Ok(match self.actions.read(request, desk, timeout).await? {
            Finding::Done { outputs, evidence } => Event::Observed { place, outputs, fault: None, evidence },
            Finding::Failed { fault, evidence } => {
                Event::Observed { place, outputs: Value::Null, fault: Some(fault), evidence }
            }
        })
    }

    async fn act(
        &self,
        place: &Place,
        request: &Request,
        timeout: Option<Duration>,
        progress: Option<&Value>,
        desk: &Desk<'_>,
    ) -> Result<Event> {
        let asked = match self.guarded(place, request, desk).await? {
            Ok(asked) => asked,
            Err((fault, evidence)) => return Ok(Event::Failed { place: place.clone(), fault, evidence }),
        };
        let place = place.clone();
        Ok(match self.actions.act(request, desk, progress, timeout).await? {
            Finding::Done { outputs, evidence } => {
                Event::Succeeded { place, outputs, evidence: both(asked, evidence) }
            }
            Finding::Failed { fault, evidence } => {
                Event::Failed { place, fault, evidence: both(asked, evidence) }
            }
        })
    }

    /// What was read to find out that nothing speaks against it now; or why it must not be
    /// done, by what the record and the world say.
    async fn guarded(
        &self,
        place: &Place,
        request: &Request,
        desk: &Desk<'_>,
    ) -> Result<std::result::Result<Evidence, (Fault, Evidence)>> {
        if let Some(fault) = guard::refusal(&desk.run(), place, request) {
            return Ok(Err((fault, Evidence::default())));
        }
        if let Some(fault) = self.unproven(request, desk).await {
            return Ok(Err((fault, Evidence::default())));
        }
        let mut asked = match self.behind_its_fence(place, request, desk).await? {
            Ok(asked) => asked,
            Err(refused) => return Ok(Err(refused)),
        };
        let doubts = guard::doubts(&desk.run(), place, request);
        for doubt in doubts {
            let (told, evidence) = self.told(&doubt.reading(request), desk).await?;
            asked = both(asked, evidence);
            if let Some(fault) = doubt.confirmed_by(&desk.run(), told) {
                return Ok(Err((fault, asked)));
            }
        }
        Ok(Ok(asked))
    }

    /// A key that is switched on has to stand behind the fence that the run put around it.
    async fn behind_its_fence(
        &self,
        place: &Place,
        request: &Request,
        desk: &Desk<'_>,
    ) -> Result<std::result::Result<Evidence, (Fault, Evidence)>> {
        // The record is not held open while the world is asked.
        let behind = guard::behind(&desk.run(), place, request, desk.now());
        let behind = match behind {
            Ok(Some(behind)) => behind,
            Ok(None) => return Ok(Ok(Evidence::default())),
            Err(fault) => return Ok(Err((fault, Evidence::default()))),
        };
        let probed = self.actions.probe(&behind.fence, desk.now(), None, desk).await?;
        let missing = behind.missing(&probed);
        let (Probed::Settled { evidence, .. } | Probed::Unsettled { evidence, .. }) = probed;
        Ok(match missing {
            None => Ok(evidence),
            Some(fault) => Err((fault, evidence)),
        })
    }

    /// What the world says, and the calls that asked it.
    async fn told(
        &self,
        read: &Request,
        desk: &Desk<'_>,
    ) -> Result<(std::result::Result<Value, Fault>, Evidence)> {
        Ok(match self.actions.read(read, desk, None).await? {
            Finding::Done { outputs, evidence } => (Ok(outputs), evidence),
            Finding::Failed { fault, evidence } => (Err(fault), evidence),
        })
    }

    /// Why the evidence that a deletion needs is not there. It is checked anew each time: a
    /// record that held yesterday may be damaged today.
    async fn unproven(&self, request: &Request, desk: &Desk<'_>) -> Option<Fault> {
        let named = guard::evidence(&desk.run(), request);
        match named {
            Err(fault) => Some(fault),
            Ok(None) => None,
            Ok(Some(record)) => match self.actions.prove(record).await {
                Ok(proof) => guard::unproven(&proof, request.input["key"].as_str().unwrap_or_default()),
                Err(fault) => Some(guard::unread(fault)),
            },
        }
    }

    async fn answer(&self, effect: &Effect, desk: &Desk<'_>) -> Result<Reply> {
        let event = match effect {
            Effect::Ask { place, question } => return question::put(place, question, desk).await,
            Effect::Act { place, request, since, timeout, .. } if request.action == "wait" => {
                match wait::reading(request) {
                    Some(reading) => self.read(place, &reading, *timeout, desk).await?,
                    None => wait::sleep(place, request, *since, desk).await,
                }
            }
            Effect::Act { place, request, timeout, progress, .. } => {
                self.act(place, request, *timeout, progress.as_ref(), desk).await?
            }
            Effect::Undo { place, request, timeout, progress, .. } => {
                self.act(place, request, *timeout, progress.as_ref(), desk).await?
            }
            Effect::Read { place, request, timeout } => self.read(place, request, *timeout, desk).await?,
            Effect::Measure { place, request, aspects } => {
                let (radius, evidence) = self.actions.measure(request, aspects, desk).await?;
                Event::Measured { place: place.clone(), radius, evidence }
            }
            Effect::Tell { escalation, channel, attempt, request, .. } => {
                let (sent, evidence) = self.actions.notify(request, *attempt, desk).await?;
                let (escalation, channel, attempt) = (*escalation, channel.clone(), *attempt);
                Event::Notified { escalation, channel, attempt, sent, evidence }
            }
            Effect::Probe { place, request, since } => {
                let place = place.clone();
                let progress = desk.run().reached(&place).cloned();
                match self.actions.probe(request, *since, progress.as_ref(), desk).await? {
                    Probed::Settled { verdict, because, outputs, evidence } => {
                        Event::Settled { place, verdict, because, outputs, evidence }
                    }
                    Probed::Unsettled { because, seen, evidence } => {
                        Event::Unsettled { place, because, seen, evidence }
                    }
                }
            }
        };
        Ok(Reply::Event(event))
    }
}

/// The evidence of the one, then that of the other; what stood before is the latter's.
fn both(mut one: Evidence, other: Evidence) -> Evidence {
    one.artifacts.extend(other.artifacts);
    one.calls.extend(other.calls);
    one.before = other.before;
    one
}

impl Executor for Live {
    fn perform<'a>(&'a self, effect: &'a Effect, desk: &'a Desk<'a>) -> Soon<'a, Result<Reply>> {
        Box::pin(self.answer(effect, desk))
    }

    fn survey<'a>(&'a self, desk: &'a Desk<'a>) -> Soon<'a, Result<Option<Survey>>> {
        Box::pin(self.actions.survey(desk))
    }
}

//! What a run knows of its own calls: of events that AWS tells, those that it caused itself
//! are told apart by the ids of its requests.

use std::collections::BTreeSet;

use serde_json::Value;

use super::event::Event;
use super::state::Run;
use super::traces::{Call, Evidence};

impl Event {
    /// What the act behind it left behind, where it is an act's end or a reading.
    #[must_use]
    pub const fn evidence(&self) -> Option<&Evidence> {
        match self {
            Self::Succeeded { evidence, .. }
            | Self::Failed { evidence, .. }
            | Self::Observed { evidence, .. }
            | Self::Notified { evidence, .. }
            | Self::Measured { evidence, .. }
            | Self::Settled { evidence, .. }
            | Self::Unsettled { evidence, .. } => Some(evidence),
            _ => None,
        }
    }
}

/// Checking the record of another run tells, beside all else, what that run sent to KMS.
const VERIFY: &str = "evidence.verify";

/// Ids of the requests to KMS behind an event. Readings are not among them.
pub fn sent_to_kms(event: &Event) -> impl Iterator<Item = &str> {
    let calls = event.evidence().into_iter().flat_map(|evidence| &evidence.calls);
    calls.filter(|call| touches_a_key(call)).filter_map(|call| call.request_id.as_deref())
}

impl Run {
    /// Whether the run sent this request to KMS itself, or a run did whose sealed record it has
    /// checked and found whole. Readings are not remembered.
    #[must_use]
    pub fn sent(&self, request_id: &str) -> bool {
        self.own.contains(request_id)
    }

    pub(super) fn remember_calls(&mut self, event: &Event) {
        self.own.extend(sent_to_kms(event).map(str::to_owned));
        let earlier = self.sent_by_another(event);
        self.own.extend(earlier);
    }

    /// What a run sent whose record holds. One that does not might say anything.
    fn sent_by_another(&self, event: &Event) -> BTreeSet<String> {
        let Event::Succeeded { place, outputs, .. } = event else { return BTreeSet::new() };
        let verified = self.playbook.step(&place.step).is_some_and(|(_, step)| step.action.name() == VERIFY);
        let sent = outputs["sent"].as_array().filter(|_| verified && outputs["holds"] == true);
        sent.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }
}

fn touches_a_key(call: &Call) -> bool {
    let reads = ["Describe", "Get", "List"].iter().any(|verb| call.operation.starts_with(verb));
    call.service.eq_ignore_ascii_case("kms") && !reads
}

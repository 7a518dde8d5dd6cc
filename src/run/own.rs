//! What a run knows of its own calls: of events that AWS tells, those that it caused itself
//! are told apart by the ids of its requests.

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

impl Run {
    /// Whether the run sent this request to KMS itself. Readings are not remembered.
    #[must_use]
    pub fn sent(&self, request_id: &str) -> bool {
        self.own.contains(request_id)
    }

    pub(super) fn remember_calls(&mut self, event: &Event) {
        let calls = event.evidence().into_iter().flat_map(|evidence| &evidence.calls);
        let own = calls.filter(|call| touches_a_key(call)).filter_map(|call| call.request_id.clone());
        self.own.extend(own);
    }
}

fn touches_a_key(call: &Call) -> bool {
    let reads = ["Describe", "Get", "List"].iter().any(|verb| call.operation.starts_with(verb));
    call.service.eq_ignore_ascii_case("kms") && !reads
}

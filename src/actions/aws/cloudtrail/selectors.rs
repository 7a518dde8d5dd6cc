//! What a trail's selectors let through (CloudTrail user guide, "Logging management
//! events": KMS events can be left out, and its cryptographic calls are read events).

use aws_sdk_cloudtrail::operation::get_event_selectors::GetEventSelectorsOutput;
use aws_sdk_cloudtrail::types::{AdvancedEventSelector, AdvancedFieldSelector, EventSelector, ReadWriteType};

const KMS: &str = "kms.amazonaws.com";

/// Whether every management event of KMS is recorded, reads and writes.
pub(super) fn records_kms(selectors: &GetEventSelectorsOutput) -> bool {
    let basic: Vec<_> = selectors.event_selectors().iter().filter_map(basic).collect();
    let advanced: Vec<_> = selectors.advanced_event_selectors().iter().filter_map(advanced).collect();
    let all: Vec<_> = basic.into_iter().chain(advanced).collect();
    all.iter().any(|covers| covers.reads) && all.iter().any(|covers| covers.writes)
}

/// Which KMS events one selector lets through.
#[derive(Clone, Copy)]
struct Covers {
    reads: bool,
    writes: bool,
}

fn basic(selector: &EventSelector) -> Option<Covers> {
    let excluded = selector.exclude_management_event_sources().iter().any(|source| source == KMS);
    // Absent means both, as the API reference's defaults have it.
    let counts = selector.include_management_events().unwrap_or(true) && !excluded;
    let kind = selector.read_write_type().unwrap_or(&ReadWriteType::All);
    counts.then_some(Covers {
        reads: *kind != ReadWriteType::WriteOnly,
        writes: *kind != ReadWriteType::ReadOnly,
    })
}

fn advanced(selector: &AdvancedEventSelector) -> Option<Covers> {
    let mut covers = Covers { reads: true, writes: true };
    let mut management = false;
    for field in selector.field_selectors() {
        match field.field() {
            "eventCategory" => management = field.equals().iter().any(|value| value == "Management"),
            "eventSource" if passes_kms(field) => {}
            "readOnly" => {
                let says = |wanted: &str| {
                    field.equals().is_empty() || field.equals().iter().any(|value| value == wanted)
                };
                (covers.reads, covers.writes) = (says("true"), says("false"));
            }
            // Any other condition lets only some of the events through.
            _ => return None,
        }
    }
    management.then_some(covers)
}

fn passes_kms(field: &AdvancedFieldSelector) -> bool {
    let wanted = field.equals().is_empty() || field.equals().iter().any(|value| value == KMS);
    let begins = field.starts_with().is_empty()
        || field.starts_with().iter().any(|value| KMS.starts_with(value.as_str()));
    let ends =
        field.ends_with().is_empty() || field.ends_with().iter().any(|value| KMS.ends_with(value.as_str()));
    let unwanted = field.not_equals().iter().any(|value| value == KMS)
        || field.not_starts_with().iter().any(|value| KMS.starts_with(value.as_str()))
        || field.not_ends_with().iter().any(|value| KMS.ends_with(value.as_str()));
    wanted && begins && ends && !unwanted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(basic: Option<EventSelector>, advanced: Vec<AdvancedEventSelector>) -> GetEventSelectorsOutput {
        let basic = basic.map(|selector| vec![selector]);
        GetEventSelectorsOutput::builder()
            .set_event_selectors(basic)
            .set_advanced_event_selectors(Some(advanced))
            .build()
    }

    fn field(name: &str) -> aws_sdk_cloudtrail::types::builders::AdvancedFieldSelectorBuilder {
        AdvancedFieldSelector::builder().field(name)
    }

    fn management(more: Option<AdvancedFieldSelector>) -> AdvancedEventSelector {
        let category = field("eventCategory").equals("Management").build().expect("a field");
        let fields = std::iter::once(category).chain(more).collect();
        AdvancedEventSelector::builder().set_field_selectors(Some(fields)).build().expect("a selector")
    }

    #[test]
    fn a_trail_that_leaves_kms_out_does_not_record_it() {
        let all =
            EventSelector::builder().include_management_events(true).read_write_type(ReadWriteType::All);
        assert!(records_kms(&output(Some(all.clone().build()), Vec::new())));
        assert!(!records_kms(&output(
            Some(all.clone().exclude_management_event_sources(KMS).build()),
            Vec::new()
        )));
        assert!(!records_kms(&output(
            Some(all.clone().include_management_events(false).build()),
            Vec::new()
        )));
        assert!(!records_kms(&output(
            Some(all.read_write_type(ReadWriteType::WriteOnly).build()),
            Vec::new()
        )));
        assert!(!records_kms(&output(None, Vec::new())));
    }

    #[test]
    fn advanced_selectors_say_the_same_in_their_own_way() {
        assert!(records_kms(&output(None, vec![management(None)])));
        let without = field("eventSource").not_equals(KMS).build().expect("a field");
        assert!(!records_kms(&output(None, vec![management(Some(without))])));
        let reads = || management(Some(field("readOnly").equals("true").build().expect("a field")));
        let writes = || management(Some(field("readOnly").equals("false").build().expect("a field")));
        assert!(!records_kms(&output(None, vec![reads()])));
        assert!(records_kms(&output(None, vec![reads(), writes()])));
        let some = field("eventName").equals("Decrypt").build().expect("a field");
        assert!(!records_kms(&output(None, vec![management(Some(some))])));
    }
}

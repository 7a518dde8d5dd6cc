//! Who still wants a key after it was disabled: those who would miss it.

use chrono::{DateTime, Utc};

use super::event::Event;
use crate::text::is_cryptographic;

/// Whether somebody used a key, or tried to. Who only reads its state does not. To ask for a
/// grant is to want the key: services do so before they use it for somebody. So it is to ask
/// for a replica of it, which decrypts what it decrypts.
#[must_use]
pub fn is_use(event: &Event) -> bool {
    let name = event.name();
    let asks_for_more = matches!(name, "CreateGrant" | "ReplicateKey");
    event.source() == "kms.amazonaws.com" && (is_cryptographic(name) || asks_for_more)
}

/// What switches a key off, and what switches it on again. A deletion that is taken back leaves
/// the key disabled, so that `CancelKeyDeletion` is neither (AWS KMS API reference).
pub const SWITCHES: [&str; 3] = ["DisableKey", "ScheduleKeyDeletion", ON];
const ON: &str = "EnableKey";

/// Since when a key that is off now is so, by the switches that took effect: since the first
/// that put it off after the last `EnableKey`, so that disabling it once more moves nothing.
///
/// CloudTrail tells whole seconds. Of two switches in one second the key is taken to be on
/// last; unless nothing came after them, for then it would be on now.
#[must_use]
pub fn disabled_since<'e>(switches: impl IntoIterator<Item = &'e Event>) -> Option<DateTime<Utc>> {
    let took = switches.into_iter().filter(|event| event.error().is_none());
    let took = took.filter(|event| SWITCHES.contains(&event.name()));
    let took: Vec<_> = took.filter_map(|event| Some((event.time()?, event.name() == ON))).collect();
    let off = || took.iter().filter(|(_, on)| !on).map(|(at, _)| *at);
    let on = took.iter().filter(|(_, on)| *on).map(|(at, _)| *at).max();
    off().filter(|at| Some(*at) > on).min().or_else(|| off().find(|at| Some(*at) == on))
}

/// Whether an event came after the key was disabled. In the very second only what failed did:
/// what succeeded found the key enabled. An event that tells no time is taken to be late.
#[must_use]
pub fn came_after(event: &Event, since: DateTime<Utc>) -> bool {
    event.time().is_none_or(|at| at > since || (at == since && event.error().is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(second: u32, name: &str, error: &str) -> Event {
        let error = if error.is_empty() { String::new() } else { format!(r#","errorCode":"{error}""#) };
        let text = format!(
            r#"{{"eventTime":"2026-11-22T03:00:{second:02}Z","eventSource":"kms.amazonaws.com","eventName":"{name}"{error}}}"#
        );
        Event::read(text.as_bytes()).unwrap()
    }

    fn at(second: u32) -> DateTime<Utc> {
        format!("2026-11-22T03:00:{second:02}Z").parse().unwrap()
    }

    #[test]
    fn a_key_is_disabled_since_it_was_first_and_not_since_it_was_last() {
        let (off, again, on) =
            (event(5, "DisableKey", ""), event(9, "DisableKey", ""), event(7, "EnableKey", ""));
        assert_eq!(disabled_since([&again, &off]), Some(at(5)));
        assert_eq!(disabled_since([&again, &off, &on]), Some(at(9)));
        assert_eq!(disabled_since([&off, &on]), None);
        let refused = event(7, "EnableKey", "AccessDenied");
        assert_eq!(disabled_since([&off, &refused]), Some(at(5)), "what was refused switched nothing");
        let at_once = event(5, "EnableKey", "");
        assert_eq!(disabled_since([&at_once, &off, &again]), Some(at(9)), "in one second it may be on last");
        assert_eq!(
            disabled_since([&at_once, &off]),
            Some(at(5)),
            "but it is disabled, and nothing came after"
        );
        assert_eq!(disabled_since([]), None);
    }

    #[test]
    fn a_key_whose_deletion_was_scheduled_is_off_since_then_also_where_that_was_taken_back() {
        let (scheduled, taken_back) =
            (event(5, "ScheduleKeyDeletion", ""), event(7, "CancelKeyDeletion", ""));
        assert_eq!(disabled_since([&scheduled]), Some(at(5)));
        assert_eq!(disabled_since([&taken_back, &scheduled]), Some(at(5)), "it is disabled then");
        assert_eq!(disabled_since([&event(3, "DisableKey", ""), &scheduled]), Some(at(3)));
        assert_eq!(disabled_since([&scheduled, &taken_back, &event(9, "EnableKey", "")]), None);
    }

    #[test]
    fn only_what_needs_the_key_itself_is_a_use_whether_it_succeeded_or_not() {
        for name in ["Decrypt", "GenerateDataKey", "ReEncrypt", "CreateGrant", "ReplicateKey", "Sign"] {
            assert!(is_use(&event(1, name, "")) && is_use(&event(1, name, "DisabledException")), "{name}");
        }
        for name in ["DescribeKey", "GetKeyPolicy", "ListGrants", "DisableKey", "ListAliases", ""] {
            assert!(!is_use(&event(1, name, "")), "{name}");
        }
        let elsewhere = r#"{"eventSource":"signer.amazonaws.com","eventName":"Sign"}"#;
        assert!(!is_use(&Event::read(elsewhere.as_bytes()).unwrap()));
    }

    #[test]
    fn in_the_second_in_which_it_was_disabled_only_what_failed_came_after() {
        assert!(!came_after(&event(4, "Decrypt", "DisabledException"), at(5)));
        assert!(!came_after(&event(5, "Decrypt", ""), at(5)));
        assert!(came_after(&event(5, "Decrypt", "DisabledException"), at(5)));
        assert!(came_after(&event(6, "Decrypt", ""), at(5)));
        assert!(came_after(&Event::read(b"{}").unwrap(), at(5)));
    }
}

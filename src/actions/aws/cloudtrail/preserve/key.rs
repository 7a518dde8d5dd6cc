//! The key under incident, by every name that it has.

use std::collections::BTreeSet;

use super::coverage::Coverage;
use crate::actions::aws::arn::Arn;
use crate::actions::aws::kms;
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;

/// Its forms: bare id, ARN, aliases by name and ARN, replicas.
#[derive(Debug, Default)]
pub(super) struct Key {
    pub(super) forms: BTreeSet<String>,
}

impl Key {
    /// The forms that are given, and all that KMS tells of them. A key that cannot be
    /// described any more is known by what is given alone.
    pub(super) async fn of(order: &Order<'_>, coverage: &mut Coverage) -> Result<Self, Stop> {
        let inputs = order.inputs();
        let mut given: Vec<&str> = inputs.optional_text("key")?.into_iter().collect();
        given.extend(inputs.texts("forms")?);
        given.retain(|form| !form.is_empty());
        let mut forms: BTreeSet<String> = given.iter().map(|form| (*form).to_owned()).collect();
        if let Some(name) = most_telling(&given) {
            match kms::every_form(order, name).await {
                Ok((known, unread)) => {
                    forms.extend(known);
                    for what in unread {
                        coverage.note(format!("{what}: not looked for"));
                    }
                }
                Err(Stop::Fault(fault)) => coverage.note(format!(
                    "key {name}: its other names could not be read, and only those that were given are looked for: {}",
                    fault.message
                )),
                Err(stop) => return Err(stop),
            }
        }
        Ok(Self { forms })
    }

    /// Whether a name of a key, as S3 and CloudTrail write it, is one of this key.
    pub(super) fn is(&self, named: &str) -> bool {
        self.forms.contains(named)
    }
}

/// What says in which Region the key is, else what comes first.
fn most_telling<'a>(given: &[&'a str]) -> Option<&'a str> {
    let arn = given.iter().find(|form| Arn::parse(form).is_some_and(|arn| arn.service == "kms"));
    arn.or(given.first()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_tells_more_than_an_id() {
        let arn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        assert_eq!(most_telling(&["alias/pii", arn]), Some(arn));
        assert_eq!(most_telling(&["alias/pii", "1234abcd"]), Some("alias/pii"));
        assert_eq!(most_telling(&[]), None);
    }
}

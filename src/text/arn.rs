//! Amazon resource names: `arn:partition:service:region:account:resource`
//! (AWS General Reference, "Amazon Resource Names").

/// The parts of an ARN, as they stand in its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arn<'a> {
    pub partition: &'a str,
    pub service: &'a str,
    pub region: &'a str,
    pub account: &'a str,
    /// Everything after the account: `key/…`, `role/path/name`, `alias/name`.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Reads an ARN; `None` for any other text.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let head = parts.next()?;
        let (partition, service) = (parts.next()?, parts.next()?);
        let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
        let whole = head == "arn" && !partition.is_empty() && !service.is_empty() && !resource.is_empty();
        whole.then_some(Self { partition, service, region, account, resource })
    }

    /// The name of the role of an assumed-role session, `sts::…:assumed-role/NAME/SESSION`.
    #[must_use]
    pub fn session_role(&self) -> Option<&'a str> {
        let rest = (self.service == "sts").then(|| self.resource.strip_prefix("assumed-role/")).flatten()?;
        let (role, session) = rest.split_once('/')?;
        (!role.is_empty() && !session.is_empty()).then_some(role)
    }

    /// The bare name of a role or user, without its path.
    #[must_use]
    pub fn name(&self) -> Option<&'a str> {
        let path = self.resource.strip_prefix("role/").or_else(|| self.resource.strip_prefix("user/"))?;
        path.rsplit('/').next().filter(|name| !name.is_empty())
    }
}

/// Whether a text has the shape of a Region, `eu-west-1` or `us-gov-east-1`. A Region becomes
/// part of a host name, so that anything else is kept away from it.
#[must_use]
pub fn is_region(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let Some((number, words)) = parts.split_last() else { return false };
    let word = |part: &&str| (2..=12).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_lowercase());
    words.len() >= 2
        && words.len() <= 4
        && words.iter().all(word)
        && (1..=2).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_falls_into_its_parts_and_other_text_into_none() {
        let arn = Arn::parse("arn:aws:kms:eu-west-1:111122223333:alias/a:b").expect("an ARN");
        assert_eq!(
            (arn.service, arn.region, arn.account, arn.resource),
            ("kms", "eu-west-1", "111122223333", "alias/a:b")
        );
        for text in ["", "arn", "arn:aws:kms:eu-west-1:1", "alias/x", "arn:aws:kms:eu-west-1:111122223333:"] {
            assert_eq!(Arn::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_session_names_its_role() {
        let session = Arn::parse("arn:aws:sts::111122223333:assumed-role/responder/on-call").expect("an ARN");
        assert_eq!(session.session_role(), Some("responder"));
        let role = Arn::parse("arn:aws:iam::111122223333:role/team/a/responder").expect("an ARN");
        assert_eq!((role.session_role(), role.name()), (None, Some("responder")));
    }

    #[test]
    fn regions_look_like_regions() {
        for region in ["us-east-1", "eu-central-2", "us-gov-west-1", "ap-southeast-10", "us-iso-east-1"] {
            assert!(is_region(region), "{region}");
        }
        for text in [
            "",
            "us-east",
            "us-east-1.evil.example",
            "US-EAST-1",
            "us_east_1",
            "1-2-3",
            "us-east-1/",
            "eu-west-x",
        ] {
            assert!(!is_region(text), "{text}");
        }
    }
}

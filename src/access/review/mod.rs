//! Who can do one thing with one key: everybody who may have a say, each with an answer.
//!
//! The population is every user, role and the root of the key's account, whoever the key
//! policy names, and every grantee. It adds up: who is not reviewed is excluded with a
//! reason, or unknown.

mod card;
mod context;
mod gather;
mod people;
mod reach;
mod told;
mod used;

use super::account::Account;
use super::evaluate::{Answer, Grant, Held, Layers, Verdict, decide};
use super::policy::Policy;
use super::usage::key::KeyUse;
use super::usage::{Usage, Uses};

pub use card::{because, cards};
pub use gather::{Files, Gap, Gathered, gather};
pub use people::Person;
pub use reach::Route;
pub use told::{dormant, told};
pub use used::{asked_of, unasked};

/// With these a principal gives the key to itself: by key policy, by grant, or by IAM where
/// the key policy leaves it to IAM.
pub const SELF_SERVICE: &[&str] = &["kms:PutKeyPolicy", "kms:CreateGrant"];

/// Edits of IAM by which a user or a role gets more, with the ending of the ARN they act on.
pub const IAM_EDITS: &[&str] =
    &["iam:AttachRolePolicy", "iam:AttachUserPolicy", "iam:PutRolePolicy", "iam:PutUserPolicy"];

const ASSUME: &str = "sts:AssumeRole";

/// Every action that a review asks for, so that only statements about them are kept.
#[must_use]
pub fn actions(action: &str) -> Vec<&str> {
    [&[action, ASSUME], SELF_SERVICE, IAM_EDITS].concat()
}

/// The key in question.
#[derive(Clone, Debug)]
pub struct Key {
    pub arn: String,
    pub account: String,
    /// `Enabled`, `Disabled`, ...; nothing where DescribeKey was not collected.
    pub state: Option<String>,
    /// Context keys that the key itself decides, such as `kms:KeySpec`.
    pub facts: Vec<(String, String)>,
}

/// Everything that was collected. What was not, says so.
#[derive(Debug)]
pub struct Collected {
    pub account: Account,
    pub key: Key,
    pub key_policy: Held<Policy>,
    pub grants: Held<Vec<Grant>>,
    pub scps: Held<Vec<Vec<Policy>>>,
    pub rcps: Held<Vec<Vec<Policy>>>,
    pub usage: Usage,
}

#[derive(Debug)]
pub struct Finding {
    pub person: Person,
    pub answer: Answer,
    /// What it may do to give the key to itself.
    pub self_service: Vec<String>,
    /// Who gets there by assuming this role.
    pub routes: Vec<Route>,
    /// When it last used the key, by every source.
    pub uses: Uses,
}

/// Somebody who is not reviewed, and why.
#[derive(Debug)]
pub struct Excluded {
    pub name: String,
    pub why: String,
}

#[derive(Debug)]
pub struct Review {
    pub findings: Vec<Finding>,
    pub excluded: Vec<Excluded>,
    /// After its last use nobody used the key.
    pub key_use: Option<KeyUse>,
}

impl Review {
    /// How many got an answer other than `Unknown`.
    #[must_use]
    pub fn reviewed(&self) -> usize {
        self.findings.len() - self.unknown()
    }

    #[must_use]
    pub fn unknown(&self) -> usize {
        self.findings.iter().filter(|finding| finding.answer.verdict == Verdict::Unknown).count()
    }

    #[must_use]
    pub fn population(&self) -> usize {
        self.findings.len() + self.excluded.len()
    }
}

/// Asks for everybody.
#[must_use]
pub fn review(collected: &Collected, action: &str) -> Review {
    let (people, excluded) = people::population(collected);
    let using = used::Using::new(collected, action);
    let answer = |person: Person| {
        let answer = ask(collected, &person, action, &collected.key.arn);
        let (self_service, uses) = (self_service(collected, &person), using.by(&person, &answer));
        Finding { self_service, person, answer, routes: Vec::new(), uses }
    };
    let mut findings: Vec<Finding> = people.into_iter().map(answer).collect();
    reach::add_routes(collected, &mut findings);
    findings.sort_by(|one, other| {
        let order = |finding: &Finding| (finding.answer.verdict, finding.person.name.clone());
        order(one).cmp(&order(other))
    });
    Review { findings, excluded, key_use: collected.usage.key.clone() }
}

/// One person, one action.
fn ask(collected: &Collected, person: &Person, action: &str, resource: &str) -> Answer {
    let request = person.request(&collected.key, action, resource);
    let on_key = resource == collected.key.arn;
    let layers = Layers {
        identity: person.identity(),
        resource: if on_key { borrowed(&collected.key_policy, |policy| policy) } else { Held::Absent },
        boundary: person.boundary.as_deref().map_or(Held::Absent, Held::Given),
        sessions: Held::Absent,
        scps: person.guardrails(&collected.scps, &collected.key),
        rcps: if on_key { borrowed(&collected.rcps, |levels| people::levels(levels)) } else { Held::Absent },
        grants: if on_key { borrowed(&collected.grants, Vec::as_slice) } else { Held::Absent },
    };
    decide(&request, &layers)
}

fn borrowed<'a, T, U>(held: &'a Held<T>, view: impl Fn(&'a T) -> U) -> Held<U> {
    match held {
        Held::Given(given) => Held::Given(view(given)),
        Held::Absent => Held::Absent,
        Held::Unknown(what) => Held::Unknown(what.clone()),
    }
}

/// The actions by which somebody of the account gives the key, or IAM permissions, to
/// itself, where they are not denied.
fn self_service(collected: &Collected, person: &Person) -> Vec<String> {
    let open = |action: &&&str, resource: &str| {
        matches!(
            ask(collected, person, action, resource).verdict,
            Verdict::Allowed | Verdict::AllowedIf | Verdict::Unknown
        )
    };
    let on_key = SELF_SERVICE.iter().filter(|action| open(action, &collected.key.arn));
    let own = person.own_arn.as_deref();
    let edits = IAM_EDITS.iter().filter(|action| {
        let kind = if action.contains("Role") { ":role/" } else { ":user/" };
        own.is_some_and(|own| own.contains(kind) && person.may_concern(action) && open(action, own))
    });
    on_key.chain(edits).map(|action| (*action).to_owned()).collect()
}

//! Who can do one thing with one key: everybody who may have a say, each with an answer.
//!
//! The population is every user, role and the root of the key's account, whoever the key
//! policy names, and every grantee. It adds up: who is not reviewed is excluded with a
//! reason, or unknown.

mod card;
mod context;
mod gather;
mod people;
mod question;
mod reach;
mod residents;
mod told;
mod used;

use std::sync::Arc;

use super::account::Account;
use super::evaluate::{Answer, Grant, Held, Verdict};
use super::policy::Policy;
use super::usage::key::KeyUse;
use super::usage::{Usage, Uses};
use question::Question;

pub use card::{because, cards};
pub use gather::{Files, Gap, Gathered, Shared, gather};
pub use people::Person;
pub use reach::{Route, Routes, TOLD};
pub use residents::{Residents, Seat};
pub use told::{Told, dormant, told};
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
    /// Its `KeyManager` is AWS, and not the customer.
    pub is_managed_by_aws: bool,
}

/// Everything that was collected. What was not, says so.
/// What all keys of an account share is there once.
#[derive(Debug)]
pub struct Collected {
    pub account: Arc<Account>,
    pub key: Key,
    pub key_policy: Held<Policy>,
    pub grants: Held<Vec<Grant>>,
    pub scps: Arc<Held<Vec<Vec<Policy>>>>,
    pub rcps: Arc<Held<Vec<Vec<Policy>>>>,
    pub usage: Usage,
}

#[derive(Debug)]
pub struct Finding {
    pub person: Arc<Person>,
    pub answer: Arc<Answer>,
    /// What it may do to give the key to itself.
    pub self_service: Vec<&'static str>,
    /// Who gets there by assuming this role, or others first.
    pub routes: Arc<Routes>,
    /// When it last used the key, by every source.
    pub uses: Uses,
}

/// Somebody who is not reviewed, and why.
#[derive(Clone, Debug)]
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
    Residents::of(collected).review(collected, action)
}

impl Residents {
    /// Asks for everybody, for one of the keys that they fit.
    #[must_use]
    pub fn review(&self, collected: &Collected, action: &str) -> Review {
        let (others, mut excluded) = people::others(self, collected);
        excluded.splice(0..0, self.excluded.iter().cloned());
        let others = others.into_iter().map(|mut person| {
            person.edits = residents::edits(&person, &collected.key, &collected.scps);
            Arc::new(person)
        });
        let mut asking = Asking::new(self, collected, action);
        let mut findings: Vec<Finding> =
            self.people.iter().cloned().chain(others).map(|person| asking.finding(person)).collect();
        findings.sort_by(|one, other| {
            let verdicts = one.answer.verdict.cmp(&other.answer.verdict);
            verdicts.then_with(|| one.person.name.cmp(&other.person.name))
        });
        Review { findings, excluded, key_use: collected.usage.key.clone() }
    }
}

/// Everything that is asked of each.
struct Asking<'a> {
    residents: &'a Residents,
    action: Question<'a>,
    self_service: Vec<(&'static str, Question<'a>)>,
    using: used::Using<'a>,
    no_routes: Arc<Routes>,
}

impl<'a> Asking<'a> {
    fn new(residents: &'a Residents, collected: &'a Collected, action: &'a str) -> Self {
        let on_key = |action: &&'static str| (*action, Question::on_key(collected, action));
        Self {
            residents,
            action: Question::on_key(collected, action),
            self_service: SELF_SERVICE.iter().map(on_key).collect(),
            using: used::Using::new(collected, action),
            no_routes: Arc::default(),
        }
    }

    fn finding(&mut self, person: Arc<Person>) -> Finding {
        let answer = self.action.ask(&person);
        let on_key = self.self_service.iter_mut();
        let on_key = on_key.filter_map(|(name, asked)| is_open(asked.ask(&person).verdict).then_some(*name));
        let self_service = on_key.chain(person.edits.iter().copied()).collect();
        let leads = is_open(answer.verdict) && person.trust.is_some();
        let routes = if leads { self.residents.routes(&person) } else { Arc::clone(&self.no_routes) };
        let uses = self.using.by(&person, &answer);
        Finding { person, answer, self_service, routes, uses }
    }
}

/// Whether somebody is not denied.
const fn is_open(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Allowed | Verdict::AllowedIf | Verdict::Unknown)
}

fn borrowed<'a, T, U>(held: &'a Held<T>, view: impl Fn(&'a T) -> U) -> Held<U> {
    match held {
        Held::Given(given) => Held::Given(view(given)),
        Held::Absent => Held::Absent,
        Held::Unknown(what) => Held::Unknown(what.clone()),
    }
}

#[cfg(test)]
mod tests;

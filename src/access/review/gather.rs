//! Everything that AWS returned about one key, put together from files, unchanged as they
//! came. Where the files lie is for others to know.

use crate::access::account::{Account, Page};
use crate::access::evaluate::{Grant, Held};
use crate::access::json::{self, Flaw, Node, Places};
use crate::access::matching::Arn;
use crate::access::policy::{Kind, Policy};
use crate::access::simulate::{grants, read_levels, read_policy};
use crate::text::Position;

use super::{Collected, Key, actions, used};

/// The files of one collection, by name.
pub trait Files {
    /// Why a file that is there cannot be read.
    type Error;

    /// The text of a file; nothing where there is none.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    fn text(&self, name: &str) -> Result<Option<String>, Self::Error>;

    /// The names of the files in a folder of it, in order; none where there is no such folder.
    /// One listing stands for thousands of files that may not be there.
    ///
    /// # Errors
    /// When the folder is there and cannot be read.
    fn names(&self, folder: &str) -> Result<Vec<String>, Self::Error>;
}

/// Everything that was there, and a sentence for everything that was not.
#[derive(Debug)]
pub struct Gathered {
    pub collected: Collected,
    pub missing: Vec<String>,
    /// GetKeyLastUsage, as it came.
    pub last_usage: Option<serde_json::Value>,
}

/// Why a collection is none.
#[derive(Debug)]
pub enum Gap<E> {
    /// A file cannot be read.
    Unread(E),
    /// A file is not what it should be.
    Broken { file: String, position: Position, message: String },
    /// A file that has to be there is not.
    Absent { file: String },
    /// Nothing says which key is meant.
    Misnamed { message: String, hint: String },
    /// What is there does not fit together.
    Unfit { message: String, hint: String },
}

/// Reads the files of a collection about one key and one action.
///
/// # Errors
/// When a file cannot be read or is broken, when pages of the authorization details are
/// missing, and when the files are about another key.
pub fn gather<F: Files>(files: &F, named: &str, action: &str) -> Result<Gathered, Gap<F::Error>> {
    let mut gathering = Gathering { files, missing: Vec::new() };
    let key = gathering.key(named)?;
    let account = account(files, action)?;
    let key_policy = gathering.key_policy(action)?;
    let grants = gathering.grants()?;
    let scps = gathering.levels("scps.json", "service", "SCP", Kind::Identity)?;
    let rcps = gathering.levels("rcps.json", "resource", "RCP", Kind::ResourceControl)?;
    let (usage, last_usage) = used::gather(files, &key, action, &account, &mut gathering.missing)?;
    let missing = gathering.missing;
    Ok(Gathered {
        collected: Collected { account, key, key_policy, grants, scps, rcps, usage },
        missing,
        last_usage,
    })
}

struct Gathering<'f, F> {
    files: &'f F,
    missing: Vec<String>,
}

impl<F: Files> Gathering<'_, F> {
    fn key(&mut self, named: &str) -> Result<Key, Gap<F::Error>> {
        let file = "describe-key.json";
        let Some(text) = text_of(self.files, file)? else {
            self.missing.push(format!("{file} is not there: the state of the key"));
            return bare_key(named);
        };
        let node = json::parse(&text).map_err(|flaw| broken(file, &text, &flaw))?;
        described_key(&node, named, &text)
    }

    fn key_policy(&mut self, action: &str) -> Result<Held<Policy>, Gap<F::Error>> {
        self.held("key-policy.json", "the key policy", |node, places| {
            let document = node.get("Policy").unwrap_or(node);
            Ok(read_policy(document, "key policy", Kind::Resource, places).about_any(&actions(action)))
        })
    }

    fn grants(&mut self) -> Result<Held<Vec<Grant>>, Gap<F::Error>> {
        self.held("grants.json", "the grants of the key", |node, _| {
            if node.get("Truncated").is_some_and(|truncated| truncated.value == json::Value::Bool(true)) {
                let message = "the answer of ListGrants is truncated; all pages have to be there";
                return Err(Flaw::new(node.at, message));
            }
            grants(node)
        })
    }

    fn levels(
        &mut self,
        file: &str,
        word: &str,
        short: &str,
        kind: Kind,
    ) -> Result<Held<Vec<Vec<Policy>>>, Gap<F::Error>> {
        let what =
            format!("the {word} control policies; write [] there if the account is in no organisation");
        self.held(file, &what, |node, places| read_levels(node, short, kind, places))
    }

    /// A file that may be missing; then nobody can say what it holds.
    fn held<T>(
        &mut self,
        file: &str,
        what: &str,
        read: impl FnOnce(&Node<'_>, &mut Places<'_>) -> Result<T, Flaw>,
    ) -> Result<Held<T>, Gap<F::Error>> {
        let Some(text) = text_of(self.files, file)? else {
            let note = format!("{file} is not there: {what}");
            self.missing.push(note.clone());
            return Ok(Held::Unknown(note));
        };
        let node = json::parse(&text).map_err(|flaw| broken(file, &text, &flaw))?;
        let given = read(&node, &mut Places::new(&text)).map_err(|flaw| broken(file, &text, &flaw))?;
        Ok(Held::Given(given))
    }
}

pub(super) fn text_of<F: Files>(files: &F, file: &str) -> Result<Option<String>, Gap<F::Error>> {
    files.text(file).map_err(Gap::Unread)
}

fn broken<E>(file: &str, text: &str, flaw: &Flaw) -> Gap<E> {
    let position = Places::new(text).position(flaw.at);
    Gap::Broken { file: file.to_owned(), position, message: flaw.message.clone() }
}

/// One file, or pages that are numbered from one and of which the last says so.
fn account<F: Files>(files: &F, action: &str) -> Result<Account, Gap<F::Error>> {
    let actions = actions(action);
    let mut account = Account::default();
    let mut page = |file: &str| -> Result<Option<Page>, Gap<F::Error>> {
        let Some(text) = text_of(files, file)? else { return Ok(None) };
        account.read(&text, &actions).map(Some).map_err(|flaw| broken(file, &text, &flaw))
    };
    let (mut number, mut last) = (0, page("authorization-details.json")?);
    if last.is_none() {
        while let Some(read) = page(&numbered(number + 1))? {
            number += 1;
            last = Some(read);
        }
    }
    let unfit = |message: String| Gap::Unfit {
        message,
        hint: "collect it with `aws iam get-account-authorization-details`, all pages".to_owned(),
    };
    match last {
        Some(Page::Last) if number > 0 && text_of(files, &numbered(number + 2))?.is_some() => {
            Err(unfit(format!("page {} of the authorization details is missing", number + 1)))
        }
        Some(Page::Last) => Ok(account),
        Some(Page::Further) => Err(unfit(
            "the authorization details break off: the last page says that another follows".to_owned(),
        )),
        None => Err(Gap::Absent { file: "authorization-details.json".to_owned() }),
    }
}

fn numbered(page: usize) -> String {
    format!("authorization-details-{page}.json")
}

/// Without an answer of DescribeKey only an ARN says which key and whose it is.
fn bare_key<E>(named: &str) -> Result<Key, Gap<E>> {
    let arn = Arn::parse(named).filter(|arn| arn.service == "kms" && arn.resource.starts_with("key/"));
    match arn {
        Some(arn) => {
            Ok(Key { arn: named.to_owned(), account: arn.account.to_owned(), state: None, facts: Vec::new() })
        }
        None => Err(Gap::Misnamed {
            message: format!("describe-key.json is not there, and `{named}` is no ARN of a key"),
            hint: "give --key the ARN, or collect it with `aws kms describe-key`".to_owned(),
        }),
    }
}

fn described_key<E>(node: &Node<'_>, named: &str, text: &str) -> Result<Key, Gap<E>> {
    let flawed = |flaw: Flaw| broken("describe-key.json", text, &flaw);
    let described = node.get("KeyMetadata").unwrap_or(node);
    let text_at = |name: &str| described.get(name).and_then(Node::text);
    let arn = text_at("Arn").ok_or_else(|| flawed(Flaw::new(described.at, "there is no `Arn` in it")))?;
    let parsed = Arn::parse(arn).filter(|arn| arn.resource.starts_with("key/"));
    let parsed =
        parsed.ok_or_else(|| flawed(Flaw::new(described.at, format!("`{arn}` is no ARN of a key"))))?;
    let id = parsed.resource.trim_start_matches("key/");
    if !named.contains("alias/") && named != arn && named != id {
        return Err(Gap::Unfit {
            message: format!("describe-key.json is about {arn}, and not about {named}"),
            hint: "give the folder of that key, or the key of that folder".to_owned(),
        });
    }
    let names = [("kms:KeySpec", "KeySpec"), ("kms:KeyUsage", "KeyUsage"), ("kms:KeyOrigin", "Origin")];
    let fact = |(key, name): (&str, &str)| Some((key.to_owned(), text_at(name)?.to_owned()));
    Ok(Key {
        arn: arn.to_owned(),
        account: parsed.account.to_owned(),
        state: text_at("KeyState").map(str::to_owned),
        facts: names.into_iter().filter_map(fact).collect(),
    })
}

//! What was collected, as values that can be edited.

use serde_json::Value;

use crate::access::review::{Files, Gap};
use crate::text::Position;

/// A copy of the collection. What is edited is told from here; the rest from where it lies.
#[derive(Debug)]
pub struct Books<'f, F> {
    files: &'f F,
    pages: Vec<(String, Value)>,
    pub(super) key_policy: Option<Value>,
    pub(super) grants: Option<Value>,
}

const KEY_POLICY: &str = "key-policy.json";
const GRANTS: &str = "grants.json";

impl<'f, F: Files> Books<'f, F> {
    /// # Errors
    /// When a file cannot be read, or is no JSON.
    pub fn open(files: &'f F) -> Result<Self, Gap<F::Error>> {
        let mut pages = Vec::new();
        let whole = "authorization-details.json".to_owned();
        let numbered = (1_usize..).map(|page| format!("authorization-details-{page}.json"));
        for name in std::iter::once(whole).chain(numbered) {
            match value(files, &name)? {
                Some(page) => pages.push((name, page)),
                None if name == "authorization-details.json" => {}
                None => break,
            }
        }
        let (key_policy, grants) = (value(files, KEY_POLICY)?, value(files, GRANTS)?);
        Ok(Self { files, pages, key_policy: key_policy.map(unwrapped), grants })
    }

    /// A user, role or group by a field of it.
    pub(super) fn element(&mut self, list: &str, field: &str, wanted: &str) -> Option<&mut Value> {
        let lists = self.pages.iter_mut().filter_map(|(_, page)| page.get_mut(list)?.as_array_mut());
        lists.flatten().find(|element| element.get(field).and_then(Value::as_str) == Some(wanted))
    }

    pub(super) fn peek(&self, list: &str, field: &str, wanted: &str) -> Option<&Value> {
        let lists = self.pages.iter().filter_map(|(_, page)| page.get(list)?.as_array());
        lists.flatten().find(|element| element.get(field).and_then(Value::as_str) == Some(wanted))
    }

    /// The grants, as a list.
    pub(super) fn grants(&mut self) -> Option<&mut Vec<Value>> {
        let grants = self.grants.as_mut()?;
        if grants.is_array() { grants.as_array_mut() } else { grants.get_mut("Grants")?.as_array_mut() }
    }
}

impl<F: Files> Files for Books<'_, F> {
    type Error = F::Error;

    fn text(&self, name: &str) -> Result<Option<String>, F::Error> {
        let page = self.pages.iter().find(|(page, _)| page == name).map(|(_, page)| page);
        let edited = match name {
            KEY_POLICY => self.key_policy.as_ref(),
            GRANTS => self.grants.as_ref(),
            _ => page,
        };
        edited.map_or_else(|| self.files.text(name), |value| Ok(Some(value.to_string())))
    }

    fn names(&self, folder: &str) -> Result<Vec<String>, F::Error> {
        self.files.names(folder)
    }
}

fn value<F: Files>(files: &F, name: &str) -> Result<Option<Value>, Gap<F::Error>> {
    let Some(text) = files.text(name).map_err(Gap::Unread)? else { return Ok(None) };
    serde_json::from_str(&text).map(Some).map_err(|error| Gap::Broken {
        file: name.to_owned(),
        position: Position { line: error.line(), column: error.column() },
        message: error.to_string(),
    })
}

/// GetKeyPolicy answers with the document as a text in `Policy`.
fn unwrapped(answer: Value) -> Value {
    match answer.get("Policy") {
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or(answer),
        Some(policy) => policy.clone(),
        None => answer,
    }
}

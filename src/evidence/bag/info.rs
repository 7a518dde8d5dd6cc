//! `bag-info.txt`: what a bag says of itself (RFC 8493, section 2.2.2).

use super::encoding::lines;
use super::findings::Findings;
use super::version::Version;

/// Labels and values in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Info {
    fields: Vec<(String, String)>,
}

impl Info {
    pub fn add(&mut self, label: &str, value: impl ToString) {
        self.fields.push((label.to_owned(), value.to_string().replace(['\r', '\n'], " ")));
    }

    /// The first value under a label.
    #[must_use]
    pub fn get(&self, label: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == label).map(|(_, value)| value.as_str())
    }

    /// All values under a label that the RFC reserves: its case does not matter.
    pub(super) fn all<'a>(&'a self, label: &'a str) -> impl Iterator<Item = &'a str> {
        let fields = self.fields.iter().filter(|(known, _)| known.eq_ignore_ascii_case(label));
        fields.map(|(_, value)| value.as_str())
    }

    #[must_use]
    pub fn text(&self) -> String {
        self.fields.iter().flat_map(|(label, value)| [label, ": ", value, "\n"]).collect()
    }

    /// Reads what [`text`](Self::text) writes; lines of other forms are left out.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let field =
            |line: &str| line.split_once(": ").map(|(label, value)| (label.to_owned(), value.to_owned()));
        Self { fields: text.lines().filter_map(field).collect() }
    }

    /// Reads that of a bag of any version, with values that go on over several lines.
    pub(super) fn read(name: &str, text: &str, version: Version, findings: &mut Findings) -> Self {
        let mut info = Self::default();
        for (index, line) in lines(text).enumerate() {
            let number = index + 1;
            if line.trim().is_empty() {
                findings.since_1_0(version, "bag-info", name, format!("line {number}: it is empty"));
            } else if line.starts_with([' ', '\t']) {
                match info.fields.last_mut() {
                    Some((_, value)) => *value = format!("{value} {}", line.trim_start_matches([' ', '\t'])),
                    None => findings.fault("bag-info", name, format!("line {number}: it continues nothing")),
                }
            } else {
                match field(line, version) {
                    Ok(field) => info.fields.push(field),
                    Err(why) => findings.fault("bag-info", name, format!("line {number}: {why}")),
                }
            }
        }
        info
    }
}

/// `Label: value`; before 1.0 any blanks could stand around the colon, or none.
fn field(line: &str, version: Version) -> Result<(String, String), &'static str> {
    let (label, value) = line.split_once(':').ok_or("there is no colon in it")?;
    if label.trim().is_empty() {
        return Err("there is no label before the colon");
    }
    if version < Version::V1_0 {
        return Ok((label.trim().to_owned(), value.trim().to_owned()));
    }
    if label.trim() != label {
        return Err("there is a blank beside the label");
    }
    match value.strip_prefix([' ', '\t']) {
        Some(value) => Ok((label.to_owned(), value.to_owned())),
        None => Err("there is no blank after the colon"),
    }
}

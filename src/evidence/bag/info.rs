//! `bag-info.txt`: what a bag says of itself (RFC 8493, section 2.2.2).

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
}

//! One spelling for a request, so that one digest names it wherever it is computed.

use serde_json::Value;

use super::effect::Request;
use crate::text::Digest;

impl Request {
    /// The request as JSON with the keys of every object in the order of RFC 8785, section
    /// 3.2.3 (by UTF-16 code units), and without blanks. Numbers stand as `serde_json` writes
    /// them.
    #[must_use]
    pub fn canonical(&self) -> String {
        let whole = serde_json::json!({
            "action": self.action,
            "class": self.class.word(),
            "input": self.input,
        });
        sorted(&whole).to_string()
    }

    /// SHA-256 of the canonical request: what an approval is for.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.canonical().as_bytes())
    }
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
            Value::Object(fields.into_iter().map(|(name, value)| (name.clone(), sorted(value))).collect())
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        scalar => scalar.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::action::Class;
    use serde_json::json;

    #[test]
    fn the_order_in_which_inputs_were_written_does_not_matter() {
        let of = |input: Value| Request { action: "a.b".to_owned(), class: Class::Write, input };
        let one = of(json!({"b": {"y": 1, "x": [2, {"d": 0, "c": 0}]}, "a": "é"}));
        let other = of(json!({"a": "é", "b": {"x": [2, {"c": 0, "d": 0}], "y": 1}}));
        assert_eq!(
            one.canonical(),
            r#"{"action":"a.b","class":"write","input":{"a":"é","b":{"x":[2,{"c":0,"d":0}],"y":1}}}"#
        );
        assert_eq!(one.digest(), other.digest());
        assert_ne!(one.digest(), of(json!({"a": "e"})).digest());
    }

    #[test]
    fn keys_stand_in_the_order_of_rfc_8785() {
        // RFC 8785, section 3.2.3, the example of sorting.
        let input = json!({
            "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh",
            "1": "One", "\u{1f600}": "Emoji: Grinning Face", "\u{80}": "Control",
            "\u{f6}": "Latin Small Letter O With Diaeresis"
        });
        let order: Vec<_> = sorted(&input).as_object().unwrap().values().cloned().collect();
        assert_eq!(
            order,
            [
                "Carriage Return",
                "One",
                "Control",
                "Latin Small Letter O With Diaeresis",
                "Euro Sign",
                "Emoji: Grinning Face",
                "Hebrew Letter Dalet With Dagesh",
            ]
        );
    }
}

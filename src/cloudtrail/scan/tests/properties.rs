//! What holds of any bytes, and of a form that is planted anywhere in any JSON.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// Any JSON, a few levels deep, of texts that are like those of events.
fn values() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[ -~]{0,12}",
        "[\\\\\"/{}\\[\\]:,nu0-9a-f]{0,12}",
        Just("Records".to_owned()),
        Just(format!("{ALIAS}-old")),
        any::<String>(),
    ];
    let leaf = prop_oneof![text.prop_map(Value::from), any::<i32>().prop_map(Value::from), Just(Value::Null)];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[A-Za-z]{1,8}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// An event with what was drawn in it, and with the key where `plant` says, or without.
fn event(value: &Value, plant: Option<(usize, &str)>, number: usize) -> Value {
    let mut event = json!({"eventID": number.to_string(), "a": value, "requestParameters": {}});
    if let Some((place, form)) = plant {
        let arn = format!("arn:aws:kms:us-east-1:111122223333:key/{form}");
        let (member, value) = match place % 5 {
            0 => ("resources", json!([{ "ARN": arn }])),
            1 => ("requestParameters", json!({"keyId": form})),
            2 => ("requestParameters", json!({"context": {form: "x"}})),
            3 => ("policy", Value::from(json!({"Resource": [form]}).to_string())),
            _ => ("errorMessage", Value::from(format!("no\n{form}\tat all"))),
        };
        event[member] = value;
    }
    event
}

/// The same text with some characters written as escapes; `how` decides for each.
fn escaped(text: &str, form: &str, how: u32) -> String {
    let spelled: String = form
        .chars()
        .enumerate()
        .map(|(at, letter)| match (how >> (at % 31) & 1, letter) {
            (1, '/') => "\\/".to_owned(),
            (1, _) if at % 3 == 0 => format!("\\u{:04x}", u32::from(letter)),
            _ => letter.to_string(),
        })
        .collect();
    // Within JSON in a string, escapes are escaped.
    text.replace(&format!(r#"\"{form}\""#), &format!(r#"\"{}\""#, spelled.replace('\\', "\\\\")))
        .replace(&format!(r#""{form}""#), &format!(r#""{spelled}""#))
}

proptest! {
    #[test]
    fn a_planted_form_is_found_wherever_it_is_and_nothing_else_is(
        events in proptest::collection::vec((values(), any::<Option<usize>>(), 0..3_usize, any::<u32>()), 0..8),
        pretty: bool,
        shape in 0..4,
        size in 1..200_usize,
    ) {
        let (mut texts, mut expected) = (Vec::new(), Vec::new());
        for (number, (value, plant, form, how)) in events.iter().enumerate() {
            let form = [KEY, MRK, ALIAS][*form];
            let event = event(value, plant.map(|place| (place, form)), number);
            let text = if pretty && shape != 1 {
                serde_json::to_string_pretty(&event).unwrap()
            } else {
                event.to_string()
            };
            let text = escaped(&text, form, *how);
            let same: Value = serde_json::from_str(&text).unwrap();
            prop_assert!(plant.is_some_and(|place| place % 5 == 3) || same == event);
            if plant.is_some() {
                expected.push(text.replace('\n', " "));
            }
            texts.push(text);
        }
        let file = match shape {
            0 => format!(r#"{{"Records":[{}]}}"#, texts.join(",")),
            1 => texts.join("\n"),
            2 => format!("[{}]", texts.join(",\n")),
            _ => {
                let entries: Vec<_> = texts.iter().map(|text| json!({"CloudTrailEvent": text})).collect();
                json!({"Events": entries}).to_string()
            }
        };
        let forms = forms();
        let (found, flaws, count) = all(file.as_bytes(), &forms);
        prop_assert_eq!(&found, &expected);
        prop_assert_eq!(&flaws, &[]);
        prop_assert_eq!(count, texts.len() as u64);
        let pieces = in_pieces(file.as_bytes(), size, &forms);
        prop_assert_eq!(pieces, (found, flaws, count));
    }

    #[test]
    fn foreign_bytes_neither_panic_nor_hang(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut findings = 0;
        scan(&bytes, &forms(), &mut |_| findings += 1);
        prop_assert!(findings <= bytes.len() + 1);
    }

    #[test]
    fn nearly_json_neither_panics_nor_differs_by_the_pieces_it_comes_in(
        text in "[\\[\\]{}\",:\\\\nu/ \n]{0,80}|(\\{\"Records\":\\[|\\{\"a\":\"alias/customer-pii\"\\}|[\\[\\]{}\",\\\\]){0,12}",
        size in 1..9_usize,
    ) {
        let forms = forms();
        prop_assert_eq!(in_pieces(text.as_bytes(), size, &forms), all(text.as_bytes(), &forms));
    }
}

//! What a plain scalar means: the core schema of YAML 1.2.2, section 10.3.2.

use serde_json::{Number, Value};

/// Null, boolean, integer, float or, for everything else, the text itself. An integer that
/// fits no 64 bits stays a text, so that no digit of it is lost.
pub(super) fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number),
    }
}

fn number(text: &str) -> Option<Number> {
    if let Some(octal) = text.strip_prefix("0o") {
        return radix(octal, 8);
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return radix(hex, 16);
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return integer(text);
    }
    is_float(digits).then(|| text.parse().ok().and_then(Number::from_f64)).flatten()
}

fn radix(digits: &str, radix: u32) -> Option<Number> {
    let plain = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    plain.then(|| u64::from_str_radix(digits, radix).ok().map(Number::from)).flatten()
}

fn integer(text: &str) -> Option<Number> {
    let signed = text.parse::<i64>().ok().map(Number::from);
    signed.or_else(|| text.parse::<u64>().ok().map(Number::from))
}

/// `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa_fits = match mantissa.split_once('.') {
        Some((whole, part)) => {
            all_digits(whole) && all_digits(part) && !(whole.is_empty() && part.is_empty())
        }
        None => !mantissa.is_empty() && all_digits(mantissa),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !digits.is_empty() && all_digits(digits)
    });
    mantissa_fits && exponent_fits
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn plain_scalars_are_typed_by_the_core_schema() {
        // The examples of YAML 1.2.2, section 10.3.2 (example 10.9), and its regular expressions.
        for (text, value) in [
            ("null", json!(null)),
            ("", json!(null)),
            ("~", json!(null)),
            ("true", json!(true)),
            ("False", json!(false)),
            ("0", json!(0)),
            ("0o7", json!(7)),
            ("0x3A", json!(58)),
            ("-19", json!(-19)),
            ("0.", json!(0.0)),
            ("-0.0", json!(-0.0)),
            (".5", json!(0.5)),
            ("+12e03", json!(12000.0)),
            ("-2E+05", json!(-200_000.0)),
            ("18446744073709551615", json!(u64::MAX)),
        ] {
            assert_eq!(resolve(text), value, "{text}");
        }
    }

    #[test]
    fn everything_else_is_the_text_that_was_written() {
        for text in [
            "yes", "no", "on", "off", "y", "tRUE", "0o8", "0x", ".", "1_000", "1e", "+", "-", "1.2.3",
            "12:30", ".inf",
        ] {
            assert_eq!(resolve(text), Value::String(text.to_owned()), "{text}");
        }
        assert_eq!(resolve("99999999999999999999"), json!("99999999999999999999"));
    }
}

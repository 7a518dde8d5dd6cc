//! The public keys of CloudTrail, as ListPublicKeys tells them.

use std::collections::HashMap;
use std::fmt;
use std::fmt::Write as _;

use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use md5::{Digest as _, Md5};
use serde_json::Value;

use super::der::other_encoding;

/// Keys by their fingerprints: the MD5 of the DER, in hex. Both encodings of a key are known.
#[derive(Clone, Default)]
pub struct PublicKeys {
    keys: HashMap<String, PublicKey>,
    /// What was wrong with keys that are not used.
    pub refused: Vec<String>,
}

#[derive(Clone)]
pub(super) struct PublicKey {
    key: ParsedPublicKey,
    valid: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

impl PublicKeys {
    /// Reads an answer of ListPublicKeys, or several of them in an array or an object (each
    /// Region has its own keys).
    ///
    /// # Errors
    /// When it is no JSON, or holds no list of keys.
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        let value: Value = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        let mut lists = Vec::new();
        gather(&value, &mut lists);
        if lists.is_empty() {
            return Err("it has no PublicKeyList".to_owned());
        }
        let mut keys = Self::default();
        for told in lists.into_iter().flatten() {
            if let Err(reason) = keys.take(told) {
                keys.refused.push(reason);
            }
        }
        Ok(keys)
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub(super) fn get(&self, fingerprint: &str) -> Option<&PublicKey> {
        self.keys.get(fingerprint)
    }

    fn take(&mut self, told: &Value) -> Result<(), String> {
        let named = told.get("Fingerprint").and_then(Value::as_str).unwrap_or_default();
        let refused = |why: &str| format!("the public key {named:?} is not used: {why}");
        let text = told.get("Value").and_then(Value::as_str).ok_or_else(|| refused("it has no value"))?;
        let der = STANDARD.decode(text).map_err(|_| refused("its value is no base64"))?;
        let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &der);
        let key = key.map_err(|_| refused("its value is no RSA key"))?;
        let forms = [Some(der.clone()), other_encoding(&der)].into_iter().flatten();
        let prints: Vec<String> = forms.map(|der| fingerprint(&der)).collect();
        if !named.is_empty() && !prints.iter().any(|print| print.eq_ignore_ascii_case(named)) {
            return Err(refused("its fingerprint is not the MD5 of its value"));
        }
        let key = PublicKey { key, valid: validity(told) };
        self.keys.extend(prints.into_iter().map(|print| (print, key.clone())));
        Ok(())
    }
}

impl fmt::Debug for PublicKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys.keys()).finish()
    }
}

impl PublicKey {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, section 8.2), with a signature in hex.
    pub(super) fn verifies(&self, message: &str, signature: &str) -> bool {
        unhex(signature).is_some_and(|signature| self.key.verify_sig(message.as_bytes(), &signature).is_ok())
    }

    /// Whether the key was in use at that time. A digest is signed soon after its end, so
    /// that two hours are allowed for, as the AWS command line does when it asks for keys.
    pub(super) fn was_valid(&self, at: DateTime<Utc>) -> bool {
        let slack = chrono::TimeDelta::hours(2);
        self.valid.is_none_or(|(from, until)| from - slack <= at && at <= until + slack)
    }
}

fn gather<'a>(value: &'a Value, lists: &mut Vec<&'a Vec<Value>>) {
    match value {
        Value::Object(map) => {
            let list = map.get("PublicKeyList").or_else(|| map.get("publicKeyList"));
            match list.and_then(Value::as_array) {
                Some(list) => lists.push(list),
                None => map.values().for_each(|value| gather(value, lists)),
            }
        }
        Value::Array(values) => values.iter().for_each(|value| gather(value, lists)),
        _ => {}
    }
}

fn fingerprint(der: &[u8]) -> String {
    Md5::digest(der).iter().fold(String::with_capacity(32), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// As seconds since 1970, in a number or a text, or as RFC 3339: the command line, the SDKs
/// and the wire spell them differently.
fn validity(told: &Value) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let at = |name: &str| match told.get(name)? {
        Value::Number(seconds) => epoch(seconds.as_f64()?),
        Value::String(text) => match DateTime::parse_from_rfc3339(text) {
            Ok(at) => Some(at.to_utc()),
            Err(_) => epoch(text.parse().ok()?),
        },
        _ => None,
    };
    Some((at("ValidityStartTime")?, at("ValidityEndTime")?))
}

/// Years up to 9999 only, so that no arithmetic with them overflows.
fn epoch(seconds: f64) -> Option<DateTime<Utc>> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole seconds are enough, and the range was looked at"
    )]
    (0.0..253_402_300_800.0).contains(&seconds).then(|| DateTime::from_timestamp(seconds as i64, 0))?
}

fn unhex(hex: &str) -> Option<Vec<u8>> {
    // The largest key that is accepted has 8192 bits.
    if hex.len() > 2048 || !hex.len().is_multiple_of(2) || !hex.bytes().all(|digit| digit.is_ascii_hexdigit())
    {
        return None;
    }
    let pairs = hex.as_bytes().chunks_exact(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sample response of "Custom implementations of CloudTrail log file integrity
    /// validation": two keys in PKCS #1, and one in SubjectPublicKeyInfo.
    const SAMPLE: &str = include_str!("sample-public-keys.json");

    #[test]
    fn fingerprints_are_those_of_the_user_guide() {
        let keys = PublicKeys::parse(SAMPLE.as_bytes()).unwrap();
        assert_eq!(keys.refused, Vec::<String>::new());
        for print in [
            "8eba5db5bea9b640d1c96a77256fe7f2",
            "8933b39ddc64d26d8e14ffbf6566fee4",
            "31e8b5433410dfb61a9dc45cc65b22ff",
        ] {
            assert!(keys.get(print).is_some(), "{print}");
        }
        let july = DateTime::parse_from_rfc3339("2015-07-20T00:00:00Z").unwrap().to_utc();
        let key = keys.get("8eba5db5bea9b640d1c96a77256fe7f2").unwrap();
        assert!(key.was_valid(july));
        assert!(!key.was_valid(july + chrono::TimeDelta::days(60)));
    }

    #[test]
    fn a_key_is_known_by_the_fingerprints_of_both_encodings() {
        // Computed with Python's hashlib: the MD5 of the third key without its first 24 bytes.
        let keys = PublicKeys::parse(SAMPLE.as_bytes()).unwrap();
        assert!(keys.get("9258aeaac04b4e7988a7ef49773b501e").is_some());
        for text in SAMPLE.lines().filter_map(|line| line.split("\"Value\": \"").nth(1)) {
            let der = STANDARD.decode(text.trim_end_matches("\",")).unwrap();
            let other = other_encoding(&der).unwrap();
            assert_eq!(other_encoding(&other).unwrap(), der, "there and back");
        }
    }

    #[test]
    fn a_key_under_a_foreign_fingerprint_is_refused_and_told() {
        let swapped = SAMPLE.replace("8eba5db5bea9b640d1c96a77256fe7f2", "8933b39ddc64d26d8e14ffbf6566fee4");
        let keys = PublicKeys::parse(swapped.as_bytes()).unwrap();
        assert_eq!(keys.refused.len(), 1, "{:?}", keys.refused);
        assert!(keys.get("8eba5db5bea9b640d1c96a77256fe7f2").is_none());
        PublicKeys::parse(b"[]").unwrap_err();
        PublicKeys::parse(b"{").unwrap_err();
    }
}

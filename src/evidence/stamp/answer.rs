//! What an authority answers: whether it grants a token, and the token.

use der::Decode as _;

use super::asn1::{PkiStatusInfo, TimeStampResp};
use cms::content_info::ContentInfo;

/// The token in an answer that grants one.
///
/// # Errors
/// When the answer is none, or refuses; with the authority's words.
pub(super) fn granted(answer: &[u8]) -> Result<ContentInfo, String> {
    let answer = TimeStampResp::from_der(answer)
        .map_err(|error| format!("it is no answer of a time-stamp authority: {error}"))?;
    match (answer.status.status, answer.token) {
        // Granted, and granted with modifications (RFC 3161, section 2.4.2).
        (0 | 1, Some(token)) => Ok(token),
        (0 | 1, None) => Err("the authority grants a token and sends none".to_owned()),
        _ => Err(refusal(&answer.status)),
    }
}

fn refusal(status: &PkiStatusInfo) -> String {
    const REASONS: [(usize, &str); 8] = [
        (0, "it does not know the digest algorithm"),
        (2, "it may not answer this question"),
        (5, "the question is malformed"),
        (14, "its source of time is not there"),
        (15, "it does not have the policy"),
        (16, "it does not know the extension"),
        (17, "it has not all that was asked for"),
        (25, "it failed"),
    ];
    let bits = status.failure.as_ref().map(der::asn1::BitString::raw_bytes).unwrap_or_default();
    let set = |bit: &usize| bits.get(bit / 8).is_some_and(|byte| byte & (0x80 >> (bit % 8)) != 0);
    let mut words: Vec<String> =
        REASONS.iter().filter(|(bit, _)| set(bit)).map(|(_, words)| (*words).to_owned()).collect();
    words.extend(status.text.clone().unwrap_or_default());
    format!("the authority refuses (status {}): {}", status.status, words.join("; "))
}

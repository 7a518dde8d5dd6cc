//! `fetch.txt`: what is still to be fetched into the payload (RFC 8493, section 2.2.3).
//! Nothing is fetched here: where a file of the payload comes from is no question for a check.

use super::FETCH;
use super::encoding::lines;
use super::findings::Findings;
use super::listing::split;
use super::path;
use super::version::Version;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    pub url: String,
    /// In bytes, where it is told.
    pub length: Option<u64>,
    pub path: String,
}

pub(super) fn read(text: &str, version: Version, findings: &mut Findings) -> Vec<Fetched> {
    let mut all = Vec::new();
    for (index, line) in lines(text).enumerate() {
        if line.trim().is_empty() {
            findings.since_1_0(version, "fetch", FETCH, format!("line {}: it is empty", index + 1));
            continue;
        }
        match parse(line, version) {
            Ok(fetched) => all.push(fetched),
            Err(why) => findings.fault("fetch", FETCH, format!("line {}: {why}", index + 1)),
        }
    }
    all
}

fn parse(line: &str, version: Version) -> Result<Fetched, String> {
    let parts = split(line).and_then(|(url, rest)| Some((url, split(rest)?)));
    let (url, (length, listed)) = parts.ok_or("it is not a URL, a length and a path")?;
    if !is_absolute(url) {
        return Err(format!("{url} is no absolute URL"));
    }
    let length = match length {
        "-" => None,
        digits => Some(digits.parse().map_err(|_| format!("`{digits}` is no length"))?),
    };
    let path = if path::encodes_percent(version) { path::decode(listed) } else { Some(listed.to_owned()) };
    let path =
        path.ok_or_else(|| format!("a percent sign in {listed} stands neither for CR, LF nor itself"))?;
    if let Some(why) = path::refusal(&path) {
        return Err(format!("{path} {why}"));
    }
    if !path.starts_with("data/") {
        return Err(format!("{path} is no file of the payload"));
    }
    Ok(Fetched { url: url.to_owned(), length, path })
}

/// `scheme:` and something (RFC 3986, section 4.3).
fn is_absolute(url: &str) -> bool {
    url.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
            && !rest.is_empty()
    })
}

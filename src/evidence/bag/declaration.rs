//! `bagit.txt`: the bag declaration (RFC 8493, section 2.1.1).

use super::BAGIT;
use super::encoding::{Encoding, lines};
use super::findings::Findings;
use super::version::Version;

/// What `bagit.txt` holds in the bags that are written here, to the byte.
pub const DECLARATION: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// What a bag declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declaration {
    pub version: Version,
    pub encoding: Encoding,
}

/// Reads a declaration. Without a version that is known nothing else can be judged.
pub(super) fn read(bytes: &[u8], findings: &mut Findings) -> Option<Declaration> {
    match parse(bytes) {
        Ok(declaration) => Some(declaration),
        Err(why) => {
            findings.fault("declaration", BAGIT, why);
            None
        }
    }
}

fn parse(bytes: &[u8]) -> Result<Declaration, String> {
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        return Err("it begins with a byte order mark, which it must not have".to_owned());
    }
    let text = Encoding::Utf8.decode(bytes).ok_or("it is not UTF-8")?;
    let lines: Vec<&str> = lines(&text).take(3).collect();
    let [first, second] = lines.as_slice() else {
        return Err(format!("it has {} lines, and must have exactly two", count(&lines)));
    };
    let version = field(first, "BagIt-Version")?;
    let known = Version::parse(version.trim())
        .ok_or_else(|| format!("its version is `{version}`; bags of 0.93 to 0.97 and 1.0 are read"))?;
    let encoding = field(second, "Tag-File-Character-Encoding")?;
    if known >= Version::V1_0 && [version, encoding].iter().any(|value| value.trim() != *value) {
        return Err("there is more than one space around a value".to_owned());
    }
    let named = Encoding::named(encoding.trim())
        .ok_or_else(|| format!("its tag files are in `{encoding}`, which cannot be read here"))?;
    Ok(Declaration { version: known, encoding: named })
}

fn count(lines: &[&str]) -> &'static str {
    match lines.len() {
        0 => "no",
        1 => "one of two",
        _ => "more than two",
    }
}

/// `Label: value`, the label in either case, as ABNF has it (RFC 5234, section 2.3).
fn field<'a>(line: &'a str, label: &str) -> Result<&'a str, String> {
    let split = line.split_once(": ").or_else(|| line.split_once(":\t"));
    match split {
        Some((said, value)) if said.eq_ignore_ascii_case(label) => Ok(value),
        _ => Err(format!("a line must read `{label}: ` and a value, and reads `{line}`")),
    }
}

//! Payload and tag manifests: one digest and one path a line (RFC 8493, section 2.1.3),
//! in the form that `sha256sum -c` reads.

use std::collections::BTreeMap;

use crate::text::Digest;

/// The files of a bag by their paths below it, with forward slashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    pub files: BTreeMap<String, Digest>,
}

impl Manifest {
    #[must_use]
    pub fn text(&self) -> String {
        let line = |(path, digest): (&String, &Digest)| format!("{digest}  {}", encode(path));
        self.files.iter().flat_map(|file| [line(file), "\n".to_owned()]).collect()
    }

    /// Reads a manifest as this program writes it: lower-case digits, two spaces, each path
    /// once, in order, a newline at the end of every line. Says what is wrong with each
    /// line that is otherwise.
    #[must_use]
    pub fn parse(text: &str) -> (Self, Vec<String>) {
        let (mut manifest, mut wrong) = (Self::default(), Vec::new());
        for (index, line) in text.split_inclusive('\n').enumerate() {
            match parse_line(line) {
                Some((path, _)) if manifest.files.contains_key(&path) => {
                    wrong.push(format!("line {}: {path} is listed twice", index + 1));
                }
                Some((path, digest)) => {
                    if manifest.files.last_key_value().is_some_and(|(last, _)| *last > path) {
                        wrong.push(format!("line {}: {path} is out of order", index + 1));
                    }
                    manifest.files.insert(path, digest);
                }
                None => {
                    wrong
                        .push(format!("line {}: not a digest, two spaces and the path of a file", index + 1));
                }
            }
        }
        (manifest, wrong)
    }
}

fn parse_line(line: &str) -> Option<(String, Digest)> {
    let (digest, path) = line.strip_suffix('\n')?.split_once("  ")?;
    let lower = digest.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase());
    let digest = Digest::parse(digest).filter(|_| lower)?;
    let path = decode(path).filter(|path| stays_below(path))?;
    Some((path, digest))
}

/// Whether a path names something below the folder that it starts from, and in one way only.
#[must_use]
pub fn stays_below(path: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    path.split('/').all(plain) && !path.contains('\0')
}

/// LF, CR and `%` are percent-encoded in paths, and nothing else is (RFC 8493, 2.1.3).
fn encode(path: &str) -> String {
    path.replace('%', "%25").replace('\n', "%0A").replace('\r', "%0D")
}

/// `None` for a path that [`encode`] cannot have written.
fn decode(path: &str) -> Option<String> {
    let plain = path.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%");
    (encode(&plain) == path).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_encoded_as_rfc_8493_says() {
        for (path, line) in [
            ("data/a b", "data/a b"),
            ("data/100%", "data/100%25"),
            ("data/a\r\nb", "data/a%0D%0Ab"),
            ("data/%0A", "data/%250A"),
        ] {
            assert_eq!(encode(path), line);
            assert_eq!(decode(line).as_deref(), Some(path));
        }
        for line in ["data/100%", "data/a%0a", "data/a\rb"] {
            assert_eq!(decode(line), None, "{line}");
        }
    }

    #[test]
    fn a_manifest_reads_back_and_every_other_spelling_is_told() {
        let digest = Digest::of(b"");
        let files = ["data/a", "data/b/c"].map(|path| (path.to_owned(), digest));
        let manifest = Manifest { files: files.into() };
        assert_eq!(Manifest::parse(&manifest.text()), (manifest.clone(), vec![]));
        for line in [
            format!("{digest} data/a\n"),
            format!("{digest} *data/a\n"),
            format!("{}  data/a\n", digest.to_string().to_uppercase()),
            format!("{digest}  data/a"),
            format!("{digest}  data/../a\n"),
            format!("{digest}  /etc/passwd\n"),
            format!("{digest}  data//a\n"),
            "\n".to_owned(),
            format!("{digest}  data/b\n{digest}  data/a\n"),
            format!("{digest}  data/a\n{digest}  data/a\n"),
        ] {
            assert_eq!(Manifest::parse(&line).1.len(), 1, "{line}");
        }
    }
}

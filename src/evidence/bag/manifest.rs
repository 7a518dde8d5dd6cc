//! Payload and tag manifests as this program writes them: one checksum and one path a line
//! (RFC 8493, section 2.1.3), in the form that `sha256sum -c` reads.

use std::collections::BTreeMap;

use super::algorithm::{Algorithm, Checksum};
use super::path::{decode, encode, stays_below};

/// The files of a bag by their paths below it, with forward slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    pub algorithm: Algorithm,
    pub files: BTreeMap<String, Checksum>,
}

impl Manifest {
    #[must_use]
    pub fn new(algorithm: Algorithm) -> Self {
        Self { algorithm, files: BTreeMap::new() }
    }

    #[must_use]
    pub fn text(&self) -> String {
        let line = |(path, checksum): (&String, &Checksum)| format!("{checksum}  {}\n", encode(path));
        self.files.iter().map(line).collect()
    }

    /// Reads a manifest as this program writes it: lower-case digits, two spaces, each path
    /// once, in order, a newline at the end of every line. Says what is wrong with each
    /// line that is otherwise.
    #[must_use]
    pub fn parse(algorithm: Algorithm, text: &str) -> (Self, Vec<String>) {
        let (mut manifest, mut wrong) = (Self::new(algorithm), Vec::new());
        for (index, line) in text.split_inclusive('\n').enumerate() {
            match parse_line(algorithm, line) {
                Some((path, _)) if manifest.files.contains_key(&path) => {
                    wrong.push(format!("line {}: {path} is listed twice", index + 1));
                }
                Some((path, checksum)) => {
                    if manifest.files.last_key_value().is_some_and(|(last, _)| *last > path) {
                        wrong.push(format!("line {}: {path} is out of order", index + 1));
                    }
                    manifest.files.insert(path, checksum);
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

fn parse_line(algorithm: Algorithm, line: &str) -> Option<(String, Checksum)> {
    let (hex, listed) = line.strip_suffix('\n')?.split_once("  ")?;
    let checksum = Checksum::parse(hex, algorithm).filter(|checksum| checksum.to_string() == hex)?;
    // A path has one spelling, so that every changed byte is seen.
    let path = decode(listed).filter(|path| encode(path) == listed && stays_below(path))?;
    Some((path, checksum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_reads_back_and_every_other_spelling_is_told() {
        let digest = Algorithm::Sha256.of(b"");
        let files = ["data/a", "data/b/c%\n"].map(|path| (path.to_owned(), digest.clone()));
        let manifest = Manifest { algorithm: Algorithm::Sha256, files: files.into() };
        assert_eq!(Manifest::parse(Algorithm::Sha256, &manifest.text()), (manifest.clone(), vec![]));
        for line in [
            format!("{digest} data/a\n"),
            format!("{digest} *data/a\n"),
            format!("{}  data/a\n", digest.to_string().to_uppercase()),
            format!("{digest}  data/a"),
            format!("{digest}  data/../a\n"),
            format!("{digest}  /etc/passwd\n"),
            format!("{digest}  data//a\n"),
            format!("{digest}  data/100%\n"),
            format!("{digest}  data/a%0a\n"),
            format!("{digest}  data/a\rb\n"),
            "\n".to_owned(),
            format!("{digest}  data/b\n{digest}  data/a\n"),
            format!("{digest}  data/a\n{digest}  data/a\n"),
        ] {
            assert_eq!(Manifest::parse(Algorithm::Sha256, &line).1.len(), 1, "{line}");
        }
    }
}

//! Bags of all versions, each made here from what RFC 8493 says. Their checksums are those of
//! `md5sum` and its kin, so that nothing of ours vouches for itself.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::*;

mod listed;
mod refused;
mod written;

const COMPOSED: &str = "data/N\u{fa}\u{f1}ez";
const DECOMPOSED: &str = "data/Nu\u{301}n\u{303}ez";

/// A bag that is being made.
struct Bag {
    folder: TempDir,
}

impl Bag {
    fn new(version: &str) -> Self {
        let bag = Self { folder: TempDir::new().unwrap() };
        bag.put(BAGIT, &format!("BagIt-Version: {version}\nTag-File-Character-Encoding: UTF-8\n"));
        bag.put("data/a.txt", "hello\n").put("data/sub/b c.txt", "more\n");
        bag
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn put(&self, path: &str, content: &str) -> &Self {
        self.put_bytes(path, content.as_bytes())
    }

    fn put_bytes(&self, path: &str, content: &[u8]) -> &Self {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    fn remove(&self, path: &str) -> &Self {
        fs::remove_file(self.root().join(path)).unwrap();
        self
    }

    fn append(&self, path: &str, more: &str) -> &Self {
        let text = fs::read_to_string(self.root().join(path)).unwrap();
        self.put(path, &(text + more))
    }

    /// A line for a file as coreutils print it.
    fn line(&self, algorithm: &str, path: &str) -> String {
        let output =
            Command::new(format!("{algorithm}sum")).arg("--").arg(path).current_dir(self.root()).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{path}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The payload manifest, and the tag manifest over what lies there by then.
    fn listed(&self, algorithm: &str) -> &Self {
        let payload = walk(&self.root().join("data")).unwrap().files;
        let lines: String =
            payload.iter().map(|path| self.line(algorithm, &format!("data/{path}"))).collect();
        self.put(&format!("manifest-{algorithm}.txt"), &lines)
    }

    fn tagged(&self, algorithm: &str) -> &Self {
        let tags = walk(self.root()).unwrap().files;
        let tags = tags.iter().filter(|path| !path.starts_with("data/") && !path.starts_with("tagmanifest-"));
        let lines: String = tags.map(|path| self.line(algorithm, path)).collect();
        self.put(&format!("tagmanifest-{algorithm}.txt"), &lines)
    }

    fn is_valid(&self, why: &str) -> Vec<String> {
        let found = validate(self.root()).unwrap();
        assert_eq!(found.faults, [], "{why}");
        found.warnings.into_iter().map(|remark| remark.message).collect()
    }

    #[track_caller]
    fn is_refused(&self, code: &str, said: &str) {
        let faults = validate(self.root()).unwrap().faults;
        let told = faults
            .iter()
            .any(|fault| fault.code == code && format!("{} {}", fault.path, fault.message).contains(said));
        assert!(told, "{code}: {said} in {faults:#?}");
    }
}

fn whole(version: &str) -> Bag {
    let bag = Bag::new(version);
    bag.listed("sha256").tagged("sha256");
    bag
}

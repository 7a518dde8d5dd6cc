//! What could not be read, told in a bounded number of lines: the first of each bucket by
//! name, the others by number. The artifact names every one.

use std::collections::BTreeMap;

use super::object::Version;

/// How many objects of a bucket are named.
const NAMED: u64 = 20;

#[derive(Debug, Default)]
pub(super) struct Unread {
    lines: Vec<String>,
    objects: BTreeMap<String, u64>,
}

impl Unread {
    pub(super) fn bucket(&mut self, bucket: &str, why: &str) {
        self.lines.push(format!("{bucket}: {why}"));
    }

    pub(super) fn object(&mut self, version: &Version, why: &str) {
        let count = self.objects.entry(version.bucket.clone()).or_default();
        *count += 1;
        if *count <= NAMED {
            self.lines.push(format!("{}/{} (version {}): {why}", version.bucket, version.key, version.id));
        }
    }

    pub(super) fn told(self) -> Vec<String> {
        let mut lines = self.lines;
        for (bucket, count) in self.objects {
            if count > NAMED {
                lines.push(format!("{bucket}: and {} more, named in the list", count - NAMED));
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_unread_objects_are_told_in_few_lines_and_none_is_forgotten() {
        let mut unread = Unread::default();
        let version = |key: usize| Version {
            bucket: "b".to_owned(),
            key: key.to_string(),
            id: "null".to_owned(),
            size: 0,
            current: true,
        };
        (0..1_000).for_each(|key| unread.object(&version(key), "denied"));
        unread.bucket("c", "denied");
        let told = unread.told();
        assert_eq!(told.len(), 22);
        assert_eq!(told.last().map(String::as_str), Some("b: and 980 more, named in the list"));
    }
}

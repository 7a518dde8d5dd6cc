//! Whether a bag is complete and valid (RFC 8493, section 3): what its tag files say,
//! compared with the files that are there.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::digests::Summed;
use super::findings::Findings;
use super::listing::{About, Listed, Listing, kind};
use super::present::{Form, Meant, Present};
use super::tags::Tags;
use super::version::Version;
use super::{BAGIT, FETCH};

pub(super) fn judge(tags: &Tags, files: &BTreeMap<String, Summed>, findings: &mut Findings) {
    let version = tags.declaration.version;
    let fetched = tags.fetch.iter().map(|fetched| fetched.path.as_str()).collect();
    let judge = Judge { tags, present: Present::new(files, version), version, fetched };
    let listed: Vec<BTreeSet<&str>> =
        tags.listings.iter().map(|listing| judge.listing(listing, findings)).collect();
    judge.payload(&listed, findings);
    judge.tag_files(&listed, findings);
    judge.fetch(findings);
    judge.oxum(findings);
    for (one, other) in judge.present.twins() {
        findings.warn("twins", other, format!("its name is that of {one} on a system that folds names"));
    }
}

struct Judge<'a> {
    tags: &'a Tags,
    present: Present<'a>,
    version: Version,
    /// What is in `fetch.txt`.
    fetched: HashSet<&'a str>,
}

impl<'a> Judge<'a> {
    /// Checks every entry of a manifest; gives the files that it lists and that are there.
    fn listing(&self, listing: &'a Listing, findings: &mut Findings) -> BTreeSet<&'a str> {
        let mut found: HashMap<&str, &Listed> = HashMap::new();
        for entry in &listing.entries {
            let Some(meant) = self.present.meant(&entry.path) else {
                self.absent(&listing.name, entry, findings);
                continue;
            };
            Self::compare(listing, entry, &meant, findings);
            if let Some(first) = found.insert(meant.path, entry) {
                let message = format!("{} and {} are one file, listed twice", first.path, entry.path);
                if first.checksum == entry.checksum {
                    findings.since_1_0(self.version, "manifest", &listing.name, message);
                } else {
                    findings.fault("manifest", &listing.name, message);
                }
            }
        }
        found.into_keys().collect()
    }

    fn absent(&self, manifest: &str, entry: &Listed, findings: &mut Findings) {
        let message = if self.present.is_folder(&entry.path) {
            format!("{manifest} lists it, and it is a folder")
        } else if self.fetched.contains(entry.path.as_str()) {
            format!("the bag is incomplete: {manifest} lists it, and it is still to be fetched (fetch.txt)")
        } else {
            format!("{manifest} lists it, and it is not there")
        };
        findings.fault("missing", &entry.path, message);
    }

    fn compare(listing: &Listing, entry: &Listed, meant: &Meant<'_>, findings: &mut Findings) {
        let Some(there) = meant.file.by(listing.algorithm) else { return };
        if *there != entry.checksum {
            let (algorithm, listed) = (listing.algorithm.name(), &entry.checksum);
            let message = format!("its {algorithm} is {there}, and {} lists {listed}", listing.name);
            findings.fault("changed", meant.path, message);
        }
        if meant.form == Form::Otherwise {
            let message = format!("{} lists it in another Unicode normal form", listing.name);
            findings.warn("normal-form", meant.path, message);
        }
    }

    /// In 1.0 every manifest lists all of the payload; before, one of them was enough.
    fn payload(&self, listed: &[BTreeSet<&str>], findings: &mut Findings) {
        let manifests: Vec<(&Listing, &BTreeSet<&str>)> =
            self.tags.listings.iter().zip(listed).filter(|(one, _)| one.about == About::Payload).collect();
        for path in self.present.paths().filter(|path| path.starts_with("data/")) {
            let lacking: Vec<&str> = manifests
                .iter()
                .filter(|(_, listed)| !listed.contains(path))
                .map(|(manifest, _)| manifest.name.as_str())
                .collect();
            if !lacking.is_empty() && (self.version >= Version::V1_0 || lacking.len() == manifests.len()) {
                findings.fault(
                    "unlisted",
                    path,
                    format!("it is there, and {} does not list it", lacking.join(", ")),
                );
            }
        }
    }

    /// Section 2.2.1: each tag manifest lists every payload manifest, no tag manifest, and
    /// should list every other tag file.
    fn tag_files(&self, listed: &[BTreeSet<&str>], findings: &mut Findings) {
        for (listing, listed) in self.tags.listings.iter().zip(listed) {
            if listing.about != About::Tags {
                continue;
            }
            for path in self.present.paths().filter(|path| !path.starts_with("data/")) {
                let name = &listing.name;
                match (kind(path), listed.contains(path)) {
                    (Some((About::Tags, _)), true) => {
                        findings.since_1_0(
                            self.version,
                            "manifest",
                            name,
                            format!("it lists {path}, a tag manifest"),
                        );
                    }
                    (Some((About::Payload, _)), false) => {
                        findings.since_1_0(
                            self.version,
                            "unlisted",
                            path,
                            format!("{name} does not list it"),
                        );
                    }
                    (None, false) => findings.warn("unlisted", path, format!("{name} does not list it")),
                    _ => {}
                }
            }
        }
        if self.tags.of(About::Tags).next().is_none() {
            findings.warn("unlisted", BAGIT, "there is no tag manifest: changes of tag files cannot be seen");
        }
    }

    /// Section 2.2.3: what is to be fetched is in every payload manifest. That it is absent
    /// was told there.
    fn fetch(&self, findings: &mut Findings) {
        let paths = |listing: &'a Listing| listing.entries.iter().map(|entry| entry.path.as_str()).collect();
        let manifests: Vec<HashSet<&str>> = self.tags.of(About::Payload).map(paths).collect();
        for fetched in &self.tags.fetch {
            let listing = manifests.iter().filter(|paths| paths.contains(fetched.path.as_str())).count();
            if listing == 0 || (listing < manifests.len() && self.version >= Version::V1_0) {
                findings.fault("fetch", FETCH, format!("{} is not in every payload manifest", fetched.path));
            }
            let there = self.present.meant(&fetched.path).map(|meant| meant.file.bytes);
            if let (Some(there), Some(length)) = (there, fetched.length)
                && there != length
            {
                let message = format!("it has {there} bytes, and fetch.txt says {length}");
                findings.warn("fetch", &fetched.path, message);
            }
        }
    }

    /// Section 2.2.2: bytes and files of the payload, told once.
    fn oxum(&self, findings: &mut Findings) {
        let Some(info) = &self.tags.info else { return };
        let name = self.version.info_file();
        let said: Vec<&str> = info.all("Payload-Oxum").collect();
        if said.len() > 1 {
            findings.since_1_0(self.version, "bag-info", name, "Payload-Oxum is told more than once");
        }
        let there = self.present.oxum();
        for said in said {
            if !is_oxum(said) {
                findings.fault(
                    "bag-info",
                    name,
                    format!("Payload-Oxum `{said}` is not bytes, a dot and files"),
                );
            } else if said != there {
                findings.fault("bag-info", name, format!("Payload-Oxum says {said}, and it is {there}"));
            }
        }
    }
}

fn is_oxum(said: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    said.split_once('.').is_some_and(|(bytes, files)| digits(bytes) && digits(files))
}
